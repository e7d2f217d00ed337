"""Who of the agency is to refresh what, by course: on the page and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bookings import agency
from bookings.refreshing import USUAL_TIME, WITHIN, by_when
from bookings.views.agency.at_hand import grant_of, page, query_without_page, searched
from core.clock import london_date, now
from core.csv_out import csv_response
from courses.models import Course
from people.access import SignedInRequest, needs_somewhere
from people.models import Grant
from records.models import CreditQuerySet

PAGE = 50
COLUMNS = ("Course", "Last name", "First name", "E-mail", "Job role", "Learned on", "Refresh by", "Booked or waits")


@dataclass(frozen=True)
class Asked:
    """What the address asks for. ``course`` None: all of ``courses``, which are those of the partnership that are refreshed."""

    courses: list[Course]
    course: Course | None
    within: str
    text: str

    @classmethod
    def of(cls, request: SignedInRequest, grant: Grant) -> Asked:
        courses = list(agency.courses_to_refresh(grant))
        chosen = next((one for one in courses if str(one.pk) == request.GET.get("course")), None)
        within = request.GET.get("within", "")
        return cls(courses, chosen, within if within in WITHIN else USUAL_TIME, searched(request))

    def found(self, grant: Grant) -> CreditQuerySet:
        courses = [self.course] if self.course else self.courses
        return agency.to_refresh(grant, courses, within=self.within, text=self.text, at=now())


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def refreshing(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    """The agency's people whose day comes in the next months, or has gone by; filters stand in the address."""
    grant = grant_of(request, grant_id)
    asked = Asked.of(request, grant)
    listed = Paginator(asked.found(grant), PAGE).get_page(request.GET.get("page"))
    kept = {"course": str(asked.course.pk) if asked.course else "", "q": asked.text}
    times = [(label, "?" + urlencode({"within": key, **kept}), key == asked.within) for key, label in WITHIN.items()]
    rows = [(credit, by_when(credit)) for credit in listed]
    context = {"asked": asked, "listed": listed, "rows": rows, "times": times, "query": query_without_page(request)}
    return page(request, grant, "refreshing.html", context, tab="agency_refreshing")


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def refreshing_csv(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    """Those that the page shows under the same filters, every page of them."""
    grant = grant_of(request, grant_id)
    rows = [
        [
            credit.course.title,  # type: ignore[union-attr]
            credit.person.surname,
            credit.person.forename,
            credit.person.address,  # type: ignore[attr-defined]
            credit.person.job_role,
            f"{credit.earned_on:%d/%m/%Y}",
            f"{by_when(credit):%d/%m/%Y}",
            "Yes" if credit.is_seen_to else "No",  # type: ignore[attr-defined]
        ]
        for credit in Asked.of(request, grant).found(grant)
    ]
    return csv_response(f"to-refresh-{london_date(now()):%Y-%m-%d}.csv", COLUMNS, rows)
