"""The list of colleagues that a form carries from page to page: ticked people, pasted addresses, names for those who are new.

Nothing is stored until they are booked. The order in which people were ticked and pasted is kept: it is their order in the queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict

from bookings.operations import Colleague
from core.ids import ids_in
from core.text import one_line
from people.models import Person
from people.pasted import guessed_name, read_pasted

MOST = 200
LONGEST = 60_000  # letters of a pasted list: more than 200 lines of any mail program


@dataclass
class Asked:
    """``colleagues`` by what a form calls each ("person:<id>", "address:<address>"), in their order.

    ``mend`` is what was pasted and is no address, or all of it where it is too long to be read. ``fresh`` are the addresses that
    were pasted into this very form, ``left_out`` the keys that somebody ticked to be left out.
    """

    colleagues: dict[str, Colleague] = field(default_factory=dict)
    mend: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    is_too_long: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.colleagues and not self.mend

    @property
    def too_many(self) -> int:
        """How many lines there are, where that is more than can be booked at a time; else 0."""
        lines = len(self.colleagues) + len(self.mend)
        return lines if lines > MOST else 0

    def problem(self, *, when_empty: str) -> str:
        """Why the list can't be read as it is, with what to do; empty where it can."""
        if self.is_empty:
            return when_empty
        if self.is_too_long:
            return f"This is too long to be a list of {MOST} people. Paste fewer at a time."
        return f"These are {self.too_many} people. Book at most {MOST} at a time." if self.too_many else ""

    @property
    def to_seat(self) -> list[Colleague]:
        """Everybody, those left out last: they take nobody's place."""
        return [one for _, one in sorted(self.colleagues.items(), key=lambda item: item[0] in self.left_out)]

    @property
    def order(self) -> dict[str, int]:
        """Where each stands on the list, by what the form calls them."""
        return {key: number for number, key in enumerate(self.colleagues)}

    @property
    def people(self) -> set[UUID]:
        return {one.person.pk for one in self.colleagues.values() if one.person is not None}

    @property
    def text(self) -> str:
        """The pasted part as a box shows it again, addresses with the names beside them."""
        lines = [_pasted_again(one) for one in self.colleagues.values() if one.person is None]
        return "\n".join([*lines, *self.mend])


def asked_in(data: QueryDict, people: Iterable[Person]) -> Asked:
    """What the form says; ``people`` are those of the agency: anybody else's id means nobody."""
    asked, ours = Asked(left_out=set(data.getlist("leave"))), {str(person.pk): person for person in people}
    for key in [*data.getlist("line"), *(f"person:{found}" for found in data.getlist("person"))]:
        kind, _, value = key.partition(":")
        if kind == "person" and value in ours:
            asked.colleagues[key] = Colleague(person=ours[value])
        elif kind == "address":
            _read(asked, value, data)
    unticked = {f"person:{found}" for found in data.getlist("shown")} - {f"person:{found}" for found in data.getlist("person")}
    for key in unticked:
        asked.colleagues.pop(key, None)
    pasted = data.get("pasted", "")
    if len(pasted) > LONGEST:
        asked.is_too_long, asked.mend = True, [pasted]
        return asked
    for entry in read_pasted(pasted):
        if not entry.address:
            asked.mend.append(entry.text)
        elif f"address:{entry.address}" not in asked.colleagues:
            forename, surname = (entry.forename, entry.surname) if entry.forename else guessed_name(entry.address)
            asked.colleagues[f"address:{entry.address}"] = Colleague(None, entry.address, forename, surname)
            asked.fresh.append(entry.address)
    return asked


def people_named(data: QueryDict) -> list[UUID]:
    """The people that the form names, ours or not."""
    named = [key.removeprefix("person:") for key in data.getlist("line") if key.startswith("person:")]
    return ids_in([*named, *data.getlist("person")])


def _read(asked: Asked, value: str, data: QueryDict) -> None:
    """An address that an earlier page found, with what was typed beside it."""
    for entry in read_pasted(value):
        if entry.address:
            names = {name: one_line(data.get(f"{name}:{entry.address}", "")) for name in ("forename", "surname", "job_role")}
            key = f"address:{entry.address}"
            asked.colleagues[key] = Colleague(
                None, entry.address, names["forename"][:80], names["surname"][:80], names["job_role"][:120]
            )


def _pasted_again(colleague: Colleague) -> str:
    name = f"{colleague.forename} {colleague.surname}".strip()
    return f"{name} <{colleague.address}>" if name else colleague.address
