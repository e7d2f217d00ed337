"""Attendance follows events that change after their registers were closed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bookings.operations import cancel_bookable_event
from core.models import AuditEntry
from events.models import Event, EventKind
from events.operations import SessionTimes, change_event, reschedule_event
from people.models import Person
from registers.due import follow_changed_events
from registers.models import Attendance
from registers.operations import recompute_attendance
from registers.queries import attendance_differences, events_with_stale_attendance
from tests.factories.courses import CourseFactory
from tests.factories.registers import event_with_people, marked, session_of, take_register

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def taken(sessions: int = 1, values: tuple[str, ...] = ("present", "absent")) -> tuple[Event, list[Person]]:
    """An event whose first register is closed, with a person for each value."""
    event, people = event_with_people(len(values), sessions=sessions)
    take_register(session_of(event), dict(zip(people, values, strict=True)))
    return event, people


def after(event: Event) -> datetime:
    return session_of(event).ends_at + timedelta(hours=1)


def times(event: Event) -> list[SessionTimes]:
    return [SessionTimes(one.starts_at, one.ends_at, one.title) for one in event.sessions.order_by("number")]


def outcomes(event: Event) -> list[str]:
    return sorted(Attendance.objects.filter(event=event).values_list("outcome", flat=True))


def test_a_corrected_kind_and_course_reach_the_attendance() -> None:
    event, _ = taken()
    course = CourseFactory(code="NEW")
    change_event(event=event, kind=EventKind.BRIEFING, course=course, by=None, at=after(event))
    assert len(attendance_differences(event)) == 2

    assert follow_changed_events(after(event)) == 1

    assert set(Attendance.objects.values_list("event_kind", "course")) == {("briefing", course.pk)}
    assert follow_changed_events(after(event)) == 0


def test_a_course_that_is_taken_away_is_taken_away_from_the_attendance() -> None:
    event, _ = taken()
    change_event(event=event, course=None, by=None, at=after(event))
    follow_changed_events(after(event))
    assert set(Attendance.objects.values_list("course", flat=True)) == {None}
    assert events_with_stale_attendance() == set()


def test_a_session_that_is_added_takes_the_attendance_away_until_its_register_is_closed() -> None:
    event, people = taken()
    later = SessionTimes(after(event) + timedelta(days=1), after(event) + timedelta(days=1, hours=2))
    reschedule_event(event=event, sessions=[*times(event), later], by=None, at=after(event))

    assert follow_changed_events(after(event)) == 1
    assert outcomes(event) == []

    take_register(session_of(event, 2), {people[0]: "present", people[1]: "absent"})
    assert outcomes(event) == ["attended", "did_not_attend"]


def test_taking_out_the_last_session_without_a_register_brings_the_attendance() -> None:
    event, _ = taken(sessions=2)
    assert outcomes(event) == []
    reschedule_event(event=event, sessions=times(event)[:1], by=None, at=after(event))

    assert follow_changed_events(after(event)) == 1
    assert outcomes(event) == ["attended", "did_not_attend"]


def test_nobody_missed_an_event_that_was_called_off_while_it_ran() -> None:
    event, people = event_with_people(2)
    session = session_of(event)
    noon = session.starts_at + timedelta(hours=2)
    for person, value in zip(people, ("present", "absent"), strict=True):
        marked(session, person, value, at=noon)
    take_register(session, {})
    cancel_bookable_event(event=event, reason="The building was cleared", by=None, at=noon)

    assert follow_changed_events(noon) == 1
    assert outcomes(event) == ["attended"]
    assert follow_changed_events(noon) == 0


def test_what_has_not_changed_is_left_alone(django_assert_num_queries) -> None:
    taken()
    taken(sessions=2)
    event_with_people(1)
    entries = AuditEntry.objects.count()
    with django_assert_num_queries(4):
        assert events_with_stale_attendance() == set()
    assert follow_changed_events(after(Event.objects.first())) == 0
    assert AuditEntry.objects.count() == entries


def test_recomputing_finds_nothing_after_the_worker_was_there() -> None:
    event, _ = taken()
    change_event(event=event, kind=EventKind.CONFERENCE, by=None, at=after(event))
    follow_changed_events(after(event))
    assert not recompute_attendance(event=event, at=after(event))
