"""The rows that the council's finance team gets: the same in the CSV file and the workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from bookings.models import BillingDetails, Charge, ChargeList
from core.clock import london_date

COLUMNS = (
    "List",
    "Reference",
    "What",
    "Amount in pounds",
    "How it comes about",
    "Organisation",
    "Pays as",
    "Person",
    "Event",
    "Event starts on",
    "Invoice on",
    "Pay within days",
    "Paid by",
    "Invoice to",
    "Invoice address",
    "Invoice e-mail",
    "Purchase order",
    "Cost code",
    "VAT code",
    "Takes back",
    "Approved on",
    "Approved by",
)


def reference(charge: Charge) -> str:
    """What a charge is called on an invoice: short, the same each time, and not to be guessed from another."""
    return f"T{charge.pk.hex[:10].upper()}"


def charges_in(charge_list: ChargeList) -> QuerySet[Charge]:
    """The charges of a list, ready for ``finance_rows``."""
    found = Charge.objects.filter(charge_list=charge_list)
    joined = found.select_related(
        "person", "event", "organisation", "policy_version", "booking__billing", "reverses", "approved_by", "charge_list"
    )
    return joined.order_by("organisation_text", "event__starts_on", "raised_at", "pk")


def finance_rows(charges: Iterable[Charge]) -> list[Sequence[object]]:
    """One row a charge. Dates and amounts are values, not text."""
    return [_row(charge) for charge in charges]


def _row(charge: Charge) -> Sequence[object]:
    billing = getattr(charge.booking, "billing", None) if charge.booking else None
    version = charge.policy_version
    return [
        charge.charge_list.number if charge.charge_list else None,
        reference(charge),
        charge.get_kind_display(),
        charge.amount,
        charge.workings,
        charge.organisation.name if charge.organisation else charge.organisation_text,
        charge.get_payer_class_display(),
        charge.person.name,
        charge.event.public_title,
        charge.event.starts_on,
        charge.invoice_on,
        version.pay_within_days if version else None,
        *_billed(billing),
        reference(charge.reverses) if charge.reverses else "",
        london_date(charge.approved_at) if charge.approved_at else None,
        charge.approved_by.name if charge.approved_by else "",
    ]


def _billed(billing: BillingDetails | None) -> Sequence[object]:
    if billing is None:
        return [""] * 7
    return [
        billing.get_pays_by_display(),
        billing.invoice_to,
        billing.invoice_address,
        billing.invoice_email,
        billing.purchase_order,
        billing.cost_code,
        billing.vat_code,
    ]
