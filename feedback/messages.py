"""Letters that ask for an evaluation. Pure: builds letters, sends none.

Everybody gets the same link, so nobody can tell who answered, and whoever has answered is asked once more with the others.
"""

from __future__ import annotations

from django.urls import reverse

from bookings.messages import letters
from bookings.messages.letters import Letter, about, fill_in
from bookings.messages.planned import typed_lines
from bookings.messages.texts.values import END, HELLO, NOTE, PERSON
from core import wording
from feedback.models import Channel, EvaluationForm
from notifications.rendering import typed
from notifications.texts import Standard, Value, paragraphs
from people.models import Person

WAS_THERE = "Whoever held a place or was there"
ANONYMOUS = (
    "It is anonymous: everybody has the same link, and with your answers we keep neither who you are nor the time. It is open "
    "until the end of {last_day}."
)
VALUES = {**PERSON, **NOTE, "last_day": Value("The last day on which the form can be answered", "Tuesday 9 February 2027")}
LINKS = {"evaluation": "The event’s evaluation form, the same for everybody"}

ASKED = Standard(
    kind=letters.EVALUATION_ASKED,
    to=WAS_THERE,
    when="When the event has ended.",
    subject="What was it worth? {event}",
    body=paragraphs(
        HELLO,
        "You had a place at {event} on {day}. What was it worth to you? It takes two minutes, and you need no account:\n"
        "{link:evaluation}",
        "{note}",
        "Have you answered in the room already? Thank you: there is nothing more to do.",
        ANONYMOUS,
        END,
    ),
    values=VALUES,
    links=LINKS,
    required=["link:evaluation", "note"],
)
REMINDER = Standard(
    kind=letters.EVALUATION_REMINDER,
    to=WAS_THERE,
    when="Some days after the event, while the form is open. Nobody knows who has answered, so it goes to all who were asked.",
    subject="Still open: what was it worth? {event}",
    body=paragraphs(
        HELLO,
        "You can still say what {event} on {day} was worth to you. It takes two minutes, and you need no account:\n"
        "{link:evaluation}",
        "{note}",
        "Have you answered already? Thank you. We can't see who has, so this goes to everybody, and we do not ask again.",
        ANONYMOUS,
        END,
    ),
    values=VALUES,
    links=LINKS,
    required=["link:evaluation", "note"],
)
TEXTS = {text.kind: text for text in (ASKED, REMINDER)}


def asked(form: EvaluationForm, person: Person, *, note: str = "") -> Letter:
    return _letter(form, person, ASKED, note)


def reminder(form: EvaluationForm, person: Person, *, note: str = "") -> Letter:
    return _letter(form, person, REMINDER, note)


def _letter(form: EvaluationForm, person: Person, standard: Standard, note: str) -> Letter:
    values = {
        "forename": typed(person.forename),
        **about(form.event),
        "note": typed_lines(note),
        "last_day": wording.day(form.last_day),
    }
    return fill_in(standard, values, links={"evaluation": f"{reverse('evaluation', args=[form.code])}?via={Channel.EMAIL}"})
