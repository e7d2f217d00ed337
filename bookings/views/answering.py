"""What the person answers while a booking is open: an offered place, and whom to ask for approval instead."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bookings import operations, policies
from bookings.forms import AskSomebodyElseForm, OwnManagerForm
from bookings.models import ApprovalRequest
from bookings.views.finding import about, booking_of
from core.clock import now
from core.refusals import Refused
from people.access import SignedInRequest, signed_in

TAKE, TURN_DOWN = "take", "turn_down"


@signed_in
@require_POST
def answer_offer(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Take the offered place or turn it down; the booking's page says how it stands then."""
    found, answer = booking_of(request, booking_id), request.POST.get("answer")
    try:
        if answer == TAKE:
            operations.accept_offer(booking=found, by=request.user, at=now())
        elif answer == TURN_DOWN:
            operations.decline_offer(booking=found, by=request.user, at=now())
            messages.success(request, "Place turned down. Others can have it now.")
        else:
            messages.error(request, "Choose whether you take the place.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("booking", found.pk)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def ask_somebody_else(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Another manager is asked for approval, with the time running afresh."""
    found, refused = booking_of(request, booking_id), None
    asked = get_object_or_404(ApprovalRequest, booking=found)
    form = AskSomebodyElseForm(request.POST if request.method == "POST" else None, request=asked)
    try:
        policies.check_is_open(asked, found, at=now())
        if request.method == "POST" and form.is_valid():
            operations.ask_somebody_else(request=asked, by=request.user, at=now(), **form.cleaned_data)
            messages.success(request, f"We have asked {form.cleaned_data['manager_email']}.")
            return redirect("booking", found.pk)
    except Refused as refusal:
        if refusal.field in form.fields:
            form.add_error(refusal.field, str(refusal))
        else:
            refused = refusal
    context = {**about(request, found), "asked": asked, "form": form, "refused": refused}
    return render(request, "bookings/ask.html", context, status=409 if refused and request.method == "POST" else 200)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def booking_manager(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Who the manager is whom we tell of this booking: named by whoever booked, put right by the person."""
    found, refused = booking_of(request, booking_id), None
    initial = {"manager_email": found.manager_email}
    form = OwnManagerForm(request.POST if request.method == "POST" else None, initial=initial)
    try:
        policies.check_can_correct_manager(found, by=request.user, at=now())
        if request.method == "POST" and form.is_valid():
            operations.correct_manager(booking=found, by=request.user, at=now(), **form.cleaned_data)
            named = form.cleaned_data["manager_email"]
            messages.success(request, f"Your manager in this booking is {named}." if named else "This booking names no manager.")
            return redirect("booking", found.pk)
    except Refused as refusal:
        if refusal.field in form.fields:
            form.add_error(refusal.field, str(refusal))
        else:
            refused = refusal
    context = {**about(request, found), "form": form, "refused": refused}
    return render(request, "bookings/manager.html", context, status=409 if refused and request.method == "POST" else 200)
