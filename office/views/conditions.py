"""Who may book an event, or every event of a course."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.conditions import conditions_of, in_words
from bookings.models import Condition
from bookings.operations import set_conditions
from bookings.preview import unmet_after
from bookings.wanted import wanted_of
from core.clock import london_date, now
from core.refusals import Refused
from courses.models import Course
from events.models import Event
from office.forms.conditions import ConditionsForm
from office.views.own import own_event, sent_again
from people.access import SignedInRequest, needs
from people.models import PartnerAgency

# Where the operation calls a field by another name than the page.
FIELDS = {"number": "agency_limit", "courses": "courses_1"}
MOST_EVENTS = 60


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def event_conditions(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    event = own_event(request, event_id)
    of_course = [in_words(one) for one in conditions_of(event) if one.course_id]
    about: dict[str, Any] = {"whose": event, "event": event, "of_course": of_course}
    return _conditions(request, about, {"event": event}, [event], back=reverse("office_event", args=[event.pk]))


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def course_conditions(request: SignedInRequest, course_id: UUID) -> HttpResponse:
    course = get_object_or_404(Course, pk=course_id, partnership=request.partnership)
    upcoming = Event.objects.filter(course=course).upcoming(london_date(now())).select_related("course", "lead_host")
    back = reverse("office_course_change", args=[course.pk])
    return _conditions(request, {"whose": course, "course": course}, {"course": course}, list(upcoming[:MOST_EVENTS]), back=back)


def _conditions(
    request: SignedInRequest, about: dict[str, Any], whose: dict[str, Any], events: list[Event], *, back: str
) -> HttpResponse:
    """The form and its saving. Before it is saved, a page says how many of those booked would not meet what is new."""
    form = _form(request, whose)
    if form.is_bound and form.is_valid() and "back" not in request.POST:
        save = partial(set_conditions, **whose, wanted=form.wanted(), by=request.user, at=now())
        try:
            if "checked" not in request.POST and (unmet := unmet_after(events, save)):
                context = {**about, "unmet": unmet, "sent": sent_again(request), "back": back}
                return render(request, "office/conditions_check.html", context)
            save()
        except Refused as refusal:
            field = FIELDS.get(refusal.field or "", refusal.field or "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            messages.success(request, "Saved. It holds for whoever books from now on.")
            return redirect(back)
    partners = PartnerAgency.objects.filter(partnership=request.partnership).count()
    return render(request, "office/conditions.html", {**about, "form": form, "back": back, "partners": partners})


def _form(request: SignedInRequest, whose: dict[str, Any]) -> ConditionsForm:
    named = ("sectors", "boroughs", "courses")
    present = [wanted_of(one) for one in Condition.objects.filter(**whose).select_related("level").prefetch_related(*named)]
    own = whose.get("course") or whose["event"].course
    initial = ConditionsForm.start_of(present)
    groups = sum(name.startswith("courses_") for name in initial)
    data = request.POST if request.method == "POST" else None
    return ConditionsForm(data, initial=initial, partnership=request.partnership, own=own, groups=groups)
