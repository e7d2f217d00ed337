"""One booking as officers see it, and each step they take with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.models import ApprovalRequest, Booking, BookingChange, BookingStatus, LatePlaces, ManagerRole
from bookings.operations import book_place, cancel_booking
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, cancelled_late, charging
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PersonFactory, subgroup_member, trainer
from tests.office.pages import Page

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STEPS = ("cancel", "place", "offer", "approval", "manager", "priority", "move", "substitute")


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def url(booking: Booking, step: str = "") -> str:
    return reverse(f"office_booking_{step}" if step else "office_booking", args=[booking.pk])


def book(event: Any, at: datetime, **fields: Any) -> Booking:
    person = PersonFactory(**fields)
    return book_place(event=event, person=person, by=person, at=at)


def html(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def status(booking: Booking) -> str:
    return Booking.objects.get(pk=booking.pk).status


def links(text: str, booking: Booking) -> set[str]:
    """The steps that a page offers for the booking."""
    return {step for step in STEPS if f"{url(booking)}{step}/" in text}


def test_it_says_who_what_and_how_it_came_to_that(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(title="Neglect", terms={"closes_at": at - timedelta(days=1)})
    person = PersonFactory(forename="Ana", surname="Lee", manager_email="boss@school.example", address="ana@school.example")
    booking = book_place(event=event, person=person, by=olu, at=at, rule_set_aside=True, reason="She works with the child.")
    text = html(client, url(booking))
    for said in (
        "Ana Lee",
        "Neglect",
        "ana@school.example",
        "boss@school.example",
        "by Olu Officer",
        "She works with the child.",
    ):
        assert said in text
    assert "Over a rule: booking had closed." in text
    assert "Place booked: Neglect" in text
    assert links(text, booking) == {"cancel", "move", "manager", "substitute"}


def test_each_state_offers_what_can_be_done_and_no_more(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=1)
    book(event, at)
    waiting = book(event, at)
    offered = BookingFactory(status=BookingStatus.OFFERED)
    awaiting = book(bookable_event(terms={"manager_role": ManagerRole.APPROVES}), at, manager_email="boss@school.example")
    ended = BookingFactory(status=BookingStatus.CANCELLED, cancelled_by="delegate", ended_at=at)
    over = BookingFactory(event=bookable_event(first_start=datetime(2027, 1, 4, 9, tzinfo=UTC)))
    long_over = BookingFactory(event=bookable_event(first_start=datetime(2026, 11, 4, 9, tzinfo=UTC)))
    offers = {
        waiting: {"cancel", "place", "priority", "manager"},
        offered: {"cancel", "offer", "manager"},
        awaiting: {"cancel", "approval", "manager"},
        ended: set(),
        over: {"manager"},  # who may hear of an absence
        long_over: set(),
    }
    assert {booking: links(html(client, url(booking)), booking) for booking in offers} == offers


def test_cancelling_says_what_it_costs_and_where_the_place_goes_before_it_is_done(
    client: Client, olu: Person, at: datetime
) -> None:
    charging()
    event = bookable_event(places=1)
    booking = accepted_booking(event=event, at=at)
    waiting = book(event, at, forename="Wanda", surname="Waits")
    assert "In time." in html(client, url(booking, "cancel"))
    with time_machine.travel(event.sessions.get().starts_at - timedelta(hours=1), tick=False):
        text = html(client, url(booking, "cancel"))
        assert "Late." in text
        assert "£50" in text
        assert "Is offered to Wanda Waits, who waits" in text
    response = client.post(url(booking, "cancel"), {"cancelled_by": "manager", "reason": "Ill"}, follow=True)
    assert "The booking is cancelled." in response.content.decode()
    assert (status(booking), status(waiting)) == (BookingStatus.CANCELLED, BookingStatus.CONFIRMED)
    change = BookingChange.objects.get(booking=booking)
    assert (change.by, change.reason) == (olu, "Ill")
    assert "given back by the manager, in time" in html(client, url(booking))


def test_what_cancelling_late_costs_stands_on_the_booking(client: Client, olu: Person, at: datetime) -> None:
    charging()
    charge = cancelled_late(at=at)
    text = html(client, url(charge.booking))
    assert "given back by the person, late" in text
    assert f"/office/charges/{charge.pk}/" in text
    assert "£50" in text


def test_cancelling_asks_who_gives_the_place_back(client: Client, olu: Person, at: datetime) -> None:
    booking = book(bookable_event(), at)
    assert "Choose who gives the place back." in client.post(url(booking, "cancel"), {"reason": "Ill"}).content.decode()
    assert status(booking) == BookingStatus.CONFIRMED


def test_a_step_that_is_not_possible_any_more_says_so_and_does_nothing(client: Client, olu: Person, at: datetime) -> None:
    booking = book(bookable_event(), at)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at)
    assert "This can't be done now" in html(client, url(booking, "cancel"))
    response = client.post(url(booking, "cancel"), {"cancelled_by": "organiser"})
    assert response.status_code == 409
    assert "This booking has ended already." in response.content.decode()
    assert BookingChange.objects.filter(booking=booking, to_status="cancelled").count() == 1


def test_somebody_who_waits_gets_a_place_by_hand_out_of_turn(client: Client, olu: Person) -> None:
    day_before = datetime(2027, 1, 25, 9, tzinfo=UTC)
    event = bookable_event(places=1, terms={"late_places": LatePlaces.OFFICER})
    booked, _, second = (book(event, day_before) for _ in range(3))
    with time_machine.travel(day_before, tick=False):
        assert "None left. Raise the number of places, or cancel a booking first." in html(client, url(second, "place"))
        assert client.post(url(second, "place"), {"reason": "Rang her"}).status_code == 409
        cancel_booking(booking=booked, cancelled_by="delegate", by=booked.person, at=day_before)
        assert "Say why: the reason is kept." in client.post(url(second, "place")).content.decode()
        client.post(url(second, "place"), {"reason": "Rang her"})
    assert status(second) == BookingStatus.CONFIRMED
    assert BookingChange.objects.get(booking=second, to_status="confirmed").reason == "Rang her"


@pytest.mark.parametrize(("answer", "becomes"), [("takes", BookingStatus.CONFIRMED), ("leaves", BookingStatus.DECLINED)])
def test_an_offer_is_answered_on_the_telephone(client: Client, olu: Person, answer: str, becomes: str) -> None:
    booking = BookingFactory(status=BookingStatus.OFFERED)
    assert "Choose what they said." in client.post(url(booking, "offer")).content.decode()
    client.post(url(booking, "offer"), {"answer": answer})
    assert status(booking) == becomes


@pytest.mark.parametrize(("answer", "becomes"), [("approved", BookingStatus.CONFIRMED), ("declined", BookingStatus.DECLINED)])
def test_an_officer_answers_for_the_manager_with_a_reason(
    client: Client, olu: Person, at: datetime, answer: str, becomes: str
) -> None:
    booking = book(bookable_event(terms={"manager_role": ManagerRole.APPROVES}), at, manager_email="boss@school.example")
    assert "boss@school.example" in html(client, url(booking, "approval"))
    without = client.post(url(booking, "approval"), {"answer": answer})
    assert "Say why you answer for the manager." in without.content.decode()
    client.post(url(booking, "approval"), {"answer": answer, "reason": "She said so on the telephone"})
    assert status(booking) == becomes
    request = ApprovalRequest.objects.get(booking=booking)
    assert (request.decided_as, request.decided_by, request.reason) == ("officer", olu, "She said so on the telephone")
    assert "by an officer: She said so on the telephone" in html(client, url(booking))


def test_an_officer_does_not_approve_their_own_booking(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    own = book_place(event=event, person=olu, by=olu, at=at, manager_email="boss@school.example")
    response = client.post(url(own, "approval"), {"answer": "approved", "reason": "I may"})
    assert (response.status_code, "your manager has to answer" in response.content.decode()) == (409, True)
    assert status(own) == BookingStatus.AWAITING_APPROVAL


def test_another_manager_is_asked(client: Client, olu: Person, at: datetime) -> None:
    booking = book(bookable_event(terms={"manager_role": ManagerRole.APPROVES}), at, manager_email="gone@school.example")
    assert "Enter the e-mail address of who is to approve." in client.post(url(booking, "manager")).content.decode()
    client.post(url(booking, "manager"), {"manager_email": "New@school.example", "deputy_email": "deputy@school.example"})
    request = ApprovalRequest.objects.get(booking=booking)
    assert (request.manager_email, request.deputy_email, request.round) == ("new@school.example", "deputy@school.example", 2)


def test_a_managers_address_is_corrected_and_a_bad_one_refused(client: Client, olu: Person, at: datetime) -> None:
    booking = book(bookable_event(), at, manager_email="wrong@school.example")
    assert "deputy_email" not in Page(client.get(url(booking, "manager"))).values
    assert "Enter an e-mail address like" in client.post(url(booking, "manager"), {"manager_email": "boss"}).content.decode()
    client.post(url(booking, "manager"), {"manager_email": "right@school.example"})
    assert Booking.objects.get(pk=booking.pk).manager_email == "right@school.example"


def test_a_priority_is_set_with_its_reason(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=1)
    _, first, second = (book(event, at) for _ in range(3))
    assert "Say why: the reason is kept." in client.post(url(second, "priority"), {"priority": "1"}).content.decode()
    client.post(url(second, "priority"), {"priority": "1", "reason": "In the review"})
    text = html(client, url(second))
    assert "Number 1, priority high: In the review" in text
    assert "Number 2" in html(client, url(first))


def test_another_partnerships_booking_is_not_there(client: Client, olu: Person, at: datetime) -> None:
    theirs = bookable_event(lead_host=OtherPartnershipFactory(), course=None, venue=None)
    booking = book(theirs, at)
    for address in (url(booking), *(url(booking, step) for step in STEPS)):
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"cancelled_by": "organiser", "reason": "x"}).status_code in (404, 405), address
    assert status(booking) == BookingStatus.CONFIRMED
    client.force_login(GrantFactory(partnership=theirs.lead_host).person, backend=BACKEND)
    assert client.get(url(booking)).status_code == 200  # to its own officer it is


def test_it_is_for_officers(client: Client, at: datetime) -> None:
    booking = book(bookable_event(), at)
    assert client.get(url(booking)).status_code == 302
    for person in (PersonFactory(), trainer(), subgroup_member(), booking.person):
        client.force_login(person, backend=BACKEND)
        assert {client.get(address).status_code for address in (url(booking), url(booking, "cancel"))} == {403}
