"""The report as tables of a file: the same figures, each with its numerator, denominator and definition."""

from __future__ import annotations

from reports.report import Compared, Report
from reports.shapes import Measure, Sum

HEADER = [
    "Measure",
    "Part",
    "Period",
    "Figure",
    "Unit",
    "Numerator",
    "Denominator",
    "Share in percent",
    "Period before",
    "Figure before",
    "Numerator before",
    "Denominator before",
    "Change",
    "Change in percent",
    "Definition",
    "Left out",
    "Not shown because",
    "Key",
]


def figure_rows(report: Report) -> list[list[object]]:
    """One row for each figure, and one for each part of a breakdown."""
    rows = []
    for key, figure in report.figures.items():
        rows.append(_row(report, figure.measure, "", figure, figure.why_not, key))
        rows += [_row(report, figure.measure, part.label, part, "", key) for part in figure.parts]
    return rows


def _row(report: Report, measure: Measure, part: str, number: Compared, why_not: str, key: str) -> list[object]:
    period = report.question.period
    moved: object = ""
    if number.now is not None and number.before is not None:
        moved = number.points if measure.is_rate else number.now.n - number.before.n
    return [
        measure.name,
        part,
        period.name,
        _value(number.now, measure),
        "%" if measure.is_rate else measure.unit,
        number.now.n if number.now else "",
        number.now.of if number.now else "",
        number.share,
        period.previous().name,
        _value(number.before, measure),
        number.before.n if number.before else "",
        number.before.of if number.before else "",
        moved,
        number.percent_number,
        measure.sentence,
        measure.left_out,
        why_not,
        key,
    ]


def _value(number: Sum | None, measure: Measure) -> object:
    if number is None:
        return ""
    return Compared(number, None).share if measure.is_rate else number.n
