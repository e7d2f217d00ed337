"""Taking rows to work on, so that two workers never take the same one."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, models, transaction
from django.db.models import F, Q

from core.models import Leased

Row = TypeVar("Row", bound=Leased)


def worker_name() -> str:
    """This process, by machine and number: who holds a lease, on the worker's page."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


def free(due: models.QuerySet[Row], *, at: datetime) -> models.QuerySet[Row]:
    """Those that nobody holds, locked until the transaction ends.

    A row whose lease has run out counts as free: its worker died. On PostgreSQL rows that another worker is taking at this moment
    are passed over; on SQLite the transaction holds the write lock from its start.
    """
    unheld = due.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=at))
    if connection.features.has_select_for_update_skip_locked:
        unheld = unheld.select_for_update(skip_locked=True, of=("self",))
    return unheld


@transaction.atomic
def claim(due: models.QuerySet[Row], *, worker: str, at: datetime, seconds: int, limit: int) -> list[Row]:
    """Take up to ``limit`` free rows of ``due`` for ``seconds``, in the queryset's order, and count the attempt."""
    rows = list(free(due, at=at)[:limit])
    until = at + timedelta(seconds=seconds)
    if rows:
        taken = due.model._default_manager.filter(pk__in=[row.pk for row in rows])
        taken.update(lease_until=until, leased_by=worker, attempts=F("attempts") + 1)
    for row in rows:
        row.lease_until, row.leased_by = until, worker
        row.attempts += 1
    return rows
