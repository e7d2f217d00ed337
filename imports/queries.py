"""What nobody could match, and what an import left."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet

from bookings.models import Booking
from core.wording import count
from events.models import Event
from imports.models import Batch, BatchState
from people.models import OrganisationAlias, OrganisationState, Partnership, Person
from people.wording import organisation_key
from registers.models import Attendance, Outcome, WalkIn

UNMATCHED = OrganisationState.UNMATCHED


@dataclass(slots=True)
class UnmatchedText:
    """A text nobody could match, as most people typed it, with how often it stands where."""

    text: str
    people: int = 0
    bookings: int = 0
    walk_ins: int = 0
    attendances: int = 0


def _rows(partnership: Partnership, **standing: Any) -> dict[str, QuerySet[Any]]:
    """Rows of the partnership whose organisation stands so. An event's rows belong to the host that leads it."""
    led = Event.objects.filter(lead_host=partnership).values("pk")
    return {
        "people": Person.objects.filter(partnerships=partnership, **standing),
        "bookings": Booking.objects.filter(event__in=led, **standing),
        "walk_ins": WalkIn.objects.filter(event__in=led, **standing),
        "attendances": Attendance.objects.filter(event__in=led, outcome=Outcome.ATTENDED, **standing),
    }


def unmatched_texts(partnership: Partnership) -> list[UnmatchedText]:
    """Every text that waits for somebody to match it, most attendances first. One query for each kind of row."""
    found: dict[str, UnmatchedText] = {}
    spelt: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for kind, rows in _rows(partnership, organisation_state=UNMATCHED).items():
        for text, number in rows.order_by().values_list("organisation_text").annotate(number=Count("pk")):
            key = organisation_key(text)
            line = found.setdefault(key, UnmatchedText(text))
            setattr(line, kind, getattr(line, kind) + number)
            spelt[key][text] += number
    for key, line in found.items():
        line.text = max(spelt[key], key=lambda text: (spelt[key][text], text))
    return sorted(found.values(), key=lambda line: (-line.attendances, -line.bookings, -line.people, line.text))


class TextRows:
    """The rows of a partnership that hold one text, however its letters are written, and whose organisation stands so."""

    def __init__(self, partnership: Partnership, text: str, **standing: Any) -> None:
        self._rows = _rows(partnership, **standing)
        self._key = organisation_key(text)

    def _ids(self, kind: str) -> list[uuid.UUID]:
        rows: Iterable[tuple[uuid.UUID, str]] = self._rows[kind].values_list("pk", "organisation_text")
        return [pk for pk, text in rows if organisation_key(text) == self._key]

    @cached_property
    def people(self) -> list[uuid.UUID]:
        return self._ids("people")

    @cached_property
    def bookings(self) -> list[uuid.UUID]:
        return self._ids("bookings")

    @cached_property
    def walk_ins(self) -> list[uuid.UUID]:
        return self._ids("walk_ins")

    @property
    def is_empty(self) -> bool:
        return not (self.people or self.bookings or self.walk_ins)

    @cached_property
    def attendances(self) -> list[uuid.UUID]:
        return self._ids("attendances")

    @property
    def in_words(self) -> str:
        """4 bookings, 1 person and 4 attendances."""
        walk_ins = f", {count(len(self.walk_ins), 'walk-in')}" if self.walk_ins else ""
        people = count(len(self.people), "person", "people")
        return f"{count(len(self.bookings), 'booking')}, {people}{walk_ins} and {count(len(self.attendances), 'attendance')}"

    def event_ids(self) -> set[uuid.UUID]:
        """The events whose attendance follows from these rows."""
        booked = Booking.objects.filter(pk__in=self.bookings).values_list("event_id", flat=True)
        came = WalkIn.objects.filter(pk__in=self.walk_ins).values_list("event_id", flat=True)
        return {*booked, *came}


def unmatched_rows(partnership: Partnership, text: str) -> TextRows:
    return TextRows(partnership, text, organisation_state=UNMATCHED)


def settled_rows(alias: OrganisationAlias) -> TextRows:
    """The rows that stand as the other name says."""
    state = OrganisationState.MATCHED if alias.organisation_id else OrganisationState.NONE
    return TextRows(alias.partnership, alias.text, organisation_state=state, organisation=alias.organisation_id)


def batches_of(partnership: Partnership) -> QuerySet[Batch]:
    return Batch.objects.filter(partnership=partnership).select_related("started_by")


def can_be_brought_over(batch: Batch) -> bool:
    """Whether a checked batch has files that nobody has asked to bring over yet."""
    if batch.state != BatchState.CHECKED or not batch.folder:
        return False
    asked = Batch.objects.filter(folder=batch.folder, is_dry_run=False).exclude(state=BatchState.FAILED)
    return not asked.exists()
