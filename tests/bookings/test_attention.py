"""What waits for an officer among the bookings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from bookings.attention import about_to_lapse, open_offers, short_of_minimum, to_ring_about, without_sectors
from bookings.models import BookingStatus, LatePlaces, ManagerRole
from bookings.operations import book_place, cancel_booking, hold_places, place_by_hand
from notifications.bounces import mark_bounced
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, SectorFactory, officer

pytestmark = pytest.mark.django_db

DAY_BEFORE = datetime(2027, 1, 25, 9, 0, tzinfo=UTC)  # the factories' events are on Tuesday 26 January 2027
RINGS = {"late_places": LatePlaces.OFFICER}


def test_approvals_that_lapse_by_the_next_working_day_are_named(at: datetime) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    for number in range(2):
        person = PersonFactory(manager_email="boss@school.example")
        book_place(event=event, person=person, by=person, at=at + timedelta(days=number))
    ours = PartnershipFactory()
    assert about_to_lapse(ours, at + timedelta(days=3)) == []
    assert len(about_to_lapse(ours, at + timedelta(days=4))) == 1  # asked on Monday, lapses on the Monday after
    assert len(about_to_lapse(ours, at + timedelta(days=7))) == 2
    assert about_to_lapse(OtherPartnershipFactory(), at + timedelta(days=7)) == []


@pytest.mark.both_databases
def test_a_late_place_is_rung_about_until_somebody_has_it() -> None:
    event, olu = bookable_event(places=1, terms=RINGS), officer()
    first, second, _ = (book_place(event=event, person=PersonFactory(), by=None, at=DAY_BEFORE) for _ in range(3))
    assert to_ring_about(event.lead_host, DAY_BEFORE) == []
    cancel_booking(booking=first, cancelled_by="delegate", by=first.person, at=DAY_BEFORE)
    [ringing] = to_ring_about(event.lead_host, DAY_BEFORE)
    assert (ringing.event, ringing.free, ringing.waiting) == (event, 1, 2)
    assert to_ring_about(event.lead_host, DAY_BEFORE, only=bookable_event()) == []
    place_by_hand(booking=second, by=olu, at=DAY_BEFORE, reason="Rang her.")
    assert to_ring_about(event.lead_host, DAY_BEFORE) == []


def test_a_place_held_for_others_than_those_who_wait_is_nothing_to_ring_about() -> None:
    event, olu, police = bookable_event(places=1, terms=RINGS), officer(), SectorFactory(name="Police")
    hold_places(event=event, places=1, until=date(2027, 1, 26), kind="reserved", sector=police, by=olu, at=DAY_BEFORE)
    waiting = book_place(event=event, person=PersonFactory(), by=None, at=DAY_BEFORE)
    assert waiting.status == BookingStatus.WAITING
    assert to_ring_about(event.lead_host, DAY_BEFORE) == []


def test_approvals_whose_manager_can_not_be_reached_are_named_at_once(at: datetime) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    person = PersonFactory(manager_email="boss@school.example")
    book_place(event=event, person=person, by=person, at=at)
    assert about_to_lapse(event.lead_host, at) == []
    mark_bounced(address="boss@school.example", reason="", at=at)
    assert [one.is_unreachable for one in about_to_lapse(event.lead_host, at)] == [True]  # type: ignore[attr-defined]


def test_offers_stand_by_their_deadline(at: datetime) -> None:
    later = BookingFactory(status=BookingStatus.OFFERED)
    sooner = BookingFactory(status=BookingStatus.OFFERED, offered_until=at)
    assert list(open_offers(PartnershipFactory())) == [sooner, later]
    assert list(open_offers(OtherPartnershipFactory())) == []


def test_of_an_offer_it_is_said_that_messages_to_their_main_address_come_back(at: datetime) -> None:
    booking = BookingFactory(status=BookingStatus.OFFERED, person=PersonFactory(address="main@school.example"))
    EmailAddress.objects.create(user=booking.person, email="second@school.example")
    said = []
    for address in ("second@school.example", "main@school.example"):
        mark_bounced(address=address, reason="", at=at)
        said += [one.is_unreachable for one in open_offers(PartnershipFactory())]
    assert said == [False, True]


def test_tentative_events_are_named_when_their_date_comes_near(at: datetime) -> None:
    near = bookable_event(terms={"minimum": 5})
    bookable_event(terms={"minimum": 5}, starts_on=date(2027, 4, 1), ends_on=date(2027, 4, 1))
    bookable_event(terms={"minimum": 5, "firm_at": at})
    book_place(event=near, person=PersonFactory(), by=None, at=at)
    [found] = short_of_minimum(near.lead_host, at)
    assert (found.event, found.minimum, found.taken) == (near, 5, 1)


def test_sectors_are_missed_from_ten_days_before_while_places_are_left(at: datetime) -> None:
    schools = SectorFactory(name="Schools")
    event, full = bookable_event(title="Open"), bookable_event(title="Full", places=1)
    BookingFactory(
        event=full,
        person=PersonFactory(organisation=None, organisation_state="none", sector=None, borough=None, organisation_text=""),
    )
    assert without_sectors(event.lead_host, at) == []
    [found] = without_sectors(event.lead_host, at + timedelta(days=5))
    assert (found.event, found.sectors) == (event, [schools])
