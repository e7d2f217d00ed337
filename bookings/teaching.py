"""Which of those who teach an event hear of it. Who is only a name, or an outside body, is told by officers themselves."""

from __future__ import annotations

from datetime import datetime

from core.clock import london_date
from events.models import Event, EventTrainer
from events.queries import ends_at
from people.models import Person, addresses_at_hand


def trainers_to_tell(event: Event, *, by: Person | None, at: datetime) -> list[Person]:
    """Its trainers who sign in here, but for whoever did it; nobody once it is over, or before it speaks. Three queries."""
    if ends_at(event) <= at or (event.messages_from is not None and london_date(at) < event.messages_from):
        return []
    named = EventTrainer.objects.filter(event=event, person__is_active=True).exclude(person=by).order_by("name")
    trainers = named.select_related("person").prefetch_related(addresses_at_hand("person__"))
    return [row.person for row in trainers if row.person is not None]
