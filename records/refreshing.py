"""Until when something learned is to be refreshed. Pure: calendar months, on London dates."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable
from datetime import date

from courses.models import MOST_REFRESH_MONTHS


def refresh_by(earned_on: date, months: int) -> date:
    """The same day so many calendar months later, the month's last where it has no such day: of 31 August, 6 months on, 28 or
    29 February; of 29 February, a year on, 28 February.
    """
    year, month = divmod(earned_on.year * 12 + earned_on.month - 1 + months, 12)
    return date(year, month + 1, min(earned_on.day, monthrange(year, month + 1)[1]))


def last_earned(until: date, becomes: Callable[[date], date]) -> date:
    """The last day of learning that becomes ``until`` or an earlier day.

    ``becomes`` never falls from one day to the next, and leads at most MOST_REFRESH_MONTHS ahead. So whatever is due within a
    time was learned within one, which the database can look for.
    """
    first = refresh_by(until, -MOST_REFRESH_MONTHS - 1)
    days = range(first.toordinal(), until.toordinal() + 1)
    return date.fromordinal(first.toordinal() - 1 + bisect_right(days, until, key=lambda day: becomes(date.fromordinal(day))))
