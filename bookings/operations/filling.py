"""What becomes of free places: who waits gets them, in turn or by hand, and a tentative event becomes firm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import messages, policies
from bookings.messages import offers as offer_messages
from bookings.models import Booking, BookingStatus, BookingTerms
from bookings.operations import lock, telling
from bookings.operations.history import step
from bookings.operations.lock import Claims, Seat
from bookings.queries import places_at_other_dates
from bookings.queue import Turn, offered_until, turn
from core.refusals import Refused
from events import queries as event_queries
from events.models import Event, EventStatus
from people.models import Person


@transaction.atomic
def promote_waiting(*, event: Event, at: datetime) -> list[Booking]:
    """Give free places to the first in line; returns those who got one, in order. Safe to call at any time."""
    terms = lock.lock_terms(event.pk)
    return fill_places(terms, lock.read_event(event.pk), at=at)


def fill_places(terms: BookingTerms | None, event: Event, *, at: datetime) -> list[Booking]:
    """What promote_waiting does, for operations that hold the lock. Nobody gets a place once the event has started.

    By priority, then in the order of joining. Until a set time before the start they are confirmed, after that they are offered
    the place, or it waits for an officer who rings (bookings/queue.py).
    """
    if terms is None or event.status != EventStatus.PUBLISHED or event_queries.starts_at(event) <= at:
        return []
    claims = lock.count_claims(terms)
    return fill(claims, terms, event, at=at)


@transaction.atomic
def place_by_hand(*, booking: Booking, by: Person, at: datetime, reason: str) -> Booking:
    """An officer confirms somebody who waits, having spoken to them: out of turn if need be, with the reason kept.

    Raises Refused: not_allowed, no_reason, not_waiting, started, full.
    """
    terms, event = lock.lock_bookable(booking.event_id), lock.read_event(booking.event_id)
    booking = lock.read_booking(booking.pk, event)
    policies.check_may_set_aside(by=by, event=event, reason=reason)
    policies.check_has_not_started(event, at=at)
    if booking.status != BookingStatus.WAITING:
        raise Refused("This person is not on the waiting list any more. Look at how the booking stands now.", code="not_waiting")
    seat = lock.count_claims(terms).seat_for(booking)
    if seat is None:
        raise Refused("No place is free. Raise the number of places first, or cancel a booking.", code="full")
    others = places_at_other_dates(event, [booking.person_id], at=at).get(booking.person_id, [])
    _give(booking, seat, terms, Turn.CONFIRMED, others=others, by=by, at=at, reason=reason)
    if terms.is_tentative:
        tell_of_requests([booking], terms, event, at=at)
    return booking


def settle(booking: Booking, terms: BookingTerms, *, by: Person | None, at: datetime, reason: str) -> None:
    """A booking that has a place becomes what the event allows: confirmed, or a request while the event is tentative."""
    if terms.is_tentative:
        step(booking, BookingStatus.REQUESTED, by=by, at=at, reason=reason)
        tell_of_requests([booking], terms, booking.event, at=at)
    else:
        step(booking, BookingStatus.CONFIRMED, by=by, at=at, reason=reason)
        telling.confirmed(booking, messages.confirmed(booking), terms=terms, at=at)


def tell_of_requests(bookings: Sequence[Booking], terms: BookingTerms, event: Event, *, at: datetime) -> None:
    """Write to those who have just asked for a place: where they meet the minimum they read at once that it takes place."""
    firm_up(terms, event, at=at)
    for booking in bookings:
        booking.refresh_from_db(fields=["status", "version"])
        if booking.status == BookingStatus.REQUESTED:
            telling.tell(booking, messages.requested(booking, terms=terms), at=at)


def firm_up(terms: BookingTerms, event: Event, *, at: datetime, anyway: bool = False) -> list[Booking]:
    """Confirm the requests of a tentative event once its minimum is met, or ``anyway``. Returns those who were confirmed.

    Where the minimum was dropped there is nothing to be firm about: another one makes the event tentative again.
    """
    requested = Booking.objects.filter(event=event, status=BookingStatus.REQUESTED)
    if not anyway and not (terms.is_tentative and requested.count() >= (terms.minimum or 0)):
        return []
    terms.firm_at = at if terms.minimum is not None else None
    terms.save(update_fields=["firm_at"])
    confirmed = list(requested.to_write_to().order_by("booked_at", "pk"))
    for booking in confirmed:
        booking.event = event
        step(booking, BookingStatus.CONFIRMED, by=None, at=at, reason="The event takes place.")
        telling.confirmed(booking, messages.confirmed(booking), terms=terms, at=at)
    return confirmed


def fill(claims: Claims, terms: BookingTerms, event: Event, *, at: datetime) -> list[Booking]:
    how = turn(terms, event, at=at)
    if how is Turn.RUNG or not claims.waiting or (claims.free <= 0 and claims.kept == 0):
        return []
    given: list[Booking] = []
    line = _in_line(claims, event)
    others = places_at_other_dates(event, [booking.person_id for booking in line], at=at)
    for booking in line:
        seat = claims.seat_for(booking)
        if seat is None:
            continue
        booking.event = event
        theirs = others.get(booking.person_id, [])
        _give(booking, seat, terms, how, others=theirs, by=None, at=at, reason="A place became free.")
        claims.take(seat)
        claims.waiting -= 1
        given.append(booking)
    if terms.is_tentative:
        tell_of_requests(given, terms, event, at=at)
    return given


def _in_line(claims: Claims, event: Event) -> list[Booking]:
    """Those who wait, the first in line first; everybody only where a held place may be for somebody further back."""
    waiting = Booking.objects.filter(event=event).waiting().to_write_to()
    return list(waiting) if claims.kept else list(waiting[: max(claims.free, 0)])


def _give(
    booking: Booking,
    seat: Seat,
    terms: BookingTerms,
    how: Turn,
    *,
    others: list[Booking],
    by: Person | None,
    at: datetime,
    reason: str,
) -> None:
    """The number goes with the place: one that is kept says that somebody never had a place. ``others``: places that they have at
    other dates of the course.

    Of a tentative event nobody is told here: several may have asked at once (tell_of_requests).
    """
    fields: dict[str, Any] = {"queue_number": None, "hold": seat.hold}
    if how is Turn.OFFERED:
        fields["offered_until"] = offered_until(terms, booking.event, at=at)
        step(booking, BookingStatus.OFFERED, by=by, at=at, reason=reason, **fields)
        telling.tell(booking, offer_messages.offered(booking, others=others), at=at)
    elif terms.is_tentative:
        step(booking, BookingStatus.REQUESTED, by=by, at=at, reason=reason, **fields)
    else:
        step(booking, BookingStatus.CONFIRMED, by=by, at=at, reason=reason, **fields)
        telling.confirmed(booking, messages.promoted(booking, others=others), terms=terms, at=at)
