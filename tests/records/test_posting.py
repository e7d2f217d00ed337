"""Credits follow what they were earned from."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from courses.models import Course
from people.models import Person
from records.models import Credit, Earned, SourceKind
from records.operations import Posted, post_credits
from records.past import record_past_credits
from tests.factories.courses import CourseFactory
from tests.factories.events import EventFactory
from tests.factories.people import PersonFactory
from tests.factories.records import AcceptedFactory

pytestmark = pytest.mark.django_db


def earned(person: Person, course: Course | None, **fields: Any) -> Earned:
    given = {"title": "Recognising neglect", "hours": Decimal(6), "earned_on": date(2027, 1, 26), **fields}
    return Earned(person_id=person.pk, course_id=course.pk if course else None, **given)


@pytest.fixture
def post(at: datetime) -> Callable[..., Posted]:
    """Posts what an event earned."""
    event = EventFactory()

    def posted(*rows: Earned) -> Posted:
        return post_credits(source_kind=SourceKind.ATTENDANCE, source=event, earned=rows, by=None, at=at)

    return posted


@pytest.mark.both_databases
def test_the_credits_of_a_source_become_what_is_posted(post: Callable[..., Posted]) -> None:
    course, stays, goes, comes = CourseFactory(), PersonFactory(), PersonFactory(), PersonFactory()
    assert post(earned(stays, course), earned(goes, course)) == Posted(added=2)
    kept = Credit.objects.get(person=stays)

    assert post(earned(stays, course, hours=None), earned(comes, course)) == Posted(added=1, changed=1, removed=1)

    assert set(Credit.objects.values_list("person", "hours")) == {(stays.pk, None), (comes.pk, 6)}
    assert Credit.objects.get(person=stays).pk == kept.pk


def test_posting_the_same_again_changes_nothing_and_leaves_no_trace(post: Callable[..., Posted]) -> None:
    rows = [earned(PersonFactory(), CourseFactory()), earned(PersonFactory(), None, title="A forum\n")]
    post(*rows)
    before, traces = list(Credit.objects.values()), AuditEntry.objects.count()

    assert post(*rows) == Posted()
    assert (list(Credit.objects.values()), AuditEntry.objects.count()) == (before, traces)


def test_posting_leaves_one_trace_without_a_name(post: Callable[..., Posted]) -> None:
    post(*[earned(PersonFactory(), None) for _ in range(3)])
    [trace] = AuditEntry.objects.filter(action="credits posted")
    assert trace.changes == {"credits": [0, 3], "changed": [0, 0]}


def test_one_source_leaves_the_credits_of_others_alone(post: Callable[..., Posted], at: datetime) -> None:
    person, course = PersonFactory(), CourseFactory()
    post(earned(person, course))
    accepted = AcceptedFactory(person=person, course=course)
    other = EventFactory()
    post_credits(source_kind=SourceKind.ATTENDANCE, source=other, earned=[earned(person, course)], by=None, at=at)

    assert post() == Posted(removed=1)
    assert set(Credit.objects.values_list("source_uuid", flat=True)) == {accepted.source_uuid, other.pk}


def test_posting_for_many_takes_as_many_queries_as_for_one(post: Callable[..., Posted]) -> None:
    course = CourseFactory()
    counts = []
    for number in (1, 30):
        people = [PersonFactory() for _ in range(number)]
        with CaptureQueriesContext(connection) as asked:
            post(*[earned(person, course) for person in people])
        counts.append(len(asked))
        post()
    assert counts[0] == counts[1]


def test_an_acceptance_is_never_posted(at: datetime) -> None:
    with pytest.raises(ValueError):
        post_credits(source_kind=SourceKind.ACCEPTED_AS_EQUAL, source=EventFactory(), earned=[], by=None, at=at)


@pytest.mark.both_databases
def test_past_credits_are_what_posting_them_would_have_written(post: Callable[..., Posted], at: datetime) -> None:
    rows = [earned(PersonFactory(), CourseFactory()), earned(PersonFactory(), None)]
    event = EventFactory()
    past = [(event.pk, row) for row in rows]
    record_past_credits(source_kind=SourceKind.ATTENDANCE, credits=past, about=event, by=None, at=at)
    written = list(Credit.objects.values())

    assert post_credits(source_kind=SourceKind.ATTENDANCE, source=event, earned=rows, by=None, at=at) == Posted()
    assert list(Credit.objects.values()) == written
    assert AuditEntry.objects.get(action="past credits recorded").changes == {"credits": [0, 2]}


def test_no_past_credits_leave_no_trace(at: datetime) -> None:
    record_past_credits(source_kind=SourceKind.ATTENDANCE, credits=[], about=EventFactory(), by=None, at=at)
    assert AuditEntry.objects.filter(action="past credits recorded").count() == 0


def test_a_long_title_is_kept_on_one_line_of_160(post: Callable[..., Posted]) -> None:
    row = replace(earned(PersonFactory(), None), title="Two\nlines " + "x" * 200)
    post(row)
    title = Credit.objects.get().title
    assert (title[:10], len(title)) == ("Two lines ", 160)
    assert post(row) == Posted()
    assert isinstance(Credit.objects.get().source_uuid, uuid.UUID)
