"""Where the bill of a booking goes, said by an officer: from the booking's page, or from that of one of its charges."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.forms import BillingForm
from bookings.models import BillingDetails, Booking, ChargeState
from bookings.operations import Billing, change_bill
from core import wording
from core.clock import now
from core.refusals import Refused
from office.views.charges import own_charge
from office.views.own import own_booking
from people.access import SignedInRequest, needs


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def booking_bill(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    booking = own_booking(request, booking_id)
    back = reverse("office_booking", args=[booking.pk])
    return _bill_page(request, booking, back=back, back_to=f"{booking.person.name}, {booking.event.title}")


@needs("manage_charges")
@require_http_methods(["GET", "POST"])
def charge_bill(request: SignedInRequest, charge_id: UUID) -> HttpResponse:
    """A charge that is listed has left already."""
    charge = own_charge(request, charge_id)
    back = reverse("office_charge", args=[charge.pk])
    if charge.booking is None or charge.state not in (ChargeState.DRAFT, ChargeState.APPROVED):
        return redirect(back)
    return _bill_page(request, charge.booking, back=back, back_to=f"{wording.pounds(charge.amount)}, {charge.person.name}")


def _bill_page(request: SignedInRequest, booking: Booking, *, back: str, back_to: str) -> HttpResponse:
    """What was left open at booking, or has changed since."""
    form = BillingForm.of_booking(request.POST if request.method == "POST" else None, booking)
    if form.is_valid():
        try:
            change_bill(booking=booking, billing=Billing(**form.cleaned_data), by=request.user, at=now())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "Saved. It counts for every charge of this booking from now on.")
            return redirect(back)
    return render(
        request,
        "office/bill.html",
        {
            "booking": booking,
            "form": form,
            "is_new": not BillingDetails.objects.filter(booking=booking).exists(),
            "back": back,
            "back_to": back_to,
        },
    )
