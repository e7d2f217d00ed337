"""What the public calendar says of an event. Never the link to join."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.urls import reverse

from events import queries
from events.models import Event, EventStatus, Session
from notifications.calendar import CalendarEntry

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # the stamp of an entry that nobody has changed since it was brought over


def entries_of(events: Iterable[Event]) -> list[CalendarEntry]:
    """One for each session, under an id that lasts. The events come from queries.for_public_calendar."""
    return [_entry(event, session) for event in events for session in event.sessions.all()]


def _entry(event: Event, session: Session) -> CalendarEntry:
    return CalendarEntry(
        uid=queries.session_uid(session),
        sequence=event.version,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=queries.session_title(event, session),
        description=event.summary,
        location=queries.where(event),
        organiser_name=event.lead_host.name,
        organiser_address=event.lead_host.team_email,
        attendee_address="",
        changed_at=event.changed_at or LONG_AGO,
        is_cancelled=event.status == EventStatus.CANCELLED,
        url=settings.SITE_URL + reverse("event", args=[event.pk]),
    )
