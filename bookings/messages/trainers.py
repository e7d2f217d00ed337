"""Letters to those who teach an event that is called off, moves or changes. Pure: builds letters, sends none."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import (
    TRAINER_CANCELLED,
    TRAINER_CHANGED,
    TRAINER_RESCHEDULED,
    Letter,
    title,
    when_and_where,
)
from core import wording
from events.models import Event
from notifications.rendering import typed
from people.models import Person


def cancelled(event: Event, trainer: Person) -> Letter:
    return _letter(
        event,
        trainer,
        TRAINER_CANCELLED,
        f"Cancelled: {title(event)}, {wording.day(event.starts_on)}",
        f"{title(event)} on {wording.day(event.starts_on)}, which you were to teach, will not take place.",
        f"Why: {typed(event.cancelled_reason)}",
        f"Everybody who booked has been told. Questions? Write to {typed(event.lead_host.team_email)}.",
    )


def rescheduled(event: Event, trainer: Person) -> Letter:
    what = f"{title(event)}, which you teach, has moved. These are its times now."
    return _changed(event, trainer, TRAINER_RESCHEDULED, "New date or time", what)


def changed(event: Event, trainer: Person) -> Letter:
    what = f"The details of {title(event)}, which you teach, have changed. This is how they are now."
    return _changed(event, trainer, TRAINER_CHANGED, "Changed", what)


def _changed(event: Event, trainer: Person, kind: str, in_front: str, what: str) -> Letter:
    return _letter(
        event,
        trainer,
        kind,
        f"{in_front}: {title(event)}",
        what,
        *when_and_where(event),
        f"Everybody who booked has been told. Can't you make it? Write to {typed(event.lead_host.team_email)} at once.",
        "Its registers are with yours, here:\n{link:registers}",
    )


def _letter(event: Event, trainer: Person, kind: str, subject: str, *paragraphs: str) -> Letter:
    forename = typed(trainer.forename)
    text = "\n\n".join([f"Hello {forename}," if forename else "Hello,", *paragraphs, typed(event.lead_host.name)])
    links = {"registers": reverse("registers_today")} if "{link:registers}" in text else {}
    return Letter(kind, subject, text, links, event.version)
