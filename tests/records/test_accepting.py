"""Other learning, accepted as equal to a course."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from core.models import AuditEntry
from core.refusals import Refused
from people.models import Person
from records.models import Credit
from records.operations import accept_as_equal, withdraw_equal
from records.queries import credits_of, held_courses
from tests.factories.courses import CourseFactory
from tests.factories.people import PersonFactory, officer
from tests.factories.records import AcceptedFactory, CreditFactory

pytestmark = pytest.mark.django_db

WHY = "Did the same course at Bexmoor"


def refusal(code: str, field: str | None) -> pytest.RaisesExc:
    return pytest.RaisesExc(Refused, check=lambda refused: (refused.code, refused.field) == (code, field))


@pytest.fixture
def by() -> Person:
    return officer()


def test_accepted_learning_counts_like_the_course(by: Person, at: datetime) -> None:
    person, course = PersonFactory(), CourseFactory()
    assert held_courses([person.pk], [course.pk]) == set()

    accepted = accept_as_equal(person=person, course=course, note=f" {WHY}\n", by=by, at=at)

    assert held_courses([person.pk], [course.pk]) == {(person.pk, course.pk)}
    assert (accepted.title, accepted.note, accepted.given_by, accepted.given_at) == (course.title, WHY, by, at)
    assert (accepted.earned_on, accepted.hours, accepted.source_uuid) == (date(2027, 1, 11), None, None)


def test_accepted_learning_counts_from_the_day_it_was_done(by: Person, at: datetime) -> None:
    done = date(2026, 3, 2)
    assert (
        accept_as_equal(person=PersonFactory(), course=CourseFactory(), note=WHY, earned_on=done, by=by, at=at).earned_on == done
    )


def test_accepting_leaves_a_trace_without_what_was_written(by: Person, at: datetime) -> None:
    accepted = accept_as_equal(person=PersonFactory(), course=CourseFactory(), note=WHY, by=by, at=at)
    withdraw_equal(credit=accepted, reason="It was another course", by=by, at=at)
    ids = str(accepted.person_id), str(accepted.course_id)
    traces = AuditEntry.objects.filter(object_id=str(accepted.pk)).order_by("action")
    assert [(trace.action, trace.actor_id, trace.changes) for trace in traces] == [
        ("accepted learning withdrawn", by.pk, {"person": [ids[0], None], "course": [ids[1], None]}),
        ("other learning accepted", by.pk, {"person": [None, ids[0]], "course": [None, ids[1]]}),
    ]


@pytest.mark.parametrize("note", ["", " \n "])
def test_accepting_says_why(note: str, by: Person, at: datetime) -> None:
    with refusal("note_missing", "note"):
        accept_as_equal(person=PersonFactory(), course=CourseFactory(), note=note, by=by, at=at)


def test_learning_still_to_come_is_not_accepted(by: Person, at: datetime) -> None:
    tomorrow = at.date() + timedelta(days=1)
    with refusal("not_yet", "earned_on"):
        accept_as_equal(person=PersonFactory(), course=CourseFactory(), note=WHY, earned_on=tomorrow, by=by, at=at)
    accept_as_equal(person=PersonFactory(), course=CourseFactory(), note=WHY, earned_on=at.date(), by=by, at=at)


@pytest.mark.both_databases
def test_a_course_is_accepted_once_until_that_is_withdrawn(by: Person, at: datetime) -> None:
    person, course = PersonFactory(), CourseFactory()
    first = accept_as_equal(person=person, course=course, note=WHY, by=by, at=at)
    with refusal("accepted_already", "course"):
        accept_as_equal(person=person, course=course, note=WHY, by=by, at=at)
    assert Credit.objects.count() == 1
    withdraw_equal(credit=first, reason="Another course", by=by, at=at)
    accept_as_equal(person=person, course=course, note=WHY, by=by, at=at)
    assert Credit.objects.standing().count() == 1


def test_withdrawn_learning_no_longer_counts_and_says_why(by: Person, at: datetime) -> None:
    accepted = AcceptedFactory()
    withdraw_equal(credit=accepted, reason=" It was\nanother course ", by=by, at=at)

    assert held_courses([accepted.person_id], [accepted.course_id]) == set()
    assert list(credits_of(accepted.person)) == []
    [kept] = credits_of(accepted.person, and_withdrawn=True)
    assert (kept.withdrawn_at, kept.withdrawn_by, kept.withdrawn_reason) == (at, by, "It was another course")


def test_withdrawing_says_why_and_happens_once(by: Person, at: datetime) -> None:
    accepted = AcceptedFactory()
    with refusal("reason_missing", "reason"):
        withdraw_equal(credit=accepted, reason=" ", by=by, at=at)
    withdraw_equal(credit=accepted, reason="Another course", by=by, at=at)
    with refusal("withdrawn", None):
        withdraw_equal(credit=accepted, reason="Another course", by=by, at=at)


def test_what_follows_from_a_register_is_not_withdrawn_by_hand(by: Person, at: datetime) -> None:
    with refusal("not_accepted", None):
        withdraw_equal(credit=CreditFactory(), reason="Was not there", by=by, at=at)


@pytest.mark.both_databases
def test_who_holds_which_course_is_one_query_for_many_people(django_assert_num_queries: object) -> None:
    neglect, other = CourseFactory(), CourseFactory()
    ana, ben, cem = PersonFactory(), PersonFactory(), PersonFactory()
    CreditFactory(person=ana, course=neglect)
    CreditFactory(person=ana, course=neglect)
    AcceptedFactory(person=ben, course=other)
    CreditFactory(person=ben, course=CourseFactory())
    CreditFactory(person=cem, course=None)
    CreditFactory(course=neglect)

    with django_assert_num_queries(1):  # type: ignore[operator]
        held = held_courses([ana.pk, ben.pk, cem.pk], [neglect.pk, other.pk])

    assert held == {(ana.pk, neglect.pk), (ben.pk, other.pk)}
    assert held_courses([], [neglect.pk]) == set()


def test_a_record_is_latest_first_in_one_query(django_assert_num_queries: object) -> None:
    person = PersonFactory()
    days = [date(2026, 11, 3), date(2027, 1, 5), date(2026, 12, 1)]
    for day in days:
        CreditFactory(person=person, earned_on=day)
    with django_assert_num_queries(1):  # type: ignore[operator]
        record = [(row.earned_on, row.course.title) for row in credits_of(person)]
    assert [day for day, _ in record] == sorted(days, reverse=True)
