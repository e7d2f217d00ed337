"""Everything that can happen to an event. Bookable ones are cancelled and moved by bookings.operations, which call these."""

from events.operations.changing import change_event
from events.operations.creating import create_event
from events.operations.reviews import add_recommendation, add_review, change_recommendation, change_review
from events.operations.steps import cancel_event, publish_event
from events.operations.times import SessionTimes, reschedule_event
from events.operations.venues import add_venue, change_venue, ensure_venue

__all__ = [
    "SessionTimes",
    "add_recommendation",
    "add_review",
    "add_venue",
    "cancel_event",
    "change_event",
    "change_recommendation",
    "change_review",
    "change_venue",
    "create_event",
    "ensure_venue",
    "publish_event",
    "reschedule_event",
]
