"""Which event or booking an address means for whoever asks: a page shows nobody anything else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from bookings.models import Booking
from events.models import Event, EventStatus
from events.queries import when, where
from people.access import SignedInRequest
from people.policies import can

WITH = ("event__lead_host", "event__venue", "event__course", "person", "organisation", "policy_version")


def event_to_book(request: SignedInRequest, event_id: UUID) -> Event:
    """A hosted event that is no draft: what is not published does not exist for those who book."""
    hosted = Event.objects.hosted_by(request.partnership).exclude(status=EventStatus.DRAFT)
    return get_object_or_404(hosted.select_related("lead_host", "venue").prefetch_related("sessions"), pk=event_id)


def booking_of(request: SignedInRequest, booking_id: UUID) -> Booking:
    """Somebody's own booking, or, for officers, one at an event that their partnership leads. Nobody else's exists."""
    related = Booking.objects.select_related(*WITH)
    found = get_object_or_404(related.prefetch_related("event__sessions"), pk=booking_id)
    if found.person_id == request.user.pk:
        return found
    if request.partnership != found.event.lead_host or not can(request.grants, "manage_bookings", request.partnership):
        raise Http404
    return found


def about(request: SignedInRequest, found: Booking) -> dict[str, Any]:
    event = found.event
    is_own = found.person_id == request.user.pk
    return {"booking": found, "event": event, "when": when(event), "where": where(event), "is_own": is_own}
