"""The measures' answers to one question, each beside the period before."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.figures import change, change_percent, percent
from core.wording import count
from feedback.queries import SHOWN_FROM
from reports.facts import Facts, gather
from reports.measures import MEASURES, SECTIONS
from reports.questions import NOT_MATCHED, Question
from reports.shapes import CUT_FROM, POOLED, Measure, Row, Sum

NOTHING = "–"
MINUS = "−"
CUT_NAMES = {"kinds": "kind of event", "sector": "sector", "course": "course", "theme": "theme"}


def signed(number: int | Decimal) -> str:
    """+24, −87 or 0, with a real minus."""
    text = f"{abs(number):,}"
    return text if number == 0 else f"+{text}" if number > 0 else f"{MINUS}{text}"


@dataclass(frozen=True)
class Compared:
    """Something counted now and before: None where it cannot be asked or must not be shown."""

    now: Sum | None
    before: Sum | None
    is_rate: bool = False

    @property
    def value(self) -> str:
        return self._shown(self.now)

    @property
    def value_before(self) -> str:
        return self._shown(self.before)

    def _shown(self, number: Sum | None) -> str:
        if number is None:
            return NOTHING
        return f"{number.n:,}" if not self.is_rate else share_text(number)

    @property
    def sum(self) -> str:
        """88 of 838; empty for a count."""
        return self._sum(self.now)

    @property
    def sum_before(self) -> str:
        return self._sum(self.before) if self.before and self.before.of else ""

    def _sum(self, number: Sum | None) -> str:
        return "" if number is None or number.of is None else f"{number.n:,} of {number.of:,}"

    @property
    def share(self) -> Decimal | None:
        """The percentage, where there is something to take a share of."""
        return percent(self.now.n, self.now.of) if self.now and self.now.of else None

    @property
    def change(self) -> str:
        """−516 for counts, in points for rates; empty where there is nothing to compare."""
        if self.now is None or self.before is None:
            return ""
        if not self.is_rate:
            return signed(change(self.now.n, self.before.n))
        points = self.points
        return "" if points is None else f"{signed(points)} points"

    @property
    def points(self) -> Decimal | None:
        """How many points the printed rate moved, so that a reader can check it."""
        if not (self.is_rate and self.now and self.before and self.now.of and self.before.of):
            return None
        now, before = percent(self.now.n, self.now.of), percent(self.before.n, self.before.of)
        return None if now is None or before is None else now - before

    @property
    def percent_number(self) -> int | None:
        if self.is_rate or self.now is None or self.before is None:
            return None
        return change_percent(self.now.n, self.before.n)

    @property
    def change_percent(self) -> str:
        number = self.percent_number
        return "" if number is None else f"{signed(number)}%"

    def sentence(self, previous: str) -> str:
        """516 fewer than in 2021-22 (−25%)."""
        if self.now is None or self.before is None:
            return ""
        if self.is_rate:
            points = self.points
            if points is None:
                return f"Nothing to compare with in {previous}"
            return f"The same as in {previous}" if not points else f"{signed(points)} points on {previous}"
        moved = change(self.now.n, self.before.n)
        if moved == 0:
            return f"The same as in {previous}"
        if self.before.n == 0:
            return f"None in {previous}"
        return f"{abs(moved):,} {'more' if moved > 0 else 'fewer'} than in {previous} ({self.change_percent})"


def share_text(number: Sum) -> str:
    found = percent(number.n, number.of or 0)
    return NOTHING if found is None else f"{found}%"


@dataclass(frozen=True)
class Part(Compared):
    """One row of a breakdown."""

    label: str = ""
    cut: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Figure(Compared):
    """A measure's answer. ``why_not`` says why there is none."""

    measure: Measure
    why_not: str = ""
    parts: list[Part] = field(default_factory=list)

    @property
    def numerator(self) -> str:
        return f"{self.now.n:,}" if self.now else ""

    @property
    def denominator(self) -> str:
        return f"{self.now.of:,}" if self.now and self.now.of is not None else ""

    @property
    def plain_parts(self) -> dict[str, int]:
        """The parts that hold something, by label."""
        return {part.label: part.now.n for part in self.parts if part.now and part.now.n}

    @property
    def plain(self) -> int | float | dict[str, int] | None:
        """For JSON: a count, a percentage or the parts of a breakdown."""
        if self.measure.parts is not None:
            return self.plain_parts
        if self.now is None:
            return None
        if not self.measure.is_rate:
            return self.now.n
        return None if self.share is None else float(self.share)


@dataclass(frozen=True)
class Report:
    question: Question
    facts: Facts
    figures: dict[str, Figure]

    @property
    def sections(self) -> list[tuple[str, list[Figure]]]:
        """The figures in the order of the report; breakdowns have tables of their own."""
        plain = [figure for figure in self.figures.values() if figure.measure.parts is None]
        found = [(section, [figure for figure in plain if figure.measure.section == section]) for section in SECTIONS]
        return [(section, figures) for section, figures in found if figures]

    @property
    def breakdowns(self) -> list[Figure]:
        return [figure for figure in self.figures.values() if figure.measure.parts is not None]

    @property
    def open_ends(self) -> list[tuple[Figure, str]]:
        """What would still change the figures: registers to take, organisations to match."""
        registers, sectors = self.figures["events_register_not_taken"], self.figures["attendances_by_sector"]
        found = []
        if registers.now and registers.now.n:
            missing = count(registers.now.n, "event has", "events have")
            found.append((registers, f"{missing} no register yet: nobody there is counted until it is taken."))
        unmatched = sum(part.now.n for part in sectors.parts if part.now and part.label == NOT_MATCHED)
        if unmatched:
            named = count(unmatched, "attendance names", "attendances name")
            found.append((sectors, f"{named} an organisation nobody could match yet."))
        return found

    @property
    def has_figures(self) -> bool:
        """Whether anything at all was counted in the period, of what can be asked with this cut."""
        return any(figure.now.n or figure.now.of for figure in self.figures.values() if figure.now is not None)


def ask(question: Question) -> Report:
    """Every measure's answer. The number of queries does not depend on how much there is."""
    now, before = gather(question)
    return Report(question, now, {key: _figure(measure, question, now, before) for key, measure in MEASURES.items()})


def _figure(measure: Measure, question: Question, now: Facts, before: Facts) -> Figure:
    if not measure.can_answer(question):
        names = " or ".join(CUT_NAMES[cut] for cut in sorted(question.cuts - measure.cuts))
        return Figure(None, None, measure.is_rate, measure=measure, why_not=f"Not counted by {names}")
    current, previous = measure.total(now), measure.total(before)
    why_not = _too_few(measure, question, current)
    return Figure(
        None if why_not else current,
        None if _too_few(measure, question, previous) else previous,
        measure.is_rate,
        measure=measure,
        why_not=why_not,
        parts=_parts(measure, now, before),
    )


def _too_few(measure: Measure, question: Question, number: Sum) -> str:
    """Why answers are held back, or an empty text: some have answered, but so few that it would point at people."""
    least = CUT_FROM if question.cuts else SHOWN_FROM
    if measure.is_of_answers and 0 < (number.of or 0) < least:
        return f"Fewer than {'ten' if question.cuts else 'five'} answers"
    return ""


def _parts(measure: Measure, now: Facts, before: Facts) -> list[Part]:
    """The rows of a breakdown in their own order, those that are gone from the period before at the end."""
    if measure.parts is None:
        return []
    current, previous = measure.parts(now), {row.label: row for row in measure.parts(before)}
    of_now, of_before = measure.total(now).of, measure.total(before).of
    gone = [row for label, row in previous.items() if label not in {row.label for row in current}]
    rows = current + [Row(row.label, 0, of_now, cut=row.cut) for row in gone]
    return [
        Part(Sum(row.n, row.of), Sum(previous[row.label].n if row.label in previous else 0, of_before), False, row.label, row.cut)
        for row in rows
    ]


def rows_behind(report: Report, measure: Measure) -> list[Row]:
    """The rows that add up to the figure: none where it is not shown, events with few answers together."""
    if report.figures[measure.key].now is None:
        return []
    rows = measure.behind(report.question, report.facts)
    return _pooled(rows) if measure.is_of_answers else rows


def _pooled(rows: list[Row]) -> list[Row]:
    """Events with fewer than five answers stand in one row, which takes in more until it holds five itself."""
    by_size = sorted(rows, key=lambda row: row.of or 0)
    together: list[Row] = []
    while by_size and ((by_size[0].of or 0) < SHOWN_FROM or 0 < sum(row.of or 0 for row in together) < SHOWN_FROM):
        together.append(by_size.pop(0))
    if not together:
        return rows
    kept = [row for row in rows if row in by_size]
    pool = Row(POOLED, sum(row.n for row in together), sum(row.of or 0 for row in together), detail=count(len(together), "event"))
    return [*kept, pool]
