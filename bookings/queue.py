"""How a freed place reaches those who wait: the later it is, the more somebody is asked. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from bookings.models import BookingTerms, LatePlaces
from core.clock import LONDON, london_instant
from core.working_days import working_days_before, working_hours_after
from events import queries as event_queries
from events.models import Event


class Turn(Enum):
    """What happens to the next in line when a place is free."""

    CONFIRMED = "confirmed"
    OFFERED = "offered"
    RUNG = "rung by an officer"


def confirms_until(terms: BookingTerms, event: Event) -> datetime:
    """Until then the next in line is confirmed without asking: so many working days before the start, at its time of day."""
    starts_at = event_queries.starts_at(event).astimezone(LONDON)
    day = working_days_before(starts_at.date(), terms.confirm_until_days)
    return london_instant(datetime.combine(day, starts_at.time().replace(tzinfo=None)))


def turn(terms: BookingTerms, event: Event, *, at: datetime) -> Turn:
    """What a freed place means at this moment."""
    if at <= confirms_until(terms, event):
        return Turn.CONFIRMED
    return Turn.OFFERED if terms.late_places == LatePlaces.OFFER else Turn.RUNG


def offered_until(terms: BookingTerms, event: Event, *, at: datetime) -> datetime:
    """When an offer made now lapses: after so many working hours, and never later than the start."""
    return min(working_hours_after(at, terms.offer_hours), event_queries.starts_at(event))
