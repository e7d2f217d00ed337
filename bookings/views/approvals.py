"""What an approver sees who opens a mailed link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import operations, policies, queries
from bookings.forms import ApprovalForm
from bookings.models import Decision
from core.clock import now
from core.refusals import Refused
from events.queries import when, where
from people.access import public
from people.models import Person


@public
@never_cache
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, token: str) -> HttpResponse:
    """Where a manager's mailed link leads: the page asks, the button answers. No account, and opening it changes nothing."""
    asked, approver = queries.request_by_link(token)
    if asked is None:
        return render(request, "bookings/approve_gone.html", status=404)
    form, refused = ApprovalForm(request.POST if request.method == "POST" else None), None
    by = request.user if isinstance(request.user, Person) else None
    try:
        policies.check_is_open(asked, asked.booking, at=now())
        if request.method == "POST" and form.is_valid():
            answer = (
                operations.approve_booking if form.cleaned_data["answer"] == Decision.APPROVED else operations.decline_booking
            )
            answer(request=asked, approver=approver, by=by, at=now(), reason=form.cleaned_data["reason"])
            asked.refresh_from_db()
            return render(request, "bookings/approve_done.html", {"asked": asked})
    except Refused as refusal:
        refused = refusal
    context = {"asked": asked, "booking": asked.booking, "event": asked.booking.event, "form": form, "refused": refused}
    context |= {"when": when(asked.booking.event), "where": where(asked.booking.event)}
    return render(request, "bookings/approve.html", context, status=409 if refused and request.method == "POST" else 200)
