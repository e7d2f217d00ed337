"""Letters after an event: about a register that nobody has closed, and about not having been there. Pure: builds letters.

A letter about absence blames nobody: a register can be wrong, and people are kept away by what their work is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse

from bookings.messages.letters import DID_NOT_ATTEND, REGISTER_NOT_TAKEN, Letter, title, write
from bookings.messages.planned import paragraphs_of
from bookings.models import Booking
from core import wording
from events.models import Session
from notifications.rendering import typed
from people.models import Person


def did_not_attend(booking: Booking, *, note: str = "") -> Letter:
    event = booking.event
    team = typed(event.lead_host.team_email)
    others = reverse("catalogue")
    if not event.is_closed and event.course is not None and event.course.is_in_catalogue:
        others = reverse("course", args=[event.course.pk])
    return write(
        booking,
        DID_NOT_ATTEND,
        f"We missed you: {title(event)}",
        f"You had a place at {title(event)} on {wording.day(event.starts_on)}, and the register does not show that you were "
        "there.",
        f"Were you there? Then the register is wrong, and we are glad to put it right: write to {team}.",
        *paragraphs_of(note),
        "Did something come up? That happens, and you need not say what it was. Find another date here:\n{link:others}",
        links={"others": others},
    )


def did_not_attend_to_manager(booking: Booking) -> Letter:
    name, event = typed(booking.person.name), booking.event
    return write(
        booking,
        DID_NOT_ATTEND,
        f"{name} was not on the register: {title(event)}",
        f"{name} had a place at {title(event)} on {wording.day(event.starts_on)} and named you as their manager. The register "
        "does not show that they were there.",
        f"Is that wrong? Write to {typed(event.lead_host.team_email)}, and we put it right. Otherwise there is nothing to do, "
        "unless they need another date.",
        to_manager=True,
    )


def register_not_taken(sessions: Sequence[Session], day: date, trainer: Person) -> Letter:
    """``sessions`` of one event on that day, none of whose registers is closed; they know their event."""
    event = sessions[0].event
    forename = typed(trainer.forename)
    links = {f"register{number}": reverse("register", args=[one.pk]) for number, one in enumerate(sessions, start=1)}
    which = [
        f"{wording.span(one.starts_at, one.ends_at)}:\n{{link:register{number}}}" for number, one in enumerate(sessions, start=1)
    ]
    text = [
        f"Hello {forename}," if forename else "Hello,",
        f"The register of {title(event)} on {wording.day(day)} is not closed yet. Nobody's attendance counts before it is.",
        "Take it and close it here, also on a phone:",
        *which,
        f"Has somebody else got the list, or did it not take place? Write to {typed(event.lead_host.team_email)}.",
        typed(event.lead_host.name),
    ]
    return Letter(REGISTER_NOT_TAKEN, f"Register not taken: {title(event)}", "\n\n".join(text), links, 0)
