"""What becomes of a booking when its manager answers, or does not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import policies
from bookings.messages import approvals as letters
from bookings.messages import swaps as swap_letters
from bookings.models import ApprovalRequest, Approver, Booking, BookingStatus, BookingTerms, Decision
from bookings.operations import lock, telling
from bookings.operations.asking import ask_manager
from bookings.operations.filling import fill_places, settle
from bookings.operations.history import step
from bookings.queries import place_in_queue
from core import audit
from core.text import one_line
from people.models import Person


@transaction.atomic
def approve_booking(*, request: ApprovalRequest, approver: str, by: Person | None, at: datetime, reason: str = "") -> Booking:
    """The booking goes on: confirmed or, on a full event, to its place in the waiting list.

    ``approver`` says in which part the answer came (Approver); ``by`` is the signed-in officer, or None for a mailed link. Raises
    Refused: answered, own_booking, started, not_allowed, no_reason.
    """
    booking, request, terms = _open_request(request, approver=approver, by=by, at=at, reason=reason)
    _decide(request, Decision.APPROVED, approver=approver, by=by, at=at, reason=reason)
    why = f"Approved by {Approver(approver).label.lower()}."
    if booking.queue_number is None:
        settle(booking, terms, by=by, at=at, reason=why)
        _tell_who_passed_it_on(booking, request, at=at)
        return booking
    step(booking, BookingStatus.WAITING, by=by, at=at, reason=why)
    if booking.pk not in {given.pk for given in fill_places(terms, booking.event, at=at)}:
        telling.tell(booking, letters.approved_and_waiting(booking, place_in_queue=place_in_queue(booking)), at=at)
    return lock.read_booking(booking.pk, booking.event)


@transaction.atomic
def decline_booking(*, request: ApprovalRequest, approver: str, by: Person | None, at: datetime, reason: str = "") -> Booking:
    """The manager says no: the booking ends and its place goes on. Raises Refused as approve_booking does."""
    booking, request, terms = _open_request(request, approver=approver, by=by, at=at, reason=reason)
    _decide(request, Decision.DECLINED, approver=approver, by=by, at=at, reason=reason)
    step(booking, BookingStatus.DECLINED, by=by, at=at, reason=reason or "Not approved.", ended_at=at)
    telling.uninvite(booking, letters.declined(booking, request), at=at)
    _tell_who_passed_it_on(booking, request, at=at)
    fill_places(terms, booking.event, at=at)
    return booking


@transaction.atomic
def remind_approver(*, request: ApprovalRequest, at: datetime) -> bool:
    """Remind the manager, and ask the deputy too, if there is one. Once; returns whether it did."""
    lock.lock_terms(request.booking.event_id)
    event = lock.read_event(request.booking.event_id)
    request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    booking = lock.read_booking(request.booking_id, event)
    is_due = request.is_open and request.reminded_at is None and at >= request.remind_at
    if not is_due or booking.status != BookingStatus.AWAITING_APPROVAL:
        return False
    request.reminded_at = at
    request.save(update_fields=["reminded_at"])
    own = booking.person.addresses()  # nobody approves for themself, whatever was named before that was refused
    for approver, address in ((Approver.MANAGER, request.manager_email), (Approver.DEPUTY, request.deputy_email)):
        if address and address not in own:
            telling.tell_manager(booking, letters.reminder(booking, request, approver), address, part=approver, at=at)
    return True


@transaction.atomic
def lapse_request(*, request: ApprovalRequest, at: datetime) -> bool:
    """End a booking that nobody approved in time, and let its place go. Returns whether it did."""
    terms, event = lock.lock_terms(request.booking.event_id), lock.read_event(request.booking.event_id)
    request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    booking = lock.read_booking(request.booking_id, event)
    if not request.is_open or at < request.lapses_at or booking.status != BookingStatus.AWAITING_APPROVAL:
        return False
    _decide(request, Decision.LAPSED, approver="", by=None, at=at, reason="")
    step(booking, BookingStatus.LAPSED, by=None, at=at, reason="Nobody approved in time.", ended_at=at)
    telling.uninvite(booking, letters.lapsed(booking, request), at=at)
    _tell_who_passed_it_on(booking, request, at=at)
    fill_places(terms, event, at=at)
    return True


@transaction.atomic
def ask_somebody_else(
    *, request: ApprovalRequest, manager_email: str, deputy_email: str, by: Person | None, at: datetime
) -> ApprovalRequest:
    """Put the question to another manager, with the time running afresh. The links of the earlier mails open nothing any more.

    Raises Refused: not_allowed, answered, started, own_address, no_manager, own_deputy, same_deputy, asked_often.
    """
    lock.lock_terms(request.booking.event_id)
    event = lock.read_event(request.booking.event_id)
    booking = lock.read_booking(request.booking_id, event)
    request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_may_act_on(booking, by=by)
    policies.check_is_open(request, booking, at=at)
    policies.check_manager(booking.person, manager_email=manager_email)
    policies.check_may_ask_another_manager(request, booking, by=by)
    booking.manager_email = manager_email.strip().lower()
    booking.save(update_fields=["manager_email"])
    telling.forget(booking, at=at)
    asked = ask_manager(booking, deputy_email=deputy_email, at=at)
    audit.record(action="another manager asked", about=booking, by=by, at=at, changes={"round": [request.round, asked.round]})
    return asked


def _tell_who_passed_it_on(booking: Booking, request: ApprovalRequest, *, at: datetime) -> None:
    """Whoever passed the place on to this colleague hears what came of it; nobody for a booking of one's own."""
    if booking.replaces_id is None:
        return
    before = lock.read_booking(booking.replaces_id, booking.event)
    if before.status != BookingStatus.SUBSTITUTED:
        return
    telling.tell(before, swap_letters.answered(before, to=booking, request=request), at=at)


def _open_request(
    request: ApprovalRequest, *, approver: str, by: Person | None, at: datetime, reason: str
) -> tuple[Booking, ApprovalRequest, BookingTerms]:
    """Lock, read and check: the booking and the request as they are now."""
    terms, event = lock.lock_bookable(request.booking.event_id), lock.read_event(request.booking.event_id)
    request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    booking = lock.read_booking(request.booking_id, event)
    policies.check_may_answer(booking, by=by)
    if approver == Approver.OFFICER:
        policies.check_may_set_aside(by=by, event=event, reason=reason)
    policies.check_is_open(request, booking, at=at)
    return booking, request, terms


def _decide(request: ApprovalRequest, decision: str, *, approver: str, by: Person | None, at: datetime, reason: str) -> None:
    request.decision, request.decided_as, request.decided_by = decision, approver, by
    request.decided_at, request.reason = at, one_line(reason)[:300]
    request.save(update_fields=["decision", "decided_as", "decided_by", "decided_at", "reason"])
    telling.forget_questions(request.booking, at=at)
    audit.record(action=f"approval {decision}", about=request, by=by, at=at, changes={"decision": ["", str(decision)]})
