"""What a measure is made of: a total, the rows that add up to it, and for a breakdown its parts.

Rows are events wherever an event can be named; none is ever a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from core.figures import percent
from events.models import EventKind
from reports.behind import first_attendances, first_modules, reached_organisations
from reports.facts import EventLine, Facts
from reports.questions import KIND_LABELS, NO_ORGANISATION, NOT_MATCHED, Question

ANY_CUT = frozenset({"kinds", "sector", "course", "theme"})
NOT_BY_SECTOR = ANY_CUT - {"sector"}
NOT_BY_KIND = ANY_CUT - {"kinds"}
BY_COURSE_OR_THEME = frozenset({"course", "theme"})
ONLY_BY_THEME = frozenset({"theme"})
CUT_FROM = 10  # answers, where somebody asks for a part of them
POOLED = "Events with few answers, together"


class Sum(NamedTuple):
    """A count, or with ``of`` a share of something."""

    n: int
    of: int | None = None


@dataclass(frozen=True)
class Row:
    """One line behind a figure or of a breakdown. ``cut`` narrows the question to it, where it can be asked for alone."""

    label: str
    n: int
    of: int | None = None
    on: date | None = None
    detail: str = ""
    cut: tuple[tuple[str, Any], ...] = ()

    @property
    def n_text(self) -> str:
        return f"{self.n:,}"

    @property
    def of_text(self) -> str:
        return "" if self.of is None else f"{self.of:,}"

    @property
    def share_text(self) -> str:
        return f"{percent(self.n, self.of)}%" if self.of else ""


Number = Callable[[EventLine], int]


@dataclass(frozen=True)
class Measure:
    """One named figure. ``cuts`` are those it can be asked for; ``is_of_answers`` holds it back while few have answered;
    ``together`` names the sum of a breakdown.
    """

    key: str
    name: str
    section: str
    sentence: str
    numerator: str
    left_out: str
    unit: str
    total: Callable[[Facts], Sum]
    behind: Callable[[Question, Facts], list[Row]]
    denominator: str = ""
    cuts: frozenset[str] = ANY_CUT
    parts: Callable[[Facts], list[Row]] | None = None
    is_of_answers: bool = False
    together: str = "Together"
    rows_note: str = ""

    @property
    def is_rate(self) -> bool:
        return bool(self.denominator) and self.parts is None

    def can_answer(self, question: Question) -> bool:
        return question.cuts <= self.cuts


def events_of(facts: Facts) -> list[EventLine]:
    return facts.events


def forums_of(facts: Facts) -> list[EventLine]:
    return facts.forums


def by_event(n: Number, of: Number | None = None, lines: Callable[[Facts], list[EventLine]] = events_of) -> dict[str, Any]:
    """A figure that is the sum of what each event has."""

    def total(facts: Facts) -> Sum:
        return Sum(sum(map(n, lines(facts))), None if of is None else sum(map(of, lines(facts))))

    def behind(question: Question, facts: Facts) -> list[Row]:
        rows = [
            Row(line.title, int(n(line)), None if of is None else of(line), line.starts_on, KIND_LABELS[line.kind])
            for line in lines(facts)
        ]
        return [row for row in rows if row.n or row.of]

    return {"total": total, "behind": behind}


def by_part(parts: Callable[[Facts], list[Row]], of: Callable[[Facts], int] | None = None) -> dict[str, Any]:
    """A breakdown: its figure is the sum of its parts."""

    def shares(facts: Facts) -> list[Row]:
        whole = None if of is None else of(facts)
        return [Row(row.label, row.n, whole, row.on, row.detail, row.cut) for row in parts(facts)]

    def total(facts: Facts) -> Sum:
        return Sum(sum(row.n for row in parts(facts)), None if of is None else of(facts))

    return {"parts": shares, "total": total, "behind": lambda question, facts: shares(facts)}


def _tally(lines: Iterable[EventLine], label: Callable[[EventLine], str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for line in lines:
        counts[label(line)] += line.attended
    return {name: n for name, n in counts.items() if n}


def all_attended(facts: Facts) -> int:
    return sum(line.attended for line in facts.events)


def by_sector(facts: Facts) -> list[Row]:
    counts = sum((line.sectors for line in facts.events), Counter[str]())
    last = (NOT_MATCHED, NO_ORGANISATION)
    order = sorted(counts, key=lambda name: (name in last and last.index(name) + 1, name))
    return [Row(name, counts[name], cut=(("sector", name),)) for name in order if counts[name]]


def by_course(facts: Facts) -> list[Row]:
    counts = _tally(facts.events, lambda line: line.course_title)
    return [Row(title, counts[title], cut=(("course", title),)) for title in sorted(counts)]


def by_kind(facts: Facts) -> list[Row]:
    counts = _tally(facts.events, lambda line: line.kind)
    return [Row(label, counts[kind], cut=(("kinds", (kind,)),)) for kind, label in EventKind.choices if kind in counts]


def by_host(facts: Facts) -> list[Row]:
    counts = sum((line.hosts for line in facts.events), Counter[str]())
    return [Row(name, n) for name, n in sorted(counts.items(), key=lambda host: (-host[1], host[0])) if n]


def by_channel(facts: Facts) -> list[Row]:
    qr, email = sum(line.by_qr for line in facts.events), sum(line.by_email for line in facts.events)
    return [row for row in (Row("QR code", qr), Row("E-mail", email)) if row.n]


def by_source(facts: Facts) -> list[Row]:
    counts: Counter[str] = Counter()
    for line in facts.listens:
        counts[line.source] += line.listens
    return [Row(source, counts[source]) for source in sorted(counts)]


def people_by_event(question: Question, facts: Facts) -> list[Row]:
    firsts = first_attendances(question)
    lines = [line for line in facts.events if line.id in firsts]
    return [Row(line.title, firsts[line.id], None, line.starts_on, KIND_LABELS[line.kind]) for line in lines]


def organisations_reached(question: Question, facts: Facts) -> list[Row]:
    reached = reached_organisations(question)
    return [Row(name, 1, detail=f"{sector}, {times:,} attendance{'' if times == 1 else 's'}") for name, sector, times in reached]


def people_by_module(question: Question, facts: Facts) -> list[Row]:
    return [Row(title, people) for title, people in first_modules(question)]


def listens_by_episode(question: Question, facts: Facts) -> list[Row]:
    return [Row(line.episode, line.listens, detail=line.source) for line in facts.listens]
