"""An officer pastes a list of addresses, checks what would become of each, and books them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Booking, Condition, ConditionKind, ManagerRole
from events.models import Event
from notifications.models import Message
from people.models import Person
from people.operations import look_after
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import charging
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, SectorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Any:
    with time_machine.travel(at, tick=False) as traveller:
        yield traveller


def known(at: datetime, **fields: Any) -> Person:
    person = PersonFactory(**fields)
    look_after(person=person, partnership=PartnershipFactory(), by=None, at=at)
    return person


def send(client: Client, event: Event, **said: Any) -> Any:
    return client.post(reverse("office_event_book_several", args=[event.pk]), said)


def check(client: Client, event: Event, *people: Person | str) -> Any:
    pasted = "\n".join(one if isinstance(one, str) else one.main_address() for one in people)
    return send(client, event, pasted=pasted, check="1")


def fates(response: Any) -> list[tuple[str, str]]:
    return [(line.seen.colleague.name, line.seen.fate) for line in response.context["lines"]]


def book(client: Client, event: Event, checked: Any, **said: Any) -> Any:
    return send(client, event, line=[line.key for line in checked.context["lines"]], book="1", **said)


def test_a_pasted_list_is_checked_first_and_booked_then(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=1)
    ada, ben = known(at, forename="Ada"), known(at, forename="Ben")
    checked = check(client, event, ada, ben)
    assert fates(checked) == [(ada.name, "place"), (ben.name, "queue")]
    assert "Book 1, and put 1 on the waiting list" in checked.content.decode()
    assert (Booking.objects.count(), Message.objects.count()) == (0, 0)
    done = book(client, event, checked).content.decode()
    assert "1 booked, 1 on the waiting list" in done
    assert list(Booking.objects.order_by("booked_at", "queue_number").values_list("person__forename", "status", "booked_by")) == [
        ("Ada", "confirmed", olu.pk),
        ("Ben", "waiting", olu.pk),
    ]
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_the_same_list_sent_twice_books_nobody_twice(client: Client, olu: Person, at: datetime) -> None:
    event, ada = bookable_event(), known(at)
    checked = check(client, event, ada)
    book(client, event, checked)
    again = book(client, event, checked).content.decode()
    assert ("Nobody was booked" in again, "has a booking already" in again) == (True, True)
    assert Booking.objects.count() == 1


def test_bad_lines_strangers_and_rules_are_said_and_the_others_are_booked(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event()
    police = Condition.objects.create(event=event, kind=ConditionKind.SECTOR)
    police.sectors.add(SectorFactory(name="Police"))
    allowed = known(at, organisation__sector=SectorFactory(name="Police"))
    other = known(at)
    booked = BookingFactory(event=event, person=known(at)).person
    elsewhere = PersonFactory()
    elsewhere.partnerships.add(OtherPartnershipFactory())
    checked = check(client, event, allowed, other, booked, elsewhere, "not an address", allowed)
    assert fates(checked) == [
        (allowed.name, "place"),
        (other.name, "refused"),
        (booked.name, "has_booking"),
        (elsewhere.main_address(), "unknown"),
    ]
    page = checked.content.decode()
    assert ("not an address" in page, elsewhere.name in page, "to go over it" in page) == (True, False, True)
    book(client, event, checked)
    assert set(Booking.objects.values_list("person", flat=True)) == {allowed.pk, booked.pk}


def test_whoever_is_left_out_is_not_booked(client: Client, olu: Person, at: datetime) -> None:
    event, ada, ben = bookable_event(), known(at), known(at)
    checked = check(client, event, ada, ben)
    book(client, event, checked, leave=checked.context["lines"][0].key)
    assert list(Booking.objects.values_list("person", flat=True)) == [ben.pk]


def test_where_managers_approve_they_are_asked_and_somebody_without_one_is_booked_alone(
    client: Client, olu: Person, at: datetime
) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    named, unnamed = known(at, manager_email="head@school.example"), known(at, manager_email="")
    checked = check(client, event, named, unnamed)
    page = checked.content.decode()
    assert (page.count("Manager is asked"), page.count("No manager named"), checked.context["ready"]) == (1, 1, 1)
    book(client, event, checked)
    assert list(Booking.objects.values_list("person", "status")) == [(named.pk, "awaiting_approval")]


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [("", "Paste the addresses"), ("\n".join(f"a{n}@b.example" for n in range(201)), "Book at most 200")],
)
def test_nothing_or_far_too_much_is_refused_and_kept(client: Client, olu: Person, pasted: str, sentence: str) -> None:
    event = bookable_event()
    page = send(client, event, pasted=pasted, check="1").content.decode()
    assert ("<title>Error: " in page, sentence in page, "a200@b.example" in page) == (True, True, bool(pasted))


def test_an_event_that_can_not_be_booked_says_so(client: Client, olu: Person, at: datetime) -> None:
    over = bookable_event(terms={"closes_at": at})
    page = client.get(reverse("office_event_book_several", args=[over.pk])).content.decode()
    assert ("Booking closed on" in page, "textarea" in page) == (True, False)


def test_another_partnerships_event_is_not_there(client: Client, olu: Person) -> None:
    event = bookable_event(lead_host=OtherPartnershipFactory())
    assert client.get(reverse("office_event_book_several", args=[event.pk])).status_code == 404
    client.force_login(PersonFactory())
    assert client.get(reverse("office_event_book_several", args=[bookable_event().pk])).status_code == 403


def test_checking_asks_the_database_as_often_for_one_as_for_three(client: Client, olu: Person, at: datetime) -> None:
    event, addresses = bookable_event(), [known(at).main_address() for _ in range(3)]
    check(client, event, *addresses)
    counts = []
    for some in (addresses[:1], addresses):
        with CaptureQueriesContext(connection) as asked:
            check(client, event, *some)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_it_can_cost_is_said_on_the_page_and_in_the_letter(client: Client, olu: Person, at: datetime) -> None:
    event, ada = bookable_event(), known(at)
    assert "can cost something" not in check(client, event, ada).content.decode()
    charging(at=at)
    checked = check(client, event, ada)
    assert checked.content.decode().count("can cost something") == 1
    book(client, event, checked)
    assert "can cost something: your booking’s page says what." in Message.objects.get().text
