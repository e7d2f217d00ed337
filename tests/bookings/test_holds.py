"""Places kept for a sector or an agency until a day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bookings import due
from bookings.counting import place_counts
from bookings.models import Booking, BookingStatus, Condition, ConditionKind, HoldKind
from bookings.operations import book_place, cancel_bookable_event, cancel_booking, change_terms, hold_places, release_hold
from core.refusals import Refused
from notifications.models import Message
from people.models import Grant, Role
from tests.factories.agency import colleague_of, lead_of
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PersonFactory,
    SectorFactory,
    officer,
)

pytestmark = pytest.mark.django_db

UNTIL = date(2027, 1, 20)


def book(event, at, person=None, **fields) -> Booking:
    person = person or PersonFactory()
    return book_place(event=event, person=person, by=fields.pop("by", person), at=at, **fields)


def hold(event, places, at, **fields):
    given = {"kind": HoldKind.RESERVED, "until": UNTIL, "by": officer(), **fields}
    return hold_places(event=event, places=places, at=at, **given)


def refusal(action, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(*args, **kwargs)
    return refused.value.code


def health():
    sector = SectorFactory(name="Health")
    return OrganisationFactory(sector=sector)


def nurse():
    return PersonFactory(organisation=health())


@pytest.mark.both_databases
def test_held_places_are_for_that_sector(at):
    event = bookable_event(places=2)
    held = hold(event, 1, at, sector=health().sector)
    counts = place_counts([event])[event.pk]
    assert (counts.taken, counts.held, counts.left) == (0, 1, 1)
    assert [book(event, at).status for _ in range(2)] == [BookingStatus.CONFIRMED, BookingStatus.WAITING]
    placed = book(event, at, PersonFactory(organisation=held_organisation(held)))
    assert (placed.status, placed.hold) == (BookingStatus.CONFIRMED, held)


def held_organisation(held):
    return OrganisationFactory(name="A clinic", sector=held.sector)


@pytest.mark.both_databases
def test_a_place_given_back_before_that_day_is_held_again(at):
    event = bookable_event(places=1)
    held = hold(event, 1, at, organisation=(agency := OrganisationFactory()))
    placed, outsider = book(event, at, PersonFactory(organisation=agency)), book(event, at)
    cancel_booking(booking=placed, cancelled_by="delegate", by=placed.person, at=at)
    outsider.refresh_from_db()
    assert outsider.status == BookingStatus.WAITING
    assert book(event, at, PersonFactory(organisation=agency)).hold == held


@pytest.mark.both_databases
def test_released_the_places_go_to_those_who_wait(at):
    event = bookable_event(places=1)
    hold(event, 1, at, sector=health().sector)
    waiting = book(event, at)
    assert due.release_holds(datetime(2027, 1, 20, 23, 59, tzinfo=UTC)) == 0
    assert due.release_holds(datetime(2027, 1, 21, 0, 0, tzinfo=UTC)) == 1
    waiting.refresh_from_db()
    assert waiting.status == BookingStatus.CONFIRMED


def test_somebody_further_back_takes_the_place_that_is_held_for_them(at):
    event = bookable_event(places=1)
    held = hold(event, 1, at, sector=health().sector)
    first = book(event, at)
    nurse_waiting = book(event, at, PersonFactory(organisation=held_organisation(held)))
    first.refresh_from_db()
    assert (first.status, nurse_waiting.status) == (BookingStatus.WAITING, BookingStatus.CONFIRMED)


def test_held_and_taken_places_together_are_a_floor_for_the_limit(at):
    event = bookable_event(places=3)
    hold(event, 2, at, sector=health().sector)
    book(event, at)
    assert refusal(change_terms, event=event, booking_limit=2, by=officer(), at=at) == "below_booked"
    assert refusal(hold, event, 1, at, sector=health().sector) == "full"


def test_a_hold_is_for_somebody_for_a_time_and_for_at_least_one(at):
    event = bookable_event(places=3)
    assert refusal(hold, event, 1, at) == "for_nobody"
    assert refusal(hold, event, 1, at, sector=health().sector, organisation=OrganisationFactory()) == "for_nobody"
    assert refusal(hold, event, 0, at, sector=health().sector) == "no_places"
    assert refusal(hold, event, 1, at, sector=health().sector, until=date(2027, 1, 10)) == "no_day"
    assert refusal(hold, event, 1, at, sector=health().sector, until=date(2027, 1, 27)) == "no_day"


@pytest.mark.both_databases
def test_a_training_lead_holds_unnamed_places_and_names_them(at):
    agency = OrganisationFactory()
    lead = GrantFactory(role=Role.TRAINING_LEAD, organisation=agency, person=PersonFactory(organisation=agency)).person
    event = bookable_event(places=2)
    held = hold(event, 2, at, kind=HoldKind.UNNAMED, organisation=agency, by=lead)
    assert book(event, at, PersonFactory(organisation=agency)).status == BookingStatus.WAITING  # the lead names them
    named = [book(event, at, PersonFactory(organisation=agency), by=lead, hold=held) for _ in range(2)]
    assert [(one.status, one.hold) for one in named] == [(BookingStatus.CONFIRMED, held)] * 2
    assert refusal(book, event, at, PersonFactory(organisation=agency), by=lead, hold=held) == "hold_used"


def test_a_training_lead_holds_and_books_for_their_own_agency_only(at):
    lead = GrantFactory(role=Role.TRAINING_LEAD, organisation=OrganisationFactory()).person
    event = bookable_event()
    assert refusal(hold, event, 1, at, kind=HoldKind.UNNAMED, organisation=OrganisationFactory(), by=lead) == "not_allowed"
    assert refusal(book, event, at, PersonFactory(), by=lead) == "not_allowed"
    assert refusal(hold, event, 1, at, sector=health().sector, by=PersonFactory()) == "not_allowed"


def test_releasing_twice_does_nothing(at):
    held = hold(bookable_event(places=1), 1, at, sector=health().sector)
    first = release_hold(hold=held, by=officer(), at=at)
    assert release_hold(hold=held, by=officer(), at=datetime(2027, 1, 12, tzinfo=UTC)).released_at == first.released_at


def test_a_held_place_is_named_for_somebody_from_there_by_who_may_hold(at):
    agency = OrganisationFactory()
    event = bookable_event(places=2)
    held = hold(event, 1, at, kind=HoldKind.UNNAMED, organisation=agency)
    colleague = PersonFactory(organisation=agency)
    assert refusal(book, event, at, colleague, hold=held) == "not_allowed"
    assert refusal(book, event, at, PersonFactory(), by=officer(), hold=held) == "hold_not_theirs"
    assert book(event, at, colleague, by=officer(), hold=held).hold == held


def unnamed(event, at, **fields):
    """Places that an agency's training lead holds without names; ``by`` is their grant."""
    grant, places = fields.pop("grant", None) or lead_of(), fields.pop("places", 2)
    given = {"kind": HoldKind.UNNAMED, "until": UNTIL, "organisation": grant.organisation, "by": grant.person, **fields}
    return hold(event, places, at, **given)


def test_a_lead_is_asked_for_names_two_working_days_before_the_hold_ends_and_once(at):
    event, grant = bookable_event(title="Neglect now"), lead_of()
    held = unnamed(event, at, grant=grant)
    days = {day: due.remind_of_holds(datetime(2027, 1, day, 8, tzinfo=UTC)) for day in (15, 17, 18, 19)}
    assert days == {15: 0, 17: 0, 18: 1, 19: 0}
    message = Message.objects.get(kind="held_places_need_names")
    assert (message.person, message.subject) == (grant.person, "Names needed for 2 places: Neglect now")
    assert "Give names by the end of Wednesday 20 January 2027" in message.text
    assert message.links == {"agency_event": f"/agency/{grant.pk}/events/{event.pk}/"}
    assert held.reminded_at is None


def test_nobody_is_asked_for_names_that_are_there_or_for_an_event_that_is_off(at):
    event, grant = bookable_event(), lead_of()
    held = unnamed(event, at, grant=grant, places=1)
    book(event, at, colleague_of(grant), by=grant.person, hold=held)
    off = bookable_event()
    unnamed(off, at)
    cancel_bookable_event(event=off, reason="Snow", by=officer(), at=at)
    assert due.remind_of_holds(datetime(2027, 1, 18, 8, tzinfo=UTC)) == 0


def test_whoever_leads_the_agency_now_is_asked(at):
    event, grant = bookable_event(), lead_of()
    unnamed(event, at, grant=grant)
    Grant.objects.filter(pk=grant.pk).update(ended_at=at)
    successor = lead_of(grant.organisation)
    lead_of(grant.organisation, partnership=OtherPartnershipFactory())
    assert due.remind_of_holds(datetime(2027, 1, 18, 8, tzinfo=UTC)) == 1
    assert Message.objects.get(kind="held_places_need_names").person == successor.person


def test_a_lead_holds_no_more_than_their_agency_may_have(at):
    event, grant = bookable_event(), lead_of()
    Condition.objects.create(event=event, kind=ConditionKind.AGENCY_LIMIT, number=3)
    book(event, at, colleague_of(grant), by=grant.person)
    unnamed(event, at, grant=grant, places=1)
    assert refusal(unnamed, event, at, grant=grant, places=2) == "agency_full"
    assert unnamed(event, at, grant=grant, places=1).places == 1


def test_a_lead_holds_nothing_before_booking_opens_or_past_those_who_wait(at):
    early = bookable_event(terms={"opens_at": datetime(2027, 1, 12, tzinfo=UTC)})
    assert refusal(unnamed, early, at) == "not_open_yet"
    queued = bookable_event(places=2, terms={"late_places": "officer"})
    book(queued, at)
    BookingFactory(event=queued, status=BookingStatus.WAITING, queue_number=1)
    assert refusal(unnamed, queued, at, places=1) == "full"


def test_a_lead_holds_places_until_those_who_wait_can_still_be_confirmed(at):
    event = bookable_event()
    assert refusal(unnamed, event, at, until=date(2027, 1, 25)) == "no_day"
    assert unnamed(event, at, until=date(2027, 1, 22)).until == date(2027, 1, 22)
    soon = bookable_event(first_start=datetime(2027, 1, 12, 9, tzinfo=UTC))
    assert refusal(unnamed, soon, at, until=date(2027, 1, 11)) == "no_day"
    assert hold(soon, 1, at, kind=HoldKind.UNNAMED, organisation=OrganisationFactory(), until=date(2027, 1, 11)).places == 1
