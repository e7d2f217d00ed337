"""Writing the programme to people who agreed to hear of learning (bookings/digest.py says when, what and to whom)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import digest
from bookings.messages import calls
from bookings.messages.letters import CALL_FOR_PLACES, DIGEST
from bookings.models import MessageSettings
from bookings.operations import telling
from notifications.models import Message, MessageState
from notifications.operations import write_messages

AT_ONE_TICK = 200


@transaction.atomic
def send_digest(*, settings: MessageSettings, at: datetime) -> int:
    """Write the digest that is due to those who have not got it yet, so many at a time. Returns how many were written.

    Nothing while nothing can be booked.
    """
    due = digest.left_to_send(settings, at)
    if due is None:
        return 0
    about, found = due
    left = list(found[:AT_ONE_TICK])
    text = calls.in_words(digest.programme(settings.partnership, at)) if left else ""
    if text:
        write_messages(
            telling.to_reader(
                calls.digest(settings.partnership, person, programme=text),
                person,
                partnership=settings.partnership,
                about=about,
                key=f"{about}:{person.pk}",
                at=at,
            )
            for person in left
        )
    return len(left) if text else 0


@transaction.atomic
def withdraw_unwanted() -> int:
    """Whoever has stopped hearing of learning gets nothing more of it, also not what waited. Returns how many were withdrawn."""
    kinds = [DIGEST, CALL_FOR_PLACES]
    unwanted = Message.objects.waiting().filter(kind__in=kinds, person__agreed_to_hear_at__isnull=True)
    return unwanted.update(state=MessageState.WITHDRAWN)
