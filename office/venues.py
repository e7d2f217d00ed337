"""What another name or address of a venue would do, before anything is saved."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookings.operations import change_bookable_venue
from bookings.preview import Tells, Told, what_would_be_told
from events.models import Event, Venue
from events.queries import coming_at, place
from people.models import Person


@dataclass(frozen=True)
class VenueCheck(Tells):
    """The place in words before and after, the events to come there, and who would be told what."""

    before: str
    after: str
    events: list[Event]
    told: list[Told]


def check_of(venue: Venue, *, by: Person, at: datetime, **changed: Any) -> VenueCheck | None:
    """None where nobody would be told. Raises Refused as the change does."""
    changing, events = copy(venue), coming_at(venue, at=at)
    told = what_would_be_told(events, lambda: change_bookable_venue(venue=changing, by=by, at=at, **changed))
    return VenueCheck(place(venue), place(changing), events, told) if told else None
