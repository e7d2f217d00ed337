"""Booking several people of one agency at once: in the order given, each on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from bookings.counting import held_places
from bookings.models import Booking, BookingTerms, Hold
from bookings.operations import lock
from bookings.operations.charging import Billing, record_billing_details
from bookings.operations.places import Wish, place
from core.refusals import Refused
from events.models import Event
from people.models import Organisation, Partnership, Person
from people.operations import add_person
from people.queries import person_by_address

AT_ONCE = 20  # about a fifth of a second under the lock


@dataclass(frozen=True)
class Colleague:
    """Somebody to be booked: a person we know, or an address, with a name for whoever turns out to be new."""

    person: Person | None = None
    address: str = ""
    forename: str = ""
    surname: str = ""
    job_role: str = ""

    @property
    def name(self) -> str:
        """What the person who asked calls them: never more than they gave, unless the person is theirs."""
        return self.person.name if self.person else f"{self.forename} {self.surname}".strip() or self.address


@dataclass(frozen=True)
class Newcomers:
    """What holds for everybody on a list who is new: where they work, as typed (empty: nowhere), and who their manager is."""

    organisation_text: str
    manager_email: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one of them: a booking or, with none, the refusal that says why not."""

    colleague: Colleague
    booking: Booking | None = None
    refused: Refused | None = None


def book_colleagues(
    *,
    event: Event,
    people: Sequence[Colleague],
    organisation: Organisation | None,
    partnership: Partnership,
    newcomers: Newcomers | None = None,
    holds: Sequence[Hold] = (),
    billing: Billing | None = None,
    by: Person | None,
    at: datetime,
) -> list[Outcome]:
    """Book each of them as book_place does; returns what became of each, in the same order.

    So many at a time are written and kept (AT_ONCE), so that nobody else waits for the whole list. Where the database gives up
    on the way, those who are booked stay so, and the others are refused with "not_yet": the same list sent again books them.
    The order given is the order in the queue: a group has no place of its own in it. Whoever is refused leaves the others as they
    are. An address that nobody has becomes a new person of the organisation, looked after by the partnership, but only together
    with their booking; an officer, whose list is no one organisation's, says with ``newcomers`` where they work, or it is refused
    with "unknown". ``holds`` are the agency's holds of unnamed places: the first of them take what is left of those. ``billing``
    says where the bill of each booking goes.
    """
    outcomes: list[Outcome] = []
    same: dict[str, Any] = {"organisation": organisation, "partnership": partnership, "newcomers": newcomers}
    same |= {"holds": holds, "billing": billing}
    for first in range(0, len(people), AT_ONCE):
        if first:
            lock.let_others_in()
        some = people[first : first + AT_ONCE]
        try:
            outcomes += _book_some(event, some, by=by, at=at, **same)
        except OperationalError:
            if not outcomes or connection.in_atomic_block:  # nothing is kept, so the whole may fail
                raise
            return outcomes + [Outcome(colleague, refused=_not_yet()) for colleague in people[first:]]
    return outcomes


def _not_yet() -> Refused:
    return Refused("Not booked yet: too much was going on at once. Send the list again. Nobody is booked twice.", code="not_yet")


@transaction.atomic
def _book_some(
    event: Event,
    people: Sequence[Colleague],
    *,
    organisation: Organisation | None,
    partnership: Partnership,
    newcomers: Newcomers | None,
    holds: Sequence[Hold],
    billing: Billing | None,
    by: Person | None,
    at: datetime,
) -> list[Outcome]:
    """These under one lock."""
    terms, event = lock.lock_terms(event.pk), lock.read_event(event.pk)
    outcomes = []
    for colleague in people:
        try:
            with transaction.atomic():
                person = _person_of(colleague, organisation, partnership, newcomers, by=by, at=at)
                booking = place(terms, event, Wish(person, by, at, hold=_with_a_place_left(holds)))
                if billing is not None:
                    record_billing_details(booking=booking, by=by, at=at, **asdict(billing))
            outcomes.append(Outcome(colleague, booking=booking))
        except Refused as refused:
            outcomes.append(Outcome(colleague, refused=refused))
            terms = _as_written(terms)
    return outcomes


def _person_of(
    colleague: Colleague,
    organisation: Organisation | None,
    partnership: Partnership,
    newcomers: Newcomers | None,
    *,
    by: Person | None,
    at: datetime,
) -> Person:
    known = colleague.person or person_by_address(colleague.address)
    if known is not None and (colleague.person or organisation):
        return known
    if known is not None:  # an officer had nobody of theirs in mind
        raise Refused("Somebody has this address already. Find them, and book them alone.", code="address_taken")
    if organisation is not None:
        newcomers = Newcomers(organisation.name)
    if newcomers is None:
        raise Refused("Nobody has this address. Add them first.", code="unknown")
    return add_person(
        partnership=partnership,
        forename=colleague.forename,
        surname=colleague.surname,
        address=colleague.address,
        organisation_text=newcomers.organisation_text,
        organisation=organisation,
        job_role=colleague.job_role,
        manager_email=newcomers.manager_email,
        by=by,
        at=at,
    )


def _with_a_place_left(holds: Sequence[Hold]) -> Hold | None:
    left = {one.hold.pk: one.left for one in held_places({hold.event_id for hold in holds})} if holds else {}
    return next((hold for hold in holds if left.get(hold.pk)), None)


def _as_written(terms: BookingTerms | None) -> BookingTerms | None:
    """The terms without what the refused attempt had changed on them in memory."""
    if terms is not None:
        terms.refresh_from_db()
    return terms
