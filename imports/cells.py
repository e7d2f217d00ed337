"""From a cell to a value: dates, numbers, choices and texts as exports write them, and the reason when one won't do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.clock import london_instant
from imports.reading import Line, Refusal
from people.wording import clean_address, one_line

UK_MOMENT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::\d{2})?)?", re.ASCII)
SHORT_YEAR = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(\s.*)?", re.ASCII)
AS_WRITTEN = "write it as 31/12/2023"
YEARS = range(1990, 2100)
SHOWN = 200


class Cells:
    """The cells of one line. A value that won't do is noted in ``refusals``; what is returned for it means nothing."""

    def __init__(self, file: str, line: Line) -> None:
        self.file = file
        self.line = line
        self.refusals: list[Refusal] = []

    def refuse(self, column: str, reason: str) -> None:
        value = self.line.cells.get(column, "")
        self.refusals.append(Refusal(self.file, self.line.number, column, value[:SHOWN], reason))

    def _raw(self, column: str, required: bool) -> str:
        raw = self.line.cells[column].strip()
        if required and not raw:
            self.refuse(column, "it is empty")
        return raw

    def text(self, column: str, longest: int, *, required: bool = True) -> str:
        """Text on one line, without control characters."""
        text = one_line(self._raw(column, required))
        if len(text) > longest:
            self.refuse(column, f"it has {len(text):,} characters; shorten it to {longest:,} or fewer")
        return text

    def prose(self, column: str, longest: int) -> str:
        """Free text over any number of lines, as typed. May be empty."""
        text = self._raw(column, required=False).replace("\x00", "")
        if len(text) > longest:
            self.refuse(column, f"it has {len(text):,} characters; shorten it to {longest:,} or fewer")
        return text

    def choice(self, column: str, options: Mapping[str, Any], *, required: bool = True) -> Any:
        """The value of the option that the cell names, in capitals or not; None for an empty cell that may be empty."""
        raw = self._raw(column, required)
        if not raw:
            return None
        found = {name.casefold(): value for name, value in options.items()}.get(one_line(raw).casefold())
        if found is None:
            known = ", ".join(f"“{name}”" for name in options)
            self.refuse(column, f"“{raw[:60]}” is not one of {known}")
        return found

    def number(self, column: str, least: int, most: int, *, required: bool = True) -> Any:
        raw = self._raw(column, required)
        if not raw:
            return None
        if not re.fullmatch(r"\d{1,9}(\.0+)?", raw, re.ASCII):
            self.refuse(column, f"“{raw[:60]}” is not a whole number")
            return None
        number = int(raw.split(".")[0])
        if not least <= number <= most:
            self.refuse(column, f"{number:,} is not between {least:,} and {most:,}")
        return number

    def amount(self, column: str, most: int) -> Decimal | None:
        """A number with up to two decimals, which may be empty: hours, or pounds with or without the sign."""
        raw = self._raw(column, required=False)
        if not raw:
            return None
        plain = raw.removeprefix("£").replace(",", "").strip()
        if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", plain, re.ASCII):
            self.refuse(column, f"“{raw[:60]}” is not an amount such as 350.00")
            return None
        if Decimal(plain) > most:
            self.refuse(column, f"{raw} is more than {most:,}")
        return Decimal(plain)

    def address(self, column: str) -> str:
        """An e-mail address as we compare it: stripped, in lower case."""
        address = clean_address(self._raw(column, required=True))
        try:
            if address:
                validate_email(address)
        except ValidationError:
            self.refuse(column, "it is not an e-mail address")
        return address

    def day(self, column: str, *, required: bool = True) -> Any:
        """A UK date; a time beside it is left out."""
        wall = self._wall(column, required, needs_time=False)
        return wall.date() if wall else None

    def moment(self, column: str, *, required: bool = True, needs_time: bool = False) -> Any:
        """The UTC instant of a UK date and clock time. Without a time the day's beginning is meant, unless it needs one.

        What needs its time is planned, so an hour that the clocks jump over is refused. What was noted by a machine in that hour
        was noted by a clock that had not gone forward yet: Greenwich time is meant.
        """
        wall = self._wall(column, required, needs_time)
        if wall is None:
            return None
        try:
            return london_instant(wall)
        except ValueError as error:
            if not needs_time:
                return wall.replace(tzinfo=UTC)
            self.refuse(column, str(error))
            return None

    def _wall(self, column: str, required: bool, needs_time: bool) -> datetime | None:
        raw = self._raw(column, required)
        if not raw:
            return None
        found = UK_MOMENT.fullmatch(raw)
        if found is None:
            problem = "the year has two figures, so it is ambiguous" if SHORT_YEAR.fullmatch(raw) else "it is not a date"
            self.refuse(column, f"{problem}; {AS_WRITTEN}")
            return None
        day, month, year = (int(part) for part in found.group(1, 2, 3))
        reason = _why_no_date(day, month, year)
        if reason or (needs_time and not found[4]):
            self.refuse(column, reason or "it has no time; write it as 31/12/2023 09:30")
            return None
        hour, minute = int(found[4] or 0), int(found[5] or 0)
        if hour > 23 or minute > 59:
            self.refuse(column, f"there is no {hour}:{minute:02d} on a clock")
            return None
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 a wall clock; its zone is the caller's


def _why_no_date(day: int, month: int, year: int) -> str:
    if year not in YEARS:
        return f"the year {year} can't be right; {AS_WRITTEN}"
    if not 1 <= month <= 12:
        return f"there is no month {month}; dates are day, month, year"
    try:
        date(year, month, day)
    except ValueError:
        return f"there is no {day} {date(year, month, 1):%B %Y}"
    return ""
