"""Puts the letters about charges into the outbox: to the person, and to whoever gets the invoice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bookings.messages import charges as letters
from bookings.models import Charge, ChargeKind
from core.clock import london_date
from notifications.models import Message, MessageState
from notifications.operations import draft_message, withdraw, write_messages
from people.models import addresses_at_hand

TO_WRITE_TO = ("person", "event", "partnership", "organisation", "policy_version", "booking__billing", "reverses")


def tell_of_approved(charges: Sequence[Charge], *, at: datetime) -> None:
    """Write about these charges and credits, which were approved just now. A fixed number of queries.

    Nobody hears that a charge is taken back whose letter had not left yet: that was withdrawn.
    """
    found = Charge.objects.filter(pk__in=[charge.pk for charge in charges]).select_related(*TO_WRITE_TO)
    approved = list(found.prefetch_related(addresses_at_hand("person__")).order_by("pk"))
    taken_back = [_about(charge.reverses) for charge in approved if charge.reverses is not None]
    unheard = set(Message.objects.filter(about__in=taken_back, state=MessageState.WITHDRAWN).values_list("about", flat=True))
    drafts = []
    for charge in approved:
        if charge.reverses is None or _about(charge.reverses) not in unheard:
            drafts += _drafts(charge, at=at)
    write_messages(drafts)


def forget_charge(charge: Charge, *, at: datetime) -> None:
    """Withdraw a letter about the charge that has not left: it is being taken back."""
    withdraw(about=_about(charge), at=at)


def _drafts(charge: Charge, *, at: datetime) -> list[Message | None]:
    messages_from = charge.event.messages_from
    if messages_from is not None and london_date(at) < messages_from:
        return []
    own = charge.person.main_address()
    bill = getattr(charge.booking, "billing", None) if charge.booking else None
    contact = bill.invoice_email if bill is not None else ""
    drafts = [_draft(charge, own, to_bill=False, at=at)]
    if contact and contact.lower() not in charge.person.addresses():
        drafts.append(_draft(charge, contact, to_bill=True, at=at))
    return drafts


def _draft(charge: Charge, address: str, *, to_bill: bool, at: datetime) -> Message | None:
    write = letters.taken_back if charge.kind == ChargeKind.CREDIT else letters.approved
    letter = write(charge, to_bill=to_bill)
    return draft_message(
        partnership=charge.partnership,
        kind=letter.kind,
        about=_about(charge),
        dedupe_key=f"{_about(charge)}:{letter.kind}:{'bill' if to_bill else 'person'}",
        to_address=address,
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        person=None if to_bill else charge.person,
        happened_on=london_date(at),
        at=at,
    )


def _about(charge: Charge) -> str:
    return f"charge:{charge.pk}"
