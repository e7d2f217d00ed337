"""The keys that keep a message from being written twice: given back when it is to be written anew, taken again once it left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from notifications.models import Message, MessageState


def withdraw_and_free_key(messages: QuerySet[Message]) -> int:
    """Withdraw these, and leave their keys to whoever writes them anew; how many."""
    return messages.update(state=MessageState.WITHDRAWN, dedupe_key=_given_back())


def free_keys_of_sent(keys: Collection[str]) -> int:
    """What has left under these keys keeps its words but not its key, because what it told of has gone: it may be told anew."""
    return Message.objects.filter(dedupe_key__in=list(keys), state=MessageState.SENT).update(dedupe_key=_given_back())


def _given_back() -> Concat:
    return Concat("dedupe_key", Value(":"), Cast("pk", CharField()))


def key_before(message: Message) -> str:
    """The key that a message had before it was given back, if it was."""
    key, _, end = message.dedupe_key.rpartition(":")
    return key if end.replace("-", "") == message.pk.hex else message.dedupe_key


def take_key_again(message: Message, *, at: datetime) -> None:
    """A message left although it was withdrawn while the mail server took it: whatever was written in its stead stays here.

    ``message`` has the key it was claimed with. What another worker holds by now, or has sent, keeps that key: it may have left.
    """
    for _ in range(2):  # the letter in its stead may be written at this very moment
        try:
            with transaction.atomic():
                _take(message, at=at)
        except IntegrityError:
            continue
        return


def _take(message: Message, *, at: datetime) -> None:
    is_free = Q(lease_until__isnull=True) | Q(lease_until__lte=at)
    instead = Message.objects.filter(dedupe_key=message.dedupe_key).exclude(pk=message.pk)
    withdraw_and_free_key(instead.filter(is_free).exclude(state=MessageState.SENT))
    if not instead.exists():
        Message.objects.filter(pk=message.pk).exclude(state=MessageState.SENT).update(dedupe_key=message.dedupe_key)
