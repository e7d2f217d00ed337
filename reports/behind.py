"""The rows behind figures that are not sums over events: who came more than once is counted where they came first."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from elearning.models import Attempt
from registers.models import Attendance
from reports.facts import completed_attempts, trained
from reports.questions import Question


def first_attendances(question: Question) -> dict[UUID, int]:
    """How many people each event of the period was the first of: they add up to the people reached."""
    period = question.period
    ranked = (
        trained(question)
        .filter(date__range=(period.starts_on, period.ends_on))
        .annotate(nth=Window(RowNumber(), partition_by=[F("person")], order_by=[F("date"), F("event")]))
    )
    firsts = Attendance.objects.filter(pk__in=ranked.filter(nth=1).values("pk"))
    return dict(firsts.values_list("event").annotate(people=Count("pk")).order_by())


def reached_organisations(question: Question) -> list[tuple[str, str, int]]:
    """Each organisation reached in the period: name, sector, attendances."""
    period = question.period
    found = trained(question).filter(date__range=(period.starts_on, period.ends_on), organisation__isnull=False)
    rows = found.values_list("organisation__name", "organisation__sector__name").annotate(times=Count("pk"))
    return list(rows.order_by("organisation__name"))


def first_modules(question: Question) -> list[tuple[str, int]]:
    """For each module, how many people completed it as their first of the period: they add up to the people completing one."""
    in_period = completed_attempts(question).filter(completed_on__gte=question.period.starts_on)
    ranked = in_period.annotate(nth=Window(RowNumber(), partition_by=[F("person")], order_by=[F("completed_on"), F("id")]))
    firsts = Attempt.objects.filter(pk__in=ranked.filter(nth=1).values("pk"))
    rows = firsts.values_list("module", "module__title").annotate(people=Count("pk")).order_by("module__title", "module")
    return [(title, people) for _, title, people in rows]
