"""What calendars answer to our invitations."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.messages import places
from bookings.models import Booking, Invitation
from bookings.operations import telling
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
    found = Invitation.objects.filter(uid=uid, is_cancelled=False, booking__in=Booking.objects.live()).first()
    if found is None:
        return False
    related = Booking.objects.select_related("person", "booked_by", "event__lead_host", "event__venue")
    booking = related.prefetch_related("event__sessions").get(pk=found.booking_id)
    if booking.event.status != EventStatus.PUBLISHED or starts_at(booking.event) <= at:
        return False
    telling.tell(booking, places.declined_in_the_calendar(booking), at=at)
    return True
