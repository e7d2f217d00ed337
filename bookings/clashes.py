"""What else people have booked at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from bookings.models import Booking
from events.models import Event, EventStatus
from people.models import Person


def clashes(event: Event, people: Iterable[Person]) -> dict[UUID, list[Booking]]:
    """The live bookings of these people for other events that have a session at the same time as one of this event's.

    By the person's id, the earliest first; those without a clash are not in it. The booking knows its event. Two queries.
    """
    spans = list(event.sessions.all())
    if not spans:
        return {}
    at_once = reduce(or_, (Q(sessions__starts_at__lt=one.ends_at, sessions__ends_at__gt=one.starts_at) for one in spans))
    others = Event.objects.filter(at_once, status=EventStatus.PUBLISHED).exclude(pk=event.pk).values("pk")
    theirs = Booking.objects.live().filter(person__in=[person.pk for person in people], event__in=others)
    found: dict[UUID, list[Booking]] = {}
    for booking in theirs.select_related("event").order_by("event__starts_on", "booked_at", "pk"):
        found.setdefault(booking.person_id, []).append(booking)
    return found


def clashes_of(person: Person, events: Iterable[Event], *, but: Booking | None = None) -> dict[UUID, list[Booking]]:
    """The same for one person and several events, by the event's id; ``but`` is a booking that would end. Two queries.

    The events have their sessions at hand.
    """
    live = Booking.objects.live().filter(person=person, event__status=EventStatus.PUBLISHED)
    if but is not None:
        live = live.exclude(pk=but.pk)
    in_order = live.select_related("event").order_by("event__starts_on", "booked_at", "pk")
    theirs = list(in_order.prefetch_related("event__sessions"))
    found = {event.pk: [one for one in theirs if one.event_id != event.pk and _meet(one.event, event)] for event in events}
    return {event_id: bookings for event_id, bookings in found.items() if bookings}


def _meet(one: Event, other: Event) -> bool:
    """Whether they have sessions at the same time."""
    return any(
        mine.starts_at < theirs.ends_at and mine.ends_at > theirs.starts_at
        for mine in one.sessions.all()
        for theirs in other.sessions.all()
    )
