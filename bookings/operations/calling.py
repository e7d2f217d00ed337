"""Writing to the people of sectors that nobody has booked from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bookings import policies
from bookings.messages import calls as letters
from bookings.models import BookingTerms
from bookings.operations import lock, telling
from bookings.sectors import about, audience, called_people, check_can_call
from core import audit
from core.refusals import Refused
from events.models import Event
from notifications.models import Message
from notifications.operations import write_messages
from people.models import Person, Sector


@transaction.atomic
def call_for_places(*, event: Event, sectors: Sequence[Sector], by: Person, at: datetime) -> int:
    """Write to those of these sectors who agreed to hear of places and have not booked (bookings/sectors.py says who).

    Nobody hears of one event twice. Returns how many messages went into the outbox. Raises Refused: not_allowed, nobody, and
    those of check_can_call.
    """
    lock.lock_terms(event.pk)
    event = lock.read_event(event.pk)
    if not policies.may_act_for_others(by, event):
        raise Refused("Only an officer of the partnership that leads the event can write to people.", code="not_allowed")
    check_can_call(event, sectors, terms=BookingTerms.objects.filter(event=event).first(), by=by, at=at)
    people = audience(event, sectors).people
    if not people:
        raise Refused("Nobody of these sectors is left to write to. Ring an agency instead.", code="nobody")
    before = called_people(event).count()
    write_messages(_draft(event, person, at=at) for person in people)
    sent = called_people(event).count() - before
    audit.record(action="called for places", about=event, by=by, at=at, changes={"written_to": [0, sent]})
    return sent


def _draft(event: Event, person: Person, *, at: datetime) -> Message | None:
    letter, it = letters.places_left(event, person), about(event)
    key = f"{it}:{letter.kind}:{person.pk}"
    return telling.to_reader(letter, person, partnership=event.lead_host, about=it, key=key, at=at)
