"""A place that goes to a colleague, or moves with its holder to another date. Either way nobody loses a place meanwhile."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import policies
from bookings.charging.reading import accepted, version_in_force
from bookings.messages import approvals as approval_letters
from bookings.messages import swaps as letters
from bookings.models import Booking, BookingNeeds, BookingStatus, BookingTerms, PolicyVersion
from bookings.operations import lock, telling
from bookings.operations.asking import ask_manager
from bookings.operations.charging import copy_billing_details
from bookings.operations.filling import fill_places, firm_up
from bookings.operations.history import remember, step
from core.refusals import Refused
from events.models import Event
from people.models import Affiliation, Person
from people.queries import affiliation_of


@transaction.atomic
def substitute(
    *,
    booking: Booking,
    person: Person,
    by: Person | None,
    at: datetime,
    reason: str = "",
    manager_email: str | None = None,
    rule_set_aside: bool = False,
) -> Booking:
    """``person`` takes the place of whoever holds it; both are told. Returns the colleague's booking.

    Opening, closing and the queue do not matter: the place is taken either way. Invitations and conditions do; an officer may go
    over them with ``rule_set_aside`` and a reason. Somebody who waited leaves the queue. Where the manager approves, the place is
    held until the colleague's manager (``manager_email``, or the one of their profile) answers; the booking it came from is over
    at once, so that a place that is not approved goes to the next in line. Raises Refused: not_allowed, no_place, same_person,
    started, already_booked, not_invited, those of conditions, no_substitutes, too_late_to_substitute, no_reason, no_manager,
    own_address, too_late_to_ask.
    """
    terms, event = lock.lock_bookable(booking.event_id), lock.read_event(booking.event_id)
    booking = lock.read_booking(booking.pk, event)
    policies.check_may_act_on(booking, by=by)
    policies.check_can_pass_on(booking, at=at)
    gone_over = policies.check_may_be_substituted(booking, at=at, set_aside=rule_set_aside)
    if booking.person_id == person.pk:
        raise Refused("This is the person who holds the place. Choose a colleague.", code="same_person", field="person")
    if rule_set_aside:
        policies.check_may_set_aside(by=by, event=event, reason=reason)
    gone_over += policies.check_may_take_over(person, booking=booking, by=by, set_aside=rule_set_aside)
    present = Booking.objects.live().filter(event=event, person=person).first()
    if present is not None and present.status != BookingStatus.WAITING:
        raise Refused(f"{person.name} has a booking for this event already. Choose somebody else.", code="already_booked")
    manager = (person.manager_email if manager_email is None else manager_email).strip().lower()
    needs_approval = present is None and policies.needs_approval(terms, person, by=by, event=event)
    asks = needs_approval and not rule_set_aside
    if asks:
        policies.check_manager_of_colleague(person, manager_email=manager)
        policies.check_may_wait_for_manager(booking, at=at)
    gone_over += ["no_approval"] if needs_approval and rule_set_aside else []
    status = BookingStatus.AWAITING_APPROVAL if asks else BookingStatus(booking.status)
    new = _take_over(booking, person, present, status=status, manager=manager, by=by, at=at, reason=reason, gone_over=gone_over)
    copy_billing_details(like=booking, booking=new)
    telling.ended(booking, letters.passed_on(booking, to=new), terms=terms, had_a_place=True, at=at)
    _welcome(new, letters.taken_over(new, after=booking), terms, at=at)
    return new


@transaction.atomic
def transfer(
    *, booking: Booking, to_event: Event, by: Person | None, at: datetime, reason: str = "", rule_set_aside: bool = False
) -> Booking:
    """Move the place to another date of the same course; the place that is left goes to the next in line.

    Returns the new booking. Both dates are locked, always in the same order. An officer goes over closing, conditions, a late
    move and a manager's approval with a reason. Raises Refused: not_allowed, no_place, other_course, same_event, started, full,
    already_booked, too_late_to_move, no_approval, and whatever booking the other date raises.
    """
    both = lock.lock_both(booking.event_id, to_event.pk)
    event, to_event = lock.read_event(booking.event_id), lock.read_event(to_event.pk)
    booking = lock.read_booking(booking.pk, event)
    terms, to_terms = both[event.pk], both[to_event.pk]
    policies.check_may_act_on(booking, by=by)
    policies.check_can_move(booking, to_event=to_event, at=at)
    if rule_set_aside:
        policies.check_may_set_aside(by=by, event=to_event, reason=reason)
    gone_over = policies.check_can_book(
        event=to_event, terms=to_terms, person=booking.person, by=by, at=at, set_aside=rule_set_aside
    )
    gone_over += policies.check_may_move_now(booking, at=at, set_aside=rule_set_aside)
    gone_over += policies.check_may_move_unasked(booking, to_event=to_event, terms=to_terms, by=by, set_aside=rule_set_aside)
    if Booking.objects.live().filter(event=to_event, person=booking.person).exists():
        raise Refused("There is a booking for that date already. Cancel one of the two instead.", code="already_booked")
    fill_places(to_terms, to_event, at=at)
    claims = lock.count_claims(to_terms)
    seat = claims.seat_for(booking)
    if seat is None or (claims.waiting and seat.hold is None):
        raise Refused("That date is full. Choose another one, or join its waiting list and keep this place.", code="full")
    step(booking, BookingStatus.TRANSFERRED, by=by, at=at, reason=reason, ended_at=at)
    version = version_in_force(to_event.lead_host_id, at)
    new = _successor(booking, booking.person, event=to_event, of_the_day=booking, by=by, at=at, version=version)
    new.status, new.hold = _status(to_terms), seat.hold
    new.save(force_insert=True)
    BookingNeeds.objects.filter(booking=booking).update(booking=new)
    copy_billing_details(like=booking, booking=new)
    remember(new, "", by=by, at=at, reason=reason, gone_over=gone_over)
    telling.ended(booking, letters.moved_from(booking, to=new), terms=terms, had_a_place=True, at=at)
    if new in firm_up(to_terms, to_event, at=at):  # with this move the event takes place: they have read it, as all others
        new.refresh_from_db(fields=["status", "version"])
    else:
        _welcome(new, letters.moved_to(new, after=booking), to_terms, at=at)
    fill_places(terms, event, at=at)
    return new


def _take_over(
    booking: Booking,
    person: Person,
    waiting: Booking | None,
    *,
    status: BookingStatus,
    manager: str,
    by: Person | None,
    at: datetime,
    reason: str,
    gone_over: list[str],
) -> Booking:
    """End the old booking and give its place to the colleague, who may leave the queue for it."""
    hold = booking.hold
    step(booking, BookingStatus.SUBSTITUTED, by=by, at=at, reason=reason, ended_at=at)
    if waiting is not None:
        waiting.event, waiting.person = booking.event, person
        taken = {"queue_number": None, "hold": hold, "replaces": booking, "policy_version": None, "payer_class": ""}
        taken |= accepted(booking.event, affiliation_of(waiting), booking.policy_version)
        step(waiting, status, by=by, at=at, reason=reason, gone_over=gone_over, **taken)
        return waiting
    new = _successor(booking, person, event=booking.event, of_the_day=None, by=by, at=at, version=booking.policy_version)
    new.status, new.hold, new.manager_email = status, hold, manager
    new.save(force_insert=True)
    remember(new, "", by=by, at=at, reason=reason, gone_over=gone_over)
    return new


def _successor(
    booking: Booking,
    person: Person,
    *,
    event: Event,
    of_the_day: Affiliation | None,
    by: Person | None,
    at: datetime,
    version: PolicyVersion | None,
) -> Booking:
    """A booking in place of this one, unsaved: as the person works today, or as another booking of theirs remembers.

    ``version`` is the charging policy that counts for it: of a place that is passed on the one it was booked under.
    """
    affiliation = affiliation_of(of_the_day or person)
    return Booking(
        event=event,
        person=person,
        replaces=booking,
        manager_email=booking.manager_email,
        booked_at=at,
        booked_by=by,
        **affiliation,
        **accepted(event, affiliation, version),
    )


def _status(terms: BookingTerms) -> BookingStatus:
    return BookingStatus.REQUESTED if terms.is_tentative else BookingStatus.CONFIRMED


def _welcome(new: Booking, letter: telling.Letter, terms: BookingTerms, *, at: datetime) -> None:
    if new.status == BookingStatus.AWAITING_APPROVAL:
        request = ask_manager(new, deputy_email="", at=at)
        telling.tell(new, approval_letters.waited_for(new, request), at=at)
    elif new.status == BookingStatus.CONFIRMED:
        telling.confirmed(new, letter, terms=terms, at=at, asks_nobody=True)
    else:
        telling.tell(new, letter, at=at)
