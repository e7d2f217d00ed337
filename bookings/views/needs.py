"""What somebody needs: changed by the person after booking, and read by the event's trainers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bookings import operations, policies
from bookings.forms import NeedsForm
from bookings.models import BookingNeeds, BookingSettings
from bookings.needs import Needs, needs_at
from bookings.views.finding import about, booking_of
from core.clock import now
from core.refusals import Refused
from events.models import Event
from events.queries import when, where
from people.access import SignedInRequest, signed_in


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def booking_needs(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Say or change what is needed, for as long as the booking is live."""
    found, refused = booking_of(request, booking_id), None
    if not policies.can_see_needs(found, by=request.user):
        raise Http404
    present = Needs.of(BookingNeeds.objects.filter(booking=found).first())
    data = request.POST if request.method == "POST" else None
    form = NeedsForm(data, format=found.event.format, initial=NeedsForm.answers_of(present))
    if request.method == "POST" and form.is_valid():
        try:
            operations.record_needs(booking=found, needs=form.needs(), by=request.user, at=now())
            messages.success(request, "Kept.")
            return redirect("booking", found.pk)
        except Refused as refusal:
            refused = refusal
    kept = BookingSettings.of(found.event.lead_host).needs_kept_days
    context = {**about(request, found), "form": form, "refused": refused, "needs_kept_days": kept}
    return render(request, "bookings/needs.html", context, status=409 if refused else 200)


@signed_in
@never_cache
@require_GET
def event_needs(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """For the event's own trainers: access and interpreters, with names. What somebody eats is no business of theirs."""
    taught = Event.objects.filter(trainers__person=request.user).select_related("venue", "lead_host").distinct()
    event = get_object_or_404(taught.prefetch_related("sessions"), pk=event_id)
    rows = [(row.booking.person.name, needs) for row in needs_at(event) for needs in [Needs.of(row)] if needs.concerns_the_room]
    context = {"event": event, "rows": rows, "when": when(event), "where": where(event)}
    return render(request, "bookings/event_needs.html", context)
