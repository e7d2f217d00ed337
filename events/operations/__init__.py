"""Everything that can happen to an event. Bookable ones are cancelled and moved by bookings.operations, which call these."""

from events.operations.changing import change_event
from events.operations.creating import create_event
from events.operations.steps import cancel_event, publish_event
from events.operations.times import SessionTimes, reschedule_event
from events.operations.venues import ensure_venue

__all__ = [
    "SessionTimes",
    "cancel_event",
    "change_event",
    "create_event",
    "ensure_venue",
    "publish_event",
    "reschedule_event",
]
