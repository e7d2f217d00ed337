"""Until when something learned is to be refreshed, and which credit of a person and course decides it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.models import MOST_REFRESH_MONTHS
from records.models import Credit
from records.operations import accept_as_equal, withdraw_equal
from records.refreshing import last_earned, refresh_by
from tests.factories.courses import CourseFactory
from tests.factories.people import PersonFactory
from tests.factories.records import AcceptedFactory, CreditFactory

DAY = timedelta(days=1)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
MONTHS = st.integers(1, MOST_REFRESH_MONTHS)


@pytest.mark.parametrize(
    ("earned_on", "months", "by"),
    [
        (date(2026, 1, 15), 36, date(2029, 1, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 2, 28), 12, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 120, date(2036, 12, 31)),
        (date(2027, 3, 31), -1, date(2027, 2, 28)),
    ],
)
def test_months_are_those_of_the_calendar_and_end_with_the_month(earned_on: date, months: int, by: date) -> None:
    assert refresh_by(earned_on, months) == by


@given(DAYS, MONTHS)
def test_who_learns_later_never_has_to_refresh_sooner(earned_on: date, months: int) -> None:
    assert refresh_by(earned_on, months) <= refresh_by(earned_on + DAY, months)


@given(DAYS, MONTHS)
def test_the_last_day_that_is_due_by_then_is_found_exactly(until: date, months: int) -> None:
    last = last_earned(until, lambda day: refresh_by(day, months))
    assert refresh_by(last, months) <= until < refresh_by(last + DAY, months)


@pytest.mark.django_db
@pytest.mark.both_databases
class TestWhichDecides:
    def test_the_last_that_was_learned_of_a_course_decides(self) -> None:
        person, course = PersonFactory(), CourseFactory()
        CreditFactory(person=person, course=course, earned_on=date(2025, 3, 1))
        last = AcceptedFactory(person=person, course=course, earned_on=date(2026, 3, 1))
        others = {CreditFactory(person=person), CreditFactory(course=course), CreditFactory(person=person, course=None)}
        decides = {credit for credit in others if credit.course is not None}
        assert set(Credit.objects.newest_of_each()) == {last, *decides}

    def test_of_two_on_one_day_exactly_one_decides_the_last_given(self) -> None:
        person, course = PersonFactory(), CourseFactory()
        first, second = datetime(2026, 12, 1, 17, tzinfo=UTC), datetime(2026, 12, 1, 18, tzinfo=UTC)
        last = CreditFactory(person=person, course=course, given_at=second)
        CreditFactory(person=person, course=course, given_at=first)
        assert list(Credit.objects.newest_of_each()) == [last]
        CreditFactory(person=person, course=course, given_at=second)
        assert Credit.objects.newest_of_each().count() == 1

    def test_what_no_longer_counts_gives_way_to_what_was_learned_before(self, at: datetime) -> None:
        before = CreditFactory(earned_on=date(2026, 3, 1))
        accepted = accept_as_equal(person=before.person, course=before.course, note="Elsewhere", by=None, at=at)
        assert list(Credit.objects.newest_of_each()) == [accepted]
        withdraw_equal(credit=accepted, reason="Another course", by=None, at=at)
        assert list(Credit.objects.newest_of_each()) == [before]
