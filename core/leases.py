"""Taking rows to work on, so that two workers never take the same one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, models, transaction
from django.db.models import Q

from core.models import Leased

Row = TypeVar("Row", bound=Leased)


@transaction.atomic
def claim(due: models.QuerySet[Row], *, worker: str, at: datetime, seconds: int, limit: int) -> list[Row]:
    """Take up to ``limit`` rows of ``due`` for ``seconds``, in the queryset's order, and count the attempt.

    A row whose lease has run out counts as free: its worker died. On PostgreSQL rows that another worker is taking at this moment
    are passed over; on SQLite the transaction holds the write lock from its start.
    """
    free = due.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=at))
    if connection.features.has_select_for_update_skip_locked:
        free = free.select_for_update(skip_locked=True, of=("self",))
    rows = list(free[:limit])
    for row in rows:
        row.lease_until = at + timedelta(seconds=seconds)
        row.leased_by = worker
        row.attempts += 1
        row.save(update_fields=["lease_until", "leased_by", "attempts"])
    return rows
