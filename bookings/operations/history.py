"""Each step of a booking leaves a row of its history and an audit entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bookings.models import BOOKING_STATES, Booking, BookingChange, BookingNeeds, BookingStatus
from core import audit
from core.text import one_line
from people.models import Person

ACTIONS: dict[str, str] = {
    BookingStatus.REQUESTED: "booking requested",
    BookingStatus.AWAITING_APPROVAL: "booking put to the manager",
    BookingStatus.CONFIRMED: "booking confirmed",
    BookingStatus.WAITING: "booking put on the waiting list",
    BookingStatus.OFFERED: "place offered",
    BookingStatus.CANCELLED: "booking cancelled",
    BookingStatus.DECLINED: "booking declined",
    BookingStatus.LAPSED: "booking lapsed",
    BookingStatus.NOT_PLACED: "booking not placed",
    BookingStatus.SUBSTITUTED: "place passed to a colleague",
    BookingStatus.TRANSFERRED: "booking moved to another date",
}


def step(
    booking: Booking,
    to_status: str,
    *,
    by: Person | None,
    at: datetime,
    reason: str = "",
    gone_over: Iterable[str] = (),
    **fields: Any,
) -> None:
    """Take the booking to another state and set these fields with it. Raises IllegalStep for one the table does not hold.

    A booking that ends takes what its person needed with it: nobody has to know that any more. ``gone_over`` are the codes of
    the rules that an officer went over for it.
    """
    from_status = booking.status
    BOOKING_STATES.check(from_status, to_status)
    if from_status == BookingStatus.OFFERED:
        fields["offered_until"] = None
    for name, value in {**fields, "status": to_status, "version": booking.version + 1}.items():
        setattr(booking, name, value)
    booking.save(update_fields=["status", "version", *fields])
    if not booking.is_live and to_status != BookingStatus.TRANSFERRED:  # with a move they go along to the new date
        BookingNeeds.objects.filter(booking=booking).delete()
    remember(booking, from_status, by=by, at=at, reason=reason, gone_over=gone_over)


def remember(
    booking: Booking, from_status: str, *, by: Person | None, at: datetime, reason: str = "", gone_over: Iterable[str] = ()
) -> None:
    rule_set_aside = ",".join(dict.fromkeys(gone_over))  # of two conditions of a kind, one code
    BookingChange.objects.create(
        booking=booking,
        at=at,
        by=by,
        from_status=from_status,
        to_status=booking.status,
        reason=one_line(reason)[:300],
        rule_set_aside=rule_set_aside,
    )
    changes: dict[str, list[Any]] = {"status": [from_status, str(booking.status)]}
    if rule_set_aside:
        changes["rule_set_aside"] = ["", rule_set_aside]
    audit.record(action=ACTIONS[booking.status], about=booking, by=by, at=at, changes=changes)


def note(
    booking: Booking,
    *,
    action: str,
    by: Person | None,
    at: datetime,
    reason: str,
    changes: dict[str, list[Any]] | None = None,
) -> None:
    """Something was done to the booking that leaves its state as it is."""
    status, why = booking.status, one_line(reason)[:300]
    BookingChange.objects.create(booking=booking, at=at, by=by, from_status=status, to_status=status, reason=why)
    audit.record(action=action, about=booking, by=by, at=at, changes=changes)
