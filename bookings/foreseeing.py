"""What booking several colleagues would do, before anybody presses the button."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress

from bookings import policies
from bookings.clashes import clashes
from bookings.conditions import Checker
from bookings.models import Booking, BookingTerms, Hold, InvitedPerson
from bookings.operations.colleagues import Colleague
from bookings.operations.lock import Claims, Seat, count_claims
from core.refusals import Refused
from events.models import Event
from people.models import Organisation, OrganisationState, Person

NOT_INVITED = "Not invited to this event at any address that we know of."
FULL = "Every place is taken, and this event has no waiting list."
PLACE, HELD_PLACE, QUEUE, HAS_BOOKING, REFUSED, ELSEWHERE = "place", "held_place", "queue", "has_booking", "refused", "elsewhere"
UNKNOWN = "unknown"


@dataclass
class Foreseen:
    """One line of a list of colleagues and what would become of it. ``fate`` is one of the words above.

    ``position`` is the place in the queue of somebody who would wait; ``clashes`` are their other bookings at the same time.
    """

    colleague: Colleague
    fate: str
    is_new: bool = False
    position: int | None = None
    reason: str = ""
    booking: Booking | None = None
    clashes: list[Booking] = field(default_factory=list)

    @property
    def can_be_booked(self) -> bool:
        return self.fate in (PLACE, HELD_PLACE, QUEUE)


Asked = list[tuple[Foreseen, Person]]


def refusal_for_everybody(event: Event, terms: BookingTerms | None, *, at: datetime) -> Refused | None:
    """Why nobody can be booked now, or None."""
    return policies.refusal_to_book(event=event, terms=terms, person=None, at=at)


def foresee(
    event: Event,
    terms: BookingTerms,
    colleagues: Sequence[Colleague],
    *,
    organisation: Organisation | None,
    newcomers: Mapping[str, Any] | None = None,
    holds: Sequence[Hold] = (),
    by: Person,
) -> list[Foreseen]:
    """A line for each colleague, in the order given; whoever is named twice has one. A fixed number of queries.

    Says of somebody who is not of this organisation that they can't be booked here, and nothing else. Without an organisation
    the caller knows the people: an address alone is nobody's or, with ``newcomers``, a new person's, if nobody has it. Those are
    the affiliation fields of everybody who is new, as people.queries.match_organisation gives them.
    """
    known = _people_by_address(colleagues) if organisation or newcomers is not None else {}
    if organisation is not None:
        newcomers = _of(organisation)
    lines: list[Foreseen] = []
    asked: dict[object, tuple[Foreseen, Person]] = {}
    for colleague in colleagues:
        person = colleague.person or known.get(colleague.address)
        if (person is None and newcomers is None) or (colleague.person is None and person and organisation is None):
            lines.append(Foreseen(colleague, UNKNOWN))
            continue
        if person is None:
            assert newcomers is not None  # noqa: S101 - said above; tells the type checker
            key: object = colleague.address
            line, person = Foreseen(colleague, PLACE, is_new=True), _newcomer(colleague, newcomers)
        elif (organisation is not None and person.organisation_id != organisation.pk) or not person.is_active:
            line = Foreseen(Colleague(address=colleague.address), ELSEWHERE)
            lines.append(line)
            continue
        else:
            key, line = person.pk, Foreseen(Colleague(person=person, address=colleague.address), PLACE)
        if key not in asked:
            asked[key] = (line, person)
            lines.append(line)
    _decide(event, terms, list(asked.values()), holds=holds, by=by)
    return lines


def _people_by_address(colleagues: Sequence[Colleague]) -> dict[str, Person]:
    addresses = [colleague.address for colleague in colleagues if colleague.person is None]
    found = EmailAddress.objects.filter(email__in=addresses).select_related("user")
    return {one.email: one.user for one in found}


def _of(organisation: Organisation) -> dict[str, Any]:
    return {
        "organisation": organisation,
        "organisation_state": OrganisationState.MATCHED,
        "sector_id": organisation.sector_id,
        "borough_id": organisation.borough_id,
    }


def _newcomer(colleague: Colleague, works_at: Mapping[str, Any]) -> Person:
    """The person that confirming would make, unsaved."""
    return Person(forename=colleague.forename, surname=colleague.surname, job_role=colleague.job_role, **works_at)


def _decide(event: Event, terms: BookingTerms, asked: Asked, *, holds: Sequence[Hold], by: Person) -> None:
    """Walk down the list as the operation does, with what it would read, read once for all."""
    people = [person for _, person in asked]
    checker, claims = Checker(event, people, speaks_to_them=False), count_claims(terms)
    present = {one.person_id: one for one in Booking.objects.live().filter(event=event, person__in=[one.pk for one in people])}
    at_once = clashes(event, people)
    uninvited = _uninvited(event, asked, by=by)
    for line, person in asked:
        line.clashes = at_once.get(person.pk, [])
        line.booking = present.get(person.pk)
        reasons = (
            [NOT_INVITED] if person.pk in uninvited else [str(refused) for refused in checker.broken(person, is_new=line.is_new)]
        )
        if line.booking is not None:
            line.fate = HAS_BOOKING
        elif reasons:
            line.fate, line.reason = REFUSED, _every(reasons)
        else:
            _seat(line, person, terms, claims, holds)
            if line.can_be_booked:
                checker.count(person)


def _every(reasons: Sequence[str]) -> str:
    """All that stands in the way, with whom to write to once, at the end."""
    return " ".join([*(reason.partition(" Write to ")[0] for reason in reasons[:-1]), reasons[-1]])


def _seat(line: Foreseen, person: Person, terms: BookingTerms, claims: Claims, holds: Sequence[Hold]) -> None:
    seat = next(_seats(person, claims, holds), None)
    if seat is not None:
        claims.take(seat)
        line.fate = HELD_PLACE if seat.hold is not None else PLACE
    elif terms.has_waiting_list:
        claims.waiting += 1
        line.fate, line.position = QUEUE, claims.waiting
    else:
        line.fate, line.reason = REFUSED, FULL


def _seats(person: Person, claims: Claims, holds: Sequence[Hold]) -> Iterator[Seat]:
    """A place of a hold that they name, or one that anybody from there gets who does not walk past those who wait."""
    for hold in holds:
        named = claims.seat_for(person, named=hold)
        if named is not None:
            yield named
    seat = claims.seat_for(person)
    if seat is not None and (seat.hold is not None or not claims.waiting):
        yield seat


def _uninvited(event: Event, asked: Asked, *, by: Person) -> set[object]:
    """Who may not come to a closed event, by the ids of people and of newcomers."""
    if not event.is_closed:
        return set()
    ids = [person.pk for line, person in asked if not line.is_new]
    addresses = {person.pk: {line.colleague.address} for line, person in asked if line.is_new}
    for owner, address, verified in EmailAddress.objects.filter(user__in=ids).values_list("user_id", "email", "verified"):
        if verified or owner != by.pk:
            addresses.setdefault(owner, set()).add(address)
    every = {address for theirs in addresses.values() for address in theirs}
    invited = set(InvitedPerson.objects.filter(event=event, address__in=every).values_list("address", flat=True))
    return {person.pk for _, person in asked if not addresses.get(person.pk, set()) & invited}
