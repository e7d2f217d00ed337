"""What speaks against the dates of events that are planned: the calendar, a room that is taken, a trainer who teaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from core import wording
from events.models import Event, EventStatus, Session
from events.operations import SessionTimes
from events.planning import Planned, holidays_among
from people.models import Partnership

SATURDAY = 5  # counted from Monday, 0


def words_on(planned: Sequence[Planned], *, partnership: Partnership, at: datetime) -> list[list[str]]:
    """A sentence for whatever speaks against each of them, in their order; they are looked at beside each other too.

    Says what stands in the way and forbids nothing: a house may have two rooms. A fixed number of queries.
    """
    known = [*_already_there(planned, partnership), *planned]
    return [[*_of_the_calendar(one, at=at), *_of_others(one, known)] for one in planned]


def _already_there(planned: Sequence[Planned], partnership: Partnership) -> list[Planned]:
    """The partnership's events about those times."""
    times = [session for one in planned for session in one.sessions]
    if not times:
        return []
    first, last = min(one.starts_at for one in times), max(one.ends_at for one in times)
    near = Session.objects.filter(starts_at__lt=last, ends_at__gt=first)
    alive = (EventStatus.DRAFT, EventStatus.PUBLISHED)
    found = Event.objects.filter(pk__in=near.values("event_id"), lead_host=partnership, status__in=alive)
    found = found.exclude(pk__in=[one.event_id for one in planned if one.event_id])
    return [Planned.of(event) for event in found.select_related("venue").prefetch_related("sessions", "trainers")]


def _of_the_calendar(one: Planned, *, at: datetime) -> Iterator[str]:
    for day in one.days:
        if holidays_among([day]):
            yield f"{wording.day(day)} is a bank holiday."
        elif day.weekday() >= SATURDAY:
            yield f"{wording.day(day)} is at a weekend."
    if one.sessions and min(session.starts_at for session in one.sessions) <= at:
        yield "It lies in the past."


def _of_others(one: Planned, known: Sequence[Planned]) -> Iterator[str]:
    for other in known:
        theirs = _overlap(one, other) if other is not one else None
        if theirs is None:
            continue
        when = wording.span(theirs.starts_at, theirs.ends_at)
        if one.venue is not None and not one.venue.is_online and other.venue == one.venue:
            yield f"{one.venue} is taken: “{other.title}”, {when}."
        for name in sorted(one.trainers & other.trainers):
            yield f"{name} teaches “{other.title}”, {when}."


def _overlap(one: Planned, other: Planned) -> SessionTimes | None:
    """The first session of the other that lies over one of ours."""
    for theirs in other.sessions:
        if any(ours.starts_at < theirs.ends_at and theirs.starts_at < ours.ends_at for ours in one.sessions):
            return theirs
    return None
