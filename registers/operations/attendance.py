"""Attendance follows from the marks, here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core import audit
from core.refusals import Refused
from events.models import Event
from people.models import Person
from records.models import SourceKind
from records.operations import post_credits
from registers.models import Attendance, AttendanceRule
from registers.operations.taking_back import take_back_certificates, take_back_letters
from registers.policies import check_may_count
from registers.queries import DERIVED_FIELDS, are_all_closed, changed_fields, derived_attendances, earned_at


@dataclass(frozen=True, slots=True)
class Recomputed:
    """How many rows were written, changed and taken away."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def lock_event(event: Event) -> Event:
    """The event, read afresh and locked until the transaction ends, so that its last two registers can't close past each other.

    Bookings of it go on: the lock leaves its key alone. Taken before a register's lock, never after.
    """
    locked = Event.objects.select_for_update(no_key=True, of=("self",)).select_related("lead_host")
    return locked.in_bulk([event.pk])[event.pk]


@transaction.atomic
def recompute_attendance(*, event: Event, at: datetime) -> Recomputed:
    """Make the event's attendance rows what its marks come to: none unless the register of every session is closed.

    The learning record follows: a credit for each who attended (room records), and the certificates of who did not are withdrawn.
    Both stand while a register is open again: nobody has to refresh what they learned yesterday because one mark is corrected.
    Rows that stay keep their id. Called when a register closes or reopens, when the rule changes, by whoever corrects what a
    booking or a walk-in remembers of its day, and by the worker for events that changed afterwards (registers.due).
    """
    return write_attendance(lock_event(event), at=at)


def write_attendance(event: Event, *, at: datetime) -> Recomputed:
    """The same for an event that is locked already."""
    derived = derived_attendances(event)
    stored = {row.person_id: row for row in Attendance.objects.filter(event=event)}
    gone = [row.pk for person_id, row in stored.items() if person_id not in derived]
    added = [row for person_id, row in derived.items() if person_id not in stored]
    changed = []
    for person_id, row in stored.items():
        if person_id in derived and changed_fields(row, derived[person_id]):
            for field in DERIVED_FIELDS:
                setattr(row, field, getattr(derived[person_id], field))
            changed.append(row)
    Attendance.objects.filter(pk__in=gone).delete()
    Attendance.objects.bulk_create(added)
    Attendance.objects.bulk_update(changed, [field.removesuffix("_id") for field in DERIVED_FIELDS])
    result = Recomputed(added=len(added), changed=len(changed), removed=len(gone))
    if result:
        counts = {"rows": [len(stored), len(derived)], "changed": [0, len(changed)]}
        audit.record(action="attendance recomputed", about=event, by=None, at=at, changes=counts)
        take_back_letters(event, at=at)
    earned = earned_at(event, derived.values())
    if earned or are_all_closed(event):
        post_credits(source_kind=SourceKind.ATTENDANCE, source=event, earned=earned, by=None, at=at)
        take_back_certificates(event, earned, at=at)
    return result


@transaction.atomic
def set_attendance_rule(
    *, event: Event, minimum_sessions: int | None, left_early_counts: bool, by: Person | None, at: datetime
) -> AttendanceRule:
    """Say when somebody counts as having attended. ``minimum_sessions`` None: all of them. Attendance follows at once."""
    event = lock_event(event)
    sessions = event.sessions.count()
    check_may_count(event=event, by=by, at=at)
    if minimum_sessions is not None and not 1 <= minimum_sessions <= sessions:
        raise Refused(
            f"Enter a number from 1 to {sessions}, or leave it empty for all sessions.",
            code="minimum_out_of_range",
            field="minimum_sessions",
        )
    rule = AttendanceRule.objects.filter(event=event).first() or AttendanceRule(event=event)
    before = [rule.minimum_sessions, rule.left_early_counts]
    if rule._state.adding or before != [minimum_sessions, left_early_counts]:
        rule.minimum_sessions, rule.left_early_counts = minimum_sessions, left_early_counts
        rule.save()
        changes = {"minimum_sessions": [before[0], minimum_sessions], "left_early_counts": [before[1], left_early_counts]}
        audit.record(action="attendance rule set", about=event, by=by, at=at, changes=changes)
        write_attendance(event, at=at)
    return rule
