"""Letters about a charge that an officer has approved, and about one that is taken back. Pure: builds letters, sends none."""

from __future__ import annotations

from django.urls import reverse

from bookings.charging.finance import reference
from bookings.messages.letters import CHARGE_APPROVED, CHARGE_TAKEN_BACK, Letter, fill_in, of, title
from bookings.messages.texts import charges as texts
from bookings.models import Charge, ChargeKind, PaysBy
from core import wording
from notifications.rendering import typed
from notifications.texts import Standard


def approved(charge: Charge, *, to_bill: bool = False) -> Letter:
    """What is charged, why, and how to ask for it to be excused; ``to_bill`` for whoever gets the invoice."""
    version = charge.policy_version
    values = {
        **_about(charge, of_charge=charge, to_bill=to_bill),
        "reason": charge.get_kind_display().lower(),
        "workings": typed(charge.workings),
        "rules": f"By which rules: {version}, accepted with the booking." if version and charge.booking_id else "",
        "next_step": _next_step(charge),
    }
    return _letter(charge, texts.CHARGE_TO_PAYER if to_bill else texts.CHARGE_APPROVED, values, to_bill=to_bill)


def _next_step(charge: Charge) -> str:
    days = charge.policy_version.pay_within_days if charge.policy_version else None
    bill = getattr(charge.booking, "billing", None) if charge.booking else None
    if bill is not None and bill.pays_by == PaysBy.INTERNAL_RECHARGE:
        return f"the finance team recharges it to the cost code you gave, with the reference {reference(charge)}."
    payer = typed(bill.invoice_to) if bill is not None and bill.invoice_to else _organisation(charge)
    within = f" It is paid within {wording.count(days, 'day')} of the invoice." if days else ""
    return (
        f"the finance team sends the invoice{f' to {payer}' if payer else ''}, with the reference {reference(charge)}.{within} "
        "Pay nothing before it comes."
    )


def taken_back(credit: Charge, *, to_bill: bool = False) -> Letter:
    """``credit`` takes back a charge that was written about."""
    charge = credit.reverses
    assert charge is not None  # noqa: S101 - the constraint says so; tells the type checker
    values = {**_about(credit, of_charge=charge, to_bill=to_bill), "credit_reference": reference(credit)}
    return _letter(credit, texts.CREDIT_TO_PAYER if to_bill else texts.CHARGE_TAKEN_BACK, values, to_bill=to_bill)


def _about(charge: Charge, *, of_charge: Charge, to_bill: bool) -> dict[str, str]:
    return {
        "event": title(charge.event),
        "day": wording.day(charge.event.starts_on),
        "what": _whose(charge, to_bill),
        "amount": wording.pounds(of_charge.amount),
        "reference": reference(of_charge),
        **of(charge.partnership),
    }


def _whose(charge: Charge, to_bill: bool) -> str:
    event = f"{title(charge.event)} on {wording.day(charge.event.starts_on)}"
    if not to_bill:
        return f"your place at {event}" if charge.booking_id else event
    organisation = _organisation(charge)
    return f"{typed(charge.person.name)}{f' of {organisation}' if organisation else ''}, {event}"


def _organisation(charge: Charge) -> str:
    return typed(charge.organisation.name if charge.organisation else charge.organisation_text)


def _letter(charge: Charge, standard: Standard, values: dict[str, str], *, to_bill: bool) -> Letter:
    kind = CHARGE_TAKEN_BACK if charge.kind == ChargeKind.CREDIT else CHARGE_APPROVED
    if to_bill:
        return fill_in(standard, values, kind=kind)
    links = {"booking": reverse("booking", args=[charge.booking_id])} if charge.booking_id else {}
    return fill_in(standard, {"forename": typed(charge.person.forename), **values}, links=links)
