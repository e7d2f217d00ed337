"""What pages and messages say of an event's time and place."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max, Q

from core import wording
from core.clock import LONDON, london_date
from events.models import Event, EventQuerySet, EventStatus, Session, Venue
from people.models import Partnership

CANCELLED_STAYS = timedelta(days=60)


def starts_at(event: Event) -> datetime:
    """When its first session starts; midnight of its first day if it has none. Lists prefetch ``sessions``."""
    starts = [session.starts_at for session in event.sessions.all()]
    return min(starts) if starts else datetime.combine(event.starts_on, datetime.min.time(), tzinfo=LONDON)


def ends_at(event: Event) -> datetime:
    """When its last session ends; the end of its last day for one without sessions."""
    ends = [session.ends_at for session in event.sessions.all()]
    return max(ends) if ends else datetime.combine(event.ends_on + timedelta(days=1), datetime.min.time(), tzinfo=LONDON)


def when(event: Event) -> str:
    """Its time in words: each session up to three, beyond that how many and from when to when."""
    sessions = list(event.sessions.all())
    if not sessions:
        return wording.day(event.starts_on)
    if len({london_date(session.starts_at) for session in sessions}) == 1:
        return wording.span(starts_at(event), ends_at(event))
    spans = [wording.span(session.starts_at, session.ends_at) for session in sessions]
    if len(spans) > 3:
        return f"{len(spans)} sessions from {wording.day(starts_at(event))} to {wording.day(ends_at(event))}"
    return f"{'; '.join(spans[:-1])} and {spans[-1]}"


def where(event: Event) -> str:
    """The venue with its address, or that it is online. Never the joining link."""
    if event.venue is not None:
        return place(event.venue)
    return "Online" if event.joining_link or event.format == "virtual" else "Venue to follow"


def place(venue: Venue) -> str:
    """The venue in words, for everybody who comes."""
    return "Online" if venue.is_online else ", ".join(part for part in (venue.name, venue.address) if part)


def coming_at(venue: Venue, *, at: datetime) -> list[Event]:
    """The published events there that are not over, soonest first."""
    published = Event.objects.published().upcoming(london_date(at)).filter(venue=venue)
    found = published.prefetch_related("sessions").order_by("starts_on", "title", "id")
    return [event for event in found if ends_at(event) > at]


def session_title(event: Event, session: Session) -> str:
    """What stands in a calendar for this session: the event's public title, and which part it is where there are several."""
    count = len(event.sessions.all())
    if count == 1:
        return event.public_title
    part = session.title if session.title and not event.is_closed else f"session {session.number} of {count}"
    return f"{event.public_title}: {part}"


def session_uid(session: Session) -> str:
    """What the session is called in the public calendar, whoever reads it."""
    return f"session-{session.pk}@turnout"


def for_public_calendar(partnership: Partnership, *, at: datetime) -> EventQuerySet:
    """What the partnership's public calendar shows: listed events to come, and those cancelled in the last sixty days.

    A draft that was cancelled never stood in the calendar: only what was published has a ``changed_at``.
    """
    hosted = Event.objects.hosted_by(partnership).filter(is_closed=False)
    to_come = Q(status=EventStatus.PUBLISHED, ends_on__gte=london_date(at))
    cancelled = Q(status=EventStatus.CANCELLED, changed_at__gte=at - CANCELLED_STAYS)
    return hosted.filter(to_come | cancelled).select_related("venue", "lead_host").prefetch_related("sessions")


def public_calendar_changed_at(partnership: Partnership) -> datetime | None:
    """When anything of the partnership's events last changed, those that left the calendar among them."""
    changed_at: datetime | None = Event.objects.hosted_by(partnership).aggregate(latest=Max("changed_at"))["latest"]
    return changed_at
