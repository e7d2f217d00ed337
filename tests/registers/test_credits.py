"""Who attended holds a credit; nobody else does."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from events.models import Event, EventKind
from events.operations import change_event
from people.models import Person
from records.models import Credit
from records.queries import held_courses
from registers.due import follow_changed_events
from registers.models import Attendance
from registers.operations import mark, recompute_attendance, reopen_register, set_attendance_rule
from registers.queries import credit_differences
from tests.factories.courses import CourseFactory
from tests.factories.people import PersonFactory, officer
from tests.factories.records import AcceptedFactory, CreditFactory
from tests.factories.registers import event_with_people, session_of, take_register

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def after(event: Event) -> datetime:
    return session_of(event).ends_at + timedelta(hours=1)


def holders() -> set[Person]:
    return {credit.person for credit in Credit.objects.select_related("person")}


def test_closing_the_register_credits_the_course_to_those_who_attended_it_all() -> None:
    event, [came, late, left, absent] = event_with_people(4)
    take_register(session_of(event), {came: "present", late: "late", left: "left_early", absent: "absent"})

    assert holders() == {came, late}
    credit = Credit.objects.get(person=came)
    assert (credit.course, credit.title, credit.hours) == (event.course, event.title, 6)
    assert (credit.earned_on, credit.source_kind, credit.source_uuid) == (date(2027, 1, 26), "attendance", event.pk)
    assert held_courses([came.pk, left.pk], [event.course_id]) == {(came.pk, event.course_id)}


def test_credits_stand_while_the_register_is_open_again_and_go_when_it_is_closed_without_them() -> None:
    event, [person] = event_with_people(1)
    session = session_of(event)
    accepted = AcceptedFactory(person=person, course=event.course)
    take_register(session, {person: "present"})
    assert Credit.objects.count() == 2

    earned = set(Credit.objects.all())
    reopen_register(session=session, reason="Wrong person", by=None, at=after(event))
    assert set(Credit.objects.all()) == earned
    assert credit_differences(event) == []

    mark(session=session, person=person, value="absent", version=1, by=None, at=after(event))
    take_register(session, {})
    assert list(Credit.objects.all()) == [accepted]


def test_attending_one_day_of_two_earns_a_credit_only_where_the_rule_says_so() -> None:
    event, [person] = event_with_people(1, sessions=2)
    take_register(session_of(event, 1), {person: "present"})
    take_register(session_of(event, 2), {person: "absent"})
    assert holders() == set()

    set_attendance_rule(event=event, minimum_sessions=1, left_early_counts=False, by=officer(), at=session_of(event, 2).ends_at)

    assert holders() == {person}


def test_credits_follow_an_event_whose_course_is_put_right() -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: "present"})
    right = CourseFactory(hours=3)
    change_event(event=event, course=right, by=None, at=after(event))
    assert len(credit_differences(Event.objects.get(pk=event.pk))) == 1

    follow_changed_events(after(event))

    assert list(Credit.objects.values_list("person", "course", "hours")) == [(person.pk, right.pk, 3)]
    assert credit_differences(Event.objects.get(pk=event.pk)) == []


def test_an_event_without_a_course_is_credited_without_one() -> None:
    event, [person] = event_with_people(1, kind=EventKind.FORUM, course=None, title="DSL forum")
    take_register(session_of(event), {person: "present"})
    assert list(Credit.objects.values_list("course", "title", "hours")) == [(None, "DSL forum", None)]


def test_a_closed_event_lends_its_neutral_title() -> None:
    event, [person] = event_with_people(1, is_closed=True, title="Review of Baby K", neutral_title="Learning review 7")
    take_register(session_of(event), {person: "present"})
    assert Credit.objects.get().title == "Learning review 7"


def test_recomputing_gives_back_a_credit_that_was_lost() -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: "present"})
    Credit.objects.all().delete()
    recompute_attendance(event=event, at=after(event))
    assert holders() == {person}


def test_the_check_names_credits_that_attendance_does_not_bear_out() -> None:
    event, [lost, moved, kept] = event_with_people(3)
    take_register(session_of(event), {lost: "present", moved: "present", kept: "present"})
    stranger = PersonFactory()
    Credit.objects.filter(person=lost).update(person=stranger)
    Credit.objects.filter(person=moved).update(earned_on=date(2027, 1, 27))
    Credit.objects.filter(person=kept).update(hours=1, title="As it was called then")
    no_register, _ = event_with_people(0)
    CreditFactory(person=stranger, source_uuid=no_register.pk)
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("check_attendance", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[-1] == "2 events checked, 4 differences"
    assert sorted(lines[:-1]) == sorted(
        [
            f"event {event.pk} person {lost.pk}: attended, but holds no credit",
            f"event {event.pk} person {stranger.pk}: holds a credit, but did not attend",
            f"event {event.pk} person {moved.pk}: the credit's course or day differs",
            f"event {no_register.pk} person {stranger.pk}: holds a credit, but did not attend",
        ]
    )


def test_attendance_from_before_there_were_credits_is_credited_as_if_it_closed_today() -> None:
    migration = import_module("registers.migrations.0002_credits_from_attendance")
    for fields in ({}, {"course": None, "title": "DSL forum"}, {"is_closed": True, "neutral_title": "Learning review 7"}):
        event, [came, absent] = event_with_people(2, **fields)
        take_register(session_of(event), {came: "present", absent: "absent"})
    AcceptedFactory()
    columns = ("person", "course", "title", "hours", "earned_on", "source_kind", "source_uuid", "note", "given_by")
    live = set(Credit.objects.values_list(*columns))
    assert (len(live), Attendance.objects.count()) == (4, 6)

    migration.take_credits_away(apps, None)
    assert Credit.objects.count() == 1
    migration.post_credits(apps, None)

    assert set(Credit.objects.values_list(*columns)) == live
