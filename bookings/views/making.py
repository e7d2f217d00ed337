"""Booking a place."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import operations, policies, queries
from bookings.forms import BookForm
from bookings.models import BookingTerms
from bookings.views.finding import event_to_book
from core.clock import now
from core.refusals import Refused
from events.models import Event
from events.queries import when, where
from people.access import SignedInRequest, signed_in


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def book(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Check what we know and press one button. Somebody who has a booking already comes to that one."""
    event, person = event_to_book(request, event_id), request.user
    present = queries.live_booking(event, person)
    if present is not None:
        return redirect("booking", present.pk)
    form = BookForm(request.POST or None, person=person, asks_for_manager=event.lead_host.asks_for_manager)
    if request.method != "POST" or not form.is_valid():
        return _book_page(request, event, form)
    try:
        made = operations.book_place(
            event=event, person=person, by=person, at=now(), manager_email=form.cleaned_data.get("manager_email", "")
        )
    except Refused as refused:
        if refused.code == "already_booked":  # the same form sent twice at once: the other one made the booking
            return redirect("book", event.pk)
        return _book_page(request, event, form, refused=refused)
    return redirect("booking", made.pk)


def _book_page(request: SignedInRequest, event: Event, form: BookForm, *, refused: Refused | None = None) -> HttpResponse:
    terms = BookingTerms.objects.filter(event=event).first()
    counts = queries.place_counts([event]).get(event.pk)
    left = counts.left if counts else None
    if refused is None and not form.errors:
        refused = policies.refusal_to_book(event=event, terms=terms, person=request.user, at=now(), free=left)
    context = {"event": event, "form": form, "counts": counts, "refused": refused, "when": when(event), "where": where(event)}
    status = 409 if refused and request.method == "POST" else 200
    return render(request, "bookings/book.html", {**context, "person": request.user}, status=status)
