"""What the worker does for the outbox at each tick."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from notifications.delivery import GIVE_UP_AFTER, Delivery
from notifications.models import Message, MessageState, to_a_bounced_address, to_their_address
from notifications.operations import readdressed
from people.models import addresses_at_hand

SECONDS_AT_A_TIME = timedelta(seconds=20)
AT_ONE_TICK = 500
COMES_BACK = "Messages to this address come back."


def send_waiting_messages(at: datetime) -> int:
    """Send what is due, batch after batch, until nothing is left or the other due work should have its turn.

    Returns how many messages were tried. Raises RuntimeError inside a transaction.
    """
    delivery = Delivery(at)
    tried = 0
    while delivery.now() < at + SECONDS_AT_A_TIME:
        batch = delivery.send_batch()
        if not batch:
            break
        tried += batch
    return tried


def write_to_new_addresses(at: datetime) -> int:
    """What waits for an address that bounced and is its person's no more goes to the one they have now. Returns how many."""
    waiting = Message.objects.waiting().filter(to_a_bounced_address(), ~to_their_address(), person__isnull=False)
    moved = 0
    for message in waiting.select_related("person").prefetch_related(addresses_at_hand("person__"))[:AT_ONE_TICK]:
        address = message.person.main_address() if message.person else ""
        if address:
            unclaimed = Q(lease_until__isnull=True) | Q(lease_until__lte=at)  # what a worker holds, it sends as it read it
            there = Message.objects.waiting().filter(unclaimed, pk=message.pk, to_address=message.to_address)
            moved += there.update(**readdressed(message, address), next_attempt_at=max(at, message.due_at))
    return moved


def give_up_on_bounced(at: datetime) -> int:
    """What has waited for five days for an address to work again is failed, where officers see it. Returns how many."""
    too_old = Message.objects.paused().filter(due_at__lte=at - GIVE_UP_AFTER)
    return Message.objects.filter(pk__in=list(too_old.values_list("pk", flat=True)[:AT_ONE_TICK])).update(
        state=MessageState.FAILED, lease_until=None, leased_by="", last_error=COMES_BACK
    )
