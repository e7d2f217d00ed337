"""The courses of the catalogue: found, made, changed."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from bookings.operations import set_course_terms
from core.clock import now
from core.refusals import Refused
from courses.models import Course, CourseQuerySet, Level, Theme
from courses.operations import add_course, change_course, ensure_tag
from office.forms.courses import CourseForm
from office.forms.places import CourseTermsForm
from office.leaving import refreshers_due_now
from office.views.leaving import save_or_ask
from people.access import SignedInRequest, needs
from people.models import Partnership, Person

PAGE = 50
LISTED = {"yes": "In the catalogue", "no": "Not in the catalogue"}


@needs("manage_events")
@require_GET
def courses(request: SignedInRequest) -> HttpResponse:
    """Every course of the partnership; filters stand in the address."""
    themes = {str(theme.pk): theme.name for theme in Theme.objects.filter(partnership=request.partnership)}
    text = request.GET.get("q", "").strip()[:100]
    theme = request.GET.get("theme", "") if request.GET.get("theme") in themes else ""
    listed = request.GET.get("listed", "") if request.GET.get("listed") in LISTED else ""
    found = _matching(Course.objects.filter(partnership=request.partnership), text, theme, listed)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": Paginator(found.select_related("theme", "level"), PAGE).get_page(request.GET.get("page")),
        "text": text,
        "theme": theme,
        "themes": themes,
        "listed": listed,
        "choices": LISTED,
        "tags": _filter_tags({"q": text, "theme": theme, "listed": listed}, themes),
        "query": query.urlencode(),
    }
    return render(request, "office/courses.html", context)


def _matching(found: CourseQuerySet, text: str, theme: str, listed: str) -> CourseQuerySet:
    for word in text.split():
        found = found.filter(Q(title__icontains=word) | Q(code__icontains=word) | Q(summary__icontains=word))
    if theme:
        found = found.filter(theme=UUID(theme))
    if listed:
        found = found.filter(is_in_catalogue=listed == "yes")
    return found.order_by("title", "code", "pk")


def _filter_tags(filters: dict[str, str], themes: dict[str, str]) -> list[dict[str, str]]:
    labels = {"q": f"“{filters['q']}”", "theme": themes.get(filters["theme"], ""), "listed": LISTED.get(filters["listed"], "")}
    used = [name for name, value in filters.items() if value]
    return [
        {"label": labels[name], "href": reverse("office_courses", query={k: filters[k] for k in used if k != name})}
        for name in used
    ]


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def course_new(request: SignedInRequest) -> HttpResponse:
    form = CourseForm(request.POST or None, partnership=request.partnership, initial={"is_in_catalogue": True})
    terms = CourseTermsForm(request.POST or None)
    if all([form.is_valid(), terms.is_valid()]):
        try:
            course = _save(form, terms, None, request.partnership, by=request.user, at=now())
        except Refused as refusal:
            _refuse(refusal, form, terms)
        else:
            messages.success(request, f"“{course}” is added. Next, create an event from it.")
            return redirect("office_courses")
    return render(request, "office/course.html", {"form": form, "terms": terms})


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def course_change(request: SignedInRequest, course_id: UUID) -> HttpResponse:
    course = get_object_or_404(Course, pk=course_id, partnership=request.partnership)
    form = CourseForm(request.POST or None, partnership=request.partnership, initial=CourseForm.details_of(course))
    terms = CourseTermsForm(request.POST or None, initial=CourseTermsForm.values_of(course))
    if all([form.is_valid(), terms.is_valid()]):
        at, here = now(), reverse("office_course_change", args=[course.pk])
        save = partial(_save, form, terms, course, request.partnership, by=request.user, at=at)
        try:
            asks = save_or_ask(request, save, at=at, back=here, back_to="The course", due=refreshers_due_now)
        except Refused as refusal:
            _refuse(refusal, form, terms)
        else:
            if asks:
                return asks
            messages.success(request, "The course is saved.")
            return redirect("office_courses")
    return render(request, "office/course.html", {"form": form, "terms": terms, "course": course})


def _refuse(refusal: Refused, form: CourseForm, terms: CourseTermsForm) -> None:
    """Show an operation's no at its field, on whichever form has it."""
    if refusal.field in terms.fields:
        terms.add_error(refusal.field, str(refusal))
    else:
        form.add_error(refusal.field, str(refusal))


@transaction.atomic
def _save(
    form: CourseForm, terms: CourseTermsForm, course: Course | None, partnership: Partnership, *, by: Person, at: datetime
) -> Course:
    """The course with its new tags and what its events start with, or, refused, none of it."""
    details: dict[str, Any] = form.details()
    who: dict[str, Any] = {"by": by, "at": at}
    if form.cleaned_data["new_theme"]:
        details["theme"] = ensure_tag(Theme, partnership=partnership, name=form.cleaned_data["new_theme"], **who)
    if form.cleaned_data["new_level"]:
        details["level"] = ensure_tag(Level, partnership=partnership, name=form.cleaned_data["new_level"], **who)
    if course is None:
        course = add_course(partnership=partnership, **details, **who)
    else:
        course = change_course(course=course, **details, **who)
    set_course_terms(course=course, **terms.cleaned_data, **who)
    return course
