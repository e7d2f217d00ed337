"""How the outbox stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from core.models import AuditEntry
from notifications.models import Message, MessageState, to_a_bounced_address
from people.models import Partnership

SENT_AGAIN = "message sent again"  # of the audit trail


@dataclass(frozen=True)
class Outbox:
    """``due``: should have left by now; ``deferred`` of them, a recipient's server put off. ``planned``: not due yet.

    ``paused``: to an address that messages come back from; ``held``: by an officer. These are in none of the others.
    """

    due: int
    deferred: int
    planned: int
    paused: int
    held: int
    failed: int
    oldest_due_at: datetime | None

    def age_of_oldest(self, at: datetime) -> timedelta | None:
        """How late the oldest message is that is not just put off by its own recipient's server."""
        return at - self.oldest_due_at if self.oldest_due_at else None


def outbox(*, at: datetime, partnership: Partnership | None = None) -> Outbox:
    """The whole site's outbox, or one partnership's. One query."""
    leaves = Q(state=MessageState.WAITING, held_at__isnull=True)
    waits = leaves & Q(is_paused=False)
    is_due = waits & Q(due_at__lte=at)
    unsent = Message.objects.filter(state__in=[MessageState.WAITING, MessageState.FAILED])
    messages = unsent.alias(is_paused=to_a_bounced_address())
    if partnership is not None:
        messages = messages.filter(partnership=partnership)
    return Outbox(
        **messages.aggregate(
            due=Count("pk", filter=is_due),
            deferred=Count("pk", filter=is_due & Q(put_off=True)),
            planned=Count("pk", filter=waits & Q(due_at__gt=at)),
            paused=Count("pk", filter=leaves & Q(is_paused=True)),
            held=Count("pk", filter=Q(state=MessageState.WAITING, held_at__isnull=False)),
            failed=Count("pk", filter=Q(state=MessageState.FAILED)),
            oldest_due_at=Min("due_at", filter=is_due & Q(put_off=False)),
        )
    )


def was_sent_again_elsewhere(message: Message) -> bool:
    """Whether it was sent again to another address than the one it had."""
    entries = AuditEntry.objects.filter(object_type=Message._meta.label_lower, object_id=str(message.pk))
    return entries.filter(action=SENT_AGAIN, changes__has_key="to_address").exists()


def kinds_of(partnership: Partnership) -> list[str]:
    """The kinds of message that the partnership has."""
    return list(Message.objects.filter(partnership=partnership).order_by("kind").values_list("kind", flat=True).distinct())
