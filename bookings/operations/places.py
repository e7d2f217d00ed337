"""Who gets a place: booking somebody, with a place or on the waiting list."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import prefetch_related_objects

from bookings import messages, policies, queue
from bookings.charging.reading import accepted, version_in_force
from bookings.messages import approvals as approval_messages
from bookings.models import Booking, BookingStatus, BookingTerms, Hold, ManagerRole, PolicyVersion
from bookings.needs import Needs
from bookings.operations import lock, telling
from bookings.operations.asking import ask_manager
from bookings.operations.charging import Billing, record_billing_details
from bookings.operations.filling import fill, tell_of_requests
from bookings.operations.history import remember
from bookings.operations.lock import Claims, Seat
from bookings.operations.needs import record_needs
from bookings.queries import place_in_queue, terms_to_book
from core.refusals import Refused
from events.models import Event
from people.models import Person, addresses_at_hand
from people.queries import affiliation_of


@dataclass(frozen=True)
class ReadBefore:
    """What a booking rests on, as its page has read it a moment ago, so that nothing is read twice: see queries.terms_to_book."""

    terms: BookingTerms | None
    is_for_all: bool
    policy_version: PolicyVersion | None

    @classmethod
    def of(cls, event: Event, at: datetime) -> ReadBefore:
        found = terms_to_book(event.pk)
        return cls(found.terms, found.is_for_all, version_in_force(event.lead_host_id, at) if found.is_charged else None)


@dataclass(frozen=True)
class Wish:
    """What is asked for when somebody is to be booked: see book_place."""

    person: Person
    by: Person | None
    at: datetime
    manager_email: str | None = None
    deputy_email: str = ""
    hold: Hold | None = None
    rule_set_aside: bool = False
    reason: str = ""

    @property
    def manager(self) -> str:
        return (self.person.manager_email if self.manager_email is None else self.manager_email).strip().lower()


def book_place(
    *,
    event: Event,
    person: Person,
    by: Person | None,
    at: datetime,
    manager_email: str | None = None,
    deputy_email: str = "",
    hold: Hold | None = None,
    rule_set_aside: bool = False,
    reason: str = "",
    needs: Needs | None = None,
    billing: Billing | None = None,
    read: ReadBefore | None = None,
) -> Booking:
    """Give the person a place or, when the event is full, the next number of the waiting list.

    ``event`` counts as it is under the lock. Where the manager approves, the place is held until they answer; a tentative event's
    place is a request until enough have booked. The booking keeps where the person works today, and accepts the policy on charges
    that is in force. ``manager_email`` None takes the one of their profile. ``hold`` is the agency's hold of unnamed places that
    this person's name is for. With ``rule_set_aside`` an officer goes over opening, closing, the list of invited people,
    conditions and approval, with a ``reason`` that is kept; places are never exceeded: raise the limit (change_terms). Raises
    Refused: not_allowed, no_reason, cancelled, not_published, past, started, not_bookable, not_open_yet, closed, not_invited,
    those of conditions, no_manager, own_address, own_deputy, same_deputy, already_booked, hold_used, full, and those of
    record_needs and record_billing_details, for ``needs`` and ``billing``. ``read``, if given, is what the caller's page has just
    read.
    """
    prefetch_related_objects([person], addresses_at_hand())
    wish = Wish(person, by, at, manager_email, deputy_email, hold, rule_set_aside, reason)
    try:
        return _book_at_sight(wish, read or ReadBefore.of(event, at), needs=needs, billing=billing)
    except (lock.Overtaken, Refused):  # whoever is refused is refused by how things stand under the lock
        return _book(event, wish, needs=needs, billing=billing)


@transaction.atomic
def _book_at_sight(wish: Wish, read: ReadBefore, *, needs: Needs | None, billing: Billing | None) -> Booking:
    """The usual case, a free place that is simply theirs, with nearly all of the work done before the lock.

    History, audit and letters are written as if the place were there; the lock, the count and the booking itself come last, so
    that those who book the same event wait for each other as briefly as can be. Raises Overtaken, with nothing written, whenever
    it is not that simple after all.
    """
    terms = read.terms
    if terms is None or not _is_simple(terms, wish, is_for_all=read.is_for_all):
        raise lock.Overtaken
    event = terms.event
    gone_over = _check(terms, event, wish, asks_conditions=False)
    policies.check_manager(wish.person, manager_email=wish.manager, is_needed=False)
    booking = _new(event, wish, read.policy_version)
    remember(booking, "", by=wish.by, at=wish.at, reason=wish.reason, gone_over=gone_over)
    _tell_what_became_of_it(booking, terms, wish)
    lock.lock_a_free_place(terms, wish.person)
    booking.save(force_insert=True)
    _record(booking, wish, needs=needs, billing=billing)
    return booking


@transaction.atomic
def _book(event: Event, wish: Wish, *, needs: Needs | None, billing: Billing | None) -> Booking:
    terms = lock.lock_terms(event.pk)
    booking = place(terms, lock.read_event(event.pk), wish)
    _record(booking, wish, needs=needs, billing=billing)
    return booking


def _record(booking: Booking, wish: Wish, *, needs: Needs | None, billing: Billing | None) -> None:
    if needs:
        record_needs(booking=booking, needs=needs, by=wish.by, at=wish.at)
    if billing is not None:
        record_billing_details(booking=booking, by=wish.by, at=wish.at, **asdict(billing))


def _is_simple(terms: BookingTerms, wish: Wish, *, is_for_all: bool) -> bool:
    """Whether nothing but a free place decides: nobody ever waited here, and it is for everybody alike."""
    if terms.is_tentative or terms.manager_role == ManagerRole.APPROVES:
        return False
    return is_for_all and terms.queue_counter == 0 and wish.hold is None


def place(terms: BookingTerms | None, event: Event, wish: Wish) -> Booking:
    """What book_place does, for operations that hold the lock and read the event after it."""
    gone_over = _check(terms, event, wish)
    assert terms is not None  # noqa: S101 - checked with the policy; tells the type checker
    claims = lock.count_claims(terms, wish.person)
    policies.check_has_no_booking(has_one=claims.theirs > 0)
    needs_approval = policies.needs_approval(terms, wish.person, by=wish.by, event=event)
    asks = needs_approval and not wish.rule_set_aside
    policies.check_manager(wish.person, manager_email=wish.manager, is_needed=asks)
    gone_over += ["no_approval"] if needs_approval and wish.rule_set_aside else []
    seat = _seat(claims, terms, event, wish)
    booking = _new(event, wish, version_in_force(event.lead_host_id, wish.at))
    booking.status = _status(terms, seat, asks=asks)
    booking.queue_number, booking.hold = (None, seat.hold) if seat else (_next_number(terms), None)
    booking.save(force_insert=True)
    remember(booking, "", by=wish.by, at=wish.at, reason=wish.reason, gone_over=gone_over)
    _tell_what_became_of_it(booking, terms, wish)
    return booking


def _check(terms: BookingTerms | None, event: Event, wish: Wish, *, asks_conditions: bool = True) -> list[str]:
    """Every rule but those that count places; returns the codes of those an officer goes over. Raises Refused."""
    person, by = wish.person, wish.by
    policies.check_may_act_for(person, by=by, event=event)
    if wish.hold is not None:
        policies.check_may_name(wish.hold, person, by=by, event=event)
    if wish.rule_set_aside:
        policies.check_may_set_aside(by=by, event=event, reason=wish.reason)
    return policies.check_can_book(
        event=event,
        terms=terms,
        person=person,
        by=by,
        at=wish.at,
        set_aside=wish.rule_set_aside,
        asks_conditions=asks_conditions,
    )


def _new(event: Event, wish: Wish, policy_version: PolicyVersion | None) -> Booking:
    """A place that is theirs, unsaved: as the person works today, under this version of the policy on charges."""
    affiliation = affiliation_of(wish.person)
    return Booking(
        event=event,
        person=wish.person,
        status=BookingStatus.CONFIRMED,
        manager_email=wish.manager,
        booked_at=wish.at,
        booked_by=wish.by,
        **affiliation,
        **accepted(event, affiliation, policy_version),
    )


def _seat(claims: Claims, terms: BookingTerms, event: Event, wish: Wish) -> Seat | None:
    """The place for somebody new, if any: nobody walks past those who wait."""
    if claims.waiting:
        fill(claims, terms, event, at=wish.at)
    seat = claims.seat_for(wish.person, named=wish.hold)
    if seat is not None and seat.hold is None and claims.waiting:
        seat = None  # left to an officer who rings those who wait
    if wish.hold is not None and seat is None:
        raise Refused("Every place of this hold has a name already, or it was released.", code="hold_used")
    if seat is None:
        policies.check_has_room(event=event, terms=terms, free=0)
    return seat


def _status(terms: BookingTerms, seat: Seat | None, *, asks: bool) -> BookingStatus:
    if asks:
        return BookingStatus.AWAITING_APPROVAL
    if seat is None:
        return BookingStatus.WAITING
    return BookingStatus.REQUESTED if terms.is_tentative else BookingStatus.CONFIRMED


def _tell_what_became_of_it(booking: Booking, terms: BookingTerms, wish: Wish) -> None:
    at = wish.at
    if booking.status == BookingStatus.AWAITING_APPROVAL:
        request = ask_manager(booking, deputy_email=wish.deputy_email, at=at)
        telling.tell(booking, approval_messages.waited_for(booking, request), at=at)
    elif booking.status == BookingStatus.WAITING:
        when_free = queue.in_words(terms, booking.event, at=at)
        telling.tell(booking, messages.waiting(booking, place_in_queue=place_in_queue(booking), when_free=when_free), at=at)
    elif booking.status == BookingStatus.REQUESTED:
        tell_of_requests([booking], terms, booking.event, at=at)
    else:
        by_another = booking.booked_by_id not in (None, booking.person_id)
        telling.confirmed(booking, messages.confirmed(booking), terms=terms, at=at, asks_nobody=by_another)


def _next_number(terms: BookingTerms) -> int:
    terms.queue_counter += 1
    terms.save(update_fields=["queue_counter"])
    return terms.queue_counter
