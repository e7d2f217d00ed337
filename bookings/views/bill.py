"""Where the bill of one's booking goes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import operations
from bookings.charging.reading import can_say_bill
from bookings.forms import BillingForm
from bookings.views.finding import about, booking_of
from core.clock import now
from core.refusals import Refused
from people.access import SignedInRequest, signed_in


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def booking_bill(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Said by the person, where nobody was asked when the place was moved or passed on, or it has changed since.

    Officers have a page of their own. Once the finance team has the bill, the booking's page says whom to write to.
    """
    found = booking_of(request, booking_id)
    if found.person_id != request.user.pk:
        raise Http404
    if not can_say_bill(found):
        return redirect("booking", found.pk)
    form = BillingForm.of_booking(request.POST if request.method == "POST" else None, found)
    if form.is_valid():
        try:
            operations.change_bill(booking=found, billing=operations.Billing(**form.cleaned_data), by=request.user, at=now())
        except Refused as refusal:
            if refusal.code == "listed":
                return redirect("booking", found.pk)
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "Kept.")
            return redirect("booking", found.pk)
    return render(request, "bookings/bill.html", {**about(request, found), "form": form})
