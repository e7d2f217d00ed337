"""Working days over weekends, bank holidays and changes of the clock."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.working_days import (
    bank_holidays,
    is_working_day,
    working_days_after,
    working_days_before,
    working_days_between,
    working_hours_after,
)
from tests.architecture.rooms import ROOT

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def test_four_working_days_before_a_tuesday_is_the_wednesday_of_the_week_before():
    tuesday = date(2027, 1, 26)
    assert working_days_before(tuesday, 4) == date(2027, 1, 20)
    assert working_days_between(date(2027, 1, 20), tuesday) == 4
    assert working_days_between(date(2027, 1, 21), tuesday) == 3


@pytest.mark.parametrize(
    ("day", "count", "before"),
    [
        ("2027-03-30", 1, "2027-03-25"),  # the Tuesday after Easter: Good Friday and Easter Monday are none
        ("2027-03-31", 2, "2027-03-25"),
        ("2027-04-01", 4, "2027-03-24"),
        ("2026-12-29", 1, "2026-12-24"),  # Boxing Day 2026 is a Saturday, so Monday the 28th is free too
        ("2027-12-29", 1, "2027-12-24"),  # Christmas 2027 is a weekend: Monday and Tuesday are free
        ("2027-01-04", 1, "2026-12-31"),  # 1 January is a Friday
        ("2028-01-04", 1, "2027-12-31"),  # 1 January is a Saturday: Monday the 3rd is free
        ("2027-01-05", 5, "2026-12-24"),  # over Christmas and the new year
        ("2020-05-11", 1, "2020-05-07"),  # May Day 2020 was moved to Friday the 8th
        ("2022-06-06", 2, "2022-05-31"),  # the two free days of the jubilee
    ],
)
def test_working_days_before_an_event(day, count, before):
    assert working_days_before(date.fromisoformat(day), count).isoformat() == before


def test_working_days_after_pass_over_a_weekend_and_easter():
    assert working_days_after(date(2027, 1, 29), 2) == date(2027, 2, 2)
    assert working_days_after(date(2027, 3, 25), 1) == date(2027, 3, 30)
    assert working_days_after(date(2027, 1, 30), 0) == date(2027, 1, 30)


@settings(deadline=None)
@given(day=DAYS, count=st.integers(1, 30))
def test_counting_back_and_counting_the_notice_agree(day, count):
    deadline = working_days_before(day, count)
    assert is_working_day(deadline)
    assert working_days_between(deadline, day) == count
    assert working_days_between(deadline + timedelta(days=1), day) == count - 1


@settings(deadline=None)
@given(day=DAYS, count=st.integers(0, 30))
def test_counting_forwards_and_back_again_never_passes_the_start(day, count):
    there = working_days_after(day, count)
    assert working_days_before(there, count) <= day <= there


def test_days_are_counted_forwards():
    with pytest.raises(ValueError, match="at least 0"):
        working_days_before(date(2027, 1, 26), -1)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2027-01-11T09:00Z", 8, "2027-01-11T17:00Z"),
        ("2027-01-11T16:00Z", 2, "2027-01-12T10:00Z"),
        ("2027-01-11T06:00Z", 1, "2027-01-11T10:00Z"),
        ("2027-01-15T17:00Z", 1, "2027-01-18T10:00Z"),  # Friday evening
        ("2027-01-16T12:00Z", 0.5, "2027-01-18T09:30Z"),  # Saturday
        ("2026-12-24T16:00Z", 4, "2026-12-29T12:00Z"),  # over Christmas
        ("2027-03-25T16:30Z", 1, "2027-03-30T08:30Z"),  # over Easter and the clock going forward, in UTC
        ("2026-10-23T15:00Z", 2, "2026-10-26T10:00Z"),  # the clock goes back on the Sunday, in UTC
    ],
)
def test_working_hours(start, hours, end):
    assert working_hours_after(datetime.fromisoformat(start), hours) == datetime.fromisoformat(end)


def test_england_has_its_own_holidays_and_not_scotlands():
    assert date(2027, 1, 1) in bank_holidays(2027)
    assert date(2028, 1, 4) not in bank_holidays(2028)
    assert date(2027, 11, 30) not in bank_holidays(2027)


def test_the_calendar_is_read_only_by_who_asks_for_it():
    code = "import core.working_days, sys; assert 'holidays' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
