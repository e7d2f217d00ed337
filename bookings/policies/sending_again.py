"""Whether a message that failed or came back may be sent again, where what it tells of has a say."""

from __future__ import annotations

from datetime import datetime

from bookings.messages.letters import REFRESHER_DUE
from bookings.models import BEFORE, Booking
from bookings.policies.planned import check_is_before, check_is_to_be_refreshed
from core.ids import ids_in
from core.refusals import Refused
from notifications.models import Message


def check_can_be_sent_again(message: Message, *, at: datetime) -> None:
    """Of what came back only a calendar entry and what leaves before an event: others may have lost their reason since.

    Raises Refused: not_again, started, no_reason.
    """
    about, _, number = message.about.partition(":")
    is_before, is_entry = message.kind in BEFORE, message.calendar_method == "REQUEST"
    if message.has_come_back and not (is_before or message.calendar):
        raise Refused(
            "A message of this kind is not sent again once it has left: its reason may have gone since. Write to them yourself.",
            code="not_again",
        )
    if about == "booking" and (is_before or is_entry):
        booking = Booking.objects.filter(pk__in=ids_in([number])).select_related("event").first()
        if booking is not None:
            check_is_before(booking.event, at=at)
        if message.has_come_back:
            _check_is_still_true(message, booking)
    if message.kind == REFRESHER_DUE:
        check_is_to_be_refreshed(ids_in([number]), at=at)


def _check_is_still_true(message: Message, booking: Booking | None) -> None:
    if booking is None or not booking.is_live:
        raise Refused("This booking has ended, so there is nothing to send again.", code="not_again")
    changed_at = booking.event.changed_at
    if changed_at is not None and changed_at > message.created_at:
        raise Refused(
            "The event has changed since this was written, so it would say how it was. Its newer message says how it is.",
            code="not_again",
        )
