"""Events that are only thought of: others like those that were, on other days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from core import wording
from core.clock import LONDON, london_date, london_instant
from core.refusals import Refused
from core.working_days import bank_holidays
from events.models import Event, Venue
from events.operations import SessionTimes


@dataclass(frozen=True)
class Planned:
    """An occasion that is thought of. ``trainers`` are names; ``event_id`` is set where it exists already."""

    title: str
    sessions: tuple[SessionTimes, ...]
    venue: Venue | None
    trainers: frozenset[str]
    event_id: UUID | None = None

    @classmethod
    def of(cls, event: Event) -> Planned:
        return cls(
            event.title,
            tuple(SessionTimes(one.starts_at, one.ends_at, one.title) for one in event.sessions.all()),
            event.venue,
            frozenset(one.name for one in event.trainers.all()),
            event.pk,
        )

    @property
    def days(self) -> list[date]:
        return sorted({london_date(one.starts_at) for one in self.sessions})

    @property
    def when(self) -> list[str]:
        """Each session in words."""
        return [wording.span(one.starts_at, one.ends_at) for one in self.sessions]


def ready_to_copy(ids: Iterable[UUID]) -> dict[UUID, Event]:
    """The events with all that copying them reads, in a fixed number of queries."""
    lists = ("sessions", "trainers__person", "hosts__partnership", "recommendations", "for_sectors")
    found = Event.objects.select_related("venue", "course", "lead_host", "theme", "priority", "review", "for_organisation")
    return found.prefetch_related(*lists).in_bulk(list(ids))


def planned_like(event: Event, first_day: date) -> Planned:
    """The event on other days: its first is ``first_day``, the others as far from it as they were.

    Each session keeps its time on the London clock, whatever the clocks have done between. Raises Refused for an hour that the
    clocks leave out. Lists prefetch ``sessions`` and ``trainers``.
    """
    later = first_day - event.starts_on
    sessions = [
        SessionTimes(shifted(one.starts_at, later), shifted(one.ends_at, later), one.title) for one in event.sessions.all()
    ]
    return Planned(event.title, tuple(sessions), event.venue, frozenset(one.name for one in event.trainers.all()))


def shifted(instant: datetime, later: timedelta) -> datetime:
    """So many days later at the same time on the London clock. Raises Refused for an hour that the clocks leave out."""
    wall = instant.astimezone(LONDON).replace(tzinfo=None) + later
    try:
        return london_instant(wall)
    except ValueError as missing:
        raise Refused(
            f"On {wording.day(wall.date())} the clocks go forward over {wall:%H.%M}: choose another day.",
            code="no_such_time",
            field="sessions",
        ) from missing


def holidays_among(days: Iterable[date]) -> list[date]:
    """Those that are bank holidays of England."""
    return [day for day in days if day in bank_holidays(day.year)]


def weeks_later(event: Event, weeks: int) -> tuple[date, str]:
    """The same weekday so many weeks later, and a word where a bank holiday has put it off by another week."""
    day, met = event.starts_on + timedelta(weeks=weeks), list[date]()
    while holidays := holidays_among(_days_like(event, day)):
        met += holidays
        day += timedelta(weeks=1)
    return day, _later_because_of(met)


def every_so_many_weeks(event: Event, *, weeks: int, times: int) -> list[tuple[date, str]]:
    """The next ``times`` dates of that rhythm, without those that fall on a bank holiday; a word where one was left out."""
    found, day, met = list[tuple[date, str]](), event.starts_on, list[date]()
    while len(found) < times:
        day += timedelta(weeks=weeks)
        holidays = holidays_among(_days_like(event, day))
        met += holidays
        if not holidays:
            found.append((day, _later_because_of(met)))
            met = []
    return found


def _days_like(event: Event, first_day: date) -> list[date]:
    own = {london_date(one.starts_at) for one in event.sessions.all()} or {event.starts_on}
    return sorted(first_day + (day - event.starts_on) for day in own)


def _later_because_of(holidays: Sequence[date]) -> str:
    if not holidays:
        return ""
    return f"Later than the rhythm: {' and '.join(wording.day(day) for day in holidays)} is a bank holiday."
