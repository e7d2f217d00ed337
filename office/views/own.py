"""The events, bookings and holds an officer may open: those of events that the partnership at hand leads. No others exist."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from bookings.models import Booking, Hold
from bookings.operations.series import MOST_AT_ONCE
from events.models import Event
from events.planning import ready_to_copy
from office.queries import events_of
from people.access import SignedInRequest


def own_event(request: SignedInRequest, event_id: UUID) -> Event:
    return get_object_or_404(events_of(request.partnership).select_related("course", "venue", "lead_host"), pk=event_id)


def own_events(request: SignedInRequest, ids: list[UUID]) -> dict[UUID, Event]:
    """Those of these events that the partnership leads. Raises Http404 for more than go at once."""
    if len(ids) > MOST_AT_ONCE:
        raise Http404
    return ready_to_copy(events_of(request.partnership).filter(pk__in=ids).values_list("pk", flat=True))


def own_booking(request: SignedInRequest, booking_id: UUID) -> Booking:
    """The booking with all that its pages show."""
    related = "event__lead_host", "event__venue", "event__course", "person", "organisation", "booked_by", "policy_version"
    others = "hold__organisation", "hold__sector", "replaces__person", "replaces__event"
    ours = Booking.objects.filter(event__lead_host=request.partnership).select_related(*related, *others)
    return get_object_or_404(ours.prefetch_related("event__sessions"), pk=booking_id)


def own_hold(request: SignedInRequest, hold_id: UUID) -> Hold:
    held = Hold.objects.filter(event__lead_host=request.partnership).select_related("event", "sector", "organisation")
    return get_object_or_404(held, pk=hold_id)


def sent_again(request: SignedInRequest) -> list[tuple[str, str]]:
    """What was typed, to be sent once more when the page that checks it is agreed to."""
    return [(name, str(value)) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]
