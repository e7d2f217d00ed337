"""The reach report: its page, the page of each measure, and what leaves as a file."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.clock import london_date, now
from core.csv_out import csv_response
from core.wording import count
from people.access import SignedInRequest, needs
from reports import story
from reports.exports import HEADER, figure_rows
from reports.forms import CutForm
from reports.frames import organisations_by_course
from reports.measures import CARDS, CHARTS, MEASURES, SECTIONS
from reports.questions import KIND_LABELS, Question
from reports.report import Figure, Part, Report, ask, rows_behind
from reports.shapes import Row

ROWS_ON_A_PAGE = 100
BARS_IN_A_CHART = 16


def _form(request: SignedInRequest) -> CutForm:
    return CutForm(request.GET, partnership=request.partnership, today=london_date(now()))


def _back(request: SignedInRequest) -> HttpResponse:
    """To the report's page, which says what is wrong with what was asked."""
    return redirect(f"{reverse('reach_report')}?{request.GET.urlencode()}")


@needs("see_reports")
@require_GET
def reach_report(request: SignedInRequest) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():
        return render(request, "reports/reach.html", {"form": form})
    report = ask(form.question)
    question = report.question
    context = {
        "form": form.shown(),
        "report": report,
        "question": question,
        "previous": question.period.previous(),
        "latest": form.default,
        "state": _state(report, form),
        "tags": _tags(question),
        "cards": [_card(report, key) for key in CARDS],
        "moved": story.what_moved(report),
        "charts": _charts(report),
        "sections": report.sections,
        "breakdowns": [_breakdown(figure, question) for figure in report.breakdowns if figure.parts and not figure.why_not],
        "definitions": [(section, [m for m in MEASURES.values() if m.section == section]) for section in SECTIONS],
    }
    return render(request, "reports/reach.html", context)


@needs("see_reports")
@require_GET
def measure(request: SignedInRequest, key: str) -> HttpResponse:
    if key not in MEASURES:
        raise Http404
    form = _form(request)
    if not form.is_valid():
        return _back(request)
    report = ask(form.question)
    figure = report.figures[key]
    rows = rows_behind(report, figure.measure)
    context = {
        "figure": figure,
        "measure": figure.measure,
        "question": report.question,
        "previous": report.question.period.previous(),
        "change": figure.sentence(report.question.period.previous().name),
        "tags": _tags(report.question),
        "page": Paginator(_linked(rows, report.question), ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        "what": "Part" if figure.measure.parts else "What",
        "has_days": any(row.on for row in rows),
        "has_details": any(row.detail for row in rows),
        "total": Row("", sum(row.n for row in rows), sum(row.of or 0 for row in rows)),
        "rows_in_words": count(len(rows), "row"),
    }
    return render(request, "reports/measure.html", context)


@needs("see_reports")
@require_GET
def reach_csv(request: SignedInRequest) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():
        return _back(request)
    return csv_response(_file_name("reach", form.question), HEADER, figure_rows(ask(form.question)))


@needs("see_reports")
@require_GET
def reach_organisations_csv(request: SignedInRequest) -> HttpResponse:
    form = _form(request)
    if not form.is_valid():
        return _back(request)
    header, rows = organisations_by_course(form.question)
    return csv_response(_file_name("reach-organisations", form.question), header, rows)


def _file_name(start: str, question: Question) -> str:
    return f"{start}-{question.period.starts_on.isoformat()}-to-{question.period.ends_on.isoformat()}.csv"


def _state(report: Report, form: CutForm) -> str:
    """Which of the page's states this is."""
    period, today = report.question.period, report.question.today
    if report.has_figures:
        return "in progress" if period.holds(today) else "figures"
    if report.question.cuts:
        return "nothing in the cut"
    if period.starts_on > today:
        return "to come"
    return "nothing yet" if form.span is None else "nothing"


def _measure_address(key: str, question: Question) -> str:
    return f"{reverse('measure', args=[key])}?{question.query}"


def _tags(question: Question) -> list[dict[str, str]]:
    """The cuts in use, each with the address of the same question without it."""
    without: dict[str, tuple[str, Any]] = {
        "kinds": (", ".join(KIND_LABELS[kind] for kind in question.kinds), ()),
        "sector": (question.sector, ""),
        "course": (question.course, ""),
        "theme": (question.theme, ""),
    }
    return [
        {"label": label, "href": f"?{question.narrowed(**{name: empty}).query}"}
        for name, (label, empty) in without.items()
        if label
    ]


def _card(report: Report, key: str) -> dict[str, str]:
    figure, question = report.figures[key], report.question
    return {
        "label": figure.measure.name,
        "value": figure.value,
        "sum": figure.why_not or story.in_words(report, figure),
        "change": figure.sentence(question.period.previous().name),
        "href": _measure_address(figure.measure.key, question),
    }


def _cut_address(part: Part, question: Question) -> str:
    return _measure_address("attendances", question.narrowed(**dict(part.cut))) if part.cut else ""


def _charts(report: Report) -> list[list[dict[str, Any]]]:
    """The charts in two columns: the first beside the others. What is all in one group needs none."""
    found = [_chart(report.figures[key], report.question) for key in CHARTS if len(report.figures[key].plain_parts) > 1]
    return [column for column in (found[:1], found[1:]) if column]


def _chart(figure: Figure, question: Question) -> dict[str, Any]:
    counted = [part for part in figure.parts if part.now and part.now.n]
    shown = sorted(counted, key=lambda part: -(part.now.n if part.now else 0))[:BARS_IN_A_CHART]
    largest = max((part.now.n for part in shown if part.now), default=0)
    rows = [
        {
            "label": part.label,
            "value": part.value,
            "share": 100 * part.now.n / largest if part.now else 0,
            "sum": f"{part.share}%" if part.share is not None else "",
            "href": _cut_address(part, question),
        }
        for part in shown
    ]
    head = figure.measure.name.rsplit(" by ")[-1].capitalize()
    return {"title": story.finding(figure), "head": head, "rows": rows, "left_out": len(counted) - len(shown)}


def _breakdown(figure: Figure, question: Question) -> dict[str, Any]:
    rows = [(part, _cut_address(part, question)) for part in figure.parts]
    return {"figure": figure, "of": figure.denominator, "href": _measure_address(figure.measure.key, question), "rows": rows}


def _linked(rows: list[Row], question: Question) -> list[tuple[Row, str]]:
    return [(row, _measure_address("attendances", question.narrowed(**dict(row.cut))) if row.cut else "") for row in rows]
