"""Wanting a course that has no date, and asking for a session of one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import operations
from bookings.forms.demand import SessionRequestForm
from bookings.models import Interest, SessionRequest
from core.clock import now
from core.refusals import Refused
from courses.models import Course
from people.access import SignedInRequest, signed_in


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def want_course(request: SignedInRequest, course_id: UUID) -> HttpResponse:
    """The page says what wanting means, or that one is on the list; the button does it."""
    course = get_object_or_404(Course.objects.in_catalogue(), pk=course_id, partnership=request.partnership)
    who: dict[str, Any] = {"course": course, "person": request.user, "by": request.user, "at": now()}
    refused = None
    if request.method == "POST":
        try:
            if request.POST.get("stop"):
                operations.stop_wanting(**who)
                messages.success(request, f"You are off the list for “{course}”.")
            else:
                operations.want_course(**who)
                messages.success(request, f"We tell you when “{course}” has a date.")
            return redirect("course", course.pk)
        except Refused as refusal:
            refused = refusal
    wants = Interest.objects.open().filter(course=course, person=request.user).first()
    context = {"course": course, "wants": wants, "refused": refused}
    return render(request, "bookings/want_course.html", context, status=409 if refused else 200)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def ask_for_session(request: SignedInRequest) -> HttpResponse:
    """``?course=`` starts with a course."""
    form = SessionRequestForm(
        request.POST if request.method == "POST" else None,
        partnership=request.partnership,
        initial={"course": request.GET.get("course", "")[:40]},
    )
    if form.is_bound and form.is_valid():
        try:
            operations.ask_for_session(partnership=request.partnership, **form.cleaned_data, by=request.user, at=now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "Your request is with the training team. You see here how it stands, and we write to you.")
            return redirect("my_learning")
    return render(request, "bookings/ask_for_session.html", {"form": form})


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def withdraw_session(request: SignedInRequest, request_id: UUID) -> HttpResponse:
    found = get_object_or_404(SessionRequest, pk=request_id, asked_by=request.user)
    refused = None
    if request.method == "POST":
        try:
            operations.withdraw_session(request=found, by=request.user, at=now())
        except Refused as refusal:
            refused = refusal
        else:
            messages.success(request, "Your request is withdrawn.")
            return redirect("my_learning")
    context = {"found": found, "refused": refused}
    return render(request, "bookings/withdraw_session.html", context, status=409 if refused else 200)
