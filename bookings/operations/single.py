"""One message of the outbox in an officer's hands, where what it tells of has a say; the rest is notifications.single."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.messages.letters import CALENDAR_METHODS, REFRESHER_DUE
from bookings.models import BEFORE, Booking
from bookings.policies import planned as policies
from core.ids import ids_in
from core.refusals import Refused
from notifications import operations, single
from notifications.models import Message
from people.models import Person


@transaction.atomic
def hold_message(*, message: Message, by: Person, at: datetime) -> Message:
    """It does not leave until somebody lets it go. Raises Refused: for_everybody, runs_out, not_waiting, being_sent."""
    policies.check_can_wait(message.kind)
    return single.hold(message=message, by=by, at=at)


@transaction.atomic
def send_message_again(*, message: Message, by: Person, at: datetime) -> Message:
    """Put a message that failed or came back into the outbox.

    Of what came back only what a calendar or the days before an event need: the reason of others may have gone since. Raises
    Refused: started, no_reason, not_again, and those of resend.
    """
    about, _, number = message.about.partition(":")
    if message.has_come_back and message.kind not in (*BEFORE, *CALENDAR_METHODS):
        raise Refused(
            "A message of this kind is not sent again once it has left: its reason may have gone since. Write to them yourself.",
            code="not_again",
        )
    if about == "booking" and message.kind in BEFORE:
        booking = Booking.objects.filter(pk__in=ids_in([number])).select_related("event").first()
        if booking is not None:
            policies.check_is_before(booking.event, at=at)
        if message.has_come_back and (booking is None or not booking.is_live):
            raise Refused("This booking has ended, so there is nothing to send again.", code="not_again")
    if message.kind == REFRESHER_DUE:
        policies.check_is_to_be_refreshed(ids_in([number]), at=at)
    return operations.resend(message=message, by=by, at=at)
