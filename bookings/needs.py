"""What people need in order to take part: as they said it, and as counts.

Health data. The person sees their own, officers of the lead host who manage bookings see all, a trainer of the event sees what
touches the room (access and interpreters), and nobody else anything. Counts for the caterer hold no name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bookings.models import Access, BookingNeeds, Diet, NeedKind, holds_a_place
from events.models import Event

IN_OTHER_WORDS = "Something else"
BSL = "British Sign Language"
OTHER_LANGUAGE = "Another language"


@dataclass(frozen=True)
class Needs:
    """What one person says. ``diet`` and ``access`` are codes of Diet and Access; nothing at all is a fair answer."""

    diet: tuple[str, ...] = ()
    diet_other: str = ""
    access: tuple[str, ...] = ()
    access_other: str = ""
    interpreter: str = ""

    def __bool__(self) -> bool:
        return bool(self.diet or self.diet_other or self.access or self.access_other or self.interpreter)

    @classmethod
    def of(cls, row: BookingNeeds | None) -> Needs:
        if row is None:
            return cls()
        return cls(tuple(row.diet), row.diet_other, tuple(row.access), row.access_other, row.interpreter)

    @property
    def food(self) -> list[str]:
        return [*(Diet(code).label for code in self.diet), *([self.diet_other] if self.diet_other else [])]

    @property
    def room(self) -> list[str]:
        return [*(Access(code).label for code in self.access), *([self.access_other] if self.access_other else [])]

    @property
    def concerns_the_room(self) -> bool:
        """Whether the trainer has to know of it."""
        return bool(self.access or self.access_other or self.interpreter)

    def in_words(self) -> list[str]:
        """Food, access and interpreter, a line each; nothing for what is not needed."""
        interpreter = [f"Interpreter: {self.interpreter}"] if self.interpreter else []
        return [*(", ".join(line) for line in (self.food, self.room) if line), *interpreter]


@dataclass(frozen=True)
class Count:
    """How many need one thing. ``label`` is a choice's, or somebody's own words."""

    kind: str
    label: str
    number: int

    @property
    def kind_label(self) -> str:
        return str(NeedKind(self.kind).label)


def needs_at(event: Event) -> list[BookingNeeds]:
    """The needs of everybody who holds a place, by name, with booking and person. One query."""
    held = BookingNeeds.objects.filter(holds_a_place("booking__"), booking__event=event)
    return list(held.select_related("booking__person").order_by("booking__person__surname", "booking__person__forename", "pk"))


def counted(rows: Iterable[BookingNeeds]) -> list[Count]:
    """Counts for whoever caters and prepares the room: own words stay as they are, and nobody is named."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        one = Needs.of(row)
        counts.update((str(NeedKind.DIET), label) for label in one.food)
        counts.update((str(NeedKind.ACCESS), label) for label in one.room)
        if one.interpreter:
            counts[str(NeedKind.INTERPRETER), one.interpreter] += 1
    return _in_order(counts)


def counted_to_keep(rows: Iterable[BookingNeeds]) -> list[Count]:
    """The same without anybody's own words: what may stay when the needs are deleted."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        one = Needs.of(row)
        counts.update((str(NeedKind.DIET), Diet(code).label) for code in one.diet)
        counts.update((str(NeedKind.ACCESS), Access(code).label) for code in one.access)
        if one.diet_other:
            counts[str(NeedKind.DIET), IN_OTHER_WORDS] += 1
        if one.access_other:
            counts[str(NeedKind.ACCESS), IN_OTHER_WORDS] += 1
        if one.interpreter:
            is_bsl = one.interpreter.strip().casefold() in {"bsl", BSL.casefold()}
            counts[str(NeedKind.INTERPRETER), BSL if is_bsl else OTHER_LANGUAGE] += 1
    return _in_order(counts)


def _in_order(counts: Counter[tuple[str, str]]) -> list[Count]:
    kinds = list(NeedKind.values)
    rows = sorted(counts.items(), key=lambda item: (kinds.index(item[0][0]), -item[1], item[0][1]))
    return [Count(kind, label, number) for (kind, label), number in rows]
