"""The money of one event: its course cost, its charges, and an extra cost added by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from bookings.charging.reading import fee_of, is_on, shows_charges
from bookings.models import Booking, BookingStatus, BookingTerms, ChargeState, PolicyVersion
from bookings.operations import add_extra_charge, set_course_cost
from core import wording
from core.clock import now
from core.refusals import Refused
from events.models import Event
from office.charges import charges_of, total
from office.forms.charges import CourseCostForm, ExtraForm
from office.views.event import event_page
from office.views.own import own_event
from people.access import SignedInRequest, needs
from people.models import Partnership

BOOKED = (BookingStatus.CONFIRMED, BookingStatus.CANCELLED)


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def event_money(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """What the event's places cost, every charge that came of it, and for whom an extra cost can be added."""
    event = own_event(request, event_id)
    if not shows_charges(request.partnership):
        raise Http404
    fee = fee_of(event.pk)
    form = CourseCostForm(request.POST if request.method == "POST" else None, initial={"fee": fee})
    if request.method == "POST" and form.is_valid():
        try:
            set_course_cost(event=event, fee=form.cleaned_data["fee"], by=request.user, at=now())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "Saved. Charges that exist already stay as they are.")
            return redirect("office_event_money", event.pk)
    return event_page(request, event, "office_event_money", form=form, **_money_of(event, request.partnership, fee))


def _money_of(event: Event, partnership: Partnership, fee: Decimal | None) -> dict[str, Any]:
    """The charges of the event with their sum, and for whom an extra cost can be added."""
    charges = charges_of(partnership).filter(event=event).order_by("person__surname", "person__forename", "raised_at", "pk")
    booked = Booking.objects.filter(event=event, status__in=BOOKED).select_related("person")
    shares = PolicyVersion.objects.filter(partnership=partnership, rates__percent_of_fee__gt=0)
    return {
        "charges": list(charges),
        "total": total(charges.exclude(state=ChargeState.EXCUSED)),
        "takes_places": BookingTerms.objects.filter(event=event).exists(),
        "lacks_course_cost": fee is None and shares.exists(),
        "bookings": list(booked.order_by("person__surname", "person__forename", "pk")),
        "is_on": is_on(partnership),
    }


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def event_extra(request: SignedInRequest, event_id: UUID, booking_id: UUID) -> HttpResponse:
    """Add a cost that this booking caused."""
    event = own_event(request, event_id)
    booking = get_object_or_404(Booking.objects.select_related("person"), pk=booking_id, event=event)
    form = ExtraForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            charge = add_extra_charge(booking=booking, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"{wording.pounds(charge.amount)} for {booking.person.name} is drafted.")
            return redirect("office_event_money", event.pk)
    return render(request, "office/event_extra.html", {"event": event, "booking": booking, "form": form})
