"""What the database itself refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from bookings.models import Booking
from registers.models import Attendance, AttendanceRule, HeadCount, Mark, MarkChange, Register, RegisterChange, WalkIn
from registers.operations import add_walk_in
from tests.factories.people import PersonFactory
from tests.factories.registers import event_with_people, marked, session_of, take_register

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def refused_by_the_database(write: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


def test_one_mark_for_a_session_and_a_person_of_a_booking_or_a_walk_in(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    session, booking = session_of(event), Booking.objects.get()
    walk_in = add_walk_in(session=session, person=PersonFactory(), by=None, at=morning)
    fields = {"session": session, "person": person, "marked_at": morning}

    assert refused_by_the_database(lambda: Mark.objects.create(**fields, value="present"))
    assert refused_by_the_database(lambda: Mark.objects.create(**fields, value="present", booking=booking, walk_in=walk_in))
    assert refused_by_the_database(lambda: Mark.objects.create(**fields, value="asleep", booking=booking))
    assert not refused_by_the_database(lambda: Mark.objects.create(**fields, value="present", booking=booking))
    assert refused_by_the_database(lambda: Mark.objects.create(**fields, value="late", booking=booking))


def test_histories_say_what_they_must(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    mark = marked(session_of(event), person, "present", at=morning)
    register = Register.objects.get()
    step = {"register": register, "at": morning, "from_state": "closed", "to_state": "open"}

    assert refused_by_the_database(lambda: MarkChange.objects.create(mark=mark, at=morning, to_value="asleep"))
    assert refused_by_the_database(lambda: RegisterChange.objects.create(**step))
    assert not refused_by_the_database(lambda: RegisterChange.objects.create(**step, reason="Wrong mark"))
    assert refused_by_the_database(lambda: Register.objects.update(state="closed"))
    assert refused_by_the_database(lambda: Register.objects.update(closed_at=morning))
    assert refused_by_the_database(lambda: Register.objects.update(state="lost"))


def test_a_person_walks_in_once_and_attends_once(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    add_walk_in(session=session_of(event), person=PersonFactory(), by=None, at=morning)
    walk_in = WalkIn.objects.get()
    take_register(session_of(event), {person: "present"})
    row = Attendance.objects.get(person=person)

    def again(thing: Any) -> None:
        thing.pk = None
        thing._state.adding = True
        thing.save()

    assert refused_by_the_database(lambda: again(walk_in))
    assert refused_by_the_database(lambda: again(row))
    assert refused_by_the_database(lambda: Attendance.objects.update(outcome="excused"))


def test_counts_and_rules_ask_for_somebody(morning: datetime) -> None:
    event, _ = event_with_people(0)
    assert refused_by_the_database(lambda: HeadCount.objects.create(event=event, count=0, entered_at=morning))
    assert refused_by_the_database(lambda: AttendanceRule.objects.create(event=event, minimum_sessions=0))
