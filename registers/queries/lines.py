"""Who is on a register and what is marked."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from bookings.models import Booking, BookingStatus
from events.models import Event, Session
from people.models import Person
from registers.models import WAS_THERE, Mark, MarkValue, WalkIn


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody on an event's register: by the booking or the walk-in that holds their affiliation of the day."""

    person: Person
    source: Booking | WalkIn

    @property
    def is_walk_in(self) -> bool:
        return isinstance(self.source, WalkIn)

    @property
    def has_cancelled(self) -> bool:
        """On the register only because they were there: the booking is not confirmed any more."""
        return isinstance(self.source, Booking) and self.source.status != BookingStatus.CONFIRMED


def expected_people(event: Event) -> dict[uuid.UUID, Expected]:
    """Everybody on the event's registers by person id, in order of surname. Three queries.

    Those are the confirmed bookings, the walk-ins, and whoever was marked as there and whose booking has ended since: they were
    there all the same. A person who is more than one of these stands once, as the first.
    """
    was_there = Mark.objects.filter(session__event=event, booking=OuterRef("pk"), value__in=WAS_THERE)
    ended = Booking.objects.filter(event=event).exclude(status=BookingStatus.CONFIRMED).filter(Exists(was_there))
    confirmed = Booking.objects.filter(event=event, status=BookingStatus.CONFIRMED)
    walk_ins = WalkIn.objects.filter(event=event)
    found: dict[uuid.UUID, Expected] = {}
    sources: tuple[QuerySet[Any], ...] = (confirmed, walk_ins, ended)
    for rows in sources:
        for row in rows.select_related("person", "organisation"):
            found.setdefault(row.person_id, Expected(row.person, row))
    return dict(sorted(found.items(), key=lambda item: _by_surname(item[1].person)))


def _by_surname(person: Person) -> tuple[str, str, str]:
    return (_sortable(person.surname), _sortable(person.forename), str(person.pk))


def _sortable(name: str) -> str:
    """O'Brien stands before Okafor, and Müller beside Muller."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in plain if character.isalnum() or character == " ")


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One row of a register: who, from where, and the mark that stands (``version`` 0: none yet)."""

    person_id: uuid.UUID
    forename: str
    surname: str
    name: str
    organisation: str
    is_walk_in: bool
    has_cancelled: bool
    value: str
    version: int
    marked_at: datetime | None
    marked_by: str
    marked_by_id: uuid.UUID | None

    @property
    def label(self) -> str:
        return str(MarkValue(self.value).label) if self.value else "Not marked"


def register_lines(session: Session) -> list[RegisterLine]:
    """The register of a session, in order of surname. Four queries, however many people. ``session.event`` is loaded."""
    marks = {mark.person_id: mark for mark in Mark.objects.filter(session=session).select_related("marked_by")}
    return [_line(expected, marks.get(person_id)) for person_id, expected in expected_people(session.event).items()]


def _line(expected: Expected, mark: Mark | None) -> RegisterLine:
    person, known = expected.person, expected.source.organisation
    return RegisterLine(
        person_id=person.pk,
        forename=person.forename,
        surname=person.surname,
        name=person.name,
        organisation=known.name if known else expected.source.organisation_text,
        is_walk_in=expected.is_walk_in,
        has_cancelled=expected.has_cancelled,
        value=mark.value if mark else "",
        version=mark.version if mark else 0,
        marked_at=mark.marked_at if mark else None,
        marked_by=mark.marked_by.name if mark and mark.marked_by else "",
        marked_by_id=mark.marked_by_id if mark else None,
    )


@dataclass(frozen=True, slots=True)
class RegisterCounts:
    """18 here, 2 missing, 3 not marked. Here: present, late or left early."""

    here: int
    missing: int
    not_marked: int

    @property
    def expected(self) -> int:
        return self.here + self.missing + self.not_marked


def count_lines(lines: Iterable[RegisterLine]) -> RegisterCounts:
    values = [line.value for line in lines]
    missing, not_marked = values.count(MarkValue.ABSENT), values.count("")
    return RegisterCounts(here=len(values) - missing - not_marked, missing=missing, not_marked=not_marked)
