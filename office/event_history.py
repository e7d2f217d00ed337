"""What was done with an event and with its bookings, as one history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet, Value

from bookings.models import BookingChange
from core.models import AuditEntry
from events.models import Event
from people.models import Person

OF_BOOKING, OF_EVENT = "booking", "event"


@dataclass(frozen=True)
class Line:
    """One step: of a booking, or an entry of the event itself with whoever did it."""

    step: BookingChange | None = None
    entry: AuditEntry | None = None
    by: Person | None = None


def steps_of(event: Event) -> QuerySet[Any, tuple[Any, ...]]:
    """Where each step is found, newest first: a page of it is what ``lines_of`` reads."""
    of_bookings = _found(BookingChange.objects.filter(booking__event=event), OF_BOOKING)
    of_event = _found(AuditEntry.objects.filter(object_type=Event._meta.label_lower, object_id=str(event.pk)), OF_EVENT)
    return of_bookings.union(of_event, all=True).order_by("-at", "what", "pk")


def _found(rows: QuerySet[Any], what: str) -> QuerySet[Any, tuple[Any, ...]]:
    return rows.order_by().annotate(what=Value(what, output_field=CharField())).values_list("at", "what", "pk")


def lines_of(found: Iterable[tuple[Any, ...]]) -> list[Line]:
    """Three queries, however many."""
    places = [(what, pk) for _, what, pk in found]
    related = BookingChange.objects.select_related("booking__person", "by")
    steps = related.in_bulk([pk for what, pk in places if what == OF_BOOKING])
    entries = AuditEntry.objects.in_bulk([pk for what, pk in places if what == OF_EVENT])
    actors = Person.objects.in_bulk({entry.actor_id for entry in entries.values() if entry.actor_id})
    return [
        Line(step=steps[pk]) if what == OF_BOOKING else Line(entry=entries[pk], by=actors.get(entries[pk].actor_id))  # type: ignore[arg-type]
        for what, pk in places
    ]
