"""Letters that ask for an evaluation. Pure: builds letters, sends none.

Everybody gets the same link, so nobody can tell who answered, and whoever has answered is asked once more with the others.
"""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import EVALUATION_ASKED, EVALUATION_REMINDER, Letter, title
from bookings.messages.planned import paragraphs_of
from core import wording
from feedback.models import Channel, EvaluationForm
from notifications.rendering import typed
from people.models import Person


def asked(form: EvaluationForm, person: Person, *, note: str = "") -> Letter:
    event = form.event
    return _letter(
        form,
        person,
        EVALUATION_ASKED,
        f"What was it worth? {title(event)}",
        f"You had a place at {title(event)} on {wording.day(event.starts_on)}. What was it worth to you? It takes two minutes, "
        "and you need no account:\n{link:evaluation}",
        *paragraphs_of(note),
        "Have you answered in the room already? Thank you: there is nothing more to do.",
    )


def reminder(form: EvaluationForm, person: Person, *, note: str = "") -> Letter:
    event = form.event
    return _letter(
        form,
        person,
        EVALUATION_REMINDER,
        f"Still open: what was it worth? {title(event)}",
        f"You can still say what {title(event)} on {wording.day(event.starts_on)} was worth to you. It takes two minutes, and "
        "you need no account:\n{link:evaluation}",
        *paragraphs_of(note),
        "Have you answered already? Thank you. We can't see who has, so this goes to everybody, and we do not ask again.",
    )


def _letter(form: EvaluationForm, person: Person, kind: str, subject: str, *paragraphs: str) -> Letter:
    forename = typed(person.forename)
    text = [
        f"Hello {forename}," if forename else "Hello,",
        *paragraphs,
        "It is anonymous: everybody has the same link, and with your answers we keep neither who you are nor the time. It is "
        f"open until the end of {wording.day(form.last_day)}.",
        typed(form.event.lead_host.name),
    ]
    links = {"evaluation": f"{reverse('evaluation', args=[form.code])}?via={Channel.EMAIL}"}
    return Letter(kind, subject, "\n\n".join(text), links, 0)
