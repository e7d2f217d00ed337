"""Taking the register: marks, their versions and their history."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bookings.models import Booking
from core import audit, wording
from core.refusals import Refused
from events.models import Session
from people.models import Person
from registers.models import Mark, MarkChange, MarkValue, Register, RegisterChange, RegisterState
from registers.policies import check_is_open, check_may_take
from registers.queries import Expected, expected_people


@dataclass(frozen=True, slots=True)
class Choice:
    """A mark that somebody chose on a screen. ``version`` is the one the screen showed, 0 for none."""

    person_id: uuid.UUID
    value: str
    version: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """A choice that did not go in, because somebody else had marked the person meanwhile: ``standing`` is theirs, and stays."""

    choice: Choice
    standing: Mark

    def __str__(self) -> str:
        by = self.standing.marked_by.name if self.standing.marked_by else "Turnout"
        return (
            f"{by} marked {self.standing.person.name} “{self.standing.get_value_display().lower()}” "
            f"at {wording.clock(self.standing.marked_at)}, and that stands. Choose again to change it."
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of several marks: how many were written, and those that were not."""

    marked: int
    conflicts: list[Conflict]


@transaction.atomic
def open_register(*, session: Session, by: Person | None, at: datetime) -> Register:
    """The session's register, open and locked until the transaction ends; the first call makes it.

    Raises Refused where ``by`` may not take it now, and where it is closed.
    """
    check_may_take(session=session, by=by, at=at)
    locked = Register.objects.select_for_update()
    register, is_new = locked.get_or_create(session=session, defaults={"opened_at": at, "opened_by": by})
    register.session = session
    check_is_open(register)
    if is_new:
        RegisterChange.objects.create(register=register, at=at, by=by, to_state=RegisterState.OPEN)
        audit.record(action="register opened", about=register, by=by, at=at, changes={"state": ["", "open"]})
    return register


@transaction.atomic
def mark(*, session: Session, person: Person, value: str, version: int, by: Person | None, at: datetime) -> Mark:
    """Mark one person, and return the mark that stands.

    Raises Refused: "changed_meanwhile" where somebody else's mark is newer than ``version`` and says something else,
    "not_on_register" where the person neither holds a place nor walked in. Sending the same again changes nothing.
    """
    conflicts = mark_several(session=session, choices=[Choice(person.pk, value, version)], by=by, at=at).conflicts
    if conflicts:
        raise Refused(str(conflicts[0]), code="changed_meanwhile")
    return Mark.objects.select_related("marked_by").get(session=session, person=person)


@transaction.atomic
def mark_several(*, session: Session, choices: Sequence[Choice], rest: str = "", by: Person | None, at: datetime) -> Saved:
    """Mark everybody chosen, but nobody over a newer mark of somebody else: those come back, with what stands.

    ``rest``: what to mark whoever has no mark after that.
    """
    register = open_register(session=session, by=by, at=at)
    expected = expected_people(session.event)
    saved = write_marks(session, expected, choices, by=by, at=at)
    return Saved(saved.marked + mark_rest(register, expected, rest, by=by, at=at), saved.conflicts) if rest else saved


def mark_all_present(*, session: Session, by: Person | None, at: datetime) -> int:
    """Mark as present whoever has no mark yet; marks that stand are left alone. Returns how many were marked."""
    return mark_several(session=session, choices=(), rest=MarkValue.PRESENT, by=by, at=at).marked


def mark_rest_absent(*, session: Session, by: Person | None, at: datetime) -> int:
    """Mark as absent whoever has no mark yet. Returns how many were marked."""
    return mark_several(session=session, choices=(), rest=MarkValue.ABSENT, by=by, at=at).marked


def write_marks(
    session: Session, expected: dict[uuid.UUID, Expected], choices: Sequence[Choice], *, by: Person | None, at: datetime
) -> Saved:
    """The choices, where their version allows. The register is open and locked already."""
    marks = Mark.objects.filter(session=session, person__in=[choice.person_id for choice in choices])
    standing = {mark.person_id: mark for mark in marks.select_related("marked_by", "person")}
    conflicts, marked = [], 0
    for choice in choices:
        if choice.person_id not in expected:
            raise Refused("This person is not on the register. Add them as a walk-in.", code="not_on_register")
        mark = standing.get(choice.person_id)
        if mark is not None and mark.value == choice.value:
            continue
        if mark is None:
            [new] = _add_marks(session, [expected[choice.person_id]], choice.value, by=by, at=at)
            audit.record(action="mark set", about=new, by=by, at=at, changes={"value": ["", new.value]})
        elif mark.version != choice.version and not _is_own(mark, by):
            conflicts.append(Conflict(choice, mark))
            continue
        else:
            _change_mark(mark, choice.value, by=by, at=at)
        marked += 1
    return Saved(marked, conflicts)


def _is_own(mark: Mark, by: Person | None) -> bool:
    """Nobody is in conflict with themselves: an answer that got lost on the way must not block the next tap."""
    return by is not None and mark.marked_by_id == by.pk


def mark_rest(register: Register, expected: dict[uuid.UUID, Expected], value: str, *, by: Person | None, at: datetime) -> int:
    """Mark whoever has no mark yet; returns how many. The register is open and locked already."""
    session = register.session
    marked = set(Mark.objects.filter(session=session).values_list("person_id", flat=True))
    rest = [one for person_id, one in expected.items() if person_id not in marked]
    _add_marks(session, rest, value, by=by, at=at)
    if rest:
        audit.record(action="rest marked", about=register, by=by, at=at, changes={value: [0, len(rest)]})
    return len(rest)


def _add_marks(session: Session, people: Sequence[Expected], value: str, *, by: Person | None, at: datetime) -> list[Mark]:
    value = MarkValue(value)
    marks = []
    for one in people:
        booking, walk_in = (one.source, None) if isinstance(one.source, Booking) else (None, one.source)
        marks.append(
            Mark(session=session, person=one.person, booking=booking, walk_in=walk_in, value=value, marked_at=at, marked_by=by)
        )
    Mark.objects.bulk_create(marks)
    MarkChange.objects.bulk_create([MarkChange(mark=mark, at=at, by=by, to_value=value) for mark in marks])
    return marks


def _change_mark(mark: Mark, value: str, *, by: Person | None, at: datetime) -> None:
    before, mark.value = mark.value, MarkValue(value)
    mark.version += 1
    mark.marked_at, mark.marked_by = at, by
    mark.save(update_fields=["value", "version", "marked_at", "marked_by"])
    MarkChange.objects.create(mark=mark, at=at, by=by, from_value=before, to_value=mark.value)
    audit.record(action="mark set", about=mark, by=by, at=at, changes={"value": [before, mark.value]})
