"""Working days and working hours: Monday to Friday without the bank holidays of England and Wales, 9am to 5pm in London.

A notice period counts working days as dates: the day of the event is not one of them, the day the word came in is.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from core.clock import LONDON, london_date, london_instant

OPENS, CLOSES = time(9), time(17)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The days of that year that are bank holidays, moved and extra ones among them."""
    import holidays

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def working_days_after(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``. Of a Friday the first is Monday; 0 is the day itself, whatever it is."""
    return _step(day, count, timedelta(days=1))


def working_days_before(day: date, count: int) -> date:
    """The ``count``-th working day before ``day``: 4 before a Tuesday is the Wednesday of the week before."""
    return _step(day, count, timedelta(days=-1))


def working_days_between(first: date, last: date) -> int:
    """How many working days there are from ``first`` on and before ``last``: the notice that was given. 0 if none."""
    days = (first + timedelta(days=number) for number in range((last - first).days))
    return sum(is_working_day(day) for day in days)


def end_of_working_day(day: date) -> datetime:
    """5pm in London on that day."""
    return london_instant(datetime.combine(day, CLOSES))


def working_hours_after(instant: datetime, hours: float) -> datetime:
    """When so many working hours have passed since then.

    An evening, a weekend or a bank holiday counts for nothing: the first hour begins at 9am of the next working day.
    """
    left = timedelta(hours=hours)
    local = instant.astimezone(LONDON)
    day, begins = london_date(instant), max(local.time().replace(tzinfo=None), OPENS)
    while True:
        if is_working_day(day) and begins < CLOSES:
            start, end = (datetime.combine(day, clock) for clock in (begins, CLOSES))
            if left <= end - start:
                return london_instant(start + left)
            left -= end - start
        day, begins = day + timedelta(days=1), OPENS


def _step(day: date, count: int, way: timedelta) -> date:
    if count < 0:
        raise ValueError("count working days forwards or backwards, by at least 0")
    while count:
        day += way
        count -= is_working_day(day)
    return day
