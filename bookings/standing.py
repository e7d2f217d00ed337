"""How one booking stands, for its page: what holds now, what happens next and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bookings import passing_on, policies, queries, queue
from bookings.charging.reading import TermsOfBooking, can_say_bill, terms_of
from bookings.messages.approvals import ends_with_the_start, lapsed_with_the_start
from bookings.models import (
    ApprovalRequest,
    BillingDetails,
    Booking,
    BookingChange,
    BookingNeeds,
    BookingStatus,
    BookingTerms,
    Charge,
    ChargeKind,
    ChargeState,
    Decision,
    ManagerRole,
)
from bookings.needs import Needs
from core.refusals import Refused
from events.queries import ends_at, starts_at
from notifications.bounces import bounced_among
from notifications.models import Message
from people.models import Partnership, Person


class Check(Protocol):
    def __call__(self, booking: Booking, /, *, at: datetime) -> None: ...


@dataclass(frozen=True)
class LateCharge:
    """What cancelling late costs, and the credit that takes it back: it stands for as long as that is a draft."""

    charge: Charge
    credit: Charge | None

    @property
    def is_excused(self) -> bool:
        return self.charge.state == ChargeState.EXCUSED

    @property
    def is_draft(self) -> bool:
        return self.charge.state == ChargeState.DRAFT

    @property
    def is_taken_back(self) -> bool:
        return self.credit is not None and not self.is_being_taken_back

    @property
    def is_being_taken_back(self) -> bool:
        return self.credit is not None and self.credit.state == ChargeState.DRAFT


@dataclass(frozen=True)
class Standing:
    """``needs`` is None for whoever may not see them. ``successor`` is the booking that took this one's place over,
    ``successors_approval`` what its manager was asked."""

    booking: Booking
    has_begun: bool
    is_over: bool
    can_cancel: bool
    why_not_oneself: Refused | None
    can_name_colleague: bool
    can_move: bool
    is_told: bool
    terms: BookingTerms | None
    queue_place: int | None
    when_free: str
    missing: int
    approval: ApprovalRequest | None
    manager_is_unreachable: bool
    successor: Booking | None
    successors_approval: ApprovalRequest | None
    why: str
    needs: Needs | None
    money: TermsOfBooking | None
    late_charge: LateCharge | None
    bill: BillingDetails | None
    can_say_bill: bool

    @property
    def names_manager(self) -> bool:
        """Whether it names a manager, or should, whom the person may still put right. Who approves is asked anew instead."""
        if not self.booking.is_live or self.is_over or self.booking.status == BookingStatus.AWAITING_APPROVAL:
            return False
        is_told = self.terms is not None and self.terms.manager_role != ManagerRole.NOBODY
        return is_told or bool(self.booking.manager_email)

    @property
    def asks_for_bill(self) -> bool:
        """Whether coming costs, so that somebody has to say where the bill goes: a place that was moved may bring none along."""
        return self.money is not None and self.money.asks_for_billing

    @property
    def is_asked_late(self) -> bool:
        """Whether the manager has until the start to answer, and not the usual days."""
        return self.approval is not None and ends_with_the_start(self.approval, self.booking)

    @property
    def is_successor_asked_late(self) -> bool:
        asked, successor = self.successors_approval, self.successor
        return asked is not None and successor is not None and ends_with_the_start(asked, successor)

    @property
    def stays_empty(self) -> bool:
        """Whether the colleague's manager did not answer before the event began."""
        asked, successor = self.successors_approval, self.successor
        return asked is not None and successor is not None and lapsed_with_the_start(asked, successor)

    @property
    def was_turned_down_by_manager(self) -> bool:
        return self.approval is not None and self.approval.decision == Decision.DECLINED


def standing_of(booking: Booking, partnership: Partnership, *, reader: Person, at: datetime) -> Standing:
    status, event = booking.status, booking.event
    terms = BookingTerms.objects.filter(event=event).first()
    is_confirmed = status == BookingStatus.CONFIRMED
    successor = _successor(booking)
    can_pass_on = _holds(policies.check_can_pass_on, booking, at)
    sees_needs = policies.can_see_needs(booking, by=reader)
    is_asked = status == BookingStatus.AWAITING_APPROVAL
    return Standing(
        booking=booking,
        has_begun=starts_at(event) <= at,
        is_over=ends_at(event) <= at,
        can_cancel=policies.can_cancel(booking, at=at),
        why_not_oneself=policies.why_not_oneself(booking, by=reader),
        can_name_colleague=can_pass_on and _holds(passing_on.check_has_colleagues, booking, at),
        can_move=can_pass_on and bool(passing_on.free_dates(booking, partnership, by=reader, at=at)),
        is_told=is_confirmed and Message.objects.filter(about=booking.about, person=booking.person).exists(),
        terms=terms,
        queue_place=queries.place_in_queue(booking) if status == BookingStatus.WAITING else None,
        when_free=queue.in_words(terms, event, at=at) if terms and status == BookingStatus.WAITING else "",
        missing=queries.missing_to_be_firm(terms) if status == BookingStatus.REQUESTED else 0,
        approval=ApprovalRequest.objects.filter(booking=booking).first(),
        manager_is_unreachable=is_asked and bool(bounced_among([booking.manager_email])),
        successor=successor,
        successors_approval=ApprovalRequest.objects.filter(booking=successor).first() if successor else None,
        why="" if booking.is_live else _last_reason(booking),
        needs=Needs.of(BookingNeeds.objects.filter(booking=booking).first()) if sees_needs else None,
        money=terms_of(booking, at) if booking.is_live else None,
        late_charge=_late_charge(booking) if status == BookingStatus.CANCELLED else None,
        bill=BillingDetails.objects.filter(booking=booking).first() if booking.policy_version_id else None,
        can_say_bill=booking.person_id == reader.pk and can_say_bill(booking),
    )


def _holds(check: Check, booking: Booking, at: datetime) -> bool:
    try:
        check(booking, at=at)
    except Refused:
        return False
    return True


def _successor(booking: Booking) -> Booking | None:
    if booking.status not in (BookingStatus.SUBSTITUTED, BookingStatus.TRANSFERRED):
        return None
    return Booking.objects.filter(replaces=booking).select_related("person", "event").first()


def _late_charge(booking: Booking) -> LateCharge | None:
    late = Charge.objects.filter(booking=booking, kind=ChargeKind.LATE_CANCELLATION).first()
    if late is None:
        return None
    return LateCharge(late, late.credits.exclude(state=ChargeState.EXCUSED).first())


def _last_reason(booking: Booking) -> str:
    last = BookingChange.objects.filter(booking=booking).order_by("-at", "-pk").first()
    return last.reason if last else ""
