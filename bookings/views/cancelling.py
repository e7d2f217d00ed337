"""Giving a place back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import operations, policies
from bookings.charging import until
from bookings.charging.reading import consequence_of_cancelling
from bookings.forms import CancelForSomebodyForm
from bookings.models import Booking, BookingStatus, BookingTerms, CancelledBy
from bookings.passing_on import where_the_place_goes
from bookings.queries import managers_to_tell_of_the_end
from bookings.views.finding import about, booking_of
from core.clock import now
from core.refusals import Refused
from people.access import SignedInRequest, signed_in

DONE = {
    BookingStatus.WAITING: ("You have left the waiting list.", "Taken off the waiting list."),
    BookingStatus.REQUESTED: ("Request taken back.", "Request taken back."),
    BookingStatus.AWAITING_APPROVAL: ("Request taken back.", "Request taken back."),
}


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def cancel_booking(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The page says what will happen; the button does it. Mail scanners that open the link change nothing."""
    found, refused, by = booking_of(request, booking_id), None, request.user
    before = found.status
    form = None if found.person_id == by.pk else CancelForSomebodyForm(request.POST if request.method == "POST" else None)
    try:
        policies.check_can_cancel(found, at=now())
        policies.check_may_cancel_oneself(found, by=by)
        if request.method == "POST" and (form is None or form.is_valid()):
            said = form.cleaned_data if form else {"cancelled_by": CancelledBy.DELEGATE}
            operations.cancel_booking(booking=found, by=by, at=now(), **said)
            messages.success(request, DONE.get(BookingStatus(before), ("Place cancelled.", "Place cancelled."))[form is not None])
            return redirect("booking", found.pk)
    except Refused as refusal:
        refused = refusal
    context = {**about(request, found), **_consequences(found), "refused": refused, "form": form}
    return render(request, "bookings/cancel.html", context, status=409 if refused and request.method == "POST" else 200)


def _consequences(found: Booking) -> dict[str, Any]:
    """What cancelling now means: for the place, for money and for the manager."""
    consequence = consequence_of_cancelling(found, now())
    terms = BookingTerms.objects.filter(event=found.event_id).first()
    hears = found.has_a_place and managers_to_tell_of_the_end([found], terms)
    return {
        "goes": where_the_place_goes(found),
        "was_waiting": found.status == BookingStatus.WAITING,
        "is_request": found.status in (BookingStatus.REQUESTED, BookingStatus.AWAITING_APPROVAL),
        "consequence": consequence,
        "free_until": until(consequence.deadline) if consequence else "",
        "told_to": found.manager_email if hears else "",
    }
