"""Loading the demonstration, as often as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from demo.demand import add_demand
from demo.details import fill_in
from demo.people import add_everybody
from demo.programme import Programme
from imports.models import BatchState
from imports.operations import run_batch, start_batch
from people.models import Partnership

RIVERSIDE = Path(__file__).with_name("riverside")


class ExportRefused(Exception):
    """The demonstration's own export could not be read: the batch's error says why."""


def load(*, at: datetime) -> Iterator[str]:
    """Import Riverside when the database is empty, then add what is missing of people and of the programme ahead.

    Yields a line for each step. A database with a partnership of its own and no Riverside in it stays as it is.
    """
    riverside = Partnership.objects.filter(short_name="Riverside").first()
    if riverside is None and Partnership.objects.exists():
        yield "This database has a partnership of its own, so the demonstration is not loaded."
        return
    if riverside is None:
        riverside = _import(at)
        fill_in(riverside, at=at)
        yield "Riverside's four years are brought over."
    with transaction.atomic():
        add_everybody(at=at)
        made = Programme(riverside, at=at).add_missing()
        add_demand(riverside, at=at)
    if made:
        yield f"{made} events of the programme ahead were added."


def _import(at: datetime) -> Partnership:
    batch = start_batch(partnership=None, folder=RIVERSIDE, is_dry_run=False, by=None, at=at, state=BatchState.RUNNING)
    run_batch(batch=batch, at=at)
    if batch.state != BatchState.DONE or batch.partnership is None:
        raise ExportRefused(batch.error)
    return batch.partnership
