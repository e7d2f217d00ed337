"""The pages a practitioner books on, and who may see a booking."""

from __future__ import annotations

import ics
import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from bookings.models import Booking, BookingStatus
from bookings.operations import book_place, cancel_bookable_event, cancel_booking
from core.clock import now
from events.models import EventStatus
from events.queries import starts_at
from people.models import OrganisationState, Partnership, Role
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.events import EventFactory
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PersonFactory, officer, subgroup_member, trainer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def person():
    return PersonFactory(forename="Sam", surname="Okafor", manager_email="boss@school.example")


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


def book_url(event) -> str:
    return reverse("book", args=[event.pk])


def page(client, address) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_page_shows_what_we_know_and_one_button(signed_in, person):
    text = page(signed_in, book_url(bookable_event()))
    assert all(known in text for known in ("Sam Okafor", person.organisation.name, "Teacher", "boss@school.example"))
    assert (text.count("Book a place</button>"), text.count("Join the waiting list</button>")) == (1, 0)


def test_looking_at_the_page_books_nothing(signed_in):
    page(signed_in, book_url(bookable_event()))
    assert Booking.objects.count() == 0


def test_one_press_books_and_leads_to_the_confirmation(signed_in, person):
    event = bookable_event()
    response = signed_in.post(book_url(event), {"manager_email": "new.boss@school.example"})
    booking = Booking.objects.get()
    assert response.url == reverse("booking", args=[booking.pk])
    assert (booking.person, booking.booked_by, booking.status) == (person, person, BookingStatus.CONFIRMED)
    assert booking.manager_email == "new.boss@school.example"
    text = page(signed_in, response.url)
    assert ("Place booked" in text, "Add it to your calendar" in text, "Cancel your place" in text) == (True, True, True)


def test_a_second_press_has_no_second_effect_and_shows_the_booking(signed_in):
    event = bookable_event()
    first = signed_in.post(book_url(event), {"manager_email": ""})
    second = signed_in.post(book_url(event), {"manager_email": ""})
    assert (first.status_code, second.status_code, second.url) == (302, 302, first.url)
    assert Booking.objects.count() == 1
    assert signed_in.get(book_url(event)).url == first.url


def test_a_full_event_says_so_before_anything_is_pressed(signed_in):
    event = bookable_event(places=1)
    for _ in range(2):
        book_place(event=event, person=PersonFactory(), by=None, at=now())
    text = page(signed_in, book_url(event))
    assert "You can join the waiting list: 1 person is in front of you." in text
    assert (text.count("Book a place</button>"), text.count("Join the waiting list</button>")) == (0, 1)
    response = signed_in.post(book_url(event), {"manager_email": ""})
    assert "You are number 2 on the waiting list" in page(signed_in, response.url)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: bookable_event(status=EventStatus.CANCELLED), "This event is cancelled."),
        (lambda: EventFactory(), "No places are booked here for this event."),
        (lambda: bookable_event(is_closed=True, neutral_title="A learning event"), "This event is for invited people"),
        (
            lambda: BookingFactory(event=bookable_event(places=1, terms={"has_waiting_list": False})).event,
            "The only place is taken",
        ),
    ],
)
def test_what_can_not_be_booked_says_why_on_looking_and_on_pressing(signed_in, make, said):
    event = make()
    assert said in page(signed_in, book_url(event))
    response = signed_in.post(book_url(event), {"manager_email": ""})
    assert (response.status_code, said in response.content.decode()) == (409, True)
    assert not Booking.objects.filter(event=event, person__forename="Sam", person__surname="Okafor").exists()


def test_a_past_event_says_so(signed_in):
    event = bookable_event()
    with time_machine.travel(starts_at(event), tick=False):
        assert "This event has started" in page(signed_in, book_url(event))


def test_a_closed_event_is_called_by_its_neutral_title(signed_in):
    event = bookable_event(title="The death of a child", is_closed=True, neutral_title="A learning event")
    text = page(signed_in, book_url(event))
    assert ("A learning event" in text, "death" in text) == (True, False)


@pytest.mark.parametrize(
    "make",
    [lambda: bookable_event(status=EventStatus.DRAFT), lambda: bookable_event(lead_host=OtherPartnershipFactory())],
)
def test_a_draft_and_another_partnerships_event_do_not_exist(signed_in, make):
    Partnership.objects.count()
    event = make()
    EventFactory()  # so that our own partnership is there
    assert (signed_in.get(book_url(event)).status_code, signed_in.post(book_url(event)).status_code) == (404, 404)


def test_the_manager_may_be_asked_for(signed_in, person):
    event = bookable_event()
    Partnership.objects.update(asks_for_manager=True)
    response = signed_in.post(book_url(event), {"manager_email": ""})
    assert "Enter your line manager&#x27;s e-mail address." in response.content.decode()
    assert "<title>Error: " in response.content.decode()
    assert Booking.objects.count() == 0


def test_somebody_without_an_organisation_has_no_manager_to_name(client):
    event, carer = (
        bookable_event(),
        PersonFactory(
            organisation=None, organisation_state=OrganisationState.NONE, sector=None, borough=None, organisation_text=""
        ),
    )
    Partnership.objects.update(asks_for_manager=True)
    client.force_login(carer)
    assert "line manager" not in page(client, book_url(event))
    assert client.post(book_url(event), {"manager_email": ""}).status_code == 302
    assert Booking.objects.get().manager_email == ""


def test_an_address_that_is_none_is_an_error_to_mend(signed_in):
    response = signed_in.post(book_url(bookable_event()), {"manager_email": "boss"})
    assert "Enter an e-mail address, like name@example.com." in response.content.decode()


@pytest.mark.parametrize("name", ["booking", "cancel_booking", "booking_calendar"])
def test_a_booking_is_seen_by_its_person_and_officers_of_the_lead_host_and_does_not_exist_for_others(client, name):
    booking = book_place(event=bookable_event(), person=PersonFactory(), by=None, at=now())
    address = reverse(name, args=[booking.pk])
    elsewhere = GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory()).person
    seen = []
    for somebody in (booking.person, officer(), PersonFactory(), subgroup_member(), trainer(), elsewhere):
        client.force_login(somebody)
        seen.append(client.get(address).status_code)
    assert seen == [200, 200, 404, 404, 404, 404]
    client.logout()
    assert client.get(address).status_code == 302


def test_nobody_else_cancels_by_guessing_the_address(client):
    booking = BookingFactory()
    client.force_login(PersonFactory())
    assert client.post(reverse("cancel_booking", args=[booking.pk])).status_code == 404
    assert Booking.objects.get().status == BookingStatus.CONFIRMED


def test_opening_the_cancel_page_cancels_nothing_and_pressing_does(signed_in, person):
    booking = BookingFactory(person=person)
    address = reverse("cancel_booking", args=[booking.pk])
    for _ in range(3):
        assert "Cancel your place?" in page(signed_in, address)
    assert Booking.objects.get().status == BookingStatus.CONFIRMED
    response = signed_in.post(address)
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["Place cancelled."]
    assert Booking.objects.get().cancelled_by == "delegate"
    assert "This booking was cancelled on Monday 11 January 2027." in page(signed_in, response.url)


def test_cancelling_twice_says_that_there_is_nothing_to_cancel(signed_in, person):
    address = reverse("cancel_booking", args=[BookingFactory(person=person).pk])
    signed_in.post(address)
    response = signed_in.post(address)
    text = response.content.decode()
    assert (response.status_code, "This booking has ended already." in text) == (409, True)
    assert ("This booking is cancelled already</h1>" in text, "can’t be cancelled" in text) == (True, False)


def test_leaving_the_waiting_list_is_called_that(signed_in, person):
    booking = BookingFactory(person=person, status=BookingStatus.WAITING, queue_number=1)
    address = reverse("cancel_booking", args=[booking.pk])
    assert "Leave the waiting list?" in page(signed_in, address)
    response = signed_in.post(address)
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["You have left the waiting list."]


def test_the_page_of_an_event_that_was_called_off_says_why(signed_in, person):
    booking = BookingFactory(person=person)
    cancel_bookable_event(event=booking.event, reason="The trainer is ill.", by=officer(), at=now())
    text = page(signed_in, reverse("booking", args=[booking.pk]))
    assert "The organisers have cancelled this event. Why: The trainer is ill." in text


@pytest.mark.parametrize(
    ("status", "fields"), [("declined", {}), ("lapsed", {}), ("offered", {}), ("not_placed", {"queue_number": 1})]
)
def test_a_booking_in_any_state_has_its_page(signed_in, person, status, fields):
    booking = BookingFactory(person=person, status=status, **fields)
    assert booking.get_status_display() in page(signed_in, reverse("booking", args=[booking.pk]))


def test_the_calendar_file_holds_the_entries_that_the_invitation_has(signed_in, person):
    booking = book_place(event=bookable_event(sessions=2, title="Recognising neglect"), person=person, by=person, at=now())
    response = signed_in.get(reverse("booking_calendar", args=[booking.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="recognising-neglect.ics"'
    entries = ics.Calendar(response.content.decode()).events
    assert {entry.uid for entry in entries} == set(booking.invitations.values_list("uid", flat=True))


def test_who_waits_has_nothing_to_put_into_a_calendar(signed_in, person):
    booking = BookingFactory(person=person, status=BookingStatus.WAITING, queue_number=1)
    assert signed_in.get(reverse("booking_calendar", args=[booking.pk])).status_code == 404


def test_only_who_has_a_place_sees_the_joining_link(signed_in, person):
    event = bookable_event(joining_link="https://meet.example/1")
    confirmed = BookingFactory(event=event, person=person)
    assert "https://meet.example/1" in page(signed_in, reverse("booking", args=[confirmed.pk]))
    Booking.objects.update(status=BookingStatus.WAITING, queue_number=1)
    assert "meet.example" not in page(signed_in, reverse("booking", args=[confirmed.pk]))
    assert "meet.example" not in page(signed_in, reverse("cancel_booking", args=[confirmed.pk]))


def test_booking_pages_are_kept_by_no_cache(signed_in, person):
    booking = BookingFactory(person=person)
    assert "no-store" in signed_in.get(reverse("booking", args=[booking.pk]))["Cache-Control"]


def test_booking_pages_ask_for_a_sign_in(client):
    assert client.get(book_url(bookable_event())).url.startswith("/sign-in/?next=")


def test_an_officer_says_whose_cancellation_it_is_and_why(client):
    booking = BookingFactory()
    address = reverse("cancel_booking", args=[booking.pk])
    client.force_login(officer())
    response = client.post(address, {"reason": "Rang us"})
    assert "Choose who gives the place back." in response.content.decode()
    assert Booking.objects.get().status == BookingStatus.CONFIRMED
    client.post(address, {"cancelled_by": "manager", "reason": "Rang us"})
    ended = Booking.objects.get()
    assert (ended.cancelled_by, ended.changes.get().reason) == ("manager", "Rang us")


@pytest.mark.parametrize(
    ("cancelled_by", "said"),
    [
        ("delegate", "This booking was cancelled on Monday 11 January 2027, given back by the person."),
        ("manager", "This booking was cancelled on Monday 11 January 2027, as their manager asked."),
        ("organiser", "Cancelled by the organisers on Monday 11 January 2027."),
    ],
)
def test_an_officer_reads_whose_cancellation_it_was(client, cancelled_by, said):
    booking = BookingFactory()
    client.force_login(officer())
    response = client.post(reverse("cancel_booking", args=[booking.pk]), {"cancelled_by": cancelled_by}, follow=True)
    text = response.content.decode()
    assert [said in text, "book again" in text, "if you did not expect" in text] == [True, False, False]


def test_the_delegate_reads_that_the_manager_asked(signed_in, person):
    booking = BookingFactory(person=person)
    cancel_booking(booking=booking, cancelled_by="manager", by=officer(), at=now())
    assert ", as your manager asked." in page(signed_in, reverse("booking", args=[booking.pk]))


def test_an_officer_takes_somebody_off_the_waiting_list(client):
    booking = BookingFactory(status=BookingStatus.WAITING, queue_number=1)
    client.force_login(officer())
    response = client.post(reverse("cancel_booking", args=[booking.pk]), {"cancelled_by": "delegate"})
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["Taken off the waiting list."]
