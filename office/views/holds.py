"""Places held for a sector or an agency: who has them, hold some, release some."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from bookings.counting import held_places
from bookings.models import Hold
from bookings.operations import hold_places, release_hold
from core import wording
from core.clock import london_date, now
from core.refusals import Refused
from office.forms.holds import HoldForm
from office.views.event import event_page
from office.views.own import own_event, own_hold
from people.access import SignedInRequest, needs

FORM_FIELDS = {"organisation": "organisation_text", "sector": "sector"}


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def event_holds(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    event, at = own_event(request, event_id), now()
    initial = {"until": event.starts_on}
    form = HoldForm(
        request.POST if request.method == "POST" else None,
        partnership=request.partnership,
        today=london_date(at),
        initial=initial,
    )
    if form.is_valid():
        try:
            hold = hold_places(event=event, by=request.user, at=at, **form.details())
        except Refused as refusal:
            field = FORM_FIELDS.get(refusal.field or "", refusal.field)
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            told = wording.count(hold.places, "place is", "places are")
            messages.success(request, f"{told} held for {hold.organisation or hold.sector} until {wording.day(hold.until)}.")
            return redirect("office_event_holds", event.pk)
    released = Hold.objects.filter(event=event, released_at__isnull=False).select_related("sector", "organisation")
    return event_page(
        request,
        event,
        "office_event_holds",
        form=form,
        held=_with_names([event.pk]),
        released=list(released.order_by("-released_at")[:20]),
    )


def _with_names(event_ids: list[UUID]) -> list[dict[str, object]]:
    """The holds in force with what is left of each and for whom."""
    held = held_places(event_ids)
    names = {one.pk: one for one in Hold.objects.filter(event__in=event_ids).select_related("sector", "organisation")}
    return [
        {"hold": names[one.hold.pk], "left": one.left, "used": one.hold.places - one.left} for one in held if one.hold.pk in names
    ]


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def hold_release(request: SignedInRequest, hold_id: UUID) -> HttpResponse:
    hold = own_hold(request, hold_id)
    if request.method == "POST":
        release_hold(hold=hold, by=request.user, at=now())
        messages.success(request, "The places are released.")
        return redirect("office_event_holds", hold.event_id)
    left = next((one.left for one in held_places([hold.event_id]) if one.hold.pk == hold.pk), 0)
    return render(request, "office/hold_release.html", {"hold": hold, "event": hold.event, "left": left})
