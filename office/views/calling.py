"""Writing to people of the sectors that nobody has booked from, in one step."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from bookings.messages.calls import places_left
from bookings.models import BookingTerms
from bookings.operations import call_for_places
from bookings.preview import unsent_message
from bookings.sectors import Audience, audience, check_can_call, missing_sectors
from core import wording
from core.clock import now
from core.refusals import Refused
from events.models import Event
from events.queries import when
from notifications.rendering import shown_text
from office.views.own import own_event
from people.access import SignedInRequest, needs
from people.models import Sector

MOST_NAMED = 20


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def event_call(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Which sectors, whom, what they read and who is left out and why; then the button. GET filters, POST writes."""
    event, at = own_event(request, event_id), now()
    missing = missing_sectors([event]).get(event.pk, [])
    asked = (request.POST if request.method == "POST" else request.GET).getlist("sector")
    sectors = [one for one in Sector.objects.all() if str(one.pk) in asked] if asked else missing
    if request.method == "POST":
        try:
            written = call_for_places(event=event, sectors=sectors, by=request.user, at=at)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{wording.count(written, 'person is', 'people are')} written to.")
            return redirect("office_event_people", event.pk)
    others = [one for one in Sector.objects.all() if one not in missing]
    context = {"event": event, "when": when(event), "missing": missing, "sectors": sectors, "others": others}
    context |= {**_whom(event, sectors), "refused": _why_not(request, event, sectors)}
    return render(request, "office/event_call.html", context, status=409 if request.method == "POST" else 200)


def _whom(event: Event, sectors: list[Sector]) -> dict[str, object]:
    """The first of those who are written to, how many there are, what they read, and who is left out and why."""
    found = audience(event, sectors) if sectors else Audience()
    return {
        "people": found.people[:MOST_NAMED],
        "count": len(found.people),
        "more": len(found.people[MOST_NAMED:]),
        "left_out": [(reason, f"{number:,}") for reason, number in found.left_out.most_common()],
        **_preview(event, found),
    }


def _preview(event: Event, found: Audience) -> dict[str, object]:
    """The letter as the first of them reads it."""
    if not found.people:
        return {"letter": None}
    letter = places_left(event, found.people[0])
    unsent = unsent_message(event.lead_host, letter)
    return {"letter": unsent, "text": shown_text(unsent)}


def _why_not(request: SignedInRequest, event: Event, sectors: list[Sector]) -> Refused | None:
    try:
        check_can_call(event, sectors, terms=BookingTerms.objects.filter(event=event).first(), by=request.user, at=now())
    except Refused as refusal:
        return refusal
    return None
