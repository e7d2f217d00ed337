"""The events an officer may open."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from events.models import Event
from office.queries import events_of
from people.access import SignedInRequest


def own_event(request: SignedInRequest, event_id: UUID) -> Event:
    """The event, if the partnership at hand leads it; otherwise 404."""
    return get_object_or_404(events_of(request.partnership).select_related("course", "venue", "lead_host"), pk=event_id)
