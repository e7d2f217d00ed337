"""A venue that people are booked to come to gets another name or address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

import events.operations as event_operations
from bookings import messages
from bookings.messages import trainers as to_trainers
from bookings.models import Booking
from bookings.operations import lock
from bookings.operations.events import tell_everybody
from bookings.operations.planned import plan_again
from bookings.operations.teaching import tell_trainers
from core import audit
from events.models import Event, Venue
from events.queries import coming_at
from people.models import Person
from people.naming import one_after_the_other


@transaction.atomic
def change_bookable_venue(*, venue: Venue, by: Person | None, at: datetime, quietly: bool = False, **changed: Any) -> Venue:
    """Change the venue (events.operations.change_venue). Where that changes what calendars and messages say of the place,
    everybody who booked, and who teaches, gets one letter for each event to come there.

    ``quietly``, for a slip of the pen: nobody is written to. Pages, subscribed calendars, reminders and joining instructions say
    it anyway; another letter that waits to leave keeps what it said.

    Raises Refused as change_venue does.
    """
    one_after_the_other(venue.partnership)  # before the terms: who changes an event and adds a venue locks in this order too
    before = {event.pk: event.version for event in coming_at(venue, at=at)}
    lock.raise_revision(Event.objects.filter(pk__in=before))
    told = dict(Event.objects.filter(pk__in=before).values_list("pk", "told_at"))
    venue = event_operations.change_venue(venue=venue, by=by, at=at, **changed)
    for event in Event.objects.filter(pk__in=before).order_by("starts_on", "pk"):
        if event.version == before[event.pk]:
            continue
        if quietly:
            Event.objects.filter(pk=event.pk).update(told_at=told[event.pk])
            audit.record(action="venue corrected, nobody told", about=event, by=by, at=at)
            plan_again(Booking.objects.live().filter(event=event).select_related("event"), at=at)
        else:
            tell_everybody(event, messages.changed, at=at)
            tell_trainers(lock.read_event(event.pk), to_trainers.changed, by=by, at=at)
    return venue
