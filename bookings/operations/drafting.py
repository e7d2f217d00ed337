"""Charges come into being here, as drafts. Each is made once for a booking and kind, whoever asks and however often."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from bookings.charging import amounts, reading
from bookings.charging.amounts import Cost, Occasion
from bookings.charging.policy import Policy
from bookings.models import (
    Booking,
    BookingStatus,
    CancelledBy,
    Charge,
    ChargeKind,
    ChargeState,
    ExcuseReason,
    InvoiceTiming,
    PolicyVersion,
)
from bookings.operations import charges
from core import wording
from core.clock import london_date
from core.refusals import Refused
from core.text import one_line
from events.models import Event
from events.queries import ends_at
from people.models import Affiliation, Person


@transaction.atomic
def draft_late_cancellation(*, booking: Booking, by: Person | None, at: datetime) -> Charge | None:
    """What the policy asks of a booking that was cancelled when it says; None where that costs nothing.

    Called in the transaction that cancels, for a booking that held a place, and by the worker where the amount could not be known
    then. An organiser's cancellation never costs, whatever the policy says, and neither does leaving the waiting list.
    """
    booking = _lock(booking)
    never_placed = booking.queue_number is not None
    if booking.cancelled_by == CancelledBy.ORGANISER or never_placed or not _may_cost(booking):
        return None
    _lock_charges(booking)
    charge = _draft(booking, ChargeKind.LATE_CANCELLATION, _late_cost(booking, at), by=by, at=at)
    take_back_of(booking, ChargeKind.FEE, reason="Cancelled.", at=at)
    return charge


@transaction.atomic
def draft_fee(*, booking: Booking, at: datetime, by: Person | None = None) -> Charge | None:
    """What attending costs, for a confirmed booking; None where that is free."""
    booking = _lock(booking)
    if booking.status != BookingStatus.CONFIRMED or not _may_cost(booking):
        return None
    return _draft(booking, ChargeKind.FEE, amounts.attending(*_policy_occasion_class(booking)), by=by, at=at)


@transaction.atomic
def draft_absence(*, booking: Booking, at: datetime, by: Person | None = None, because: str = "Did not attend") -> Charge | None:
    """What not coming costs, for a confirmed booking; None where that is free, or where the fee for coming is as high.

    Nobody pays twice: the charge takes the place of the fee, if there is one. One that was excused because the register said
    otherwise for a while is a draft again.
    """
    booking = _lock(booking)
    if booking.status != BookingStatus.CONFIRMED or not _may_cost(booking):
        return None
    policy, occasion, payer_class = _policy_occasion_class(booking)
    cost = amounts.not_coming(policy, occasion, payer_class, because=because)
    if cost.amount <= amounts.attending(policy, occasion, payer_class).amount:
        return None
    _lock_charges(booking)
    charge = _draft(booking, ChargeKind.ABSENCE, cost, by=by, at=at)
    if charge is not None and charge.excused_reason == ExcuseReason.CORRECTION and charge.excused_by_id is None:
        charges.step(charge, ChargeState.DRAFT, by=by, at=at, reason="The register was corrected again.")
    if charge is not None and charge.state != ChargeState.EXCUSED:
        take_back_of(booking, ChargeKind.FEE, reason="Charged for not coming instead.", at=at)
    return charge


@transaction.atomic
def work_out_again(*, charge: Charge, payer_class: str, reason: str, by: Person | None, at: datetime) -> Charge:
    """Compute a draft anew by the policy its booking accepted: as another payer class, or after the event has changed.

    The booking pays as that class from then on. A draft that comes to nothing is excused as raised in error. Raises Refused for
    a charge that is no draft, is ``by``'s own or does not follow from a policy, and without a reason.
    """
    booking = _lock(charge.booking) if charge.booking else None  # before the charge, in the order of whoever drafts
    charge = Charge.objects.select_for_update(of=("self",)).get(pk=charge.pk)
    charges.check_may_rework(charge, payer_class=payer_class, reason=reason, by=by)
    assert booking is not None  # noqa: S101 - checked above; tells the type checker
    booking.payer_class = charge.payer_class = payer_class
    booking.save(update_fields=["payer_class"])
    cost, before = _cost_of(charge, booking), charge.amount
    if not cost:
        charges.excuse(charge, reason=ExcuseReason.CORRECTION, note=one_line(reason)[:300], by=by, at=at)
        return charge
    charge.amount, charge.workings = cost.amount, cost.words
    charge.save(update_fields=["payer_class", "amount", "workings"])
    said = f"Worked out again, {wording.pounds(before)} to {wording.pounds(cost.amount)}: {reason}"
    charges.remember(charge, ChargeState.DRAFT, by=by, at=at, reason=said)
    return charge


def _cost_of(charge: Charge, booking: Booking) -> Cost:
    if charge.kind == ChargeKind.LATE_CANCELLATION:
        return _late_cost(booking, charge.raised_at)
    policy, occasion, payer_class = _policy_occasion_class(booking)
    if charge.kind == ChargeKind.FEE:
        return amounts.attending(policy, occasion, payer_class)
    return amounts.not_coming(policy, occasion, payer_class, because=charge.workings.split(":")[0])


def _late_cost(booking: Booking, at: datetime) -> Cost:
    return amounts.cancelling(*_policy_occasion_class(booking), booking.ended_at or at).cost


@transaction.atomic
def draft_unbooked_arrival(*, event: Event, person: Person, affiliation: Affiliation, at: datetime) -> list[Charge]:
    """What coming without a booking costs, and attending where that is not free, by the policy in force when the event ends."""
    version = reading.version_in_force(event.lead_host_id, ends_at(event))
    if version is None:
        return []
    state, organisation_id = affiliation.organisation_state, affiliation.organisation_id
    payer_class = reading.payer_class_of(event.lead_host_id, organisation_id, state)
    policy, occasion = Policy.of(version), Occasion.of(event, reading.fee_of(event.pk))
    Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    made = []
    for kind, cost in (
        (ChargeKind.UNBOOKED_ARRIVAL, amounts.arriving_unbooked(policy, occasion, payer_class)),
        (ChargeKind.FEE, amounts.attending(policy, occasion, payer_class)),
    ):
        if not cost or Charge.objects.filter(event=event, person=person, kind=kind, booking=None).exists():
            continue
        where = {"organisation_id": organisation_id, "organisation_text": affiliation.organisation_text}
        made.append(
            _raise(event, person, version, kind, cost, payer_class=payer_class, by=None, at=at, on=london_date(at), **where)
        )
    return made


@transaction.atomic
def add_extra_charge(*, booking: Booking, amount: Decimal, what: str, by: Person | None, at: datetime) -> Charge:
    """A cost that somebody's booking caused, like an interpreter who came for nobody. A draft like any other.

    Raises Refused where nothing is charged, for an amount that is none, and without saying what for.
    """
    booking = _lock(booking)
    what = one_line(what)[:200]
    if not reading.is_on(booking.event.lead_host_id):
        raise Refused("Charges are switched off. Switch them on first.", code="charges_off")
    if not 0 < amount <= 100_000:
        raise Refused("Enter an amount from £0.01 to £100,000.", code="amount_out_of_range", field="amount")
    if not what:
        raise Refused("Say what it is for.", code="no_reason", field="what")
    cost = Cost(amount, f"{what}: {wording.pounds(amount)}")
    return _raise_for(booking, ChargeKind.EXTRA, cost, by=by, at=at)


@transaction.atomic
def undo_absence(*, booking: Booking, at: datetime) -> None:
    """The register says now that the person came: the charge for not coming goes, and a fee it had replaced is back."""
    booking = _lock(booking)
    _lock_charges(booking)
    take_back_of(booking, ChargeKind.ABSENCE, reason="The register was corrected.", at=at)
    for fee in Charge.objects.select_for_update().filter(booking=booking, kind=ChargeKind.FEE):
        if fee.state == ChargeState.EXCUSED and fee.excused_reason == ExcuseReason.CORRECTION and fee.excused_by_id is None:
            charges.step(fee, ChargeState.DRAFT, by=None, at=at, reason="The register was corrected.")
        for credit in fee.credits.select_for_update().filter(state=ChargeState.DRAFT, raised_by=None):
            charges.take_back(credit, reason="The register was corrected.", at=at)


def take_back_of(booking: Booking, kind: str, *, reason: str, at: datetime) -> None:
    """Undo the charge of this kind that a booking has, if it has one: a draft is excused, one that was approved is credited."""
    for charge in Charge.objects.select_for_update().filter(booking=booking, kind=kind):
        charges.take_back(charge, reason=reason, at=at)


def _lock(booking: Booking) -> Booking:
    """The booking as it is now, ours until the transaction ends, so that two workers don't draft the same charge."""
    Booking.objects.select_for_update(no_key=True).filter(pk=booking.pk).first()
    found = Booking.objects.select_related("event__lead_host", "policy_version", "person").prefetch_related(
        "event__sessions", "policy_version__rates"
    )
    [locked] = found.filter(pk=booking.pk)
    return locked


def _lock_charges(booking: Booking) -> None:
    """All that the booking has, in the order of officers who deal with many, so that neither waits for the other."""
    list(Charge.objects.select_for_update().filter(booking=booking).order_by("pk").values_list("pk"))


def _may_cost(booking: Booking) -> bool:
    return booking.policy_version is not None and reading.is_on(booking.event.lead_host_id)


def _policy_occasion_class(booking: Booking) -> tuple[Policy, Occasion, str]:
    assert booking.policy_version is not None  # noqa: S101 - asked by _may_cost; tells the type checker
    occasion = Occasion.of(booking.event, reading.fee_of(booking.event_id))
    if not booking.payer_class:
        booking.payer_class = reading.payer_class_of_booking(booking)
        booking.save(update_fields=["payer_class"])
    return Policy.of(booking.policy_version), occasion, booking.payer_class


def _draft(booking: Booking, kind: ChargeKind, cost: Cost, *, by: Person | None, at: datetime) -> Charge | None:
    """The charge of this kind that the booking has, or a new draft; None where there is nothing to pay."""
    present = Charge.objects.select_for_update().filter(booking=booking, kind=kind).first()
    if present is not None or not cost:
        return present
    return _raise_for(booking, kind, cost, by=by, at=at)


def _raise_for(booking: Booking, kind: ChargeKind, cost: Cost, *, by: Person | None, at: datetime) -> Charge:
    timing = booking.policy_version.invoice_timing if booking.policy_version else InvoiceTiming.MONTHLY
    return _raise(
        booking.event,
        booking.person,
        booking.policy_version,
        kind,
        cost,
        payer_class=reading.payer_class_of_booking(booking),
        by=by,
        at=at,
        on=max(_invoice_on(timing, booking), london_date(at)),
        booking=booking,
        organisation_id=booking.organisation_id,
        organisation_text=booking.organisation_text,
    )


def _invoice_on(timing: str, booking: Booking) -> date:
    last_day = london_date(ends_at(booking.event) - timedelta(seconds=1))
    if timing == InvoiceTiming.AT_BOOKING:
        return london_date(booking.booked_at)
    if timing == InvoiceTiming.AFTER_24_HOURS:
        return last_day + timedelta(days=1)
    if timing == InvoiceTiming.WITHIN_2_WEEKS:
        return last_day + timedelta(days=14)
    return (last_day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _raise(
    event: Event,
    person: Person,
    version: PolicyVersion | None,
    kind: ChargeKind,
    cost: Cost,
    *,
    payer_class: str,
    by: Person | None,
    at: datetime,
    on: date,
    **whose: Any,
) -> Charge:
    charge = Charge.objects.create(
        partnership_id=event.lead_host_id,
        event=event,
        person=person,
        policy_version=version,
        kind=kind,
        amount=cost.amount,
        workings=cost.words,
        payer_class=payer_class,
        raised_at=at,
        raised_by=by,
        invoice_on=on,
        **whose,
    )
    charges.remember(charge, "", by=by, at=at)
    return charge
