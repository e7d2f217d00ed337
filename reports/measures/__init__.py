"""Every figure of the reach report, defined once: its sentence, numerator, denominator and what is left out.

A page, the CSV and the command show a measure by asking it the same question.
"""

from __future__ import annotations

from reports.measures import answers, booking, online, teaching
from reports.measures.words import SECTIONS
from reports.shapes import Measure

_ALL = [*teaching.MEASURES, *booking.MEASURES, *answers.MEASURES, *online.MEASURES]

MEASURES: dict[str, Measure] = {measure.key: measure for measure in _ALL}
CARDS = (
    "attendances",
    "people_reached",
    "organisations_reached",
    "events_delivered",
    "did_not_attend_rate_pct",
    "response_rate_pct",
)
CHARTS = ("attendances_by_sector", "attendances_by_course", "attendances_by_kind")

__all__ = ["CARDS", "CHARTS", "MEASURES", "SECTIONS"]
