"""Giving a place back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import operations, policies
from bookings.forms import CancelForSomebodyForm
from bookings.models import BookingStatus, CancelledBy
from bookings.views.finding import about, booking_of
from core.clock import now
from core.refusals import Refused
from people.access import SignedInRequest, signed_in


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def cancel_booking(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The page says what will happen; the button does it. Mail scanners that open the link change nothing."""
    found, refused, by = booking_of(request, booking_id), None, request.user
    was_waiting = found.status == BookingStatus.WAITING
    form = None if found.person_id == by.pk else CancelForSomebodyForm(request.POST if request.method == "POST" else None)
    try:
        policies.check_can_cancel(found, at=now())
        if request.method == "POST" and (form is None or form.is_valid()):
            said = form.cleaned_data if form else {"cancelled_by": CancelledBy.DELEGATE}
            operations.cancel_booking(booking=found, by=by, at=now(), **said)
            messages.success(request, _done(was_waiting=was_waiting, is_own=form is None))
            return redirect("booking", found.pk)
    except Refused as refusal:
        refused = refusal
    context = {**about(request, found), "refused": refused, "was_waiting": was_waiting, "form": form}
    return render(request, "bookings/cancel.html", context, status=409 if refused and request.method == "POST" else 200)


def _done(*, was_waiting: bool, is_own: bool) -> str:
    if was_waiting:
        return "You have left the waiting list." if is_own else "Taken off the waiting list."
    return "Place cancelled."
