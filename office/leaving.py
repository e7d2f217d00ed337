"""What would leave at once: the worker's work is done in the transaction at hand, and taken back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from bookings.due import send_digests, send_planned_letters
from bookings.messages import KINDS
from feedback.due import ask_for_evaluations
from notifications.models import Message
from people.models import Partnership
from registers.due import remind_trainers_of_registers, send_letters_of_absence

WORK = (send_planned_letters, send_letters_of_absence, remind_trainers_of_registers, ask_for_evaluations, send_digests)


@dataclass(frozen=True)
class Leaving:
    """So many messages of one kind."""

    kind: str
    count: int

    @property
    def label(self) -> str:
        return KINDS[self.kind]


def due_now(partnership: Partnership, *, at: datetime) -> Counter[str]:
    """How many of the partnership's messages, by kind, the worker would write next as things stand in this transaction.

    None of it stays.
    """
    with transaction.atomic():
        before = _written(partnership)
        for work in WORK:
            while work(at):  # it writes so many at a time
                pass
        new = _written(partnership) - before
        transaction.set_rollback(True)
    return new


def leaving(before: Counter[str], after: Counter[str]) -> list[Leaving]:
    """What is due after a change and was not before it."""
    return [Leaving(kind, count) for kind, count in sorted((after - before).items())]


def _written(partnership: Partnership) -> Counter[str]:
    rows = Message.objects.filter(partnership=partnership).order_by()
    return Counter(dict(rows.values_list("kind").annotate(Count("pk"))))
