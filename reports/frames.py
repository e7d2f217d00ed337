"""Cross-tables for exports, shaped by pandas. The only place that knows pandas: it takes two seconds to import."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, Count, F, Value, When
from django.db.models.functions import Coalesce

from people.models import OrganisationState
from reports.facts import trained
from reports.questions import NO_ORGANISATION, NOT_MATCHED, Question, course_title

TOTAL = "All courses"
ALL_ORGANISATIONS = "All organisations"


class SumsDiffer(Exception):
    """A table does not add up to what the database counts on its own: a fault in the code, never a person's."""


def organisations_by_course(question: Question) -> tuple[list[str], list[list[object]]]:
    """Attendances by organisation (rows) and course (columns), with totals: the header and the rows. Raises SumsDiffer."""
    import pandas as pd

    attended = attended_in_period(question)
    counts = attended.values_list("place", "sector_name", "title").annotate(times=Count("pk")).order_by()
    frame = pd.DataFrame.from_records(list(counts), columns=["Organisation", "Sector", "Course", "Attendances"])
    if frame.empty:
        return ["Organisation", "Sector", TOTAL], [[ALL_ORGANISATIONS, "", 0]]
    table = frame.pivot_table(
        index=["Organisation", "Sector"], columns="Course", values="Attendances", aggfunc="sum", fill_value=0
    )
    table[TOTAL] = table.sum(axis=1)
    check_sums(table, attended)
    rows: list[list[object]] = [
        [*map(str, names), *map(int, numbers)] for names, numbers in zip(table.index, table.to_numpy(), strict=True)
    ]
    return ["Organisation", "Sector", *map(str, table.columns)], [*rows, [ALL_ORGANISATIONS, "", *map(int, table.sum())]]


def attended_in_period(question: Question) -> Any:  # a QuerySet[Attendance] with three more columns
    """The period's attendances with what they are counted under."""
    place = Case(
        When(organisation__isnull=False, then=F("organisation__name")),
        When(organisation_state=OrganisationState.UNMATCHED, then=Value(NOT_MATCHED)),
        default=Value(NO_ORGANISATION),
        output_field=CharField(),
    )
    in_period = trained(question).filter(date__range=(question.period.starts_on, question.period.ends_on))
    return in_period.annotate(place=place, sector_name=Coalesce("sector__name", Value("")), title=course_title("event__"))


def check_sums(table: Any, attended: Any) -> None:
    """Raises SumsDiffer unless rows, columns and the whole are what the database counts by itself."""
    by_place = dict(attended.values_list("place").annotate(times=Count("pk")).order_by())
    by_title = dict(attended.values_list("title").annotate(times=Count("pk")).order_by())
    found = (
        {str(name): int(n) for name, n in table[TOTAL].groupby(level="Organisation").sum().items()},
        {str(title): int(n) for title, n in table.drop(columns=TOTAL).sum().items()},
        int(table[TOTAL].sum()),
    )
    if found != (by_place, by_title, attended.count()):
        raise SumsDiffer(f"the table says {found}, the database {by_place}, {by_title}")
