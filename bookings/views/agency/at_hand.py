"""Whose agency a page is about, and which of its rows an address means. What is not the agency's does not exist there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from bookings import agency
from bookings.models import Booking
from events.models import Event
from events.queries import when, where
from people.access import SignedInRequest
from people.models import Grant, Role

TABS = {
    "agency_people": "People",
    "agency_bookings": "Bookings",
    "agency_refreshing": "To refresh",
    "agency_holds": "Held places",
    "agency_events": "Book places",
}


def agencies_of(request: SignedInRequest) -> list[Grant]:
    """The agencies whose training they lead, in each partnership."""
    return sorted(
        (grant for grant in request.grants if grant.role == Role.TRAINING_LEAD),
        key=lambda grant: (str(grant.organisation), str(grant.partnership)),
    )


def grant_of(request: SignedInRequest, grant_id: UUID) -> Grant:
    """The grant by which they lead this agency now. Raises Http404 for another's, and for one that has ended."""
    for grant in agencies_of(request):
        if grant.pk == grant_id:
            return grant
    raise Http404


def event_of(request: SignedInRequest, grant: Grant, event_id: UUID) -> Event:
    return get_object_or_404(agency.events_of(grant, request.user), pk=event_id)


def booking_of(grant: Grant, booking_id: UUID) -> Booking:
    found: Booking = get_object_or_404(agency.bookings_of(grant), pk=booking_id)
    return found


def page(
    request: SignedInRequest, grant: Grant, template: str, context: dict[str, Any], *, tab: str = "", status: int = 200
) -> HttpResponse:
    """A page of the agency under its tabs."""
    tabs = [(label, reverse(name, args=[grant.pk]), name == tab) for name, label in TABS.items()]
    frame = {"grant": grant, "agency": grant.organisation, "tabs": tabs, "several": len(agencies_of(request)) > 1}
    return render(request, f"bookings/agency/{template}", {**frame, **context}, status=status)


def about_event(event: Event) -> dict[str, Any]:
    return {"event": event, "when": when(event), "where": where(event)}


def searched(request: SignedInRequest) -> str:
    return request.GET.get("q", "").strip()[:100]


def query_without_page(request: SignedInRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
