"""Somebody came without a booking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from bookings.models import Booking, BookingStatus
from core import audit
from core.refusals import Refused
from events.models import EventTrainer, Session
from people.models import Person
from people.queries import affiliation_of
from registers.models import Mark, MarkValue, Register, RegisterState, WalkIn
from registers.operations.attendance import lock_event
from registers.operations.marks import Choice, open_register, write_marks
from registers.queries import Expected


@transaction.atomic
def add_walk_in(*, session: Session, person: Person, by: Person | None, at: datetime) -> WalkIn:
    """Put somebody without a place on the event's registers, and mark them present in this session.

    The walk-in keeps the organisation, sector, borough and job role of today, whatever the person changes later. Somebody on the
    waiting list walks in like anybody else: the booking stays as it is and ends as "not placed", since it never held a place.
    Adding somebody twice changes nothing but a missing mark. Raises Refused for people on the register already, and for trainers.
    """
    session.event = event = lock_event(session.event)
    open_register(session=session, by=by, at=at)
    if Booking.objects.filter(event=event, person=person, status=BookingStatus.CONFIRMED).exists():
        raise Refused(f"{person.name} is booked, so is on the register already.", code="has_a_place")
    if EventTrainer.objects.filter(event=event, person=person).exists():
        raise Refused(f"{person.name} is a trainer of this event: trainers don't count as people reached.", code="is_a_trainer")
    walk_in, is_new = WalkIn.objects.get_or_create(
        event=event, person=person, defaults={"added_at": at, "added_by": by, **affiliation_of(person)}
    )
    if is_new:
        audit.record(action="walk-in added", about=walk_in, by=by, at=at, changes={"person": [None, str(person.pk)]})
    if not Mark.objects.filter(session=session, person=person).exists():
        write_marks(session, {person.pk: Expected(person, walk_in)}, [Choice(person.pk, MarkValue.PRESENT, 0)], by=by, at=at)
    return walk_in


@transaction.atomic
def remove_walk_in(*, walk_in: WalkIn, session: Session, by: Person | None, at: datetime) -> None:
    """Take somebody off who was written down by mistake, with their marks; the audit trail keeps what those were.

    Raises Refused where a closed register holds a mark of theirs.
    """
    open_register(session=session, by=by, at=at)
    marks = Mark.objects.filter(walk_in=walk_in)
    closed = Register.objects.filter(session__in=marks.values("session"), state=RegisterState.CLOSED)
    if closed.exists():
        raise Refused(
            "A closed register of this event has a mark for them. Reopen it first, or mark them absent.",
            code="register_closed",
        )
    values = list(marks.order_by("session__number").values_list("value", flat=True))
    changes: dict[str, list[Any]] = {"person": [str(walk_in.person_id), None], "marks": [values, []]}
    audit.record(action="walk-in removed", about=walk_in, by=by, at=at, changes=changes)
    marks.delete()
    walk_in.delete()
