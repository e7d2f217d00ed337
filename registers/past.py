"""Registers of an older system, written in bulk: the same constraints, no messages, one audit entry for each call.

The old system knew one mark for each booking, so a past event has one session and no rule of its own: present attended, absent
did not. registers.operations.recompute_attendance derives the very same rows from the marks; a test holds the two together.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from core import audit
from events.models import Event
from people.models import Person
from records.models import Earned, SourceKind
from records.past import record_past_credits
from registers.models import Attendance, Mark, MarkValue, Outcome, Register, RegisterState

OUTCOMES = {MarkValue.PRESENT.value: Outcome.ATTENDED, MarkValue.ABSENT.value: Outcome.DID_NOT_ATTEND}


@dataclass(frozen=True, slots=True)
class PastRegister:
    """The closed register of a past event's only session. What the old system does not say, it closed with the session."""

    event_id: uuid.UUID
    session_id: uuid.UUID
    course_id: uuid.UUID | None
    event_kind: str
    starts_on: date
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PastMark:
    """Present or absent. ``affiliation`` is the booking's, as it was that day."""

    event_id: uuid.UUID
    person_id: uuid.UUID
    booking_id: uuid.UUID
    value: str
    affiliation: dict[str, Any]


@transaction.atomic
def record_past_registers(
    *,
    registers: Sequence[PastRegister],
    new_registers: Sequence[PastRegister],
    marks: Sequence[PastMark],
    about: models.Model,
    by: Person | None,
    at: datetime,
) -> None:
    """Closed registers, their marks, the attendance that follows and the credits it earns.

    ``registers`` holds one for each event of a mark.
    """
    of_event = {row.event_id: row for row in registers}
    Register.objects.bulk_create(
        [
            Register(session_id=row.session_id, state=RegisterState.CLOSED, opened_at=row.ends_at, closed_at=row.ends_at)
            for row in new_registers
        ]
    )
    Mark.objects.bulk_create(
        [
            Mark(
                session_id=of_event[mark.event_id].session_id,
                person_id=mark.person_id,
                booking_id=mark.booking_id,
                value=mark.value,
                marked_at=of_event[mark.event_id].ends_at,
            )
            for mark in marks
        ]
    )
    Attendance.objects.bulk_create([_attendance(mark, of_event[mark.event_id]) for mark in marks])
    credits = _credits(marks, of_event)
    record_past_credits(source_kind=SourceKind.ATTENDANCE, credits=credits, about=about, by=by, at=at)
    if new_registers or marks:
        counts = {"registers": [0, len(new_registers)], "marks": [0, len(marks)]}
        audit.record(action="past registers recorded", about=about, by=by, at=at, changes=counts)


def _attendance(mark: PastMark, register: PastRegister) -> Attendance:
    return Attendance(
        event_id=mark.event_id,
        person_id=mark.person_id,
        course_id=register.course_id,
        event_kind=register.event_kind,
        date=register.starts_on,
        outcome=OUTCOMES[mark.value],
        **mark.affiliation,
    )


def _credits(marks: Sequence[PastMark], of_event: dict[uuid.UUID, PastRegister]) -> Iterator[tuple[uuid.UUID, Earned]]:
    """What everybody earned who attended, by event. One query."""
    events = Event.objects.filter(pk__in=of_event).select_related("course").in_bulk()
    for mark in marks:
        if OUTCOMES[mark.value] == Outcome.ATTENDED:
            event, register = events[mark.event_id], of_event[mark.event_id]
            hours = event.course.hours if event.course else None
            yield event.pk, Earned(mark.person_id, register.course_id, event.public_title, hours, register.starts_on)
