"""Many events at once: next term's dates from last term's, and one event again and again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from bookings.operations import copy_events
from bookings.operations.series import MOST_AT_ONCE
from core import wording
from core.clock import london_date, now
from core.ids import ids_in
from core.refusals import Refused
from courses.models import Course
from events.models import Event, EventStatus
from office.forms.series import USUAL_WEEKS, RepeatForm, SeriesPage, ShiftForm, first_dates
from office.queries import events_of, matching
from office.terms import Term, terms_about
from office.views.once import form_key, make_once
from office.views.own import own_event, own_events
from people.access import SignedInRequest, needs


@needs("manage_events")
@require_GET
def series(request: SignedInRequest) -> HttpResponse:
    """Which events are to be held again: those of a course and a term, with ticks."""
    terms = terms_about(london_date(now()))
    courses = {str(course.pk): course.title for course in Course.objects.filter(partnership=request.partnership)}
    course = request.GET.get("course", "") if request.GET.get("course") in courses else ""
    term = terms.get(request.GET.get("term", "")) or _last_with_events(request, terms)
    text = request.GET.get("q", "").strip()[:100]
    found = matching(_between(events_of(request.partnership), term), text).exclude(status=EventStatus.CANCELLED)
    if course:
        found = found.filter(course=UUID(course))
    rows = list(found.select_related("venue", "course").prefetch_related("sessions")[: MOST_AT_ONCE + 1])
    context = {
        "rows": rows[:MOST_AT_ONCE],
        "is_cut": len(rows) > MOST_AT_ONCE,
        "most": MOST_AT_ONCE,
        "terms": terms,
        "term": term,
        "courses": courses,
        "course": course,
        "text": text,
        "ticked": request.GET.get("ticked") != "none",
        "query": {"term": term.key, "course": course, "q": text},
        "shift": ShiftForm(),
    }
    return render(request, "office/series.html", context)


def _between(events: QuerySet[Event], term: Term) -> QuerySet[Event]:
    return events.filter(starts_on__gte=term.first, starts_on__lte=term.last)


def _last_with_events(request: SignedInRequest, terms: dict[str, Term]) -> Term:
    """The latest term that has begun and had events; the current one where none had."""
    today = london_date(now())
    begun = [term for term in terms.values() if term.first <= today]
    latest = (
        events_of(request.partnership).filter(starts_on__lte=today).order_by("-starts_on").values_list("starts_on", flat=True)
    )
    for day in latest[:1]:
        return next((term for term in begun if term.first <= day <= term.last), begun[-1])
    return begun[-1]


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def series_dates(request: SignedInRequest) -> HttpResponse:
    """The table of new dates with what speaks against each. Creates all of them as drafts, or none."""
    typed = [str(text) for name, text in request.POST.items() if name.startswith("copies-") and name.endswith("-like")]
    known = own_events(request, ids_in(typed if request.method == "POST" else list(request.GET.getlist("like"))))
    if request.method == "GET":
        page = SeriesPage(request.partnership, known, start=_start(request, known), at=now())
        if not page.rows:
            messages.error(request, "Tick at least one event.")
            return redirect("office_series")
        return render(request, "office/series_dates.html", {"page": page, "once": form_key(request)})
    page = SeriesPage(request.partnership, known, data=request.POST, at=now())
    has_seen = request.POST.get("seen") == page.seen or not page.troubled
    if page.is_valid and has_seen and "check" not in request.POST:
        try:
            made = make_once(request, lambda: copy_events(copies=page.copies, by=request.user, at=now()))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{wording.count(len(made), 'draft')} made. Publish them when they are ready.")
            return redirect(f"{reverse('office_events_publish')}?{'&'.join(f'event={pk}' for pk in made)}")
    context = {"page": page, "is_unseen": page.is_valid and not has_seen, "once": form_key(request)}
    return render(request, "office/series_dates.html", context)


def _start(request: SignedInRequest, known: dict[UUID, Event]) -> list[tuple[Event, date, str]]:
    events = sorted(known.values(), key=lambda event: (event.starts_on, event.title))
    repeat, shift = RepeatForm(request.GET), ShiftForm(request.GET)
    if repeat.is_valid():
        return first_dates(events[:1], weeks=None, **repeat.cleaned_data)
    if not shift.is_valid() and "weeks" in request.GET:
        messages.warning(request, f"{shift.errors['weeks'][0]} Until then the dates are {USUAL_WEEKS} weeks later.")
    return first_dates(events, weeks=shift.cleaned_data["weeks"] if shift.is_valid() else USUAL_WEEKS)


@needs("manage_events")
@require_GET
def event_repeat(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Ask how often and how many times, then go on to the table of dates."""
    event = own_event(request, event_id)
    form = RepeatForm(request.GET if "every" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect(reverse("office_series_dates", query={"like": str(event.pk), **form.cleaned_data}))
    return render(request, "office/event_repeat.html", {"event": event, "form": form})
