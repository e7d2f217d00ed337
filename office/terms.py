"""The terms of a year, in which training is planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# Name, first month, last month, its last day.
PARTS = (("Spring", 1, 3, 31), ("Summer", 4, 8, 31), ("Autumn", 9, 12, 31))


@dataclass(frozen=True)
class Term:
    name: str
    first: date
    last: date

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    def __str__(self) -> str:
        return f"{self.name} {self.first.year}, {self.first:%B} to {self.last:%B}"


def terms_about(today: date, *, years_back: int = 2) -> dict[str, Term]:
    """The terms of the years before, of this one and of the next, by their key, the earliest first."""
    found = [
        Term(name, date(year, first, 1), date(year, last, day))
        for year in range(today.year - years_back, today.year + 2)
        for name, first, last, day in PARTS
    ]
    return {term.key: term for term in found}
