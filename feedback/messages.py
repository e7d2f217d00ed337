"""Letters that ask for an evaluation, and months later for what became of it. Pure: builds letters, sends none.

Everybody gets the same link, so nobody can tell who answered, and whoever has answered is asked once more with the others. A
follow-up is confidential, not anonymous, and says so: its link is one person's own.
"""

from __future__ import annotations

from django.urls import reverse

from bookings.messages import letters
from bookings.messages.letters import Letter, about, fill_in
from bookings.messages.planned import typed_lines
from bookings.messages.texts.values import END, HELLO, NOTE, PERSON
from core import personal_links, wording
from feedback.models import FOLLOW_UP_LINK, NO_FOLLOW_UPS_LINK, Channel, EvaluationForm, FollowUp
from notifications.rendering import typed
from notifications.texts import Standard, Value, paragraphs
from people.models import Person

WAS_THERE = "Whoever held a place or was there"
ANONYMOUS = (
    "It is anonymous: everybody has the same link, and with your answers we keep neither who you are nor the time. It is open "
    "until the end of {last_day}."
)
VALUES = {**PERSON, **NOTE, "last_day": Value("The last day on which the form can be answered", "Tuesday 9 February 2027")}
CONFIDENTIAL = (
    "Your answers are confidential, not anonymous: we keep them with your name. The training team reads them together with "
    "everybody else's, without names. Your manager and the trainer do not."
)
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
FOLLOW_UP = Standard(
    kind=letters.FOLLOW_UP,
    to="Whoever was there",
    when="Some months after the event.",
    subject="What has changed since? {event}",
    body=paragraphs(
        HELLO,
        "You were at {event} on {day}. What became of it in your work? It takes two minutes, and you need no account. The link "
        "is yours alone:\n{link:follow_up}",
        "{note}",
        "{confidential} You can answer until the end of {last_day}.",
        "Do you not want to be asked such things? Open this page and press the button:\n{link:stop}",
        END,
    ),
    values={
        **PERSON,
        **NOTE,
        "last_day": Value("The last day on which it can be answered", "Friday 25 June 2027"),
        "confidential": Value("That answers are confidential, not anonymous, and who sees them", CONFIDENTIAL, in_subject=False),
    },
    links={
        "follow_up": "Their own page with the questions, without a sign-in",
        "stop": "The page where they stop such questions, without a sign-in",
    },
    required=["link:follow_up", "link:stop", "confidential", "note"],
)
TEXTS = {text.kind: text for text in (ASKED, REMINDER, FOLLOW_UP)}


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


def follow_up(asked: FollowUp, *, note: str = "") -> Letter:
    """``asked`` knows its event with its sessions, and its person."""
    values = {
        "forename": typed(asked.person.forename),
        **about(asked.event),
        "note": typed_lines(note),
        "last_day": wording.day(asked.last_day),
        "confidential": CONFIDENTIAL,
    }
    links = {
        "follow_up": _personal("follow_up", FOLLOW_UP_LINK, asked),
        "stop": _personal("stop_follow_ups", NO_FOLLOW_UPS_LINK, asked),
    }
    return fill_in(FOLLOW_UP, values, links=links)


def _personal(page: str, purpose: str, asked: FollowUp) -> str:
    """The page's path, with the signature that is made when the letter is sent."""
    return reverse(page, args=["TOKEN"]).replace("TOKEN", personal_links.placeholder(purpose, str(asked.pk)))
