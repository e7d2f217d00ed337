"""Addresses that messages come back from: noticed, paused, and tried again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from core import audit
from core.text import one_line
from notifications.models import (
    BouncedAddress,
    Message,
    MessageQuerySet,
    MessageState,
    to_a_bounced_address,
    to_their_address,
)
from people.models import Partnership, Person

REASON_LENGTH = 300


@transaction.atomic
def mark_bounced(*, address: str, reason: str, at: datetime) -> BouncedAddress:
    """Messages to this address come back: what waits for it pauses. The first reason stays, until somebody tries again."""
    fields = {"bounced_at": at, "reason": one_line(reason)[:REASON_LENGTH]}
    bounced, is_new = BouncedAddress.objects.get_or_create(address=address.lower(), defaults=fields)
    if is_new:
        audit.record(action="messages come back from an address", about=bounced, by=None, at=at)
    return bounced


@transaction.atomic
def try_again(*, bounced: BouncedAddress, by: Person | None, at: datetime) -> int:
    """Somebody says that the address works: what waited for it leaves. Returns how many messages that are."""
    waiting = Message.objects.paused().filter(to_address=bounced.address)
    waiting_ids = list(waiting.values_list("pk", flat=True))
    audit.record(action="address tried again", about=bounced, by=by, at=at)
    bounced.delete()
    return Message.objects.filter(pk__in=waiting_ids, state=MessageState.WAITING).update(next_attempt_at=at)


def bounced_among(addresses: Iterable[str]) -> list[BouncedAddress]:
    """Those of the addresses that messages come back from. One query."""
    return list(BouncedAddress.objects.filter(address__in=[address.lower() for address in addresses]))


def count_bounced(partnership: Partnership) -> int:
    """How many addresses that the partnership wrote to do not work."""
    return _to_bounced(partnership).values("to_address").distinct().count()


def bounced_of(partnership: Partnership) -> list[tuple[BouncedAddress, Message]]:
    """The addresses that the partnership wrote to, with the last message sent there, the newest bounce first. Two queries."""
    bounced = {one.address: one for one in BouncedAddress.objects.all()}
    to_them = _to_bounced(partnership).select_related("person").defer("text", "calendar", "links", "values")
    last = {message.to_address: message for message in to_them.order_by(F("sent_at").asc(nulls_first=True), "created_at", "pk")}
    return [(one, last[address]) for address, one in bounced.items() if address in last]


def _to_bounced(partnership: Partnership) -> MessageQuerySet:
    """Not to an address that its person has no more, where they have another: there is nothing left to put right."""
    to_bounced = Message.objects.filter(to_a_bounced_address(), partnership=partnership)
    has_one = Exists(EmailAddress.objects.filter(user_id=OuterRef("person_id")))
    return to_bounced.filter(Q(person__isnull=True) | Q(to_their_address()) | ~has_one)
