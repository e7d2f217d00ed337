"""What happens to the waiting list when the clock says so. Found from the data, so nothing is ever stranded."""

from __future__ import annotations

from datetime import datetime

from bookings import operations, queries
from bookings.models import Booking, BookingStatus
from core.clock import london_date
from events.models import Event, EventStatus
from events.queries import starts_at


def end_waiting_for_started_events(at: datetime) -> int:
    """Whoever waits for an event that has started, or was cancelled, is not placed; returns how many."""
    waiting = Booking.objects.filter(status=BookingStatus.WAITING).values("event_id")
    begun = Event.objects.filter(pk__in=waiting, starts_on__lte=london_date(at)).prefetch_related("sessions")
    cancelled = Event.objects.filter(pk__in=waiting, status=EventStatus.CANCELLED).prefetch_related("sessions")
    over = [event for event in begun if starts_at(event) <= at]
    return sum(operations.end_waiting(event=event, at=at) for event in {*over, *cancelled})


def promote_waiting(at: datetime) -> int:
    """Confirm those who wait where places are free: a second net under the operations that free places. Returns how many."""
    events = Event.objects.filter(pk__in=queries.events_with_places_for_those_who_wait())
    return sum(len(operations.promote_waiting(event=event, at=at)) for event in events)
