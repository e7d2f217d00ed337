"""Reads over registers. Call these from here; the modules are only a division of the file."""

from registers.queries.attendance import (
    DERIVED_FIELDS,
    attendance_differences,
    attendances_of,
    changed_fields,
    credit_differences,
    derived_attendances,
    earned_at,
    events_with_stale_attendance,
    rule_of,
)
from registers.queries.finding import FoundPeople, FoundPerson, find_people
from registers.queries.lines import Expected, RegisterCounts, RegisterLine, count_lines, expected_people, register_lines
from registers.queries.summaries import (
    RegisterSummary,
    RegisterTab,
    SessionRow,
    register_summary,
    register_tab,
    registers_of,
    sessions_without_register,
    with_counts,
)

__all__ = [
    "DERIVED_FIELDS",
    "Expected",
    "FoundPeople",
    "FoundPerson",
    "RegisterCounts",
    "RegisterLine",
    "RegisterSummary",
    "RegisterTab",
    "SessionRow",
    "attendance_differences",
    "attendances_of",
    "changed_fields",
    "count_lines",
    "credit_differences",
    "derived_attendances",
    "earned_at",
    "events_with_stale_attendance",
    "expected_people",
    "find_people",
    "register_lines",
    "register_summary",
    "register_tab",
    "registers_of",
    "rule_of",
    "sessions_without_register",
    "with_counts",
]
