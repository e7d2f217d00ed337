"""What the worker does for registers."""

from __future__ import annotations

from datetime import datetime

from events.models import Event
from registers.operations import recompute_attendance
from registers.queries import events_with_stale_attendance


def follow_changed_events(at: datetime) -> int:
    """Recompute the attendance of events that changed after their registers closed; returns for how many it became another.

    Events and bookings know nothing of registers, so whoever changes an event can't do it. Found from the data.
    """
    events = Event.objects.filter(pk__in=events_with_stale_attendance()).order_by("starts_on", "pk")
    return sum(bool(recompute_attendance(event=event, at=at)) for event in events)
