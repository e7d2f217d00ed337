from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.refusals import Refused
from reports import periods
from reports.periods import Period, PeriodKind

YEARS = st.integers(min_value=1991, max_value=2099)
DAYS = st.dates(min_value=date(1991, 1, 1), max_value=date(2099, 12, 31))
PERIODS = st.one_of(
    YEARS.map(periods.financial_year),
    YEARS.map(periods.academic_year),
    YEARS.map(periods.calendar_year),
    st.tuples(YEARS, st.integers(min_value=1, max_value=4)).map(lambda asked: periods.quarter(*asked)),
    st.tuples(DAYS, DAYS).map(lambda days: periods.between(min(days), max(days))),
)


@pytest.mark.parametrize(
    ("text", "starts_on", "ends_on"),
    [
        ("2024-25", date(2024, 4, 1), date(2025, 3, 31)),
        ("2024/25", date(2024, 4, 1), date(2025, 3, 31)),
        (" 2024/2025 ", date(2024, 4, 1), date(2025, 3, 31)),
        ("1999-00", date(1999, 4, 1), date(2000, 3, 31)),
        ("2024-25 Q1", date(2024, 4, 1), date(2024, 6, 30)),
        ("2024/25 q2", date(2024, 7, 1), date(2024, 9, 30)),
        ("2024-25 Q3", date(2024, 10, 1), date(2024, 12, 31)),
        ("2024-25Q4", date(2025, 1, 1), date(2025, 3, 31)),
        ("academic 2024-25", date(2024, 9, 1), date(2025, 8, 31)),
        ("Academic year 2024/25", date(2024, 9, 1), date(2025, 8, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("01/04/2024 to 30/09/2024", date(2024, 4, 1), date(2024, 9, 30)),
        ("2024-04-01..2024-09-30", date(2024, 4, 1), date(2024, 9, 30)),
        ("from 1/4/2024 to 1/4/2024", date(2024, 4, 1), date(2024, 4, 1)),
    ],
)
def test_a_period_is_read_as_people_write_it(text: str, starts_on: date, ends_on: date) -> None:
    read = periods.parse(text)
    assert (read.starts_on, read.ends_on) == (starts_on, ends_on)


@pytest.mark.parametrize(
    ("text", "what_is_wrong"),
    [
        ("", "Say which period."),
        ("last year", "“last year” is not a period we know."),
        ("2024-26", "“2024-26”: a year that begins in 2024 is written 2024-25."),
        ("2024-25 Q5", "There is no Q5: a year has Q1 to Q4."),
        ("academic 2024-25 Q1", "“academic 2024-25 Q1”: quarters belong to financial years."),
        ("31/02/2024 to 30/09/2024", "31/02/2024 is not a day of the calendar."),
        ("30/09/2024 to 01/04/2024", "The period ends on 1 Apr 2024, before it begins on 30 Sep 2024."),
        ("0001-02", "The year 1 is out of reach."),
        ("9999", "The year 9999 is out of reach."),
        ("'; drop table", "“'; drop table” is not a period we know."),
    ],
)
def test_bad_input_gets_a_clear_answer(text: str, what_is_wrong: str) -> None:
    with pytest.raises(Refused) as refused:
        periods.parse(text)
    assert str(refused.value).startswith(what_is_wrong)
    assert refused.value.field == "period"


@given(PERIODS)
def test_what_a_period_is_called_is_read_back_as_the_same_period(period: Period) -> None:
    assert periods.parse(period.text) == period


@given(PERIODS)
def test_the_previous_period_is_of_the_same_kind_and_ends_the_day_before(period: Period) -> None:
    previous = period.previous()
    assert previous.kind == period.kind
    assert previous.ends_on + timedelta(days=1) == period.starts_on
    if period.kind == PeriodKind.DAYS:
        assert previous.ends_on - previous.starts_on == period.ends_on - period.starts_on
    else:
        assert periods.parse(previous.text) == previous


def test_the_four_quarters_make_up_the_year() -> None:
    year = periods.financial_year(2024)
    quarters = [periods.quarter(2024, number) for number in (1, 2, 3, 4)]
    assert quarters[0].starts_on == year.starts_on
    assert [quarter.previous() for quarter in quarters[1:]] == quarters[:-1]
    assert quarters[3].ends_on == year.ends_on


def test_the_year_turns_between_31_march_and_1_april() -> None:
    assert periods.financial_year_of(date(2025, 3, 31)).text == "2024-25"
    assert periods.financial_year_of(date(2025, 4, 1)).text == "2025-26"
