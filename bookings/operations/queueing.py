"""An officer moves somebody forward in the queue, with a reason that is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import policies
from bookings.models import Booking, BookingStatus, Priority
from bookings.operations import lock
from bookings.operations.history import note
from core.refusals import Refused
from core.text import one_line
from people.models import Person


@transaction.atomic
def set_priority(*, booking: Booking, priority: int, reason: str, by: Person | None, at: datetime) -> Booking:
    """Whose turn comes sooner. Raises Refused: not_allowed, no_reason, not_waiting, unknown_priority."""
    lock.lock_terms(booking.event_id)
    event = lock.read_event(booking.event_id)
    booking = lock.read_booking(booking.pk, event)
    policies.check_may_set_aside(by=by, event=event, reason=reason)
    if priority not in Priority.values:
        raise Refused("Choose one of the priorities.", code="unknown_priority", field="priority")
    if booking.queue_number is None or booking.status not in (BookingStatus.WAITING, BookingStatus.AWAITING_APPROVAL):
        raise Refused("This person is not on the waiting list any more. Look at how the booking stands now.", code="not_waiting")
    before, booking.priority = booking.priority, priority
    booking.priority_reason = one_line(reason)[:300] if priority else ""
    booking.save(update_fields=["priority", "priority_reason"])
    note(booking, action="priority set", by=by, at=at, reason=reason, changes={"priority": [before, priority]})
    return booking
