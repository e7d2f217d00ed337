"""Pages for everybody that show several rooms."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from bookings.models import Interest
from core.clock import london_date, now
from courses.models import Course
from elearning.models import Module
from events import queries as event_queries
from notifications.bounces import bounced_among, try_again
from people.access import SignedInRequest, VisitorRequest, public, signed_in
from people.models import Partnership, Person
from website import catalogue, feeds, queries, welcome
from website.forms import WHAT, CatalogueForm

MOST_CARDS = 8
ON_A_PAGE = 50
TABS = [("", "All"), *WHAT.items()]
EVENT_PAGE = ("venue", "course__level", "theme", "lead_host", "for_organisation")


def _partnership(request: VisitorRequest) -> Partnership:
    """The partnership at hand. Before there is one, nothing can be shown."""
    if not request.partnership:
        raise Http404
    return request.partnership


def _reader(request: HttpRequest) -> Person | None:
    return request.user if isinstance(request.user, Person) else None


@public
@require_safe
def home(request: VisitorRequest) -> HttpResponse:
    at = now()
    if not request.partnership:
        return render(request, "website/no_partnership.html")
    return render(request, "website/home.html", welcome.front_page(request.partnership, _reader(request), at=at))


@public
@require_safe
def events(request: VisitorRequest) -> HttpResponse:
    partnership, at = request.partnership, now()
    today = london_date(at)
    if not partnership:
        return redirect("home")  # it says how to begin
    form = CatalogueForm(request.GET, partnership=partnership, today=today)
    filters = form.filters()
    stack = catalogue.search(partnership, filters, at=at)
    page = Paginator(stack, ON_A_PAGE).get_page(request.GET.get("page"))
    found: Any = page.object_list
    reader = _reader(request)
    statuses = queries.booked_words(reader, [row for what, row in found if what == catalogue.EVENTS])
    context = {
        "form": form,
        "page": page,
        "found": catalogue.cards(found, statuses=statuses, reader=reader, at=at),
        "tags": form.tags(),
        "query": form.query(),
        "calendar": feeds.address_of(form),
        "tabs": [(label, "?" + form.query(what=what), filters.get("what", "") == what) for what, label in TABS],
    }
    return render(request, "website/catalogue.html", context)


@public
@require_safe
def event(request: VisitorRequest, event_id: uuid.UUID) -> HttpResponse:
    at, reader, partnership = now(), _reader(request), _partnership(request)
    open_to = queries.events_open_to(reader, partnership).select_related(*EVENT_PAGE)
    found = get_object_or_404(open_to.prefetch_related("sessions", "trainers", "hosts__partnership", "for_sectors"), pk=event_id)
    summary = found.summary or (found.course.summary if found.course else "")
    description = found.description or (found.course.description if found.course else "")
    context = {
        "event": found,
        "summary": summary,
        "description": "" if description.strip() == summary.strip() else description,
        "when": event_queries.when(found),
        "where": event_queries.where(found),
        "offer": queries.offer(found, reader, at=at),
        "is_over": event_queries.ends_at(found) <= at,
        "other_dates": _dates_of(found.course, partnership, reader, besides=found.pk),
    }
    return render(request, "website/event.html", context)


@public
@require_safe
def course(request: VisitorRequest, course_id: uuid.UUID) -> HttpResponse:
    partnership = _partnership(request)
    courses = Course.objects.in_catalogue().select_related("level", "theme").prefetch_related("for_sectors")
    found = get_object_or_404(courses, pk=course_id, partnership=partnership)
    reader = _reader(request)
    context = {
        "course": found,
        "dates": _dates_of(found, partnership, reader),
        "wants": reader is not None and Interest.objects.open().filter(course=found, person=reader).exists(),
    }
    return render(request, "website/course.html", context)


@public
@require_safe
def module(request: VisitorRequest, module_id: uuid.UUID) -> HttpResponse:
    modules = Module.objects.in_catalogue().select_related("theme")
    found = get_object_or_404(modules, pk=module_id, partnership=_partnership(request))
    return render(request, "website/module.html", {"module": found})


@signed_in
@require_safe
def my_learning(request: SignedInRequest) -> HttpResponse:
    learning = queries.learning_of(request.user, request.partnership, at=now())
    page = Paginator(learning.record, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "learning": learning,
        "page": page,
        "bounced": bounced_among(request.user.addresses()),
        "coming": learning.coming[:MOST_CARDS],
        "more_coming": len(learning.coming) > MOST_CARDS,
        "waiting": learning.waiting[:MOST_CARDS],
        "more_waiting": len(learning.waiting) > MOST_CARDS,
    }
    return render(request, "website/my_learning.html", context)


@signed_in
@require_safe
def my_bookings(request: SignedInRequest) -> HttpResponse:
    """Every booking to come and every waiting list, a page at a time: for whoever has more than My learning shows."""
    learning = queries.learning_of(request.user, request.partnership, at=now())
    lines = [*learning.offered, *learning.coming, *learning.waiting]
    page = Paginator(lines, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "website/my_bookings.html", {"page": page})


@signed_in
@require_POST
def address_works(request: SignedInRequest) -> HttpResponse:
    """Somebody says that their own address works again."""
    proved = EmailAddress.objects.filter(user=request.user, verified=True).values_list("email", flat=True)
    for bounced in bounced_among(proved):
        try_again(bounced=bounced, by=request.user, at=now())
    messages.success(request, "We write to you again. What waited comes within a minute.")
    return redirect("my_learning")


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "website/accessibility.html")


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "website/privacy.html")


def _dates_of(
    course: Course | None, partnership: Partnership, reader: Person | None, *, besides: uuid.UUID | None = None
) -> list[catalogue.Found]:
    """The course's upcoming dates as cards."""
    if course is None:
        return []
    at = now()
    upcoming = catalogue.listed_events(partnership, today=london_date(at)).filter(course=course)
    dates = list(upcoming.exclude(pk=besides)[:12] if besides else upcoming[:50])
    return catalogue.event_cards(dates, statuses=queries.booked_words(reader, dates), reader=reader, at=at)
