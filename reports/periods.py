"""The stretches of time a report can be about, and which stretch each is compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.refusals import Refused
from core.wording import short_day

FIRST_YEAR, LAST_YEAR = 1990, 2100
APRIL, SEPTEMBER = 4, 9
HOW = (
    "Write a financial year as 2024-25, a quarter as 2024-25 Q1, an academic year as academic 2024-25, a calendar year as 2024, "
    "or two days as 01/04/2024 to 30/09/2024."
)


class PeriodKind(StrEnum):
    FINANCIAL_YEAR = "financial year"
    QUARTER = "quarter"
    ACADEMIC_YEAR = "academic year"
    CALENDAR_YEAR = "calendar year"
    DAYS = "days"


@dataclass(frozen=True)
class Period:
    """From one day to another, both counted. Made by the functions below, so that it is always a sensible one."""

    kind: PeriodKind
    starts_on: date
    ends_on: date

    @property
    def text(self) -> str:
        """What ``parse`` reads back as this period: for an address or the command."""
        match self.kind:
            case PeriodKind.FINANCIAL_YEAR:
                return _two_years(self.starts_on.year)
            case PeriodKind.QUARTER:
                return f"{_two_years(_financial_year_of(self.starts_on))} Q{(self.starts_on.month - APRIL) % 12 // 3 + 1}"
            case PeriodKind.ACADEMIC_YEAR:
                return f"academic {_two_years(self.starts_on.year)}"
            case PeriodKind.CALENDAR_YEAR:
                return str(self.starts_on.year)
        return f"{self.starts_on:%d/%m/%Y} to {self.ends_on:%d/%m/%Y}"

    @property
    def name(self) -> str:
        """What a page calls it: 2024-25, academic year 2024-25, 1 Apr 2024 to 30 Sep 2024."""
        match self.kind:
            case PeriodKind.ACADEMIC_YEAR:
                return f"academic year {_two_years(self.starts_on.year)}"
            case PeriodKind.CALENDAR_YEAR:
                return f"calendar year {self.starts_on.year}"
            case PeriodKind.DAYS:
                return self.days
        return self.text

    @property
    def days(self) -> str:
        """1 Apr 2024 to 31 Mar 2025."""
        return f"{short_day(self.starts_on)} to {short_day(self.ends_on)}"

    @property
    def title(self) -> str:
        """The name and the days: 2024-25: 1 Apr 2024 to 31 Mar 2025."""
        return self.days if self.kind == PeriodKind.DAYS else f"{self.name}: {self.days}"

    def previous(self) -> Period:
        """The one of the same kind just before; for any two days, as many days just before them."""
        day_before = self.starts_on - timedelta(days=1)
        match self.kind:
            case PeriodKind.QUARTER:
                return quarter_of(day_before)
            case PeriodKind.DAYS:
                return Period(self.kind, self.starts_on - (self.ends_on - self.starts_on) - timedelta(days=1), day_before)
        return Period(self.kind, _year_earlier(self.starts_on), day_before)

    def holds(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


def _two_years(first: int) -> str:
    return f"{first}-{(first + 1) % 100:02d}"


def _financial_year_of(day: date) -> int:
    return day.year if day.month >= APRIL else day.year - 1


def _year_earlier(first_of_month: date) -> date:
    return first_of_month.replace(year=first_of_month.year - 1)


def _refuse(message: str) -> Refused:
    return Refused(message, code="bad_period", field="period")


def _check_year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _refuse(f"The year {year} is out of reach. Choose one between {FIRST_YEAR} and {LAST_YEAR}.")
    return year


def financial_year(first: int) -> Period:
    """1 April of ``first`` to 31 March of the next year."""
    return Period(PeriodKind.FINANCIAL_YEAR, date(_check_year(first), APRIL, 1), date(first + 1, APRIL - 1, 31))


def financial_year_of(day: date) -> Period:
    return financial_year(_financial_year_of(day))


def academic_year(first: int) -> Period:
    """1 September of ``first`` to 31 August of the next year."""
    return Period(PeriodKind.ACADEMIC_YEAR, date(_check_year(first), SEPTEMBER, 1), date(first + 1, SEPTEMBER - 1, 31))


def calendar_year(year: int) -> Period:
    return Period(PeriodKind.CALENDAR_YEAR, date(_check_year(year), 1, 1), date(year, 12, 31))


def quarter(first: int, number: int) -> Period:
    """The quarter of the financial year that begins in ``first``: 1 is April to June, 4 is January to March."""
    if not 1 <= number <= 4:
        raise _refuse(f"There is no Q{number}: a year has Q1 to Q4.")
    return quarter_of(date(_check_year(first) + (number == 4), (APRIL, 7, 10, 1)[number - 1], 1))


def quarter_of(day: date) -> Period:
    start = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    after = (start + timedelta(days=95)).replace(day=1)
    return Period(PeriodKind.QUARTER, start, after - timedelta(days=1))


def between(starts_on: date, ends_on: date) -> Period:
    """Any two days, both counted. Raises Refused where the second is before the first."""
    _check_year(starts_on.year)
    _check_year(ends_on.year)
    if ends_on < starts_on:
        raise _refuse(f"The period ends on {short_day(ends_on)}, before it begins on {short_day(starts_on)}.")
    return Period(PeriodKind.DAYS, starts_on, ends_on)


YEARS = re.compile(r"(?P<academic>academic (?:year )?)?(?P<first>\d{4})[-/–](?P<second>\d{2}|\d{4})(?: ?q(?P<quarter>\d))?")
DAY = r"(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})"
DAYS = re.compile(rf"(?:from )?{DAY} ?(?:to|–|\.\.) ?{DAY}")


def parse(text: str) -> Period:
    """The period a person wrote. Raises Refused with what is wrong and how to write one."""
    plain = " ".join(text.split()).lower()
    if found := YEARS.fullmatch(plain):
        return _from_years(text.strip(), found)
    if re.fullmatch(r"(calendar (year )?)?\d{4}", plain):
        return calendar_year(int(plain[-4:]))
    if days := DAYS.fullmatch(plain):
        return between(_day(days[1]), _day(days[2]))
    raise _refuse(f"“{text.strip()[:60]}” is not a period we know. {HOW}" if plain else f"Say which period. {HOW}")


def _from_years(text: str, found: re.Match[str]) -> Period:
    first, second, number = int(found["first"]), int(found["second"]), found["quarter"]
    if second != (first + 1) % (100 if len(found["second"]) == 2 else 10_000):
        raise _refuse(f"“{text}”: a year that begins in {first} is written {_two_years(first)}.")
    if found["academic"]:
        if number:
            raise _refuse(f"“{text}”: quarters belong to financial years. {HOW}")
        return academic_year(first)
    return quarter(first, int(number)) if number else financial_year(first)


def _day(text: str) -> date:
    try:
        if "/" in text:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        raise _refuse(f"{text} is not a day of the calendar.") from None
