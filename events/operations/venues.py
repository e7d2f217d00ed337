"""Where events take place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from core import audit
from core.clock import london_date
from core.refusals import Refused
from courses.models import Format
from events.models import Event, Venue
from events.operations.times import heard, read_again
from events.queries import coming_at, place
from people.models import Partnership, Person
from people.naming import called, free_name, one_after_the_other

FIELDS = ("name", "address", "room_places", "is_online")


@transaction.atomic
def ensure_venue(*, partnership: Partnership, name: str, address: str = "", by: Person | None, at: datetime) -> Venue:
    """The partnership's venue of that name, added if it is new. The address of one that is known stays as it is."""
    one_after_the_other(partnership)
    found = called(Venue.objects.filter(partnership=partnership), name)
    return found or add_venue(partnership=partnership, name=name, address=address, by=by, at=at)


@transaction.atomic
def add_venue(
    *,
    partnership: Partnership,
    name: str,
    address: str = "",
    room_places: int | None = None,
    is_online: bool = False,
    by: Person | None,
    at: datetime,
) -> Venue:
    """A new venue. Raises Refused where there is one of that name ("name_taken")."""
    one_after_the_other(partnership)
    name = free_name(Venue.objects.filter(partnership=partnership), name, what="venue")
    venue = Venue.objects.create(
        partnership=partnership, name=name, address=address, room_places=room_places, is_online=is_online
    )
    audit.record(action="venue added", about=venue, by=by, at=at)
    return venue


@transaction.atomic
def change_venue(*, venue: Venue, by: Person | None, at: datetime, **changed: Any) -> Venue:
    """Change the named fields (FIELDS above). The version of each event to come there rises when a calendar shows what changed.

    Whoever booked is told by bookings.operations.change_bookable_venue. An event that moves gets another venue by change_event.

    Raises Refused where another venue has the name ("name_taken"), and where an event to come would not say where it is any more
    ("no_joining_link"); TypeError for a field that is not among those.
    """
    unknown = set(changed) - set(FIELDS)
    if unknown:
        raise TypeError(f"change_venue does not change {', '.join(sorted(unknown))}")
    one_after_the_other(venue.partnership)
    venue.refresh_from_db()
    if "name" in changed:
        changed["name"] = free_name(Venue.objects.filter(partnership=venue.partnership), changed["name"], what="venue", own=venue)
    if venue.is_online and not changed.get("is_online", True):
        _check_nobody_needs_it_online(venue, at=at)
    changes = {
        name: audit.traceable(getattr(venue, name), changed[name])
        for name in FIELDS
        if name in changed and getattr(venue, name) != changed[name]
    }
    if changes:
        before = place(venue)
        for name in changes:
            setattr(venue, name, changed[name])
        venue.save(update_fields=list(changes))
        audit.record(action="venue changed", about=venue, by=by, at=at, changes=changes)
        if place(venue) != before:
            _raise_versions(venue, by=by, at=at)
    return venue


def _raise_versions(venue: Venue, *, by: Person | None, at: datetime) -> None:
    for event in sorted(coming_at(venue, at=at), key=lambda event: event.pk):
        read_again(event)
        event.save(update_fields=heard(event, at=at))
        audit.record(action="event changed", about=event, by=by, at=at, changes={"venue": []})


def _check_nobody_needs_it_online(venue: Venue, *, at: datetime) -> None:
    ahead = Event.objects.published().upcoming(london_date(at)).filter(venue=venue, format=Format.VIRTUAL, joining_link="")
    event = ahead.first()
    if event:
        raise Refused(
            f"“{event.public_title}” takes place here online. Give it a joining link first.",
            code="no_joining_link",
            field="is_online",
        )
