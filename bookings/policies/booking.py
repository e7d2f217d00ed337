"""Who may book, and when. A refusal is the sentence a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress

from bookings import conditions
from bookings.models import (
    BookingTerms,
    InvitedPerson,
)
from bookings.policies.states import check_takes_bookings, write_to
from core import wording
from core.refusals import Refused
from events.models import Event
from people.models import Person


def check_can_book(
    *,
    event: Event,
    terms: BookingTerms | None,
    person: Person | None,
    by: Person | None,
    at: datetime,
    set_aside: bool = False,
    asks_conditions: bool = True,
) -> list[str]:
    """Raises Refused with the first rule that says no. Places left are not asked here: they are counted under the lock.

    ``person`` None asks for anybody. With ``set_aside`` the rules that an officer may go over no longer refuse: returns the
    codes of those that were gone over. Without ``asks_conditions`` the caller has seen
    that there are none.
    """
    check_takes_bookings(event=event, terms=terms, at=at)
    assert terms is not None  # noqa: S101 - checked above; tells the type checker
    broken = list(
        _rules_an_officer_may_set_aside(event=event, terms=terms, person=person, by=by, at=at, asks_conditions=asks_conditions)
    )
    if broken and not set_aside:
        raise broken[0]
    return [refusal.code for refusal in broken]


def _rules_an_officer_may_set_aside(
    *,
    event: Event,
    terms: BookingTerms,
    person: Person | None,
    by: Person | None,
    at: datetime,
    asks_conditions: bool,
) -> Iterator[Refused]:
    yield from not_open_now(event=event, terms=terms, at=at)
    if event.is_closed and person is not None and not is_invited(person, event=event, by=by):
        yield not_invited(event)
    if person is not None and asks_conditions:
        yield from conditions.broken(event, person, reader=by)


def not_open_now(*, event: Event, terms: BookingTerms, at: datetime) -> Iterator[Refused]:
    """Why nobody books at this moment, in no query."""
    if terms.opens_at is not None and at < terms.opens_at:
        clock = wording.clock(terms.opens_at)
        opening = wording.day(terms.opens_at) if clock == "midnight" else f"{wording.day(terms.opens_at)} at {clock}"
        yield Refused(f"Booking opens on {opening}. Come back then.", code="not_open_yet")
    if terms.closes_at is not None and at >= terms.closes_at:
        closing = f"{wording.day(terms.closes_at)} at {wording.clock(terms.closes_at)}"
        yield Refused(
            f"Booking closed on {closing}. {write_to(event)} to ask whether there is still a place for you.", code="closed"
        )


def not_invited(event: Event) -> Refused:
    return Refused(
        "This event is for invited people, and your address is not among theirs. If you were invited at another address, "
        f"sign in with that one. {write_to(event)} if you should be invited.",
        code="not_invited",
    )


def is_invited(person: Person, *, event: Event, by: Person | None) -> bool:
    """Whether an address of theirs is on the list. One they have not proved counts only when somebody else books for them."""
    return bool(invited_to([event], person, by=by))


def invited_to(events: Iterable[Event], person: Person, *, by: Person | None) -> set[UUID]:
    """To which of these events they are invited. Two queries."""
    addresses = EmailAddress.objects.filter(user_id=person.pk)
    if by is not None and by.pk == person.pk:
        addresses = addresses.filter(verified=True)
    theirs = {address.lower() for address in addresses.values_list("email", flat=True)}
    if not theirs:
        return set()
    return set(InvitedPerson.objects.filter(event__in=list(events), address__in=theirs).values_list("event_id", flat=True))


def check_has_room(*, event: Event, terms: BookingTerms, free: int) -> None:
    """Raises Refused when there is neither a place nor a waiting list. Nobody goes over this: raise the limit instead."""
    if free <= 0 and not terms.has_waiting_list:
        places = "The only place is" if terms.booking_limit == 1 else f"All {wording.count(terms.booking_limit, 'place')} are"
        raise Refused(
            f"{places} taken, and this event has no waiting list. Look for another date, or {write_to(event, start=False)}.",
            code="full",
        )


def check_has_no_booking(*, has_one: bool) -> None:
    """Raises Refused where the person has a live booking for the event."""
    if has_one:
        raise Refused(
            "There is a booking for this event already, and each person has one place. Look at that booking, or cancel it first.",
            code="already_booked",
        )


def refusal_to_book(
    *, event: Event, terms: BookingTerms | None, person: Person | None, at: datetime, free: int | None = None
) -> Refused | None:
    """For pages: why this person can't book now, or None. ``free`` (places left, if known) adds the rule about a full event.

    Of several reasons the first: ``bookings.asking.refusals`` names every condition.
    """
    try:
        check_can_book(event=event, terms=terms, person=person, by=person, at=at)
        if free is not None and terms is not None:
            check_has_room(event=event, terms=terms, free=free)
    except Refused as refused:
        return refused
    return None
