"""A person's own calendar, as a calendar program reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import ics
import pytest
import time_machine
import vobject
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from bookings.models import BookingStatus, CalendarAddress
from bookings.operations import (
    book_place,
    cancel_bookable_event,
    cancel_booking,
    change_bookable_event,
    change_booking_settings,
    make_calendar_address,
    stop_calendar_address,
)
from core.guessing import WRONG_A_MINUTE
from core.refusals import Refused
from events.models import Event
from events.operations import SessionTimes
from notifications.models import Message
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory

pytestmark = pytest.mark.django_db

LINK = "https://meet.example/secret"
SAYS_NOTHING = b"There is no calendar at this address. It may have been stopped, or replaced by a new one: see My learning.\n"


@pytest.fixture(autouse=True)
def monday(at: datetime) -> Iterator[Any]:
    cache.clear()
    with time_machine.travel(at, tick=False) as moment:
        yield moment


@pytest.fixture
def sam() -> Person:
    PartnershipFactory()
    return PersonFactory(forename="Sam", surname="Okafor")


@pytest.fixture
def address(sam: Person, at: datetime) -> str:
    return f"/calendar/{make_calendar_address(person=sam, instead_of=None, by=sam, at=at)[1]}.ics"


def book(event: Event, person: Person, at: datetime) -> Any:
    return book_place(event=event, person=person, by=person, at=at)


def text_at(address: str) -> str:
    response = Client().get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return response.content.decode()


def read(text: str) -> list[tuple[str, str, datetime]]:
    """(uid, status, start) of each entry, as two libraries agree that it is."""
    by_ics = [(one.uid, one.status, one.begin.datetime.astimezone(UTC)) for one in ics.Calendar(text).events]
    calendar = vobject.readOne(text)
    entries = getattr(calendar, "vevent_list", [])
    by_vobject = [(one.uid.value, one.status.value, one.dtstart.value.astimezone(UTC)) for one in entries]
    assert sorted(by_ics) == sorted(by_vobject)
    return sorted(by_vobject, key=lambda one: one[2])


def flat(text: str) -> str:
    return text.replace("\r\n ", "")


def test_it_holds_each_session_they_have_a_place_at_under_the_id_of_its_invitation(address, sam, at):
    event = bookable_event(sessions=2)
    book(event, sam, at)
    full = bookable_event(places=1, first_start=at + timedelta(days=30))
    book(full, PersonFactory(surname="Secretsson"), at)
    book(full, sam, at)
    assert (
        read(text_at(address))
        == [
            (vobject.readOne(message.calendar).vevent.uid.value, "CONFIRMED", session.starts_at)
            for message, session in zip(
                Message.objects.filter(person=sam).exclude(calendar="").order_by("subject"),
                reversed(event.sessions.all()),
                strict=True,
            )
        ][::-1]
    )


def test_somebody_without_bookings_has_an_empty_calendar(address):
    assert read(text_at(address)) == []


def test_what_moves_moves_under_the_same_id_with_a_higher_number(address, sam, at):
    event = bookable_event()
    book(event, sam, at)
    [(uid, _, _)] = read(text_at(address))
    later = SessionTimes(datetime(2027, 6, 2, 8, 30, tzinfo=UTC), datetime(2027, 6, 2, 15, 0, tzinfo=UTC))
    change_bookable_event(event=event, sessions=[later], by=None, at=at)
    text = text_at(address)
    assert (read(text), "SEQUENCE:1\r\n" in text) == ([(uid, "CONFIRMED", later.starts_at)], True)


def test_a_place_that_was_given_back_stays_as_cancelled_for_sixty_days(address, sam, at, monday):
    event = bookable_event(first_start=at + timedelta(days=90))
    booking = book(event, sam, at)
    [(uid, _, start)] = read(text_at(address))
    cancel_booking(booking=booking, cancelled_by="delegate", by=sam, at=at)
    assert read(text_at(address)) == [(uid, "CANCELLED", start)]
    again = book(event, sam, at + timedelta(hours=1))
    assert sorted(one[:2] for one in read(text_at(address))) == sorted(
        [(uid, "CANCELLED"), (again.invitations.get().uid, "CONFIRMED")]
    )
    monday.shift(timedelta(days=61))
    assert [one[0] for one in read(text_at(address))] == [again.invitations.get().uid]


def test_a_cancelled_event_stays_as_cancelled(address, sam, at):
    event = bookable_event()
    book(event, sam, at)
    cancel_bookable_event(event=event, reason="Snow", by=None, at=at)
    assert [one[1] for one in read(text_at(address))] == ["CANCELLED"]


def test_a_booking_brought_over_has_an_id_that_stays_though_nothing_was_sent(address, sam):
    BookingFactory(person=sam, event=bookable_event(sessions=2))
    BookingFactory(
        person=sam, status=BookingStatus.CANCELLED, cancelled_by="delegate", ended_at=datetime(2027, 1, 10, tzinfo=UTC)
    )
    first = read(text_at(address))
    assert (len({uid for uid, _, _ in first}), read(text_at(address))) == (2, first)


def test_it_names_nobody_and_holds_no_link_that_acts(address, sam, at):
    event = bookable_event(summary="Signs of neglect")
    book(event, sam, at)
    book(event, PersonFactory(forename="Alex", surname="Secretsson"), at)
    text = flat(text_at(address))
    for word in ("ATTENDEE", "ORGANIZER", "METHOD", "Sam", "Okafor", "Alex", "Secretsson", "@school", "/bookings/", "mailto:"):
        assert word not in text
    assert f"URL:http://127.0.0.1:8000/events/{event.pk}/" in text
    assert "DESCRIPTION:Signs of neglect\\n\\nCan't come? Cancel your place on the website\\, under My learning." in text


def test_what_is_over_stays_for_a_year_without_a_word_of_what_to_do(address, sam, at, monday):
    BookingFactory(person=sam, event=bookable_event(summary="Signs", joining_link=LINK))
    monday.shift(timedelta(days=30))
    assert "DESCRIPTION:Signs\r\n" in text_at(address)
    monday.shift(timedelta(days=360))
    assert read(text_at(address)) == []


def test_a_closed_event_goes_by_its_neutral_title_and_says_nothing_of_itself(address, sam):
    event = bookable_event(title="About one child", is_closed=True, neutral_title="A learning event", summary="The story of")
    BookingFactory(person=sam, event=event)
    text = flat(text_at(address))
    assert ("About one child" in text, "The story" in text, "URL:" in text, "SUMMARY:A learning event" in text) == (
        False, False, False, True,
    )  # fmt: skip


def test_joining_links_stand_in_it_only_where_the_partnership_that_hosts_says_so(address, sam, at):
    other = OtherPartnershipFactory()
    for host, link in ((PartnershipFactory(), LINK), (other, "https://meet.example/theirs")):
        BookingFactory(person=sam, event=bookable_event(lead_host=host, joining_link=link))
    assert "meet.example" not in flat(text_at(address))
    assert flat(text_at(address)).count("The link to join is in our message") == 2
    change_booking_settings(partnership=other, feed_shows_links=True, by=None, at=at)
    text = flat(text_at(address))
    assert (LINK in text, "https://meet.example/theirs" in text) == (False, True)


def test_a_program_that_comes_back_gets_it_again_only_when_it_changed(address, sam, at, monday):
    book(bookable_event(joining_link=LINK), sam, at)
    seen = Client().get(address)
    for headers in ({"if_none_match": seen["ETag"]}, {"if_modified_since": seen["Last-Modified"]}):
        monday.shift(timedelta(minutes=5))
        again = Client().get(address, headers=headers)
        assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "private, no-cache")
    change_booking_settings(partnership=PartnershipFactory(), feed_shows_links=True, by=None, at=at)
    for headers in ({"if_none_match": seen["ETag"]}, {"if_modified_since": seen["Last-Modified"]}):
        assert Client().get(address, headers=headers).status_code == 200


def test_it_is_kept_from_caches_indexes_and_other_sites(address):
    for path, status in ((address, 200), ("/calendar/unknown.ics", 404)):
        response = Client().get(path)
        headers = [response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")]
        assert (response.status_code, headers) == (status, ["private, no-cache", "no-referrer", "noindex"])
        assert response.cookies == {}
    assert Client().post(address).status_code == 405


def test_unknown_stopped_replaced_and_barred_addresses_answer_alike(address, sam, at):
    current = CalendarAddress.objects.get(person=sam)
    _, second = make_calendar_address(person=sam, instead_of=current.pk, by=sam, at=at)
    current = CalendarAddress.objects.in_force().get(person=sam)
    stop_calendar_address(address=current, by=sam, at=at)
    _, third = make_calendar_address(person=sam, instead_of=None, by=sam, at=at)
    Person.objects.filter(pk=sam.pk).update(is_active=False)
    for path in ("/calendar/unknown.ics", address, f"/calendar/{second}.ics", f"/calendar/{third}.ics", "/calendar/%00%0d.ics"):
        response = Client().get(path)
        assert (response.status_code, response.content) == (404, SAYS_NOTHING)
    Person.objects.filter(pk=sam.pk).update(is_active=True)
    assert read(text_at(f"/calendar/{third}.ics")) == []


def test_the_address_has_256_bits_and_only_its_hash_is_kept(address, sam):
    kept = CalendarAddress.objects.get(person=sam)
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    assert (len(secret), len(kept.hash)) == (43, 64)
    assert secret not in str(vars(kept))


def test_who_guesses_waits_and_the_right_address_of_anybody_else_opens(address, monday):
    for _ in range(WRONG_A_MINUTE):
        assert Client().get("/calendar/guess.ics").status_code == 404
    refused = Client().get("/calendar/guess.ics")
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert Client(REMOTE_ADDR="10.0.0.9").get(address).status_code == 200
    monday.shift(timedelta(minutes=1))
    assert Client().get(address).status_code == 200


def test_its_queries_do_not_grow_with_the_bookings(address, sam, at, django_assert_num_queries):
    BookingFactory(person=sam)
    text_at(address)
    with django_assert_num_queries(6):
        text_at(address)
    for day in range(3):
        event = bookable_event(sessions=2, first_start=at + timedelta(days=20 + day), lead_host=OtherPartnershipFactory())
        cancel_booking(booking=book(event, sam, at), cancelled_by="delegate", by=sam, at=at)
        book(event, sam, at)
    text_at(address)
    with django_assert_num_queries(6):
        assert len(read(text_at(address))) == 13


@pytest.mark.both_databases
def test_a_person_has_one_address_in_force(sam, at):
    make_calendar_address(person=sam, instead_of=None, by=sam, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarAddress.objects.create(person=sam, hash="x", made_at=at)
    with pytest.raises(Refused) as refused:
        make_calendar_address(person=sam, instead_of=None, by=sam, at=at)
    assert (refused.value.code, CalendarAddress.objects.count()) == ("made_meanwhile", 1)


@pytest.mark.both_databases
def test_what_it_held_says_since_when(sam, at):
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarAddress.objects.create(person=sam, hash="x", made_at=at, seen="x")


def test_nobody_makes_or_stops_another_persons(sam, address, at):
    for act in (
        lambda: make_calendar_address(person=sam, instead_of=None, by=PersonFactory(), at=at),
        lambda: stop_calendar_address(address=CalendarAddress.objects.get(), by=PersonFactory(), at=at),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "not_allowed"


@pytest.fixture
def signed_in(client: Client, sam: Person) -> Client:
    client.force_login(sam, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(response: Any) -> str:
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_the_page_gives_the_address_once_and_a_new_one_stops_it(signed_in, sam, at):
    BookingFactory(person=sam)
    assert "/my-learning/calendar/" in page(signed_in.get("/my-learning/"))
    assert "Make your calendar's address" in page(signed_in.get("/my-learning/calendar/"))
    made = page(signed_in.post("/my-learning/calendar/new/"))
    secret = made.split("<code>http://127.0.0.1:8000", 1)[1].split("</code>", 1)[0]
    assert f'href="webcal://127.0.0.1:8000{secret}"' in made
    assert len(read(text_at(secret))) == 1
    assert "There is" not in page(signed_in.post("/my-learning/calendar/new/", follow=True))
    assert CalendarAddress.objects.count() == 1
    shown = page(signed_in.get("/my-learning/calendar/"))
    assert (secret in shown, "Monday 11 January 2027" in shown) == (False, True)
    asked = page(signed_in.get("/my-learning/calendar/new/"))
    assert ("The old one stops at once" in asked, Client().get(secret).status_code) == (True, 200)
    signed_in.post("/my-learning/calendar/new/", {"instead_of": str(CalendarAddress.objects.get().pk)})
    assert (Client().get(secret).status_code, CalendarAddress.objects.in_force().count()) == (404, 1)


def test_it_is_stopped_after_a_question(signed_in, sam, address):
    assert "Stop your calendar's address?" in page(signed_in.get("/my-learning/calendar/stop/"))
    assert Client().get(address).status_code == 200
    stopped = page(signed_in.post("/my-learning/calendar/stop/", follow=True))
    assert "Your calendar's address is stopped." in stopped
    assert Client().get(address).status_code == 404
    assert signed_in.get("/my-learning/calendar/stop/").status_code == 302


def test_a_mangled_form_makes_no_address(signed_in, address):
    signed_in.post("/my-learning/calendar/new/", {"instead_of": "nobody's"})
    assert (CalendarAddress.objects.count(), Client().get(address).status_code) == (1, 200)
