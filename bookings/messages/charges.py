"""Letters about a charge that an officer has approved, and about one that is taken back. Pure: builds letters, sends none."""

from __future__ import annotations

from django.urls import reverse

from bookings.charging.finance import reference
from bookings.messages.letters import CHARGE_APPROVED, CHARGE_TAKEN_BACK, Letter, title
from bookings.models import Charge, PaysBy
from core import wording
from notifications.rendering import typed


def approved(charge: Charge, *, to_bill: bool = False) -> Letter:
    """What is charged, why, and how to ask for it to be excused; ``to_bill`` for whoever gets the invoice."""
    amount, team = wording.pounds(charge.amount), typed(charge.partnership.team_email)
    version, days = charge.policy_version, charge.policy_version.pay_within_days if charge.policy_version else None
    bill = getattr(charge.booking, "billing", None) if charge.booking else None
    payer = typed(bill.invoice_to) if bill is not None and bill.invoice_to else _organisation(charge)
    within = f" It is paid within {wording.count(days, 'day')} of the invoice." if days else ""
    next_step = (
        f"the finance team sends the invoice{f' to {payer}' if payer else ''}, with the reference {reference(charge)}.{within} "
        "Pay nothing before it comes."
    )
    if bill is not None and bill.pays_by == PaysBy.INTERNAL_RECHARGE:
        next_step = f"the finance team recharges it to the cost code you gave, with the reference {reference(charge)}."
    return _letter(
        charge,
        CHARGE_APPROVED,
        f"A charge of {amount}: {title(charge.event)}",
        f"There is a charge of {amount} for {_whose(charge, to_bill)}.",
        f"What for: {charge.get_kind_display().lower()}. {typed(charge.workings)}",
        *([f"By which rules: {version}, accepted with the booking."] if version and charge.booking_id else []),
        f"What happens next: {next_step}",
        f"Should it be excused, because of illness for example, or is something wrong? Write to {team} and give the reference. "
        "Leave out details of any case.",
        to_bill=to_bill,
    )


def taken_back(credit: Charge, *, to_bill: bool = False) -> Letter:
    """``credit`` takes back a charge that was written about."""
    charge = credit.reverses
    assert charge is not None  # noqa: S101 - the constraint says so; tells the type checker
    amount = wording.pounds(charge.amount)
    return _letter(
        credit,
        CHARGE_TAKEN_BACK,
        f"Taken back: the charge of {amount} for {title(credit.event)}",
        f"The charge of {amount} for {_whose(credit, to_bill)} is taken back. Its reference was {reference(charge)}.",
        f"What happens next: nothing has to be paid. Where an invoice was sent, the finance team credits it with the reference "
        f"{reference(credit)}.",
        f"Questions? Write to {typed(credit.partnership.team_email)}.",
        to_bill=to_bill,
    )


def _whose(charge: Charge, to_bill: bool) -> str:
    event = f"{title(charge.event)} on {wording.day(charge.event.starts_on)}"
    if not to_bill:
        return f"your place at {event}" if charge.booking_id else event
    organisation = _organisation(charge)
    return f"{typed(charge.person.name)}{f' of {organisation}' if organisation else ''}, {event}"


def _organisation(charge: Charge) -> str:
    return typed(charge.organisation.name if charge.organisation else charge.organisation_text)


def _letter(charge: Charge, kind: str, subject: str, *paragraphs: str, to_bill: bool) -> Letter:
    forename = "" if to_bill else typed(charge.person.forename)
    lines, links = list(paragraphs), {}
    if charge.booking_id and not to_bill:
        lines.append("Your booking is here:\n{link:booking}")
        links["booking"] = reverse("booking", args=[charge.booking_id])
    text = "\n\n".join([f"Hello {forename}," if forename else "Hello,", *lines, typed(charge.partnership.name)])
    return Letter(kind, subject, text, links, 0)
