"""Events, and what the lines that speak of one need to know of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime

from bookings.models import BookingTerms
from bookings.past import PastTerms
from core.clock import london_date
from events.models import EventKind, EventStatus, Session
from events.past import PastEvent
from imports.planning.catalogue import same_but_for_the_line
from imports.planning.plan import DUPLICATE, KNOWN, NEW, Plan
from imports.rows import CANCELLED_EVENT, DELIVERED, EventRow
from registers.models import Register, RegisterState
from registers.past import PastRegister

FILE = "events.csv"


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event of this export or of an earlier one. ``has_register``: it was taken and is closed."""

    id: uuid.UUID
    session_id: uuid.UUID
    course_id: uuid.UUID | None
    kind: str
    starts_on: date
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    has_register: bool

    @property
    def register(self) -> PastRegister:
        return PastRegister(self.id, self.session_id, self.course_id, self.kind, self.starts_on, self.ends_at)


class Events:
    """Plans the events, and answers which event a line means."""

    def __init__(
        self,
        plan: Plan,
        rows: list[EventRow],
        courses: dict[str, uuid.UUID],
        hosts: dict[str, uuid.UUID],
        refused: dict[str, int],
    ) -> None:
        """``refused`` maps the ref of each event whose own line could not be read to that line."""
        self.plan = plan
        self.hosts = hosts
        self.courses = courses
        self.refused = refused
        self.earlier = _earlier_events(plan)
        self.by_ref: dict[str, KnownEvent] = dict(self.earlier)
        lines: dict[str, EventRow] = {}
        for row in rows:
            first = lines.setdefault(row.ref, row)
            if first is row:
                self._plan(row)
            elif same_but_for_the_line(first, row):
                plan.count(FILE, DUPLICATE)
            else:
                reason = f"“{row.ref}” stands on line {first.line} too, and the two lines differ"
                plan.refuse(FILE, row.line, "Event ref", row.ref, reason)

    def find(self, file: str, line: int, ref: str) -> KnownEvent | None:
        """The event a line speaks of; None, and the line refused, where there is none."""
        found = self.by_ref.get(ref)
        if found is None:
            if ref in self.refused:
                reason = f"the event {ref} was refused: see {FILE}, line {self.refused[ref]}"
            else:
                reason = f"there is no event {ref} in {FILE}"
            self.plan.refuse(file, line, "Event ref", ref, reason)
        return found

    def _plan(self, row: EventRow) -> None:
        if self.plan.knows("event", row.ref):
            self.plan.count(FILE, KNOWN)
            return
        problem = self._problem(row)
        if problem:
            self.refused[row.ref] = row.line
            self.plan.refuse(FILE, row.line, *problem)
            return
        host_ids = tuple(dict.fromkeys(self.hosts[host.casefold()] for host in row.hosts))
        event = KnownEvent(
            id=uuid.uuid4(),
            session_id=uuid.uuid4(),
            course_id=self.courses.get(row.course_code),
            kind=row.kind,
            starts_on=london_date(row.starts_at),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_cancelled=row.outcome == CANCELLED_EVENT,
            has_register=row.outcome == DELIVERED,
        )
        self.plan.events.append(
            PastEvent(
                id=event.id,
                session_id=event.session_id,
                lead_host_id=host_ids[0],
                host_ids=host_ids,
                course_id=event.course_id,
                kind=row.kind,
                format=row.format,
                title=row.title,
                status=EventStatus.CANCELLED if event.is_cancelled else EventStatus.PUBLISHED,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                venue=row.venue,
                trainers=row.trainers,
                for_organisation_id=None,
                cost=row.cost,
            )
        )
        self.plan.terms.append(PastTerms(event.id, row.capacity))
        if event.has_register:
            self.plan.new_registers.append(event.register)
        self.plan.remember("event", row.ref, event.id)
        self.plan.count(FILE, NEW)
        self.by_ref[row.ref] = event

    def _problem(self, row: EventRow) -> tuple[str, str, str] | None:
        """Column, value and reason, where the event can't be as its line says."""
        if row.course_code and row.course_code not in self.courses:
            return "Course code", row.course_code, f"there is no course {row.course_code} in courses.csv"
        if row.outcome == DELIVERED and row.starts_at > self.plan.at:
            day = f"{london_date(row.starts_at):%d/%m/%Y}"
            return "Outcome", "Delivered", f"the event is still to come, on {day}, so it can't have been delivered"
        return None


def name_single_agencies(plan: Plan) -> None:
    """A single-agency session is for the one organisation that all of its people were matched to, where there is just one."""
    organisations: dict[uuid.UUID, set[uuid.UUID | None]] = {}
    for booking in plan.bookings:
        organisations.setdefault(booking.event_id, set()).add(booking.affiliation["organisation_id"])
    for number, event in enumerate(plan.events):
        of_event = organisations.get(event.id, set()) - {None}
        if event.kind == EventKind.SINGLE_AGENCY and len(of_event) == 1:
            plan.events[number] = replace(event, for_organisation_id=of_event.pop())


def _earlier_events(plan: Plan) -> dict[str, KnownEvent]:
    """Events of earlier imports, by their ref, as they stand here now."""
    refs = plan.keys_of("event")
    if not refs:
        return {}
    closed = set(Register.objects.filter(state=RegisterState.CLOSED).values_list("session_id", flat=True))
    limited = set(BookingTerms.objects.values_list("event_id", flat=True))
    found = {}
    by_event: dict[uuid.UUID, list[Session]] = {}
    for session in Session.objects.select_related("event").order_by("event", "number"):
        by_event.setdefault(session.event_id, []).append(session)
    for ref, event_id in refs.items():
        parts = by_event.get(event_id, [])
        if not parts or event_id not in limited:
            continue
        event = parts[0].event
        found[ref] = KnownEvent(
            id=event_id,
            session_id=parts[0].pk,
            course_id=event.course_id,
            kind=event.kind,
            starts_on=event.starts_on,
            starts_at=parts[0].starts_at,
            ends_at=parts[-1].ends_at,
            is_cancelled=event.status == EventStatus.CANCELLED,
            has_register=len(parts) == 1 and parts[0].pk in closed,
        )
    return found
