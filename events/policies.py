"""What the state of an event allows."""

from __future__ import annotations

from datetime import datetime

from core.refusals import Refused
from courses.models import Format
from events import queries
from events.models import Event, EventKind, EventStatus

# Agencies often tell of these only afterwards, so a past one can be published to carry its head count.
TOLD_AFTERWARDS = (EventKind.SINGLE_AGENCY, EventKind.TEAM_WORKSHOP)


def check_has_titles(*, title: str, is_closed: bool, neutral_title: str) -> None:
    """Raises Refused unless the event can be named, and named to strangers if it is closed."""
    if not title.strip():
        raise Refused("Give the event a title.", code="no_title", field="title")
    if is_closed and not neutral_title.strip():
        raise Refused(
            "Give the closed event a neutral title: it stands in mails, calendars and certificates that others may read.",
            code="no_neutral_title",
            field="neutral_title",
        )


def check_can_change(event: Event) -> None:
    if event.status == EventStatus.CANCELLED:
        raise Refused("This event is cancelled and can't be changed. Make a new one.", code="cancelled")


def check_can_publish(event: Event, *, at: datetime) -> None:
    """Raises Refused, naming what is missing, unless the event is a draft that people could come to."""
    check_can_change(event)
    if event.status == EventStatus.PUBLISHED:
        raise Refused("This event is published already. Look at it in the list of events.", code="already_published")
    check_has_titles(title=event.title, is_closed=event.is_closed, neutral_title=event.neutral_title)
    sessions = list(event.sessions.all())
    if not sessions:
        raise Refused("Add at least one session before you publish the event.", code="no_session", field="sessions")
    if all(session.starts_at <= at for session in sessions):
        if event.kind in TOLD_AFTERWARDS:
            return
        raise Refused(
            "Every session lies in the past. Change the dates before you publish it.", code="in_the_past", field="sessions"
        )
    check_says_where(event)


def check_says_where(event: Event) -> None:
    is_online = event.venue is not None and event.venue.is_online
    if event.format == Format.VIRTUAL and not event.joining_link and not is_online:
        raise Refused("A published virtual event needs a joining link. Add it.", code="no_joining_link", field="joining_link")
    if event.format != Format.VIRTUAL and event.venue is None:
        raise Refused("A published event needs a venue, unless it is virtual. Choose one.", code="no_venue", field="venue")


def check_can_cancel(event: Event, *, reason: str, at: datetime, nobody_came: bool = False) -> None:
    """Raises Refused; ``nobody_came``: the caller has seen that an event that is over had nobody at it."""
    if event.status == EventStatus.CANCELLED:
        raise Refused("This event is cancelled already. There is nothing left to do.", code="cancelled")
    if not reason.strip():
        raise Refused("Say why the event is cancelled: everybody who booked reads it.", code="no_reason", field="reason")
    if event.status == EventStatus.PUBLISHED and queries.ends_at(event) <= at and not nobody_came:
        raise Refused("This event is over and can't be cancelled any more. Its register says who was there.", code="past")
