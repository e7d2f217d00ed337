"""The lock that decides places, and the count that it guards.

On PostgreSQL the terms' row is locked until the transaction ends. SQLite has no row locks: settings make every transaction start
with the write lock (transaction_mode IMMEDIATE), so by the time we read, nobody else can write. The outermost transaction may
be a caller's; what matters is only that everything the decision rests on is read after this lock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from bookings.counting import HeldPlaces, held_places
from bookings.models import LIVE, Booking, BookingStatus, BookingTerms, Hold, holds_a_place
from core.prepared import Prepared
from core.refusals import Refused
from events.models import Event
from people.models import Affiliation, Person

SQLITE_LOOKS_AGAIN = 0.11  # seconds: a little more than the longest pause of its busy handler


class Overtaken(Exception):
    """What was read before the lock does not hold any more, or was never so simple: decide again, under the lock."""


@dataclass(frozen=True)
class Seat:
    """A place that may be given away now; ``hold``: one of those held."""

    hold: Hold | None = None


@dataclass
class Claims:
    """The places of one event under the lock, kept up while they are given away.

    ``theirs``: how many live bookings the person has who is asked about.
    """

    limit: int
    taken: int
    waiting: int
    held: list[HeldPlaces] = field(default_factory=list)
    theirs: int = 0

    @property
    def kept(self) -> int:
        """How many places are held for somebody who has not come yet."""
        return sum(one.left for one in self.held)

    @property
    def free(self) -> int:
        """How many anybody may have; below 0 where more was promised than there is."""
        return self.limit - self.taken - self.kept

    def seat_for(self, who: Affiliation, *, named: Hold | None = None) -> Seat | None:
        """A held place first, if one is for them; then a free one. ``named``: the hold whose place an agency gives a name."""
        for one in self.held:
            if one.left > 0 and (one.hold == named if named else one.is_for(who)):
                return Seat(one.hold)
        return Seat() if self.free > 0 and named is None else None

    def take(self, seat: Seat) -> None:
        self.taken += 1
        for one in self.held:
            if one.hold == seat.hold:
                one.left -= 1


def lock_terms(event_id: UUID) -> BookingTerms | None:
    """The event's terms, ours alone until the transaction ends; None for an event that takes no bookings."""
    return BookingTerms.objects.select_for_update().filter(event_id=event_id).first()


def lock_event(event_id: UUID) -> None:
    """The event's own row, which closing registers and writing the letters after it take. After the terms, never before."""
    Event.objects.select_for_update(no_key=True).filter(pk=event_id).values_list("pk").first()


def lock_bookable(event_id: UUID) -> BookingTerms:
    """The same for an event that must take bookings. Raises Refused."""
    terms = lock_terms(event_id)
    if terms is None:
        raise Refused("This event takes no bookings here.", code="not_bookable")
    return terms


def lock_as_read(terms: BookingTerms) -> bool:
    """Lock the terms, and say whether they, and all that they stand for, are still as they were read."""
    return LOCK.rows(terms=terms.pk) == [(terms.revision, terms.queue_counter)]


def lock_a_free_place(terms: BookingTerms, person: Person) -> None:
    """Lock the terms, and see that a place is free for anybody, with terms, event, conditions and holds still as they were read.

    Whatever changes one of them raises the terms' revision (raise_revision). Raises Overtaken otherwise: also where somebody
    waits, or the person has a booking there already.
    """
    if not lock_as_read(terms):
        raise Overtaken
    counts = count_bookings(terms, person)
    if counts["taken"] >= terms.booking_limit or counts["waiting"] or counts["theirs"]:
        raise Overtaken


def raise_revision(events: QuerySet[Event]) -> None:
    """Say that something has changed which bookings of these events rest on; holds their terms until the transaction ends."""
    terms = BookingTerms.objects.select_for_update().filter(event__in=events.values("pk")).order_by("event_id")
    BookingTerms.objects.filter(pk__in=[one.pk for one in terms]).update(revision=F("revision") + 1)


def lock_both(first: UUID, second: UUID) -> dict[UUID, BookingTerms]:
    """The terms of two events, locked in one order whoever asks, so that two moves never wait for each other. Raises Refused."""
    return {event_id: lock_bookable(event_id) for event_id in sorted({first, second})}


def let_others_in() -> None:
    """Between two transactions of one long task: give whoever waits to write its turn.

    SQLite queues nobody: who waits looks again after at most a tenth of a second, and would find the file locked each time.
    PostgreSQL wakes the next in line itself. Within somebody's transaction there is nothing to give.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(SQLITE_LOOKS_AGAIN)


def read_event(event_id: UUID) -> Event:
    """The event as it is now, in a query of its own after the lock: a joined row could be older than the locked one."""
    return Event.objects.select_related("lead_host", "venue").prefetch_related("sessions").in_bulk([event_id])[event_id]


def read_booking(booking_id: UUID, event: Event) -> Booking:
    """The booking as it is now, after the lock, knowing its event and its person."""
    booking = Booking.objects.select_related("person", "booked_by", "policy_version").get(pk=booking_id)
    booking.event = event
    return booking


def count_claims(terms: BookingTerms, person: Person | None = None) -> Claims:
    """The places as they stand; with ``person``, what they have there already."""
    return Claims(held=held_places([terms.event_id]), limit=terms.booking_limit, **count_bookings(terms, person))


def count_bookings(terms: BookingTerms, person: Person | None) -> dict[str, int]:
    """How many hold a place, how many wait, and how many live bookings are the person's. What the decision rests on."""
    found = COUNT.rows(event=terms.event_id, person=person.pk if person else None)
    taken, waiting, theirs = found[0] if found else (0, 0, 0)
    return {"taken": taken, "waiting": waiting, "theirs": theirs}


def _terms_to_lock(terms: UUID) -> QuerySet[BookingTerms, Any]:
    return BookingTerms.objects.select_for_update().filter(pk=terms).values_list("revision", "queue_counter")


def _bookings_to_count(event: UUID, person: UUID) -> QuerySet[Booking, Any]:
    by_event = Booking.objects.filter(event=event).order_by().values("event")
    return by_event.annotate(
        taken=Count("pk", filter=holds_a_place()),
        waiting=Count("pk", filter=Q(status=BookingStatus.WAITING)),
        theirs=Count("pk", filter=Q(person=person, status__in=LIVE)),
    ).values_list("taken", "waiting", "theirs")


LOCK, COUNT = Prepared(_terms_to_lock), Prepared(_bookings_to_count)
