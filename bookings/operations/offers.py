"""An offered place: taken, turned down, or left to lapse. A place that is not taken goes to the next in line."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import policies
from bookings.messages import offers as letters
from bookings.models import Booking, BookingStatus
from bookings.operations import lock, telling
from bookings.operations.filling import fill_places, settle
from bookings.operations.history import step
from core.refusals import Refused
from events.models import Event
from events.queries import starts_at
from people.models import Person


@transaction.atomic
def accept_offer(*, booking: Booking, by: Person | None, at: datetime) -> Booking:
    """The offered place is theirs; at a tentative event they have asked for it. Raises Refused: not_allowed, not_offered,
    offer_over, started.
    """
    terms, event = lock.lock_bookable(booking.event_id), lock.read_event(booking.event_id)
    booking = lock.read_booking(booking.pk, event)
    policies.check_may_act_on(booking, by=by)
    _check_is_offered(booking)
    assert booking.offered_until is not None  # noqa: S101 - the constraint says so; tells the type checker
    if at >= booking.offered_until:
        raise Refused("The time for this offer is over, and others can have the place.", code="offer_over")
    policies.check_has_not_started(event, at=at)  # it may have been moved to an earlier time since the offer
    settle(booking, terms, by=by, at=at, reason="The offer was taken.")
    return booking


@transaction.atomic
def decline_offer(*, booking: Booking, by: Person | None, at: datetime) -> Booking:
    """They do not want the place; the next in line is asked. Raises Refused: not_allowed, not_offered."""
    terms, event = lock.lock_bookable(booking.event_id), lock.read_event(booking.event_id)
    booking = lock.read_booking(booking.pk, event)
    policies.check_may_act_on(booking, by=by)
    _check_is_offered(booking)
    step(booking, BookingStatus.DECLINED, by=by, at=at, reason="The offer was turned down.", ended_at=at)
    telling.forget(booking, at=at)
    fill_places(terms, event, at=at)
    return booking


@transaction.atomic
def lapse_offers(*, event: Event, at: datetime) -> list[Booking]:
    """End the offers of the event whose time is over, and offer their places on. Returns those that lapsed."""
    terms = lock.lock_terms(event.pk)
    event = lock.read_event(event.pk)
    over = Booking.objects.filter(event=event, status=BookingStatus.OFFERED, offered_until__lte=at)
    lapsed = list(over.select_related("person", "booked_by").order_by("offered_until", "pk"))
    for booking in lapsed:
        booking.event, with_the_start = event, booking.offered_until == starts_at(event)
        step(booking, BookingStatus.LAPSED, by=None, at=at, reason="The offer was not answered in time.", ended_at=at)
        telling.uninvite(booking, letters.offer_lapsed(booking, with_the_start=with_the_start), at=at)
    fill_places(terms, event, at=at)
    return lapsed


def _check_is_offered(booking: Booking) -> None:
    if booking.status != BookingStatus.OFFERED:
        raise Refused("No place is offered here any more. Look at how the booking stands now.", code="not_offered")
