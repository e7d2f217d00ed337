"""Puts the letters about charges into the outbox: to the person, and to whoever gets the invoice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bookings.messages import charges as letters
from bookings.messages.letters import CHARGE_APPROVED
from bookings.models import ByPost, Charge, ChargeKind
from core.clock import london_date
from notifications.models import Message, MessageState
from notifications.operations import draft_message, withdraw, write_messages
from people.models import addresses_at_hand

TO_WRITE_TO = ("person", "event", "partnership", "organisation", "policy_version", "booking__billing", "reverses")


def tell_of_approved(charges: Sequence[Charge], *, at: datetime) -> None:
    """Write about these charges and credits, which were approved just now. A fixed number of queries.

    That a charge is taken back is news only for whoever read of it: a letter about it that has not left is withdrawn.
    """
    _lock_taken_back(charges)
    found = Charge.objects.filter(pk__in=[charge.pk for charge in charges]).select_related(*TO_WRITE_TO)
    approved = list(found.prefetch_related(addresses_at_hand("person__")).order_by("pk"))
    taken_back = [charge.reverses for charge in approved if charge.reverses is not None]
    for charge in taken_back:
        withdraw(about=_about(charge), at=at)
    sent = Message.objects.filter(about__in=[_about(charge) for charge in taken_back], state=MessageState.SENT)
    heard = set(sent.values_list("dedupe_key", flat=True))
    drafts = []
    for charge in approved:
        drafts += _drafts(charge, heard, at=at)
    write_messages(drafts)
    to_post = [charge.pk for charge in approved if _needs_the_post(charge, heard, at=at)]
    Charge.objects.filter(pk__in=[charge.pk for charge in taken_back], by_post=ByPost.WAITS).update(by_post="")
    Charge.objects.filter(pk__in=to_post).update(by_post=ByPost.WAITS)


def _lock_taken_back(credits: Sequence[Charge]) -> None:
    """The charges that these take back: an officer may be sending the letter about one of them at this moment."""
    reversed_ids = [charge.reverses_id for charge in credits if charge.reverses_id is not None]
    if reversed_ids:
        list(Charge.objects.select_for_update(of=("self",)).filter(pk__in=reversed_ids).order_by("pk"))


def write_to_person(charge: Charge, *, at: datetime) -> bool:
    """Put the letter that waited to be printed into the outbox. False where the person still has no address."""
    charge = Charge.objects.select_related(*TO_WRITE_TO).get(pk=charge.pk)
    draft = _draft(charge, charge.person.main_address(), to_bill=False, at=at)
    write_messages([draft])
    return draft is not None


def _needs_the_post(charge: Charge, heard: set[str], *, at: datetime) -> bool:
    """Whether the person has no address for their letter. A charge that nobody wrote about is taken back without a word."""
    if charge.person.main_address() or _is_silent(charge, at=at):
        return False
    return charge.reverses is None or _was_told(charge.reverses, heard, to_bill=False)


def _was_told(charge: Charge, heard: set[str], *, to_bill: bool) -> bool:
    """Whether they read of it, either way: the news that it is taken back goes the way that they have today.

    What went to the bill's address reached the person where that address is theirs by now.
    """
    if to_bill:
        return _key(charge, CHARGE_APPROVED, to_bill=True) in heard
    read_as_bill = _is_theirs(charge, _invoice_email(charge)) and _key(charge, CHARGE_APPROVED, to_bill=True) in heard
    return charge.by_post == ByPost.DONE or read_as_bill or _key(charge, CHARGE_APPROVED, to_bill=False) in heard


def _is_silent(charge: Charge, *, at: datetime) -> bool:
    """Whether it tells of a time before we wrote to anybody."""
    begins, today = [charge.event.messages_from, charge.partnership.messages_from], london_date(at)
    return charge.partnership.messages_from is None or any(day is not None and today < day for day in begins)


def _drafts(charge: Charge, heard: set[str], *, at: datetime) -> list[Message | None]:
    messages_from = charge.event.messages_from
    if messages_from is not None and london_date(at) < messages_from:
        return []
    own, contact = charge.person.main_address(), _invoice_email(charge)
    to = {False: own}
    if contact and not _is_theirs(charge, contact):
        to[True] = contact
    return [
        _draft(charge, address, to_bill=to_bill, at=at)
        for to_bill, address in to.items()
        if charge.reverses is None or _was_told(charge.reverses, heard, to_bill=to_bill)
    ]


def _invoice_email(charge: Charge) -> str:
    bill = getattr(charge.booking, "billing", None) if charge.booking else None
    return bill.invoice_email if bill is not None else ""


def _is_theirs(charge: Charge, address: str) -> bool:
    return address.lower() in charge.person.addresses()


def _draft(charge: Charge, address: str, *, to_bill: bool, at: datetime) -> Message | None:
    write = letters.taken_back if charge.kind == ChargeKind.CREDIT else letters.approved
    letter = write(charge, to_bill=to_bill)
    return draft_message(
        partnership=charge.partnership,
        kind=letter.kind,
        about=_about(charge),
        dedupe_key=_key(charge, letter.kind, to_bill=to_bill),
        to_address=address,
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=None if to_bill else charge.person,
        happened_on=london_date(at),
        at=at,
    )


def _key(charge: Charge, kind: str, *, to_bill: bool) -> str:
    return f"{_about(charge)}:{kind}:{'bill' if to_bill else 'person'}"


def _about(charge: Charge) -> str:
    return f"charge:{charge.pk}"
