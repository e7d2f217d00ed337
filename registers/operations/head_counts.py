"""People counted without names, beside a register or instead of one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import audit
from core.refusals import Refused
from core.text import one_line
from events.models import Event
from people.models import Organisation, Person
from registers.models import HeadCount
from registers.operations.attendance import lock_event
from registers.policies import check_may_count

MOST = 5000


@transaction.atomic
def add_head_count(
    *,
    event: Event,
    count: int,
    organisation: Organisation | None = None,
    note: str = "",
    by: Person | None,
    at: datetime,
) -> HeadCount:
    """Note so many people at the event. Its date and topic are the event's. Never counted as people reached."""
    event = lock_event(event)
    check_may_count(event=event, by=by, at=at)
    if not 1 <= count <= MOST:
        raise Refused(f"Enter a number from 1 to {MOST:,}.", code="count_out_of_range", field="count")
    row = HeadCount.objects.create(
        event=event, organisation=organisation, count=count, note=one_line(note)[:200], entered_at=at, entered_by=by
    )
    audit.record(action="head count added", about=row, by=by, at=at, changes={"count": [0, count]})
    return row


@transaction.atomic
def remove_head_count(*, head_count: HeadCount, by: Person | None, at: datetime) -> None:
    """Take a head count away; the audit trail keeps the number."""
    check_may_count(event=head_count.event, by=by, at=at)
    audit.record(action="head count removed", about=head_count, by=by, at=at, changes={"count": [head_count.count, 0]})
    head_count.delete()
