"""How far registers are, over many events and sessions at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from bookings.models import Booking, BookingStatus
from core.clock import LONDON, london_date
from events.models import Event, EventStatus, EventTrainer, Session
from people.models import Partnership, Person
from registers.models import (
    Attendance,
    AttendanceRule,
    HeadCount,
    Mark,
    MarkValue,
    Outcome,
    Register,
    RegisterState,
    WalkIn,
)
from registers.queries.attendance import rule_of
from registers.queries.lines import RegisterCounts


@dataclass(frozen=True, slots=True)
class RegisterSummary:
    """How far an event's registers are and, once all are closed, what they came to. ``head_count`` is never added to people."""

    sessions: int
    opened: int
    closed: int
    expected: int
    attended: int
    part_attended: int
    did_not_attend: int
    walk_ins: int
    head_count: int

    @property
    def is_done(self) -> bool:
        return 0 < self.sessions == self.closed

    @property
    def state(self) -> str:
        if self.is_done:
            return "Taken"
        if self.opened == 0:
            return "Not taken"
        return f"{self.closed} of {self.sessions} closed" if self.sessions > 1 else "Being taken"


def register_summary(events: Sequence[Event]) -> dict[uuid.UUID, RegisterSummary]:
    """A summary for each event. Six queries, however many events."""
    ids = [event.pk for event in events]
    closed = Q(state=RegisterState.CLOSED)
    per_event = {
        "sessions": _counts(Session.objects.filter(event__in=ids), "event_id"),
        "opened": _counts(Register.objects.filter(session__event__in=ids), "session__event_id"),
        "closed": _counts(Register.objects.filter(closed, session__event__in=ids), "session__event_id"),
        "expected": _counts(Booking.objects.filter(event__in=ids, status=BookingStatus.CONFIRMED), "event_id"),
        "walk_ins": _counts(WalkIn.objects.filter(event__in=ids), "event_id"),
    }
    outcomes = _outcomes(ids)
    people_counted = dict(HeadCount.objects.filter(event__in=ids).order_by().values_list("event_id").annotate(Sum("count")))
    return {
        pk: RegisterSummary(
            **{name: counts.get(pk, 0) for name, counts in per_event.items()},
            attended=outcomes.get((pk, Outcome.ATTENDED), 0),
            part_attended=outcomes.get((pk, Outcome.PART_ATTENDED), 0),
            did_not_attend=outcomes.get((pk, Outcome.DID_NOT_ATTEND), 0),
            head_count=people_counted.get(pk, 0),
        )
        for pk in ids
    }


def _counts(rows: QuerySet[Any], event_field: str) -> dict[uuid.UUID, int]:
    return dict(rows.order_by().values_list(event_field).annotate(Count("pk")))


def _outcomes(ids: list[uuid.UUID]) -> dict[tuple[uuid.UUID, str], int]:
    rows = Attendance.objects.filter(event__in=ids).order_by().values_list("event_id", "outcome").annotate(Count("pk"))
    return {(event_id, outcome): number for event_id, outcome, number in rows}


def sessions_of_running_events() -> QuerySet[Session]:
    """Sessions of published events with ``register_state``: empty for a register that nobody has opened."""
    state = Subquery(Register.objects.filter(session=OuterRef("pk")).values("state")[:1])
    return (
        Session.objects.filter(event__status=EventStatus.PUBLISHED)
        .annotate(register_state=state)
        .select_related("event__venue", "event__lead_host")
        .order_by("starts_at", "id")
    )


def without_register(sessions: QuerySet[Session], at: datetime) -> QuerySet[Session]:
    """Those of ``sessions`` that are over and whose register is not closed.

    An event told of by a head count alone, with nobody booked, needs none.
    """
    counted = Exists(HeadCount.objects.filter(event=OuterRef("event")))
    booked = Exists(Booking.objects.filter(event=OuterRef("event"), status=BookingStatus.CONFIRMED))
    is_closed = Exists(Register.objects.filter(session=OuterRef("pk"), state=RegisterState.CLOSED))
    return sessions.filter(~is_closed, ends_at__lt=at).filter(booked | ~counted)


def sessions_without_register(partnership: Partnership, at: datetime) -> list[Session]:
    """Sessions of the partnership's own events that are over and whose register is not closed, oldest first. One query.

    ``event``, its venue and ``register_state`` are loaded.
    """
    return list(without_register(sessions_of_running_events().filter(event__lead_host=partnership), at))


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in a list, with its register's state ("" where nobody has opened it) and how many marks stand."""

    session: Session
    state: str
    counts: RegisterCounts

    @property
    def label(self) -> str:
        return str(RegisterState(self.state).label) if self.state else "Not taken"


def with_counts(sessions: Sequence[Session]) -> list[SessionRow]:
    """The sessions with their counts, in three queries. ``register_state`` is loaded (sessions_of_running_events)."""
    event_ids = {session.event_id for session in sessions}
    booked = _counts(Booking.objects.filter(event__in=event_ids, status=BookingStatus.CONFIRMED), "event_id")
    walked_in = _counts(WalkIn.objects.filter(event__in=event_ids), "event_id")
    marks = Mark.objects.filter(session__in=sessions).order_by().values_list("session_id", "value").annotate(Count("pk"))
    marked: dict[uuid.UUID, dict[str, int]] = {}
    for session_id, value, number in marks:
        marked.setdefault(session_id, {})[value] = number
    rows = []
    for session in sessions:
        values = marked.get(session.pk, {})
        missing = values.get(MarkValue.ABSENT, 0)
        here = sum(values.values()) - missing
        expected = booked.get(session.event_id, 0) + walked_in.get(session.event_id, 0)
        counts = RegisterCounts(here=here, missing=missing, not_marked=max(0, expected - here - missing))
        rows.append(SessionRow(session, session.register_state or "", counts))  # type: ignore[attr-defined]
    return rows


@dataclass(frozen=True, slots=True)
class RegistersOfSomebody:
    """The sessions whose register is somebody's to take: of today, over and not taken, to come, and closed in the last week."""

    today: QuerySet[Session]
    not_taken: QuerySet[Session]
    to_come: QuerySet[Session]
    lately_closed: QuerySet[Session]


def registers_of(*, person: Person, partnership: Partnership | None, at: datetime) -> RegistersOfSomebody:
    """Sessions the person teaches and, with a ``partnership``, those of every event it leads."""
    theirs = Q(event__in=EventTrainer.objects.filter(person=person).values("event"))
    if partnership is not None:
        theirs |= Q(event__lead_host=partnership)
    sessions = sessions_of_running_events().filter(theirs)
    midnight = datetime.combine(london_date(at), datetime.min.time(), tzinfo=LONDON)
    tomorrow = datetime.combine(london_date(at) + timedelta(days=1), datetime.min.time(), tzinfo=LONDON)
    closed = Register.objects.filter(session=OuterRef("pk"), closed_at__gte=at - timedelta(days=7))
    return RegistersOfSomebody(
        today=sessions.filter(starts_at__gte=midnight, starts_at__lt=tomorrow),
        not_taken=without_register(sessions, at).filter(starts_at__lt=midnight).order_by("-starts_at", "id"),
        to_come=sessions.filter(starts_at__gte=tomorrow),
        lately_closed=sessions.filter(Exists(closed), starts_at__lt=midnight).order_by("-starts_at", "id"),
    )


@dataclass(frozen=True, slots=True)
class RegisterTab:
    """What the register tab of an event's office page shows: ``templates/registers/_office_tab.html``, as ``tab``."""

    event: Event
    rows: list[SessionRow]
    summary: RegisterSummary
    rule: AttendanceRule
    head_counts: list[HeadCount]
    walk_ins: list[WalkIn]


def register_tab(event: Event) -> RegisterTab:
    """The event's registers, rule, walk-ins and head counts. A fixed number of queries."""
    state = Subquery(Register.objects.filter(session=OuterRef("pk")).values("state")[:1])
    sessions = Session.objects.filter(event=event).annotate(register_state=state).order_by("starts_at", "id")
    return RegisterTab(
        event=event,
        rows=with_counts(list(sessions)),
        summary=register_summary([event])[event.pk],
        rule=rule_of(event),
        head_counts=list(HeadCount.objects.filter(event=event).select_related("organisation", "entered_by")),
        walk_ins=list(WalkIn.objects.filter(event=event).select_related("person", "organisation").order_by("added_at", "id")),
    )
