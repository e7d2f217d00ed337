"""Who may book and cancel what, and when. A refusal is the sentence a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from allauth.account.models import EmailAddress

from bookings.models import Booking, BookingTerms, InvitedPerson
from core import wording
from core.refusals import Refused
from events import queries as event_queries
from events.models import Event, EventStatus
from people.models import Grant, Person
from people.policies import can


def may_act_for_others(by: Person | None, event: Event) -> bool:
    """Whether they may book and cancel for anybody at this event: the product itself, and officers of the lead host."""
    if by is None:
        return True
    return can(Grant.objects.in_force().filter(person=by), "manage_bookings", event.lead_host)


def check_may_act_for(person: Person, *, by: Person | None, event: Event) -> None:
    """Raises Refused unless ``by`` is the person or may act for others."""
    if (by is None or by.pk != person.pk) and not may_act_for_others(by, event):
        raise Refused("Only this person, or an officer of the partnership that leads the event, can do this.", code="not_allowed")


def check_may_set_aside(*, by: Person | None, event: Event, reason: str) -> None:
    """Raises Refused unless ``by`` may go over a rule here and says why."""
    if not may_act_for_others(by, event):
        raise Refused("Only an officer of the partnership that leads the event can go over a rule.", code="not_allowed")
    if not reason.strip():
        raise Refused("Say why you go over the rule. The reason is kept with the booking.", code="no_reason", field="reason")


def check_can_book(
    *, event: Event, terms: BookingTerms | None, person: Person | None, by: Person | None, at: datetime, set_aside: bool = False
) -> list[str]:
    """Raises Refused with the first rule that says no. Places left are not asked here: they are counted under the lock.

    ``person`` None asks for anybody. With ``set_aside`` the rules that an officer may go over no longer refuse: returns the
    codes of those that were gone over.
    """
    check_takes_bookings(event=event, terms=terms, at=at)
    assert terms is not None  # noqa: S101 - checked above; tells the type checker
    broken = list(_rules_an_officer_may_set_aside(event=event, terms=terms, person=person, by=by, at=at))
    if broken and not set_aside:
        raise broken[0]
    return [refusal.code for refusal in broken]


def check_takes_bookings(*, event: Event, terms: BookingTerms | None, at: datetime) -> None:
    """The rules that nobody goes over: after the start a walk-in is written on the register."""
    if event.status == EventStatus.CANCELLED:
        raise Refused("This event is cancelled. Look for another date in the programme.", code="cancelled")
    if event.status != EventStatus.PUBLISHED:
        raise Refused("This event is not open for booking: it has not been published.", code="not_published")
    if event_queries.ends_at(event) <= at:
        raise Refused("This event is over. Look for another date in the programme.", code="past")
    if event_queries.starts_at(event) <= at:
        raise Refused("This event has started and can't be booked any more. Look for another date.", code="started")
    if terms is None:
        raise Refused(f"No places are booked here for this event. {_write_to(event)} to take part.", code="not_bookable")


def _rules_an_officer_may_set_aside(
    *, event: Event, terms: BookingTerms, person: Person | None, by: Person | None, at: datetime
) -> Iterator[Refused]:
    if terms.opens_at is not None and at < terms.opens_at:
        opening = f"{wording.day(terms.opens_at)} at {wording.clock(terms.opens_at)}"
        yield Refused(f"Booking opens on {opening}. Come back then.", code="not_open_yet")
    if terms.closes_at is not None and at >= terms.closes_at:
        closing = f"{wording.day(terms.closes_at)} at {wording.clock(terms.closes_at)}"
        yield Refused(
            f"Booking closed on {closing}. {_write_to(event)} to ask whether there is still a place for you.", code="closed"
        )
    if event.is_closed and person is not None and not is_invited(person, event=event, by=by):
        yield Refused(
            "This event is for invited people, and your address is not among theirs. If you were invited at another address, "
            f"sign in with that one. {_write_to(event)} if you should be invited.",
            code="not_invited",
        )


def is_invited(person: Person, *, event: Event, by: Person | None) -> bool:
    """Whether an address of theirs is on the list. One they have not proved counts only when somebody else books for them."""
    addresses = EmailAddress.objects.filter(user_id=person.pk)
    if by is not None and by.pk == person.pk:
        addresses = addresses.filter(verified=True)
    theirs = {address.lower() for address in addresses.values_list("email", flat=True)}
    return bool(theirs) and InvitedPerson.objects.filter(event=event, address__in=theirs).exists()


def check_has_room(*, event: Event, terms: BookingTerms, free: int) -> None:
    """Raises Refused when there is neither a place nor a waiting list. Nobody goes over this: raise the limit instead."""
    if free <= 0 and not terms.has_waiting_list:
        places = "The only place is" if terms.booking_limit == 1 else f"All {wording.count(terms.booking_limit, 'place')} are"
        raise Refused(
            f"{places} taken, and this event has no waiting list. Look for another date, or {_write_to(event, start=False)}.",
            code="full",
        )


def refusal_to_book(
    *, event: Event, terms: BookingTerms | None, person: Person | None, at: datetime, free: int | None = None
) -> Refused | None:
    """For pages: why this person can't book now, or None. ``free`` (places left, if known) adds the rule about a full event."""
    try:
        check_can_book(event=event, terms=terms, person=person, by=person, at=at)
        if free is not None and terms is not None:
            check_has_room(event=event, terms=terms, free=free)
    except Refused as refused:
        return refused
    return None


def check_can_cancel(booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the booking is live and the event has not started: from then on the register says what happened."""
    if not booking.is_live:
        raise Refused("This booking has ended already. There is nothing to cancel.", code="already_ended")
    if event_queries.starts_at(booking.event) <= at:
        raise Refused(
            f"The event has started: this booking can't be cancelled any more. {_write_to(booking.event)} if something is wrong.",
            code="started",
        )


def can_cancel(booking: Booking, *, at: datetime) -> bool:
    try:
        check_can_cancel(booking, at=at)
    except Refused:
        return False
    return True


def check_terms(*, booking_limit: int, opens_at: datetime | None, closes_at: datetime | None, taken: int = 0) -> None:
    """Raises Refused for terms that can't hold; ``taken`` is how many hold a place now."""
    if booking_limit < 1:
        raise Refused("Give the number of places: 1 or more.", code="no_places", field="booking_limit")
    if booking_limit < taken:
        holders = "1 person holds" if taken == 1 else f"{taken} people hold"
        raise Refused(
            f"{holders} a place already. Set the limit to {taken} or more, or cancel bookings first.",
            code="below_booked",
            field="booking_limit",
        )
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise Refused("Booking must close after it opens. Check the two times.", code="closes_before_it_opens", field="closes_at")


def _write_to(event: Event, *, start: bool = True) -> str:
    return f"{'Write' if start else 'write'} to {event.lead_host.team_email}"
