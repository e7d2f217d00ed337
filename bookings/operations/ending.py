"""What ends at the start of an event: waiting without a place, and requests for a tentative event that nobody made firm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from bookings import messages, policies
from bookings.messages import approvals as approval_letters
from bookings.models import Booking, BookingStatus, BookingTerms
from bookings.operations import lock, telling
from bookings.operations.history import step
from bookings.queries import managers_to_tell_of_the_end
from events.models import Event, EventStatus


@transaction.atomic
def end_waiting(*, event: Event, at: datetime) -> int:
    """Everybody who still waits ends as not placed and is told; returns how many. Raises Refused before the event has started."""
    terms, event = lock.lock_terms(event.pk), lock.read_event(event.pk)
    if event.status != EventStatus.CANCELLED:
        policies.check_has_started(event, at=at)
    waiting = list(Booking.objects.filter(event=event).waiting().to_write_to())
    for booking in waiting:
        booking.event = event
        step(booking, BookingStatus.NOT_PLACED, by=None, at=at, reason="No place came in time.", ended_at=at)
    _tell(waiting, messages.not_placed, event, terms, at=at)
    return len(waiting)


@transaction.atomic
def end_requests(*, event: Event, at: datetime) -> int:
    """A tentative event that nobody made firm by its start: its requests lapse; returns how many. Raises Refused before that."""
    terms, event = lock.lock_terms(event.pk), lock.read_event(event.pk)
    policies.check_has_started(event, at=at)
    requested = list(Booking.objects.filter(event=event, status=BookingStatus.REQUESTED).to_write_to())
    for booking in requested:
        booking.event = event
        step(booking, BookingStatus.LAPSED, by=None, at=at, reason="Too few people booked.", ended_at=at)
    _tell(requested, messages.request_lapsed, event, terms, at=at)
    return len(requested)


def _tell(
    ended: Sequence[Booking],
    letter: Callable[[Booking], messages.Letter],
    event: Event,
    terms: BookingTerms | None,
    *,
    at: datetime,
) -> None:
    """Write to each person, and to managers who had a letter about the booking.

    What these letters tell of happened at the start, whenever the worker comes to it: of an event that started before we wrote to
    anybody nothing is said. Whoever waits for an event that was called off reads that.
    """
    begins = [event.lead_host.messages_from, event.messages_from]
    if any(day is not None and event.starts_on < day for day in begins):
        return
    told = managers_to_tell_of_the_end(ended, terms)
    for booking in ended:
        is_off = event.status == EventStatus.CANCELLED
        telling.uninvite(
            booking, messages.event_cancelled(booking, was=BookingStatus.WAITING) if is_off else letter(booking), at=at
        )
        if booking.pk in told:
            telling.tell_manager(booking, approval_letters.manager_ended(booking), booking.manager_email, at=at)
