"""Giving a place back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import messages, policies
from bookings.charging.reading import cancelled_in_time
from bookings.models import Booking, BookingStatus, BookingTerms, CancelledBy
from bookings.operations import lock, telling
from bookings.operations.drafting import draft_late_cancellation
from bookings.operations.filling import fill_places
from bookings.operations.history import step
from events.models import Event
from people.models import Person


@transaction.atomic
def cancel_booking(*, booking: Booking, cancelled_by: str, by: Person | None, at: datetime, reason: str = "") -> Booking:
    """End a booking, leave the waiting list or take a request back; the next in line gets the freed place.

    Returns the booking as it is now. ``cancelled_by`` says who gave the place back (delegate, manager or organiser), ``by`` who
    pressed the button. Whether a delegate or manager was in time follows from the policy that the booking accepted; for an
    organiser the question does not arise, so ``cancelled_in_time`` stays None. Raises Refused: not_allowed, already_ended,
    started, manager_only. What cancelling late costs by that policy becomes a draft charge.
    """
    terms = lock.lock_terms(booking.event_id)
    event = lock.read_event(booking.event_id)
    booking = lock.read_booking(booking.pk, event)
    policies.check_may_act_on(booking, by=by)
    policies.check_can_cancel(booking, at=at)
    policies.check_may_cancel_oneself(booking, by=by)
    policies.check_may_cancel_as(booking, cancelled_by, by=by)
    end(booking, terms=terms, cancelled_by=cancelled_by, by=by, at=at, reason=reason, letter=messages.cancelled)
    fill_places(terms, event, at=at)
    return booking


@transaction.atomic
def cancel_bookings(
    *, event: Event, bookings: Iterable[Booking], cancelled_by: str, by: Person, at: datetime, reason: str
) -> list[Booking]:
    """An officer ends several bookings of one event at once, with one reason; returns those that had not ended before.

    Places go on when all have ended, so that nobody among them is promoted on the way. Raises Refused: not_allowed, no_reason,
    started.
    """
    terms, event = lock.lock_terms(event.pk), lock.read_event(event.pk)
    policies.check_may_set_aside(by=by, event=event, reason=reason)
    live = Booking.objects.live().filter(event=event, pk__in=[booking.pk for booking in bookings])
    ended = list(live.select_related("person", "booked_by", "policy_version").order_by("booked_at", "pk"))
    for booking in ended:
        booking.event = event
        policies.check_can_cancel(booking, at=at)
        end(booking, terms=terms, cancelled_by=cancelled_by, by=by, at=at, reason=reason, letter=messages.cancelled)
    fill_places(terms, event, at=at)
    return ended


def end(
    booking: Booking,
    *,
    terms: BookingTerms | None,
    cancelled_by: str,
    by: Person | None,
    at: datetime,
    reason: str,
    letter: messages.CancelledLetter,
) -> None:
    """Cancel one booking under the lock, take it out of the calendar and say so."""
    was, had_a_place = booking.status, booking.has_a_place
    in_time = None if cancelled_by == CancelledBy.ORGANISER else cancelled_in_time(booking, at)
    fields: dict[str, Any] = {"cancelled_by": str(cancelled_by), "cancelled_in_time": in_time, "ended_at": at}
    step(booking, BookingStatus.CANCELLED, by=by, at=at, reason=reason, **fields)
    charge = None
    if was == BookingStatus.CONFIRMED and cancelled_by != CancelledBy.ORGANISER:
        charge = draft_late_cancellation(booking=booking, by=by, at=at)
    said = messages.cancelled(booking, was=was, late=charge.amount) if charge else letter(booking, was=was)
    telling.ended(booking, said, terms=terms, had_a_place=had_a_place, was=was, at=at)
