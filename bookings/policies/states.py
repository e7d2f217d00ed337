"""What the time and the state of an event allow."""

from __future__ import annotations

from datetime import datetime

from bookings.models import (
    BookingTerms,
)
from core.refusals import Refused
from events import queries as event_queries
from events.models import Event, EventStatus


def write_to(event: Event, *, start: bool = True) -> str:
    """To whom somebody writes who needs help, as the start of a sentence or within one."""
    return f"{'Write' if start else 'write'} to {event.lead_host.team_email}"


def check_takes_bookings(*, event: Event, terms: BookingTerms | None, at: datetime) -> None:
    """The rules that nobody goes over: after the start a walk-in is written on the register."""
    if event.status == EventStatus.CANCELLED:
        raise Refused("This event is cancelled. Look for another date in the programme.", code="cancelled")
    if event.status != EventStatus.PUBLISHED:
        raise Refused("This event is not open for booking: it has not been published.", code="not_published")
    if event_queries.ends_at(event) <= at:
        raise Refused("This event is over. Look for another date in the programme.", code="past")
    if event_queries.starts_at(event) <= at:
        raise Refused("This event has started and can't be booked any more. Look for another date.", code="started")
    if terms is None:
        raise Refused(f"No places are booked here for this event. {write_to(event)} to take part.", code="not_bookable")


def check_has_not_started(event: Event, *, at: datetime) -> None:
    if event.status == EventStatus.CANCELLED:
        raise Refused("This event is cancelled. There is nothing left to do.", code="cancelled")
    if event_queries.starts_at(event) <= at:
        raise Refused("The event has started. From now on the register says who came.", code="started")


def check_has_started(event: Event, *, at: datetime) -> None:
    if event_queries.starts_at(event) > at:
        raise Refused("The event has not started: a place may still become free.", code="not_started")
