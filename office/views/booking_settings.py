"""How a partnership books where an event does not say otherwise."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from bookings.models import BookingSettings
from bookings.operations import change_booking_settings
from core.clock import now
from core.refusals import Refused
from office.forms.booking_settings import BookingSettingsForm
from people.access import SignedInRequest, needs


@needs("manage_partnership")
@require_http_methods(["GET", "POST"])
def booking_settings(request: SignedInRequest) -> HttpResponse:
    form = BookingSettingsForm(
        request.POST if request.method == "POST" else None,
        initial=BookingSettingsForm.details_of(BookingSettings.of(request.partnership)),
    )
    if form.is_valid():
        try:
            change_booking_settings(partnership=request.partnership, by=request.user, at=now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, "Saved. Events that you make from now on take it.")
            return redirect("office_booking_settings")
    return render(request, "office/booking_settings.html", {"form": form})
