"""Who gets a place: booking, the waiting list, and its end."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import messages, policies
from bookings.models import Booking, BookingStatus, BookingTerms
from bookings.operations import lock, telling
from bookings.operations.history import remember, step
from core.refusals import Refused
from events import queries as event_queries
from events.models import Event, EventStatus
from people.models import Person
from people.queries import affiliation_of


@transaction.atomic
def book_place(
    *,
    event: Event,
    person: Person,
    by: Person | None,
    at: datetime,
    manager_email: str | None = None,
    rule_set_aside: bool = False,
    reason: str = "",
) -> Booking:
    """Give the person a place or, when the event is full, the next number of the waiting list.

    The booking keeps where the person works today. ``manager_email`` None takes the one of their profile. With
    ``rule_set_aside`` an officer goes over opening, closing and the list of invited people, with a ``reason`` that is kept;
    places are never exceeded: raise the limit (change_terms). Raises Refused: not_allowed, no_reason, cancelled, not_published,
    past, started, not_bookable, not_open_yet, closed, not_invited, already_booked, full.
    """
    terms = lock.lock_terms(event.pk)
    event = lock.read_event(event.pk)
    policies.check_may_act_for(person, by=by, event=event)
    if rule_set_aside:
        policies.check_may_set_aside(by=by, event=event, reason=reason)
    gone_over = policies.check_can_book(event=event, terms=terms, person=person, by=by, at=at, set_aside=rule_set_aside)
    assert terms is not None  # noqa: S101 - checked with the policy; tells the type checker
    if Booking.objects.live().filter(event=event, person=person).exists():
        raise Refused(
            "There is a booking for this event already, and each person has one place. Look at that booking, or cancel it first.",
            code="already_booked",
        )
    free = _fill(terms, event, at=at)
    policies.check_has_room(event=event, terms=terms, free=free)
    booking = Booking(
        event=event,
        person=person,
        status=BookingStatus.CONFIRMED if free > 0 else BookingStatus.WAITING,
        queue_number=None if free > 0 else _next_number(terms),
        manager_email=person.manager_email if manager_email is None else manager_email,
        booked_at=at,
        booked_by=by,
        **affiliation_of(person),
    )
    booking.save(force_insert=True)
    remember(booking, "", by=by, at=at, reason=reason, rule_set_aside=",".join(gone_over))
    if booking.status == BookingStatus.CONFIRMED:
        telling.invite(booking, messages.confirmed(booking), at=at)
    else:
        ahead = Booking.objects.filter(event=event).waiting().filter(queue_number__lt=booking.queue_number).count()
        telling.tell(booking, messages.waiting(booking, place_in_queue=ahead + 1), at=at)
    return booking


@transaction.atomic
def promote_waiting(*, event: Event, at: datetime) -> list[Booking]:
    """Confirm the first in line for as long as places are free; returns those confirmed, in order. Safe to call at any time."""
    terms = lock.lock_terms(event.pk)
    return fill_places(terms, lock.read_event(event.pk), at=at)


def fill_places(terms: BookingTerms | None, event: Event, *, at: datetime) -> list[Booking]:
    """What promote_waiting does, for operations that hold the lock. Nobody is confirmed once the event has started."""
    if terms is None or event.status != EventStatus.PUBLISHED or event_queries.starts_at(event) <= at:
        return []
    claims = lock.count_claims(event.pk)
    free = min(terms.booking_limit - claims.taken, claims.waiting)
    if free <= 0:
        return []
    first_in_line = list(Booking.objects.filter(event=event).waiting().select_related("person", "booked_by")[:free])
    for booking in first_in_line:
        booking.event = event
        # The number goes with the place: one that is kept says that somebody never had a place.
        step(booking, BookingStatus.CONFIRMED, by=None, at=at, reason="A place became free.", queue_number=None)
        telling.invite(booking, messages.promoted(booking), at=at)
    return first_in_line


@transaction.atomic
def end_waiting(*, event: Event, at: datetime) -> int:
    """Everybody who still waits ends as not placed; returns how many. Raises Refused before the event has started."""
    lock.lock_terms(event.pk)
    event = lock.read_event(event.pk)
    if event.status != EventStatus.CANCELLED and event_queries.starts_at(event) > at:
        raise Refused("The event has not started: a place may still become free.", code="not_started")
    waiting = list(Booking.objects.filter(event=event).waiting())
    for booking in waiting:
        step(booking, BookingStatus.NOT_PLACED, by=None, at=at, reason="No place became free.", ended_at=at)
    return len(waiting)


def _fill(terms: BookingTerms, event: Event, *, at: datetime) -> int:
    """How many places are left for somebody new: nobody walks past those who wait."""
    claims = lock.count_claims(event.pk)
    free = terms.booking_limit - claims.taken
    if free > 0 and claims.waiting:
        free -= len(fill_places(terms, event, at=at))
    return free


def _next_number(terms: BookingTerms) -> int:
    terms.queue_counter += 1
    terms.save(update_fields=["queue_counter"])
    return terms.queue_counter
