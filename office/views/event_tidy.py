"""What an officer does to many bookings of an event at once, each with a page that says to how many."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from bookings.models import Booking, BookingStatus, BookingTerms
from bookings.operations import cancel_bookings, go_ahead
from core import wording
from core.clock import now
from core.ids import ids_in
from core.refusals import Refused
from events.queries import when
from office.bookings import where_the_place_goes
from office.forms.booking import CancelSeveralForm
from office.views.event_people import address_back
from office.views.own import own_event
from people.access import SignedInRequest, needs


@needs("manage_bookings")
@require_POST
def event_cancel_several(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """The people ticked on the event's page, once more, with one reason for all; then the button."""
    event, back = own_event(request, event_id), request.POST.get("back", "")
    ticked = ids_in(request.POST.getlist("booking"))
    live = Booking.objects.live().filter(event=event, pk__in=ticked).select_related("person", "organisation", "hold")
    chosen = list(live.order_by("person__surname", "person__forename", "pk"))
    if not chosen:
        messages.error(request, "Tick the people whose bookings you want to cancel.")
        return redirect(address_back(event, back))
    form = CancelSeveralForm(request.POST if "cancelled_by" in request.POST or "reason" in request.POST else None)
    if form.is_valid():
        try:
            ended = cancel_bookings(event=event, bookings=chosen, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"{wording.count(len(ended), 'booking')} cancelled.")
            return redirect(address_back(event, back))
    places = [one for one in chosen if one.has_a_place]
    goes = "None of them holds a place."
    if places:
        goes = where_the_place_goes(places[0], now(), places=len(places), others=chosen)
    context = {"event": event, "when": when(event), "form": form, "chosen": chosen, "goes": goes, "places": len(places)}
    context |= {"back": back, "address_back": address_back(event, back)}
    return render(request, "office/event_cancel_several.html", context)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def event_go_ahead(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """A tentative event takes place: everybody who asked for a place is confirmed."""
    event, refused = own_event(request, event_id), None
    if request.method == "POST":
        try:
            confirmed = go_ahead(event=event, by=request.user, at=now())
        except Refused as refusal:
            refused = refusal
        else:
            messages.success(request, f"The event goes ahead. {wording.count(len(confirmed), 'person is', 'people are')} told.")
            return redirect("office_event_people", event.pk)
    terms = BookingTerms.objects.filter(event=event).first()
    requested = Booking.objects.filter(event=event, status=BookingStatus.REQUESTED).count()
    context = {"event": event, "when": when(event), "terms": terms, "requested": requested, "refused": refused}
    return render(request, "office/event_go_ahead.html", context, status=409 if refused else 200)
