"""One message of the outbox in an officer's hands, where what it tells of has a say; the rest is notifications.single."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.policies.planned import check_can_wait
from bookings.policies.sending_again import check_can_be_sent_again
from notifications import operations, single
from notifications.models import Message
from people.models import Person


@transaction.atomic
def hold_message(*, message: Message, by: Person, at: datetime) -> Message:
    """It does not leave until somebody lets it go. Raises Refused: for_everybody, runs_out, not_waiting, being_sent."""
    check_can_wait(message.kind)
    return single.hold(message=message, by=by, at=at)


@transaction.atomic
def send_message_again(*, message: Message, by: Person, at: datetime) -> Message:
    """Put a message that failed or came back into the outbox.

    Raises Refused as check_can_be_sent_again (bookings.policies) and resend (notifications.operations).
    """
    check_can_be_sent_again(message, at=at)
    return operations.resend(message=message, by=by, at=at)
