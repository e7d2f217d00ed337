"""Bookings of an older system, written in bulk: the same constraints, no messages, one audit entry for each call."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Max, Q

from bookings.models import HOLDING_A_PLACE, Booking, BookingChange, BookingStatus, BookingTerms
from core import audit
from people.models import Person

REASON = "Brought over from an older system"


@dataclass(frozen=True, slots=True)
class PastTerms:
    event_id: uuid.UUID
    booking_limit: int


@dataclass(frozen=True, slots=True)
class PastBooking:
    """A booking with its final status. ``affiliation`` holds the values of AFFILIATION_FIELDS as they were that day.

    ``ended_at`` is when it was cancelled, or when the event of somebody who got no place began. Whether a cancellation was in
    time can't be known.
    """

    id: uuid.UUID
    event_id: uuid.UUID
    person_id: uuid.UUID
    status: str
    booked_at: datetime
    ended_at: datetime | None
    cancelled_by: str
    affiliation: dict[str, Any]


@transaction.atomic
def record_past_bookings(
    *, terms: Sequence[PastTerms], bookings: Sequence[PastBooking], about: models.Model, by: Person | None, at: datetime
) -> None:
    """Terms of past events and their bookings, each with its history.

    Those who got no place keep a number in the order of booking. Where more people held a place than the old system's capacity,
    the booking limit is raised to them: over-booked then is no promise broken now.
    """
    BookingTerms.objects.bulk_create([BookingTerms(event_id=row.event_id, booking_limit=row.booking_limit) for row in terms])
    event_ids = {row.event_id for row in bookings}
    queue_numbers = _queue_numbers(bookings, event_ids)
    Booking.objects.bulk_create(
        [
            Booking(
                id=row.id,
                event_id=row.event_id,
                person_id=row.person_id,
                status=row.status,
                queue_number=queue_numbers.get(row.id),
                booked_at=row.booked_at,
                ended_at=row.ended_at,
                cancelled_by=row.cancelled_by,
                version=1 if row.ended_at is None else 2,
                **row.affiliation,
            )
            for row in bookings
        ]
    )
    BookingChange.objects.bulk_create(change for row in bookings for change in _history(row))
    _settle_terms(event_ids)
    if terms or bookings:
        audit.record(action="past bookings recorded", about=about, by=by, at=at, changes={"bookings": [0, len(bookings)]})


def _queue_numbers(bookings: Iterable[PastBooking], event_ids: set[uuid.UUID]) -> dict[uuid.UUID, int]:
    last = dict(BookingTerms.objects.filter(event_id__in=event_ids).values_list("event_id", "queue_counter"))
    numbers: dict[uuid.UUID, int] = {}
    unplaced = [row for row in bookings if row.status == BookingStatus.NOT_PLACED]
    for row in sorted(unplaced, key=lambda row: (row.booked_at, row.person_id)):
        last[row.event_id] = numbers[row.id] = last.get(row.event_id, 0) + 1
    return numbers


def _history(row: PastBooking) -> Iterator[BookingChange]:
    first = BookingStatus.WAITING if row.status == BookingStatus.NOT_PLACED else BookingStatus.CONFIRMED
    yield BookingChange(booking_id=row.id, at=row.booked_at, to_status=first, reason=REASON)
    if row.status != first:
        yield BookingChange(
            booking_id=row.id, at=row.ended_at or row.booked_at, from_status=first, to_status=row.status, reason=REASON
        )


def _settle_terms(event_ids: set[uuid.UUID]) -> None:
    """The counter stands at the last number given, the limit no lower than the places held."""
    counted = Booking.objects.filter(event_id__in=event_ids).values("event_id")
    counted = counted.annotate(last=Max("queue_number"), held=Count("id", filter=Q(status__in=HOLDING_A_PLACE)))
    for row in counted:
        terms = BookingTerms.objects.filter(event_id=row["event_id"])
        if row["last"]:
            terms.filter(queue_counter__lt=row["last"]).update(queue_counter=row["last"])
        terms.filter(booking_limit__lt=row["held"]).update(booking_limit=row["held"])
