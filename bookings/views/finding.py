"""Which event or booking an address means for whoever asks: a page shows nobody anything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from bookings.asking import Asking
from bookings.models import Booking
from bookings.queries import terms_to_book
from events.models import Event, EventStatus
from events.queries import when, where
from people.access import SignedInRequest
from people.policies import can

WITH = ("event__lead_host", "event__venue", "event__course", "person", "organisation", "policy_version")


def asking_to_book(request: SignedInRequest, event_id: UUID, at: datetime) -> Asking:
    """What somebody is asked who would book a hosted event that is no draft: what is not published does not exist for them."""
    found = terms_to_book(event_id)
    terms = found.terms
    if terms is not None and terms.event.lead_host_id == request.partnership.pk and terms.event.status != EventStatus.DRAFT:
        return Asking.by(found, terms.event, request.user, at)  # the usual case: nothing is read twice
    hosted = Event.objects.hosted_by(request.partnership).exclude(status=EventStatus.DRAFT)
    event = get_object_or_404(hosted.select_related("lead_host", "venue").prefetch_related("sessions"), pk=event_id)
    return Asking.of(event, request.user, at)


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
