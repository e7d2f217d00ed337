"""Writing the programme to people who agreed to hear of learning (bookings/digest.py says when, what and to whom)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from bookings import digest
from bookings.messages import calls
from bookings.messages.letters import CALL_FOR_PLACES, DIGEST
from bookings.models import MessageSettings
from bookings.operations import telling
from core.clock import london_date
from notifications.models import Message, MessageState
from notifications.operations import write_messages

AT_ONE_TICK = 200


@transaction.atomic
def send_digest(*, settings: MessageSettings, at: datetime) -> int:
    """Write the digest that is due to those who have not got it yet, so many at a time. Returns how many were written.

    Nothing while nothing can be booked.
    """
    issue, silent_until = digest.issue_of(settings, at), settings.partnership.messages_from
    if issue is None or silent_until is None or silent_until > london_date(at):
        return 0
    about = f"digest:{settings.partnership_id}:{issue}"
    got_it = Message.objects.filter(about=about, person=OuterRef("pk"))
    left = list(digest.readers(settings.partnership).exclude(Exists(got_it)).order_by("pk")[:AT_ONE_TICK])
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
