"""Imports that somebody asked for on a page: the worker checks them and brings them over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from core.leases import claim, worker_name
from imports.models import Batch, BatchState
from imports.operations import forget_files, give_up, run_batch

LEASE_SECONDS = 300  # an export of ten times Riverside's takes about one minute
MOST_ATTEMPTS = 3
FILES_KEPT = timedelta(days=7)
WITHOUT_A_WORKER = timedelta(hours=1)


def run_waiting_batches(at: datetime) -> int:
    """Run every batch that waits and every one whose worker died, oldest first; how many were run.

    A batch that has taken three workers with it is given up, and so is a command that nobody ended. Files go once they are
    brought over, and after a week in any case.
    """
    waiting = Q(state=BatchState.WAITING) | Q(state=BatchState.RUNNING, lease_until__isnull=False)
    due = Batch.objects.filter(waiting).order_by("started_at")
    run = 0
    while claimed := claim(due, worker=worker_name(), at=at, seconds=LEASE_SECONDS, limit=1):
        if claimed[0].attempts > MOST_ATTEMPTS:
            give_up(batch=claimed[0], at=at)
        else:
            run_batch(batch=claimed[0], at=at)
            run += 1
    _tidy(at)
    return run


def _tidy(at: datetime) -> None:
    commands = Batch.objects.filter(state=BatchState.RUNNING, lease_until__isnull=True)
    for batch in commands.filter(started_at__lt=at - WITHOUT_A_WORKER):
        give_up(batch=batch, at=at)
    over = Q(state=BatchState.DONE) | Q(started_at__lt=at - FILES_KEPT)
    for batch in Batch.objects.filter(over, folder__startswith="imports/"):
        forget_files(batch=batch, at=at)
