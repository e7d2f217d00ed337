"""Whether one person got the letters before an event, and when they will: on the person's page and on the booking's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.due import send_planned_letters
from bookings.models import Booking, MessageSettings, PlannedKind
from bookings.operations import hold_back, hold_back_from
from courses.models import Format
from events.models import Event
from notifications.bounces import mark_bounced
from notifications.models import Message
from people.models import Partnership, Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory

pytestmark = pytest.mark.django_db

JOINING_AT = datetime(2027, 1, 21, 8, tzinfo=UTC)
KIND = PlannedKind.JOINING


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Any:
    with time_machine.travel(at, tick=False) as traveller:
        yield traveller


@pytest.fixture
def booking(at: datetime) -> Booking:
    """Booked long ago, for Tuesday 26 January 2027 at 9.30am."""
    return booked(bookable_event(title="Neglect"), at=at)


def booked(event: Event, *, at: datetime, **fields: Any) -> Booking:
    return BookingFactory(event=event, **{"booked_at": at - timedelta(days=30), **fields})


def person_page(client: Client, booking: Booking) -> Any:
    return client.get(reverse("office_person", args=[booking.person_id]))


def rows(client: Client, booking: Booking) -> list[tuple[str, str, str]]:
    return [(row.label, row.when, row.state) for row in person_page(client, booking).context["letters"]]


def joining(client: Client, booking: Booking) -> tuple[str, str]:
    return rows(client, booking)[1][1:]


def test_the_person_page_says_what_is_planned_for_them_and_leads_to_it(client: Client, olu: Person, booking: Booking) -> None:
    assert rows(client, booking) == [
        ("First reminder", "Tuesday 12 January 2027, 8am", "Planned"),
        ("Joining instructions", "Thursday 21 January 2027, 8am", "Planned"),
        ("Last reminder", "Monday 25 January 2027, 8am", "Planned"),
    ]
    html = unescape(person_page(client, booking).content.decode())
    address = reverse("office_event_planned", args=[booking.event_id, KIND])
    assert f"{address}?for={booking.pk}#letter" in html
    assert client.get(address, {"for": str(booking.pk)}).context["chosen"].pk == booking.pk


def test_the_bookings_page_says_the_same(client: Client, olu: Person, booking: Booking) -> None:
    shown = client.get(reverse("office_booking", args=[booking.pk])).context["letters"]
    assert [(row.label, row.when, row.state) for row in shown] == rows(client, booking)


def test_what_is_written_leads_to_the_message(client: Client, olu: Person, booking: Booking, clock: Any) -> None:
    clock.move_to(JOINING_AT)
    send_planned_letters(JOINING_AT)
    letter = Message.objects.get(kind=KIND)
    assert person_page(client, booking).context["letters"][1].letter.pk == letter.pk
    assert "Waits to be sent" in person_page(client, booking).content.decode()
    Message.objects.update(state="sent", sent_at=JOINING_AT)
    html = person_page(client, booking).content.decode()
    assert "Has it" in html
    assert reverse("office_message", args=[letter.pk]) in html


def test_it_says_what_keeps_a_letter_back(client: Client, olu: Person, at: datetime) -> None:
    when = "Thursday 21 January 2027, 8am"
    one, other = booked(bookable_event(), at=at), booked(bookable_event(), at=at)
    hold_back_from(booking=one, kind=KIND, by=olu, at=at)
    assert joining(client, one) == (when, "Held back from this person")
    hold_back(event=other.event, kind=KIND, by=olu, at=at)
    assert joining(client, other) == (when, "Held back from everybody")
    online = booked(bookable_event(format=Format.VIRTUAL, venue=None), at=at)
    assert joining(client, online) == (when, "Waits: add the joining link")
    waiting = booked(bookable_event(), at=at, status="waiting", queue_number=1)
    assert joining(client, waiting) == (when, "Once the place is confirmed")
    bounced = booked(bookable_event(), at=at)
    mark_bounced(address=bounced.person.main_address(), reason="550 nobody", at=at)
    assert joining(client, bounced) == (when, "Paused: the address bounced")
    without = booked(bookable_event(), at=at)
    without.person.emailaddress_set.all().delete()
    assert joining(client, without) == (when, "No address")


def test_it_says_so_only_where_the_address_that_is_written_to_bounced(
    client: Client, olu: Person, booking: Booking, at: Any
) -> None:
    EmailAddress.objects.create(user=booking.person, email="old@school.example", verified=True, primary=False)
    mark_bounced(address="old@school.example", reason="550 nobody", at=at)
    assert {state for _, _, state in rows(client, booking)} == {"Planned"}
    mark_bounced(address=booking.person.main_address(), reason="550 nobody", at=at)
    assert {state for _, _, state in rows(client, booking)} == {"Paused: the address bounced"}


@pytest.mark.parametrize("status", ["waiting", "awaiting_approval", "offered"])
def test_what_has_gone_by_does_not_wait_for_the_place(client: Client, olu: Person, clock: Any, at: datetime, status: str) -> None:
    fields: dict[str, Any] = {"waiting": {"queue_number": 1}}.get(status, {})
    offered = booked(bookable_event(), at=at, status=status, **fields)
    clock.move_to(JOINING_AT)
    assert rows(client, offered) == [
        ("First reminder", "Tuesday 12 January 2027, 8am", "Its day has gone by"),
        ("Joining instructions", "Straight after that", "Once the place is confirmed"),
        ("Last reminder", "Monday 25 January 2027, 8am", "Once the place is confirmed"),
    ]


def test_a_place_given_shortly_before_a_reminder_brings_none(client: Client, olu: Person, clock: Any, at: datetime) -> None:
    offered = booked(bookable_event(), at=at, status="offered")
    clock.move_to(datetime(2027, 1, 24, 21, tzinfo=UTC))
    last = rows(client, offered)[2]
    assert last == ("Last reminder", "Monday 25 January 2027, 8am", "Not sent to who gets a place as late as now")


def test_what_waits_for_more_than_the_place_says_so(client: Client, olu: Person, clock: Any, at: datetime) -> None:
    without_venue = booked(bookable_event(venue=None), at=at, status="offered")
    clock.move_to(JOINING_AT)
    assert rows(client, without_venue)[1][1] == "After that, once you choose the venue"
    Event.objects.filter(pk=without_venue.event_id).update(messages_from=date(2027, 1, 23))
    silent = booked(bookable_event(messages_from=date(2027, 1, 23)), at=at, status="offered")
    assert rows(client, silent)[1][1] == "After that, but nothing before Saturday 23 January 2027"


def test_it_says_when_a_letter_never_comes(client: Client, olu: Person, at: datetime) -> None:
    late = booked(bookable_event(), at=at, booked_at=datetime(2027, 1, 11, 21, tzinfo=UTC))
    assert rows(client, late)[0][2] == "Not sent: the place was confirmed so shortly before"
    MessageSettings.objects.create(partnership=PartnershipFactory(), joining_days=None)
    assert ("Joining instructions", "Never", "Not sent") in rows(client, late)
    Partnership.objects.update(messages_from=None)
    assert {state for _, _, state in rows(client, late)} >= {
        "Nothing is sent until the partnership sets the day from which it writes"
    }


def test_what_is_over_or_another_partnerships_is_not_planned(client: Client, olu: Person, booking: Booking, at: Any) -> None:
    person = booking.person
    booked(bookable_event(), at=at, person=person, status="cancelled", cancelled_by="delegate", ended_at=at)
    booked(bookable_event(lead_host=OtherPartnershipFactory(), course=None, venue=None), at=at, person=person)
    booked(bookable_event(first_start=at - timedelta(days=3)), at=at, person=person)
    assert {row.booking.pk for row in person_page(client, booking).context["letters"]} == {booking.pk}
    booking.delete()
    html = client.get(reverse("office_person", args=[person.pk])).content.decode()
    assert "Nothing is planned" in html


def test_the_page_asks_the_database_as_often_for_one_as_for_three(client: Client, olu: Person, booking: Booking, at: Any) -> None:
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            person_page(client, booking)
        counts.append(len(asked))
        booked(bookable_event(), at=at, person=booking.person)
    assert counts == [counts[0]] * 3
