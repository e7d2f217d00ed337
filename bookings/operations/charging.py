"""Whether a partnership charges, by which policy, who pays as what, and where a booking's bill goes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from bookings.charging.checks import check_policy
from bookings.charging.policy import RATE_FIELDS, VERSION_FIELDS, Policy
from bookings.charging.words import in_sentences
from bookings.models import (
    BillingDetails,
    Booking,
    BookingTerms,
    Charge,
    ChargeState,
    ChargingSettings,
    OrganisationClass,
    PayerClass,
    PaysBy,
    PolicyVersion,
    Rate,
)
from core import audit
from core.clock import london_date
from core.refusals import Refused
from core.text import many_lines, one_line
from events.models import Event
from people.models import Organisation, Partnership, Person


@dataclass(frozen=True)
class Billing:
    """What record_billing_details takes, for operations that pass it on. See bookings.models.BillingDetails."""

    pays_by: str
    invoice_to: str = ""
    invoice_address: str = ""
    invoice_email: str = ""
    purchase_order: str = ""
    cost_code: str = ""
    vat_code: str = ""


@transaction.atomic
def switch_charges(
    *, partnership: Partnership, is_on: bool, by: Person | None, at: datetime, needs_second_person: bool = False
) -> ChargingSettings:
    """Begin or stop to charge. Bookings made while it was off never cost; drafts made before stay until they are dealt with.

    Raises Refused "no_policy" where there is no version of a policy yet.
    """
    settings = _lock_settings(partnership)
    if is_on and not PolicyVersion.objects.filter(partnership=partnership).exists():
        raise Refused("Save a policy first: it says what costs how much.", code="no_policy", field="is_on")
    changes = {
        name: [getattr(settings, name), value]
        for name, value in (("is_on", is_on), ("needs_second_person", needs_second_person))
        if getattr(settings, name) != value
    }
    settings.is_on, settings.needs_second_person = is_on, needs_second_person
    settings.save()
    if changes:
        audit.record(action="charges switched", about=settings, by=by, at=at, changes=changes)
    return settings


@transaction.atomic
def publish_policy(
    *, partnership: Partnership, policy: Policy, by: Person | None, at: datetime, in_force_from: datetime | None = None
) -> PolicyVersion:
    """Make the next version of the partnership's policy; without ``in_force_from`` it counts for whoever books from now on.

    Bookings keep the version they accepted. An empty text is written from the policy's own rules. Raises Refused for a policy
    that can't hold (bookings.charging.checks), for a start in the past, and "nothing_changed" for what is in force already.
    """
    policy = _tidied(policy)
    check_policy(policy)
    starts = in_force_from or at
    if london_date(starts) == london_date(at):
        starts = max(starts, at)  # today: from now on
    if starts < at:
        raise Refused("A policy can't begin in the past. Choose today or a later day.", code="in_the_past", field="in_force_from")
    _lock_settings(partnership)
    latest = PolicyVersion.objects.filter(partnership=partnership).order_by("-number").first()
    if latest is not None and Policy.of(latest) == policy and latest.in_force_from <= starts:
        raise Refused("Nothing is different from the version you have. Change something, or leave it.", code="nothing_changed")
    values = {name: getattr(policy, name) for name in VERSION_FIELDS}
    version = PolicyVersion.objects.create(
        partnership=partnership,
        number=latest.number + 1 if latest else 1,
        made_at=at,
        made_by=by,
        in_force_from=starts,
        **{**values, "waiver_reasons": list(policy.waiver_reasons)},
    )
    Rate.objects.bulk_create(
        Rate(version=version, **{name: getattr(rate, name) for name in RATE_FIELDS}) for rate in policy.rates
    )
    number = latest.number if latest else None
    audit.record(action="policy published", about=version, by=by, at=at, changes={"number": [number, version.number]})
    return version


def _tidied(policy: Policy) -> Policy:
    """With plain text, its text written where there is none, and its rates in the order they are read in."""
    values: dict[str, Any] = {name: getattr(policy, name) for name in VERSION_FIELDS}
    values["name"] = one_line(policy.name)[:120]
    values["rates"] = tuple(sorted(policy.rates, key=lambda rate: (rate.trigger, rate.payer_class, -(rate.notice or 0))))
    if not policy.text.strip():
        check_policy(Policy(**values))  # before it is put into words: those need a policy that holds
    text = many_lines(policy.text).strip() or "\n".join(in_sentences(Policy(**values)))
    return Policy(**{**values, "text": text})


@transaction.atomic
def set_payer_class(
    *, partnership: Partnership, organisation: Organisation, payer_class: str, by: Person | None, at: datetime
) -> None:
    """Say what the organisation pays as from the next booking on. Empty: what is worked out for it (partner agency or other)."""
    if payer_class and payer_class not in PayerClass.values:
        raise Refused("Choose one of the payer classes.", code="choice_unknown", field="payer_class")
    row = OrganisationClass.objects.select_for_update().filter(partnership=partnership, organisation=organisation).first()
    before = row.payer_class if row else ""
    if before == payer_class:
        return
    if not payer_class:
        OrganisationClass.objects.filter(partnership=partnership, organisation=organisation).delete()
    else:
        OrganisationClass.objects.update_or_create(
            partnership=partnership, organisation=organisation, defaults={"payer_class": payer_class}
        )
    audit.record(action="payer class set", about=organisation, by=by, at=at, changes={"payer_class": [before, str(payer_class)]})


@transaction.atomic
def record_billing_details(
    *,
    booking: Booking,
    pays_by: str,
    by: Person | None,
    at: datetime,
    invoice_to: str = "",
    invoice_address: str = "",
    invoice_email: str = "",
    purchase_order: str = "",
    cost_code: str = "",
    vat_code: str = "",
) -> BillingDetails:
    """Say where the bill of this booking goes; asked again it replaces the answer.

    Raises Refused without a cost code for an internal recharge, or without somebody and an address or e-mail to invoice.
    """
    lines = {
        "invoice_to": one_line(invoice_to)[:160],
        "invoice_email": invoice_email.strip().lower(),
        "purchase_order": one_line(purchase_order)[:60],
        "cost_code": one_line(cost_code)[:60],
        "vat_code": one_line(vat_code)[:20],
    }
    address = many_lines(invoice_address).strip()
    if pays_by not in PaysBy.values:
        raise Refused("Choose how it is paid.", code="choice_unknown", field="pays_by")
    if pays_by == PaysBy.INTERNAL_RECHARGE and not lines["cost_code"]:
        raise Refused("Enter the cost code that is recharged.", code="cost_code_missing", field="cost_code")
    if pays_by == PaysBy.INVOICE and not lines["invoice_to"]:
        raise Refused("Enter who is invoiced.", code="invoice_to_missing", field="invoice_to")
    if pays_by == PaysBy.INVOICE and not (address or lines["invoice_email"]):
        raise Refused("Enter an address or an e-mail address for the invoice.", code="address_missing", field="invoice_email")
    present = BillingDetails.objects.filter(booking=booking).first()
    details, _ = BillingDetails.objects.update_or_create(
        booking=booking, defaults={"pays_by": pays_by, "invoice_address": address, **lines}
    )
    before = present.pays_by if present else ""
    audit.record(action="billing details given", about=booking, by=by, at=at, changes={"pays_by": [before, str(pays_by)]})
    return details


@transaction.atomic
def change_bill(*, booking: Booking, billing: Billing, by: Person | None, at: datetime) -> BillingDetails:
    """An officer or the person says where the bill of this booking goes, while the finance team has none of its charges.

    Raises Refused: listed, and what record_billing_details raises.
    """
    states = Charge.objects.select_for_update().filter(booking=booking).order_by("pk").values_list("state", flat=True)
    if ChargeState.LISTED in list(states):
        raise Refused(
            "The finance team has a charge of this booking on a list already, with the bill as it was. Tell them what has "
            "changed, or take that charge back.",
            code="listed",
        )
    return record_billing_details(booking=booking, by=by, at=at, **asdict(billing))


def copy_billing_details(*, like: Booking, booking: Booking) -> None:
    """A booking in place of another from the same organisation goes on the same bill, unless it has one of its own.

    People write the name of one organisation in several ways; who belongs to none pays for themselves.
    """
    details = BillingDetails.objects.filter(booking=like).first()
    before, now = (one.organisation_id or one.organisation_text for one in (like, booking))
    same_payer = before == now and (bool(now) or like.person_id == booking.person_id)
    if details is None or not same_payer or BillingDetails.objects.filter(booking=booking).exists():
        return
    BillingDetails.objects.create(booking=booking, **{one.name: getattr(details, one.name) for one in fields(Billing)})


@transaction.atomic
def set_course_cost(*, event: Event, fee: Decimal | None, by: Person | None, at: datetime) -> None:
    """Say what one place at the event costs: what shares of the course cost are of. Charges that exist stay as they are."""
    terms = BookingTerms.objects.select_for_update().filter(event=event).first()
    if terms is None:
        raise Refused("This event takes no bookings here.", code="not_bookable")
    if fee is not None and not 0 <= fee <= 10_000:
        raise Refused("Enter an amount from £0 to £10,000, or leave it empty.", code="amount_out_of_range", field="fee")
    if terms.fee != fee:
        changes = {"fee": [str(value) if value is not None else "" for value in (terms.fee, fee)]}
        terms.fee = fee
        terms.save(update_fields=["fee"])
        audit.record(action="course cost set", about=event, by=by, at=at, changes=changes)


def _lock_settings(partnership: Partnership) -> ChargingSettings:
    """The partnership's settings, ours alone until the transaction ends: versions are numbered under this lock."""
    ChargingSettings.objects.get_or_create(partnership=partnership)
    return ChargingSettings.objects.select_for_update().get(partnership=partnership)
