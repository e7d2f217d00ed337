"""What people want that has no date: the courses, and the sessions that services ask for."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bookings import demand as wanted
from bookings.models import SessionRequest
from bookings.operations import decline_session, reconsider_session
from core.clock import london_date, now
from core.csv_out import csv_response
from core.refusals import Refused
from courses.models import Course
from office.forms.reason import ReasonForm
from people.access import SignedInRequest, needs
from people.models import Person

PAGE = 50
COLUMNS = ("Course", "Last name", "First name", "E-mail", "Organisation", "Sector", "Borough", "Job role", "Asked on")


@needs("manage_events")
@require_GET
def demand(request: SignedInRequest) -> HttpResponse:
    """How many want which course, most wanted first."""
    page = Paginator(wanted.wanted_courses(request.partnership), PAGE).get_page(request.GET.get("page"))
    return render(request, "office/demand.html", {"page": page, "asked": wanted.open_requests(request.partnership).count()})


@needs("manage_events")
@require_GET
def demand_course(request: SignedInRequest, course_id: UUID) -> HttpResponse:
    """Who wants one course."""
    course = get_object_or_404(Course, pk=course_id, partnership=request.partnership)
    page = Paginator(wanted.who_wants(request.partnership, course), PAGE).get_page(request.GET.get("page"))
    return render(request, "office/demand_course.html", {"course": course, "page": page})


@needs("manage_events")
@require_GET
def demand_csv(request: SignedInRequest) -> HttpResponse:
    """Everybody who wants a course, as a spreadsheet opens it."""
    people = Prefetch("person", Person.objects.with_address().select_related("organisation", "sector", "borough"))
    found = wanted.who_wants(request.partnership).select_related(None).select_related("course").prefetch_related(people)
    rows = [
        [
            one.course.title,
            one.person.surname,
            one.person.forename,
            one.person.address,  # type: ignore[attr-defined]
            one.person.organisation.name if one.person.organisation else one.person.organisation_text,
            one.person.sector.name if one.person.sector else "",
            one.person.borough.name if one.person.borough else "",
            one.person.job_role,
            f"{london_date(one.asked_at):%d/%m/%Y}",
        ]
        for one in found
    ]
    return csv_response(f"wanted-courses-{london_date(now()):%Y-%m-%d}.csv", COLUMNS, rows)


@needs("manage_events")
@require_GET
def session_requests(request: SignedInRequest) -> HttpResponse:
    """The sessions that services ask for: those to be answered, oldest first, or all."""
    shows_all = request.GET.get("which") == "all"
    every = _requests(request).select_related("organisation", "course", "asked_by").order_by("-asked_at", "pk")
    page = Paginator(every if shows_all else wanted.open_requests(request.partnership), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "shows_all": shows_all, "query": "which=all" if shows_all else ""}
    return render(request, "office/session_requests.html", context)


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def session_request(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    """One request; declining it is done here, planning it on the page of a new event."""
    found = _own(request, request_id)
    form = ReasonForm(
        request.POST if request.method == "POST" else None, label="Why not?", hint="Whoever asked reads it in a letter."
    )
    if form.is_bound and form.is_valid():
        try:
            decline_session(request=found, reason=form.cleaned_data["reason"], by=request.user, at=now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"Declined. {found.asked_by.name} will be told by e-mail.")
            return redirect("office_session_request", found.pk)
    return render(request, "office/session_request.html", {"found": found, "form": form})


@needs("manage_events")
@require_POST
def session_request_reconsider(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    found = _own(request, request_id)
    try:
        reconsider_session(request=found, by=request.user, at=now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The request is open again.")
    return redirect("office_session_request", found.pk)


def _requests(request: SignedInRequest) -> QuerySet[SessionRequest]:
    return SessionRequest.objects.filter(partnership=request.partnership)


def _own(request: SignedInRequest, request_id: UUID) -> SessionRequest:
    related = _requests(request).select_related("organisation", "course", "asked_by", "event", "partnership")
    return get_object_or_404(related, pk=request_id)
