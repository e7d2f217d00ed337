"""The steps of an event's status: EVENT_STATES holds which there are."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import audit
from events import policies
from events.models import EVENT_STATES, Event, EventStatus
from events.operations.times import heard, read_again
from people.models import Person


@transaction.atomic
def publish_event(*, event: Event, by: Person | None, at: datetime) -> Event:
    """Show the event and open it for booking. Raises Refused, naming what is missing, unless people could come to it."""
    read_again(event)
    policies.check_can_publish(event, at=at)
    return _step(event, EventStatus.PUBLISHED, action="event published", by=by, at=at)


@transaction.atomic
def cancel_event(*, event: Event, reason: str, by: Person | None, at: datetime, nobody_came: bool = False) -> Event:
    """Call the event off; everybody who booked reads the reason. Bookable ones: bookings.operations.cancel_bookable_event."""
    read_again(event)
    policies.check_can_cancel(event, reason=reason, at=at, nobody_came=nobody_came)
    event.cancelled_reason = reason.strip()
    return _step(event, EventStatus.CANCELLED, action="event cancelled", by=by, at=at)


def _step(event: Event, to_status: EventStatus, *, action: str, by: Person | None, at: datetime) -> Event:
    from_status = event.status
    EVENT_STATES.check(from_status, to_status)
    # Whether it leaves or enters the published state, a calendar hears of it; a draft called off is nobody's news.
    fields = heard(event, at=at)
    event.status = to_status
    fields = fields or (heard(event, at=at) if to_status == EventStatus.PUBLISHED else [])
    event.save(update_fields=["status", "cancelled_reason", *fields])
    audit.record(action=action, about=event, by=by, at=at, changes={"status": [from_status, to_status]})
    return event
