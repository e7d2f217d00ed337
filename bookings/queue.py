"""How a freed place reaches those who wait: the later it is, the more somebody is asked. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from bookings.models import BookingTerms, LatePlaces
from core import wording
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


def in_words(terms: BookingTerms, event: Event, *, at: datetime) -> str:
    """What becomes of a place that becomes free, to who waits for one."""
    is_offered = terms.late_places == LatePlaces.OFFER
    hours = f"{wording.count(terms.offer_hours, 'working hour')} to take it, at most until the start"
    if turn(terms, event, at=at) is Turn.CONFIRMED:
        until = confirms_until(terms, event)
        late = f"we offer it, and there are {hours}" if is_offered else "somebody rings before it is given"
        return (
            "When a place becomes free it goes to the first in line, and we write to them at once. "
            f"After {wording.clock(until)} on {wording.day(until)} {late}."
        )
    if is_offered:
        return f"When a place becomes free we offer it to the first in line, by e-mail: they have {hours}."
    return "When a place becomes free somebody rings the first in line."


def offered_until(terms: BookingTerms, event: Event, *, at: datetime) -> datetime:
    """When an offer made now lapses: after so many working hours, and never later than the start."""
    return min(working_hours_after(at, terms.offer_hours), event_queries.starts_at(event))
