"""What moved and why, in a few sentences computed from the figures."""

from __future__ import annotations

from decimal import Decimal

from core.figures import rounded
from reports.report import Compared, Figure, Part, Report


def finding(figure: Figure) -> str:
    """The title of a breakdown's chart: what stands out in it."""
    parts = [part for part in figure.parts if part.now and part.now.n]
    if not parts:
        return figure.measure.name
    top = max(parts, key=lambda part: part.now.n if part.now else 0)
    if len(parts) == 1 or top.now is None:
        return f"All {top.value} {figure.measure.unit} were in one group: {top.label}"
    share = f", {top.share}% of {top.now.of:,}" if top.now.of else ""
    return f"{top.label} had the most {figure.measure.unit}: {top.value}{share}"


def in_words(report: Report, figure: Figure) -> str:
    """The sum under a card's figure: n of N, or what a count belongs to."""
    if figure.sum:
        return f"{figure.sum} {figure.measure.unit}"
    people, attendances = report.figures["people_reached"], report.figures["attendances"]
    if figure.measure.key == "attendances":
        return f"of {people.value} people"
    return f"{'with' if figure.measure.key == 'events_delivered' else 'behind'} {attendances.value} attendances"


def what_moved(report: Report) -> list[str]:
    """Two or three sentences. Empty where there is nothing to compare with."""
    attendances, delivered = report.figures["attendances"], report.figures["events_delivered"]
    if attendances.now is None or attendances.before is None or not attendances.now.n or not attendances.before.n:
        return []
    previous = report.question.period.previous().name
    return [
        _size(attendances, delivered, previous),
        *_kinds(report.figures["attendances_by_kind"].parts),
        *([] if report.question.sector else _widest(report.figures["attendances_by_sector"].parts)),
        *_missing(report.figures["did_not_attend_rate_pct"]),
    ]


def _size(attendances: Figure, delivered: Figure, previous: str) -> str:
    """How attendances moved, and whether it was the number of events or the number at each."""
    now, before = attendances.now.n if attendances.now else 0, attendances.before.n if attendances.before else 0
    if now == before:
        start = f"Attendances stayed at {now:,}, as in {previous}"
    else:
        moved = "rose" if now > before else "fell"
        start = f"Attendances {moved} from {before:,} in {previous} to {now:,} ({attendances.change_percent})"
    if not (delivered.now and delivered.before and delivered.now.n and delivered.before.n):
        return f"{start}."
    events, events_before = delivered.now.n, delivered.before.n
    each, each_before = _each(now, events), _each(before, events_before)
    number = f"events delivered {_went(events, events_before)} from {events_before:,} to {events:,}"
    size = f"attendances at each {_went(each, each_before)} from {each_before} to {each} on average"
    if events == events_before:
        number = f"the number of events stayed at {events:,}"
    if each == each_before:
        size = f"attendances at each stayed at {each} on average"
    return f"{start}: {number}, and {size}."


def _each(n: int, of: int) -> Decimal:
    return rounded(Decimal(n) / Decimal(of), 1)


def _went(now: Decimal | int, before: Decimal | int) -> str:
    return "rose" if now > before else "fell"


def _kinds(parts: list[Part]) -> list[str]:
    """What each kind of event added or took away, the widest first, where more than one moved."""
    moved = [(part.now.n - part.before.n, part) for part in parts if part.now and part.before and part.now.n != part.before.n]
    if len(moved) < 2:
        return []
    moved.sort(key=lambda step: -abs(step[0]))
    return [f"By kind of event: {', '.join(f'{part.label} {part.change} ({_from_to(part)})' for _, part in moved)}."]


def _widest(parts: list[Part]) -> list[str]:
    """The sectors that rose and fell the most, in attendances."""
    moved = [(part.now.n - part.before.n, part) for part in parts if part.now and part.before]
    rose, fell = max(moved, key=_by_move, default=None), min(moved, key=_by_move, default=None)
    said = []
    if rose and rose[0] > 0:
        said.append(f"the most added came from {rose[1].label} ({_from_to(rose[1])}{_by_percent(rose[1])})")
    if fell and fell[0] < 0:
        said.append(f"the most lost from {fell[1].label} ({_from_to(fell[1])}{_by_percent(fell[1])})")
    if not said:
        return []
    sentence = " and ".join(said)
    return [f"By sector, {sentence}."]


def _by_move(moved: tuple[int, Part]) -> int:
    return moved[0]


def _from_to(part: Compared) -> str:
    return f"{part.value_before} to {part.value}"


def _by_percent(part: Compared) -> str:
    return f", {part.change_percent}" if part.change_percent else ""


def _missing(rate: Figure) -> list[str]:
    points = rate.points
    if points is None or rate.now is None:
        return []
    if points == 0:
        return [f"The did-not-attend rate stayed at {rate.value} ({rate.sum})."]
    return [f"The did-not-attend rate {_went(points, 0)} from {rate.value_before} to {rate.value} ({rate.sum})."]
