"""Telling those who teach an event what becomes of it (bookings/teaching.py says whom)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bookings.messages import Letter
from bookings.messages.letters import TRAINER_EVENT_CHANGES
from bookings.sectors import about
from bookings.teaching import trainers_to_tell
from core.clock import london_date
from events.models import Event
from notifications.models import Message
from notifications.operations import draft_message, withdraw, write_messages
from people.models import Person


def tell_trainers(event: Event, letter: Callable[[Event, Person], Letter], *, by: Person | None, at: datetime) -> None:
    """Queue the letter for every trainer who has an address, but for whoever did it. Nobody hears of an event that is over.

    What waits and says how the event was before leaves no more.
    """
    withdraw(about=about(event), kinds=[*TRAINER_EVENT_CHANGES], at=at)
    trainers = trainers_to_tell(event, by=by, at=at)
    write_messages(_draft(event, trainer, letter(event, trainer), at=at) for trainer in trainers)


def _draft(event: Event, trainer: Person, letter: Letter, *, at: datetime) -> Message | None:
    return draft_message(
        partnership=event.lead_host,
        kind=letter.kind,
        about=about(event),
        dedupe_key=f"{about(event)}:{letter.kind}:{letter.version}:{trainer.pk}",
        to_address=trainer.main_address(),
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=trainer,
        happened_on=london_date(at),
        at=at,
    )
