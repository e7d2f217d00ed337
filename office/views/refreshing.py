"""Who is to refresh a course, and by when."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from bookings.refreshing import USUAL_TIME, WITHIN, by_when, to_refresh
from core.clock import london_date, now
from core.csv_out import csv_response
from courses.models import Course
from office.people import people_of
from people.access import SignedInRequest, needs
from people.models import Person
from records.models import CreditQuerySet

PAGE = 50
COLUMNS = (
    "Last name",
    "First name",
    "E-mail",
    "Organisation",
    "Sector",
    "Borough",
    "Job role",
    "Learned on",
    "Refresh by",
    "Booked or waits",
)


@needs("manage_people")
@require_GET
def course_refreshing(request: SignedInRequest, course_id: UUID) -> HttpResponse:
    """The partnership's people whose day comes in the next months, or has gone by; ``?within=`` says which."""
    course, within = _course(request, course_id), _within(request)
    found = _found(request, course, within).select_related("course", "person__organisation")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "course": course,
        "rows": [(credit, by_when(credit)) for credit in page],
        "page": page,
        "within": within,
        "tabs": WITHIN,
    }
    return render(request, "office/course_refreshing.html", context)


@needs("manage_people")
@require_GET
def course_refreshing_csv(request: SignedInRequest, course_id: UUID) -> HttpResponse:
    """The same people, as a spreadsheet opens it."""
    course = _course(request, course_id)
    people = Prefetch("person", Person.objects.with_address().select_related("organisation", "sector", "borough"))
    found = _found(request, course, _within(request)).select_related("course").prefetch_related(people)
    rows = [
        [
            credit.person.surname,
            credit.person.forename,
            credit.person.address,  # type: ignore[attr-defined]
            credit.person.organisation.name if credit.person.organisation else credit.person.organisation_text,
            credit.person.sector.name if credit.person.sector else "",
            credit.person.borough.name if credit.person.borough else "",
            credit.person.job_role,
            f"{credit.earned_on:%d/%m/%Y}",
            f"{by_when(credit):%d/%m/%Y}",
            "Yes" if credit.is_seen_to else "No",  # type: ignore[attr-defined]
        ]
        for credit in found
    ]
    return csv_response(f"to-refresh-{course.code}-{london_date(now()):%Y-%m-%d}.csv", COLUMNS, rows)


def _course(request: SignedInRequest, course_id: UUID) -> Course:
    return get_object_or_404(Course, pk=course_id, partnership=request.partnership)


def _within(request: SignedInRequest) -> str:
    within = request.GET.get("within", "")
    return within if within in WITHIN else USUAL_TIME


def _found(request: SignedInRequest, course: Course, within: str) -> CreditQuerySet:
    return to_refresh([course], people_of(request.partnership), within=within, at=now())
