"""The lock that decides places, and the count that it guards.

On PostgreSQL the terms' row is locked until the transaction ends. SQLite has no row locks: settings make every transaction start
with the write lock (transaction_mode IMMEDIATE), so by the time we read, nobody else can write. The outermost transaction may
be a caller's; what matters is only that everything the decision rests on is read after this lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from bookings.models import HOLDING_A_PLACE, Booking, BookingStatus, BookingTerms
from events.models import Event


@dataclass(frozen=True)
class Claims:
    """How many hold a place, and how many wait for one."""

    taken: int
    waiting: int


def lock_terms(event_id: UUID) -> BookingTerms | None:
    """The event's terms, ours alone until the transaction ends; None for an event that takes no bookings."""
    return BookingTerms.objects.select_for_update().filter(event_id=event_id).first()


def read_event(event_id: UUID) -> Event:
    """The event as it is now, in a query of its own after the lock: a joined row could be older than the locked one."""
    return Event.objects.select_related("lead_host", "venue").prefetch_related("sessions").in_bulk([event_id])[event_id]


def count_claims(event_id: UUID) -> Claims:
    counts = Booking.objects.filter(event_id=event_id).aggregate(
        taken=Count("pk", filter=Q(status__in=HOLDING_A_PLACE)), waiting=Count("pk", filter=Q(status=BookingStatus.WAITING))
    )
    return Claims(taken=counts["taken"], waiting=counts["waiting"])
