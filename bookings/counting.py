"""The places of events: how many there are, are taken, are held for somebody and are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, prefetch_related_objects

from bookings.models import Booking, BookingStatus, BookingTerms, Hold, HoldKind, holds_a_place
from core import wording
from events.models import Event
from people.models import Affiliation


@dataclass(frozen=True)
class PlaceCounts:
    """The places of one event: how many there are, are taken and are held for somebody, and how many people wait.

    ``kept``: how many of those held the reader takes by booking. ``opens_at`` and ``closes_at`` bound when anybody may book;
    empty: at any time before it starts.
    """

    limit: int
    taken: int
    waiting: int
    held: int = 0
    kept: int = 0
    has_waiting_list: bool = True
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def left(self) -> int:
        """How many anybody may book: neither taken nor held for somebody."""
        return max(self.limit - self.taken - self.held, 0)

    @property
    def held_for_others(self) -> int:
        return self.held - self.kept

    @property
    def bookable(self) -> int:
        """How many are there for who books now: those held for them, and the others unless somebody waits, who comes first."""
        return self.kept + (0 if self.waiting else self.left)

    @property
    def is_full(self) -> bool:
        """Whether who books now joins the queue: nothing is left, or what is left is for those who wait already."""
        return self.bookable == 0


@dataclass
class HeldPlaces:
    """A hold in force, and how many of its places nobody has taken yet."""

    hold: Hold
    left: int

    def is_for(self, who: Affiliation) -> bool:
        """Whether somebody from there takes a held place by booking. An agency names who takes its unnamed ones."""
        if self.hold.kind != HoldKind.RESERVED:
            return False
        if self.hold.organisation_id is not None:
            return self.hold.organisation_id == who.organisation_id
        return self.hold.sector_id == who.sector_id


def held_places(event_ids: Iterable[UUID]) -> list[HeldPlaces]:
    """The holds in force at these events, each with what is left of it. One query, and another one where there are any."""
    holds = list(Hold.objects.in_force().filter(event_id__in=list(event_ids)))
    if not holds:
        return []
    taken = Counter(Booking.objects.filter(holds_a_place(), hold__in=holds).values_list("hold_id", flat=True))
    return [HeldPlaces(hold, max(hold.places - taken[hold.pk], 0)) for hold in holds]


def place_counts(events: Iterable[Event], *, reader: Affiliation | None = None) -> dict[UUID, PlaceCounts]:
    """The counts of each event that takes bookings, by its id, in three queries. Events without terms are not in it.

    With a ``reader``, places held for where they are from count for them as operations.book_place gives them away.
    """
    ids = [event.pk for event in events]
    names = ("limit", "has_waiting_list", "opens_at", "closes_at")
    terms = BookingTerms.objects.filter(event_id__in=ids).values_list("event_id", "booking_limit", *names[1:])
    limits: dict[UUID, dict[str, Any]] = {event_id: dict(zip(names, values, strict=True)) for event_id, *values in terms}
    counted = {
        row["event_id"]: row
        for row in Booking.objects.filter(event_id__in=limits)
        .order_by()
        .values("event_id")
        .annotate(
            taken=Count("pk", filter=holds_a_place()),
            waiting=Count("pk", filter=Q(status=BookingStatus.WAITING)),
        )
    }
    held: Counter[UUID] = Counter()
    kept: Counter[UUID] = Counter()
    for one in held_places(limits):
        held[one.hold.event_id] += one.left
        if reader is not None and one.is_for(reader):
            kept[one.hold.event_id] += one.left
    none = {"taken": 0, "waiting": 0}
    return {
        event_id: PlaceCounts(taken=row["taken"], waiting=row["waiting"], held=held[event_id], kept=kept[event_id], **limit)
        for event_id, limit in limits.items()
        for row in [counted.get(event_id, none)]
    }


def held_for_others(event: Event, *, reader: Affiliation | None = None) -> list[str]:
    """The places of the event that are held for others than the reader: how many, for whom and until when.

    Of those that an agency names, how many: whose they are is not for the public. Four queries at most.
    """
    held = [one for one in held_places([event.pk]) if one.left and not (reader is not None and one.is_for(reader))]
    prefetch_related_objects([one.hold for one in held], "organisation", "sector")
    return [_held_in_words(one) for one in held]


def _held_in_words(one: HeldPlaces) -> str:
    if one.hold.kind != HoldKind.RESERVED:
        return f"{wording.count(one.left, 'place')} held"
    whose = one.hold.organisation or one.hold.sector
    return f"{wording.count(one.left, 'place')} held for {whose} until {wording.day(one.hold.until)}"
