"""The sessions of an event: its times, and the London dates kept beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from core import audit
from core.clock import london_date
from core.refusals import Refused
from events import policies
from events.models import Event, EventStatus, Session
from people.models import Person


@dataclass(frozen=True)
class SessionTimes:
    """One session as it shall be. Both instants carry their zone (core.clock.london_instant makes them from a wall clock)."""

    starts_at: datetime
    ends_at: datetime
    title: str = ""


def in_order(sessions: Sequence[SessionTimes]) -> list[SessionTimes]:
    """The sessions by time. Raises Refused for none or one that ends before it starts, ValueError for a time with no zone."""
    if not sessions:
        raise Refused("Add at least one session.", code="no_session", field="sessions")
    for session in sessions:
        if session.starts_at.tzinfo is None or session.ends_at.tzinfo is None:
            raise ValueError("a session's times need a zone")
        if session.ends_at <= session.starts_at:
            raise Refused("A session must end after it starts. Check its times.", code="ends_before_it_starts", field="sessions")
    return sorted(sessions, key=lambda session: (session.starts_at, session.ends_at))


def london_dates(sessions: Sequence[SessionTimes]) -> tuple[date, date]:
    """The first and the last day."""
    first = london_date(min(session.starts_at for session in sessions))
    return first, last_day(max(session.ends_at for session in sessions))


def last_day(ends_at: datetime) -> date:
    """The day of an end: midnight belongs to the day before."""
    return london_date(ends_at - timedelta(microseconds=1))


def read_again(event: Event) -> None:
    """What another officer changed since the caller read it counts; the row stays locked until the transaction ends."""
    event.refresh_from_db(from_queryset=Event.objects.select_for_update(no_key=True))


def heard(event: Event, *, at: datetime) -> list[str]:
    """Raise the version of an event that calendars may hold; returns the fields to save. A draft's change is nobody's news."""
    if event.status == EventStatus.DRAFT:
        return []
    event.version += 1
    event.changed_at = event.told_at = at
    return ["version", "changed_at", "told_at"]


@transaction.atomic
def reschedule_event(*, event: Event, sessions: Sequence[SessionTimes], by: Person | None, at: datetime) -> Event:
    """Give the event these sessions, in the order of time.

    The first keeps the first's id and so on, so that calendars move their entries; what is left over is deleted. Raises Refused
    for a cancelled event, for a session that has started and would change, for a time in the past, and for a session with a
    register. Nothing happens when the times and titles are what they were.
    """
    read_again(event)
    policies.check_can_change(event)
    wanted = in_order(sessions)
    present = list(event.sessions.order_by("number"))
    if [SessionTimes(one.starts_at, one.ends_at, one.title) for one in present] == wanted:
        return event
    if event.status == EventStatus.PUBLISHED:
        _check_leaves_the_past_alone(present, wanted, at=at)
    before = (event.starts_on, event.ends_on)
    for session, times in zip(present, wanted, strict=False):
        session.starts_at, session.ends_at, session.title = times.starts_at, times.ends_at, times.title
        session.save(update_fields=["starts_at", "ends_at", "title"])
    _delete(present[len(wanted) :])
    add_sessions(event, wanted[len(present) :], first_number=len(present) + 1)
    event.starts_on, event.ends_on = london_dates(wanted)
    event.save(update_fields=["starts_on", "ends_on", *heard(event, at=at)])
    forget_prefetched_sessions(event)
    changes: dict[str, list[Any]] = {
        "starts_on": [str(before[0]), str(event.starts_on)],
        "ends_on": [str(before[1]), str(event.ends_on)],
        "sessions": [len(present), len(wanted)],
    }
    audit.record(action="event rescheduled", about=event, by=by, at=at, changes=changes)
    return event


def add_sessions(event: Event, sessions: Sequence[SessionTimes], *, first_number: int = 1) -> None:
    Session.objects.bulk_create(
        Session(event=event, number=number, title=one.title, starts_at=one.starts_at, ends_at=one.ends_at)
        for number, one in enumerate(sessions, start=first_number)
    )


def forget_prefetched_sessions(event: Event) -> None:
    getattr(event, "_prefetched_objects_cache", {}).pop("sessions", None)


def _check_leaves_the_past_alone(present: list[Session], wanted: list[SessionTimes], *, at: datetime) -> None:
    for index, session in enumerate(present):
        same = index < len(wanted) and (session.starts_at, session.ends_at) == (wanted[index].starts_at, wanted[index].ends_at)
        if session.starts_at <= at and not same:
            raise Refused(
                f"{session} has started: its times can't be changed any more. Keep it as it was.",
                code="started",
                field="sessions",
            )
    kept = {(session.starts_at, session.ends_at) for session in present}
    if any(one.starts_at <= at and (one.starts_at, one.ends_at) not in kept for one in wanted):
        raise Refused("A new time lies in the past. Choose one that is still to come.", code="in_the_past", field="sessions")


def _delete(sessions: list[Session]) -> None:
    for session in sessions:
        try:
            session.delete()
        except ProtectedError as protected:
            raise Refused(
                f"{session} has a register and can't be taken out. Keep it, or cancel the event.",
                code="has_register",
                field="sessions",
            ) from protected
