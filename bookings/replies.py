"""What calendars answer to our invitations."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.messages import places
from bookings.models import Invitation
from bookings.operations import lock, telling
from events.models import EventStatus
from events.queries import starts_at

DECLINED = "DECLINED"


@transaction.atomic
def on_calendar_reply(*, uid: str, answer: str, at: datetime) -> bool:
    """Ask whoever declined an invitation of ours whether they want to cancel their place: declining alone cancels nothing.

    Once for each state of the booking, however often a calendar answers. Other answers change nothing and go to nobody. Returns
    whether somebody was asked.
    """
    if answer != DECLINED:
        return False
    invited = Invitation.objects.filter(uid=uid, is_cancelled=False)
    found = invited.values_list("booking_id", "booking__event_id").first()
    if found is None:
        return False
    booking_id, event_id = found
    lock.lock_terms(event_id)
    event = lock.read_event(event_id)
    booking = lock.read_booking(booking_id, event)
    if not booking.is_live or event.status != EventStatus.PUBLISHED or starts_at(event) <= at:
        return False
    telling.tell(booking, places.declined_in_the_calendar(booking), at=at)
    return True
