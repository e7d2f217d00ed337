"""Telling those who teach an event what becomes of it. Whoever is only a name, or an outside body, officers tell themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bookings.messages import Letter
from core.clock import london_date
from events.models import Event, EventTrainer
from events.queries import ends_at
from notifications.models import Message
from notifications.operations import draft_message, write_messages
from people.models import Person, addresses_at_hand


def tell_trainers(event: Event, letter: Callable[[Event, Person], Letter], *, by: Person | None, at: datetime) -> None:
    """Queue the letter for every trainer who has an address, but for whoever did it. Nobody hears of an event that is over."""
    if ends_at(event) <= at or (event.messages_from is not None and london_date(at) < event.messages_from):
        return
    named = EventTrainer.objects.filter(event=event, person__is_active=True).exclude(person=by).order_by("name")
    trainers = named.select_related("person").prefetch_related(addresses_at_hand("person__"))
    write_messages(_draft(event, row.person, letter(event, row.person), at=at) for row in trainers if row.person is not None)


def _draft(event: Event, trainer: Person, letter: Letter, *, at: datetime) -> Message | None:
    return draft_message(
        partnership=event.lead_host,
        kind=letter.kind,
        about=f"event:{event.pk}",
        dedupe_key=f"event:{event.pk}:{letter.kind}:{letter.version}:{trainer.pk}",
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
