"""Bookings and the people behind them: who is who, what became of each place, and where people worked that day."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress

from bookings.models import LIVE, Booking, BookingStatus
from bookings.past import PastBooking
from core.clock import LONDON
from imports.planning.catalogue import Organisations, same_but_for_the_line
from imports.planning.events import Events, KnownEvent
from imports.planning.plan import DUPLICATE, KNOWN, MATCHED, NEW, UNMATCHED, Plan
from imports.rows import ATTENDED, BOOKED, CANCELLED, DID_NOT_ATTEND, STATUSES, WAITING, BookingRow
from people.models import OrganisationState
from people.past import PastPerson
from registers.models import MarkValue
from registers.past import PastMark

FILE = "bookings.csv"
LABELS = {value: label for label, value in STATUSES.items()}
MARKS = {ATTENDED: MarkValue.PRESENT.value, DID_NOT_ATTEND: MarkValue.ABSENT.value}


@dataclass(slots=True)
class Sighting:
    """What the lines say of somebody who is new here: the name and affiliation of their latest booking."""

    id: uuid.UUID
    first_at: datetime
    latest_at: datetime
    forename: str
    surname: str
    affiliation: dict[str, Any]


class People:
    """One person for each address."""

    def __init__(self, plan: Plan, organisations: Organisations) -> None:
        self.plan = plan
        self.organisations = organisations
        self.known: dict[str, uuid.UUID] = {
            email.lower(): person_id for email, person_id in EmailAddress.objects.values_list("email", "user_id")
        }
        self.new: dict[str, Sighting] = {}

    def find(self, address: str) -> uuid.UUID | None:
        """Who has this address, here or in this export; None for nobody."""
        found = self.known.get(address)
        if found is None:
            return self.new[address].id if address in self.new else None
        self.plan.known_people.add(found)
        return found

    def see(self, address: str, at: datetime, forename: str, surname: str, affiliation: dict[str, Any]) -> uuid.UUID:
        """Who a line speaks of, made from it where nobody has the address."""
        found = self.find(address)
        if address in self.known and found:
            return found
        sighting = self.new.get(address)
        if sighting is None:
            sighting = self.new[address] = Sighting(uuid.uuid4(), at, at, forename, surname, affiliation)
        elif at >= sighting.latest_at:
            sighting.latest_at, sighting.forename, sighting.surname = at, forename, surname
            sighting.affiliation = affiliation
        sighting.first_at = min(sighting.first_at, at)
        return sighting.id

    def plan_new(self) -> None:
        self.plan.people = [
            PastPerson(row.id, address, row.forename, row.surname, row.first_at, row.affiliation)
            for address, row in self.new.items()
        ]


class Bookings:
    """Plans bookings with their marks, and answers who booked which event."""

    def __init__(self, plan: Plan, rows: list[BookingRow], events: Events, people: People) -> None:
        self.plan = plan
        self.people = people
        here = Booking.objects.filter(event__in=[event.id for event in events.earlier.values()])
        here_rows = list(here.values_list("event_id", "person_id", "status")) if events.earlier else []
        self.booked = {(event_id, person_id) for event_id, person_id, _ in here_rows}
        self.live_here = {(event_id, person_id) for event_id, person_id, status in here_rows if status in LIVE}
        self.live_lines: dict[tuple[uuid.UUID, str], int] = {}
        self.registers: dict[uuid.UUID, KnownEvent] = {}
        lines: dict[str, BookingRow] = {}
        for row in rows:
            first = lines.setdefault(row.ref, row)
            if first is not row:
                self._twin(first, row)
            elif plan.knows("booking", row.ref):
                plan.count(FILE, KNOWN)
            else:
                event = events.find(FILE, row.line, row.event_ref)
                if event is not None:
                    self._plan(row, event)
        plan.registers = [event.register for event in self.registers.values()]

    def _twin(self, first: BookingRow, row: BookingRow) -> None:
        """The same booking again is counted once; another booking with the same ref is refused."""
        if same_but_for_the_line(first, row):
            self.plan.count(FILE, DUPLICATE)
        else:
            reason = f"“{row.ref}” stands on line {first.line} too, and the two lines differ"
            self.plan.refuse(FILE, row.line, "Booking ref", row.ref, reason)

    def _plan(self, row: BookingRow, event: KnownEvent) -> None:
        status = final_status(row, event, self.plan.at)
        problem = _problem(row, event) or self._second_place(row, event, status)
        if problem:
            self.plan.refuse(FILE, row.line, *problem)
            return
        affiliation = self._affiliation(row)
        person_id = self.people.see(row.address, row.booked_at, row.forename, row.surname, affiliation)
        booking = PastBooking(
            id=uuid.uuid4(),
            event_id=event.id,
            person_id=person_id,
            status=status,
            booked_at=row.booked_at,
            ended_at=row.cancelled_at or (event.starts_at if status == BookingStatus.NOT_PLACED else None),
            cancelled_by=row.cancelled_by,
            affiliation=affiliation,
        )
        self.plan.bookings.append(booking)
        self.booked.add((event.id, person_id))
        if row.status in MARKS:
            self.plan.marks.append(PastMark(event.id, person_id, booking.id, MARKS[row.status], affiliation))
            self.registers[event.id] = event
        self.plan.remember("booking", row.ref, booking.id)
        self.plan.count(FILE, NEW)

    def _second_place(self, row: BookingRow, event: KnownEvent, status: str) -> tuple[str, str, str] | None:
        """Nobody has two places at one event; notes the one that this line is."""
        if status not in LIVE:
            return None
        if (event.id, self.people.find(row.address)) in self.live_here:
            where = "here already"
        else:
            earlier = self.live_lines.setdefault((event.id, row.address), row.line)
            if earlier == row.line:
                return None
            where = f"on line {earlier}"
        return "Email", row.address, f"this person has a place at {row.event_ref} {where}; nobody holds two"

    def _affiliation(self, row: BookingRow) -> dict[str, Any]:
        found = self.people.organisations.matcher.match(row.organisation)
        if found["organisation_state"] == OrganisationState.UNMATCHED:
            self.plan.count(FILE, UNMATCHED)
            self.plan.unmatched_texts[found["organisation_text"]] += 1
        elif found["organisation_state"] == OrganisationState.MATCHED:
            self.plan.count(FILE, MATCHED)
        return {**found, "job_role": row.job_role}


def final_status(row: BookingRow, event: KnownEvent, at: datetime) -> str:
    """What a booking's last status is in our words. Waiting for an event that has begun ends as not placed."""
    if row.status == CANCELLED:
        return BookingStatus.CANCELLED
    if row.status == WAITING:
        return BookingStatus.NOT_PLACED if event.is_cancelled or event.starts_at <= at else BookingStatus.WAITING
    return BookingStatus.CONFIRMED


def _problem(row: BookingRow, event: KnownEvent) -> tuple[str, str, str] | None:
    """Column, value and reason, where the booking can't have gone so at this event."""
    if row.cancelled_at and row.cancelled_at > event.ends_at:
        day = f"{event.ends_at.astimezone(LONDON):%d/%m/%Y}"
        value = f"{row.cancelled_at.astimezone(LONDON):%d/%m/%Y %H:%M}"
        return "Cancelled on", value, f"it was cancelled after the event, which was over on {day}"
    ref, status = row.event_ref, LABELS[row.status]
    if row.status in MARKS and not event.has_register:
        why = "was cancelled" if event.is_cancelled else "has no register that was taken"
        return "Status", status, f"{ref} {why}, so nobody can have come or stayed away"
    if row.status == BOOKED and event.has_register:
        return "Status", status, f"the register of {ref} was taken, so it must say who came and who did not"
    if row.status == BOOKED and event.is_cancelled:
        return "Status", status, f"{ref} was cancelled, so nobody has a place; write “Cancelled” by “Organiser”"
    return None
