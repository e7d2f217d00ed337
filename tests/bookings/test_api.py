"""Booking for a program: what it sees, what it does, and the same sentences as the pages when the answer is no."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking, BookingTerms, InvitedPerson
from bookings.operations import book_place
from events.models import Event, EventHost
from people.models import Partnership, Person
from tests.conftest import MONDAY_MORNING
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.events import IN_TWO_WEEKS, EventFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer
from tests.factories.tokens import Program, program_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(at: Any) -> Iterator[None]:
    PartnershipFactory()
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def person() -> Person:
    return PersonFactory()


@pytest.fixture
def program(person: Person) -> Program:
    return program_of(person)


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()["results"]]


def book(program: Program, event: Event, **more: Any) -> Any:
    return program.post("bookings/", {"event": str(event.pk), **more})


class TestEvents:
    def test_the_list_shows_the_programme_with_places_and_ones_own_booking(self, program: Program, person: Person) -> None:
        event = bookable_event(places=3, title="Neglect")
        BookingFactory(event=event)
        mine = BookingFactory(event=event, person=person)
        (row,) = program.get("events/").json()["results"]
        assert row == {
            "id": str(event.pk),
            "title": "Neglect",
            "kind": "course",
            "format": "classroom",
            "status": "published",
            "is_closed": False,
            "summary": "",
            "course": {"id": str(event.course_id), "title": event.course.title},
            "lead_host": "Riverside Safeguarding Children Partnership",
            "starts_on": "2027-01-26",
            "ends_on": "2027-01-26",
            "when": "Tuesday 26 January 2027, 9.30am to 4pm",
            "where": "Civic Suite, 1 High Street, Riverside",
            "sessions": [{"number": 1, "title": "", "starts_at": "2027-01-26T09:30:00Z", "ends_at": "2027-01-26T16:00:00Z"}],
            "url": f"http://127.0.0.1:8000/events/{event.pk}/",
            "places": {"limit": 3, "left": 1, "waiting": 0},
            "my_booking": {"id": str(mine.pk), "status": "confirmed"},
        }

    def test_an_event_says_why_it_cant_be_booked_as_its_page_does(self, program: Program, person: Person, client: Client) -> None:
        event = bookable_event(terms={"opens_at": MONDAY_MORNING + timedelta(days=7)})
        client.force_login(person)
        page = client.get(f"/events/{event.pk}/book/")
        refusal = program.get(f"events/{event.pk}/").json()["refusal"]
        assert refusal == {"code": "not_open_yet", "detail": str(page.context["refused"])}

    def test_an_event_that_can_be_booked_has_no_refusal(self, program: Program) -> None:
        assert program.get(f"events/{bookable_event().pk}/").json()["refusal"] is None

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ({}, ["January", "February", "March"]),
            ({"from": "2027-02-01"}, ["February", "March"]),
            ({"to": "2027-02-28"}, ["January", "February"]),
            ({"from": "2026-12-01", "to": "2026-12-31"}, ["December"]),
            ({"kind": "conference"}, ["March"]),
            ({"q": "FEB"}, ["February"]),
            ({"q": "jan feb"}, []),
            ({"page_size": "2"}, ["January", "February"]),
            ({"page_size": "2", "page": "2"}, ["March"]),
        ],
    )
    def test_the_list_can_be_filtered(self, program: Program, query: dict[str, str], titles: list[str]) -> None:
        for month, title in [(12, "December"), (1, "January"), (2, "February"), (3, "March")]:
            start = IN_TWO_WEEKS.replace(year=2026 if month == 12 else 2027, month=month, day=15)
            EventFactory(title=title, first_start=start, kind="conference" if month == 3 else "course")
        response = program.get("events/", **query)
        assert [row["title"] for row in response.json()["results"]] == titles

    def test_the_list_of_one_course(self, program: Program) -> None:
        one, _ = EventFactory(), EventFactory()
        assert ids(program.get("events/", course=str(one.course_id))) == [str(one.pk)]

    def test_a_page_leads_to_the_next(self, program: Program) -> None:
        for _ in range(3):
            EventFactory()
        page = program.get("events/", page_size=2).json()
        assert (page["count"], page["previous"]) == (3, None)
        assert page["next"].endswith("/api/v1/events/?page=2&page_size=2")
        assert program.get("events/", page=3, page_size=2).status_code == 404

    @pytest.mark.parametrize(
        "query",
        [{"form": "2027-01-01"}, {"from": "01/02/2027"}, {"kind": "party"}, {"course": "x"}, {"page": "0"}, {"q": "\x00"}],
    )
    def test_a_filter_that_is_not_known_is_an_error_not_silence(self, program: Program, query: dict[str, str]) -> None:
        response = program.get("events/", **query)
        assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (400, list(query))

    def test_lists_take_as_many_queries_for_three_as_for_one(self, program: Program, person: Person) -> None:
        def queries(address: str) -> int:
            with CaptureQueriesContext(connection) as seen:
                assert program.get(address).status_code == 200
            return len(seen)

        BookingFactory(event=bookable_event(), person=person)
        for address in ("events/", "bookings/"):
            one = queries(address)
            for _ in range(2):
                event = bookable_event()
                BookingFactory(event=event)
                BookingFactory(event=event, person=person)
            assert queries(address) == one


class Situation:
    """One event and somebody who looks at it."""

    def __init__(self, name: str, make: Callable[[Person], Event], *, is_seen: bool) -> None:
        self.name, self.make, self.is_seen = name, make, is_seen


def closed(person: Person) -> Event:
    return bookable_event(is_closed=True, neutral_title="A meeting")


def invited(person: Person) -> Event:
    event = closed(person)
    InvitedPerson.objects.create(event=event, address=person.main_address())
    return event


def booked_and_cancelled(person: Person) -> Event:
    event = closed(person)
    BookingFactory(event=event, person=person, status="cancelled", cancelled_by="delegate")
    return event


def elsewhere(person: Person) -> Event:
    return bookable_event(lead_host=OtherPartnershipFactory())


def hosted_with_us(person: Person) -> Event:
    event = elsewhere(person)
    EventHost.objects.create(event=event, partnership=PartnershipFactory())
    return event


SITUATIONS = [
    Situation("published", lambda person: bookable_event(), is_seen=True),
    Situation("draft", lambda person: bookable_event(status="draft"), is_seen=False),
    Situation("cancelled", lambda person: bookable_event(status="cancelled", changed_at=MONDAY_MORNING), is_seen=True),
    Situation("cancelled draft", lambda person: bookable_event(status="cancelled"), is_seen=False),
    Situation("closed", closed, is_seen=False),
    Situation("invited", invited, is_seen=True),
    Situation("booked and cancelled", booked_and_cancelled, is_seen=True),
    Situation("another partnership's", elsewhere, is_seen=False),
    Situation("another partnership's and ours", hosted_with_us, is_seen=True),
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_a_program_sees_what_its_person_sees_on_the_pages(
    situation: Situation, program: Program, person: Person, client: Client
) -> None:
    event = situation.make(person)
    client.force_login(person)
    page = client.get(f"/events/{event.pk}/").status_code
    shown = program.get(f"events/{event.pk}/").status_code
    listed = str(event.pk) in ids(program.get("events/"))
    assert (page, shown, listed) == ((200, 200, True) if situation.is_seen else (404, 404, False))


def test_a_closed_event_goes_by_its_neutral_title(program: Program, person: Person) -> None:
    event = invited(person)
    shown = program.get(f"events/{event.pk}/").json()
    assert (shown["title"], shown["summary"], shown["course"]) == ("A meeting", "", None)
    assert event.title not in str(shown)
    assert ids(program.get("events/", q=event.title)) == []


def test_an_officer_sees_the_closed_events_their_partnership_leads() -> None:
    event, other = closed(PersonFactory()), bookable_event(lead_host=OtherPartnershipFactory(), is_closed=True, neutral_title="B")
    assert ids(program_of(officer()).get("events/")) == [str(event.pk)]
    assert program_of(officer()).get(f"events/{other.pk}/").status_code == 404


class TestBooking:
    def test_a_place(self, program: Program, person: Person) -> None:
        event = bookable_event(joining_link="https://meet.example/1")
        response = book(program, event)
        booking = Booking.objects.get()
        assert response.status_code == 201
        assert response.json() == {
            "id": str(booking.pk),
            "status": "confirmed",
            "event": {
                "id": str(event.pk),
                "title": event.title,
                "starts_on": "2027-01-26",
                "when": "Tuesday 26 January 2027, 9.30am to 4pm",
                "where": "Civic Suite, 1 High Street, Riverside",
            },
            "person": {"id": str(person.pk), "name": person.name},
            "organisation": person.organisation_text,
            "job_role": "Teacher",
            "booked_at": "2027-01-11T09:00:00Z",
            "queue_place": None,
            "ended_at": None,
            "cancelled_by": "",
            "cancelled_in_time": None,
            "joining_link": "https://meet.example/1",
        }
        assert (booking.person, booking.booked_by, booking.event) == (person, person, event)

    def test_a_full_event_gives_the_next_number_of_the_waiting_list(self, program: Program) -> None:
        event = bookable_event(places=1)
        BookingFactory(event=event)
        waiting = book(program, event).json()
        assert (waiting["status"], waiting["queue_place"], waiting["joining_link"]) == ("waiting", 1, "")

    def test_an_officer_books_for_somebody_at_their_address(self) -> None:
        somebody, event = PersonFactory(address="kim@school.example"), bookable_event()
        response = book(program_of(officer()), event, address="Kim@School.example")
        assert (response.status_code, response.json()["person"]["id"]) == (201, str(somebody.pk))
        assert response.json()["joining_link"] == ""

    def test_an_officer_hears_that_an_address_is_not_known_and_nobody_else_does(self, program: Program) -> None:
        """Else anybody could find out who has a sign-in here."""
        event = bookable_event()
        PersonFactory(address="kim@school.example")
        unknown = book(program_of(officer()), event, address="nobody@school.example")
        assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "address")
        answers = [book(program, event, address=address) for address in ("nobody@school.example", "kim@school.example")]
        assert [answer.status_code for answer in answers] == [403, 403]
        assert answers[0].json() == answers[1].json()

    def test_an_event_that_is_not_theirs_to_see_is_not_there(self, program: Program, person: Person) -> None:
        assert book(program, closed(person)).status_code == 404
        assert book(program, elsewhere(person)).status_code == 404
        assert Booking.objects.count() == 0


def started(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 11))
    event.sessions.update(starts_at=MONDAY_MORNING - timedelta(hours=1), ends_at=MONDAY_MORNING + timedelta(hours=1))


def over(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(starts_on=date(2027, 1, 8), ends_on=date(2027, 1, 8))
    event.sessions.update(starts_at=MONDAY_MORNING - timedelta(days=3), ends_at=MONDAY_MORNING - timedelta(days=2))


def terms(event: Event, **changed: Any) -> None:
    BookingTerms.objects.filter(event=event).update(**changed)


def full_without_a_list(event: Event) -> None:
    terms(event, booking_limit=1, has_waiting_list=False)
    BookingFactory(event=event)


OWN_REFUSALS: dict[str, Callable[[Event], Any]] = {
    "cancelled": lambda event: Event.objects.filter(pk=event.pk).update(status="cancelled", changed_at=MONDAY_MORNING),
    "started": started,
    "past": over,
    "not_bookable": lambda event: BookingTerms.objects.filter(event=event).delete(),
    "not_open_yet": lambda event: terms(event, opens_at=MONDAY_MORNING + timedelta(days=1)),
    "closed": lambda event: terms(event, closes_at=MONDAY_MORNING),
    "full": full_without_a_list,
}


@pytest.mark.parametrize("code", OWN_REFUSALS)
def test_a_program_hears_why_not_in_the_words_of_the_page(code: str, program: Program, person: Person, client: Client) -> None:
    event = bookable_event()
    OWN_REFUSALS[code](event)
    client.force_login(person)
    page = client.post(f"/events/{event.pk}/book/", {"manager_email": ""})
    response = book(program, event)
    assert response.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": str(page.context["refused"]),
        "code": code,
        "errors": [],
    }
    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")


def test_a_second_booking_is_refused(program: Program, person: Person) -> None:
    event = bookable_event()
    book_place(event=event, person=person, by=person, at=MONDAY_MORNING)
    response = book(program, event)
    assert (response.status_code, response.json()["code"]) == (409, "already_booked")
    assert "Look at that booking, or cancel it first." in response.json()["detail"]


def test_an_officer_hears_what_only_officers_can_be_told() -> None:
    PersonFactory(address="kim@school.example")
    program, event = program_of(officer()), closed(PersonFactory())
    not_invited = book(program, event, address="kim@school.example")
    assert (not_invited.status_code, not_invited.json()["code"]) == (409, "not_invited")
    no_reason = book(program, event, address="kim@school.example", rule_set_aside=True)
    assert (no_reason.status_code, no_reason.json()["code"], no_reason.json()["errors"][0]["field"]) == (
        422,
        "no_reason",
        "reason",
    )
    asked = book(program, event, address="kim@school.example", rule_set_aside=True, reason="Asked by the chair.")
    assert asked.status_code == 201


def test_only_an_officer_goes_over_a_rule(program: Program) -> None:
    response = book(program, bookable_event(), rule_set_aside=True, reason="I want to.")
    assert (response.status_code, response.json()["code"]) == (403, "not_allowed")


class TestBookings:
    def test_one_sees_ones_own(self, program: Program, person: Person) -> None:
        mine, other = BookingFactory(person=person), BookingFactory()
        assert ids(program.get("bookings/")) == [str(mine.pk)]
        assert program.get(f"bookings/{mine.pk}/").json()["id"] == str(mine.pk)
        for address in (f"bookings/{other.pk}/", "bookings/00000000-0000-0000-0000-000000000000/", "bookings/1/"):
            assert program.get(address).json()["code"] == "not_found"

    def test_an_officer_sees_those_of_the_events_their_partnership_leads(self) -> None:
        theirs, elsewhere_ = BookingFactory(), BookingFactory(event=elsewhere(PersonFactory()))
        program = program_of(officer())
        assert ids(program.get("bookings/")) == [str(theirs.pk)]
        assert program.get(f"bookings/{elsewhere_.pk}/").status_code == 404

    def test_a_host_that_does_not_lead_sees_no_names(self) -> None:
        booking = BookingFactory(event=hosted_with_us(PersonFactory()))
        assert program_of(officer()).get(f"bookings/{booking.pk}/").status_code == 404

    def test_the_list_can_be_filtered(self, program: Program, person: Person) -> None:
        one = BookingFactory(person=person)
        two = BookingFactory(person=person, status="cancelled", cancelled_by="delegate")
        assert ids(program.get("bookings/", status="cancelled")) == [str(two.pk)]
        assert ids(program.get("bookings/", event=str(one.event_id))) == [str(one.pk)]


class TestCancelling:
    def test_a_place_is_given_back_and_the_next_in_line_gets_it(self, program: Program, person: Person) -> None:
        event, next_one = bookable_event(places=1), PersonFactory()
        mine = book_place(event=event, person=person, by=person, at=MONDAY_MORNING)
        book_place(event=event, person=next_one, by=next_one, at=MONDAY_MORNING)
        response = program.post(f"bookings/{mine.pk}/cancel/", {"reason": "Ill."})
        told = response.json()
        assert (response.status_code, told["status"], told["cancelled_by"]) == (200, "cancelled", "delegate")
        assert Booking.objects.get(person=next_one).status == "confirmed"

    def test_what_has_ended_is_not_cancelled_again(self, program: Program, person: Person) -> None:
        booking = BookingFactory(person=person, status="cancelled", cancelled_by="delegate")
        response = program.post(f"bookings/{booking.pk}/cancel/")
        assert (response.status_code, response.json()["code"]) == (409, "already_ended")

    def test_after_the_start_the_page_and_the_program_say_the_same(
        self, program: Program, person: Person, client: Client
    ) -> None:
        booking = BookingFactory(person=person)
        started(booking.event)
        client.force_login(person)
        page = client.post(f"/bookings/{booking.pk}/cancel/")
        response = program.post(f"bookings/{booking.pk}/cancel/")
        assert (response.status_code, response.json()["detail"]) == (409, str(page.context["refused"]))

    def test_an_officer_says_whose_cancellation_it_is(self) -> None:
        booking, program = BookingFactory(), program_of(officer())
        unsaid = program.post(f"bookings/{booking.pk}/cancel/")
        assert (unsaid.status_code, unsaid.json()["errors"][0]["field"]) == (400, "cancelled_by")
        said = program.post(f"bookings/{booking.pk}/cancel/", {"cancelled_by": "organiser"})
        assert (said.status_code, said.json()["cancelled_by"]) == (200, "organiser")

    def test_nobody_passes_their_own_cancellation_off_as_the_organisers(self, program: Program, person: Person) -> None:
        booking = BookingFactory(person=person)
        response = program.post(f"bookings/{booking.pk}/cancel/", {"cancelled_by": "organiser"})
        assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "cancelled_by")

    def test_nobody_elses_booking_is_there(self, program: Program) -> None:
        booking = BookingFactory()
        assert program.post(f"bookings/{booking.pk}/cancel/").status_code == 404
        assert Booking.objects.get().status == "confirmed"


class TestSentTwice:
    def test_the_second_gets_the_first_answer(self, program: Program) -> None:
        body = {"event": str(bookable_event().pk)}
        first, second = (program.post("bookings/", body, key="a") for _ in range(2))
        assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
        assert [response.get("Idempotency-Replayed") for response in (first, second)] == [None, "true"]
        assert Booking.objects.count() == 1

    def test_without_a_key_the_second_is_refused_although_the_first_was_done(self, program: Program) -> None:
        """What a program could not tell from somebody else's booking: the reason why there are keys."""
        event = bookable_event()
        assert [book(program, event).status_code for _ in range(2)] == [201, 409]

    def test_a_late_repetition_does_not_book_again_what_was_cancelled_in_between(self, program: Program, person: Person) -> None:
        body = {"event": str(bookable_event().pk)}
        made = program.post("bookings/", body, key="a").json()
        program.post(f"bookings/{made['id']}/cancel/", key="b")
        assert program.post("bookings/", body, key="a").json() == made
        assert Booking.objects.live().count() == 0

    def test_without_a_key_it_books_again(self, program: Program) -> None:
        """The control of the one above: one wish, two bookings."""
        body = {"event": str(bookable_event().pk)}
        made = program.post("bookings/", body).json()
        program.post(f"bookings/{made['id']}/cancel/")
        program.post("bookings/", body)
        assert (Booking.objects.count(), Booking.objects.live().count()) == (2, 1)

    def test_another_body_is_refused(self, program: Program) -> None:
        program.post("bookings/", {"event": str(bookable_event().pk)}, key="a")
        response = program.post("bookings/", {"event": str(bookable_event().pk)}, key="a")
        assert (response.status_code, response.json()["code"]) == (422, "key_reused")
        assert Booking.objects.count() == 1

    def test_somebody_elses_key_tells_nothing(self, program: Program) -> None:
        body = {"event": str(bookable_event().pk)}
        theirs = program.post("bookings/", body, key="a").json()
        mine = program_of(PersonFactory()).post("bookings/", body, key="a")
        assert (mine.status_code, mine.get("Idempotency-Replayed")) == (201, None)
        assert mine.json()["id"] != theirs["id"]

    def test_what_was_refused_may_be_tried_again_with_the_same_key(self, program: Program) -> None:
        event = bookable_event(terms={"opens_at": MONDAY_MORNING + timedelta(days=1)})
        body = {"event": str(event.pk)}
        assert program.post("bookings/", body, key="a").status_code == 409
        terms(event, opens_at=None)
        assert program.post("bookings/", body, key="a").status_code == 201

    @pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
    def test_a_key_that_is_none_is_refused_instead_of_left_out(self, program: Program, key: str) -> None:
        response = program.post("bookings/", {"event": str(bookable_event().pk)}, key=key)
        assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
        assert Booking.objects.count() == 0


class TestBadInput:
    def send(self, program: Program, body: Any, content_type: str = "application/json") -> Any:
        headers = {"Authorization": f"Bearer {program.token}"}
        return program.client.post("/api/v1/bookings/", body, content_type=content_type, headers=headers)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ("{}", "event"),
            ('{"event": null}', "event"),
            ('{"event": 5}', "event"),
            ('{"event": "\\u0000"}', "event"),
            ('{"event": "00000000-0000-0000-0000-000000000000", "evnet": 1}', "evnet"),
            ('{"event": "00000000-0000-0000-0000-000000000000", "rule_set_aside": "yes"}', "rule_set_aside"),
            ('{"event": "00000000-0000-0000-0000-000000000000", "reason": 5}', "reason"),
            ('{"event": "00000000-0000-0000-0000-000000000000", "reason": "a\\u0000b"}', "reason"),
            ('{"event": "00000000-0000-0000-0000-000000000000", "reason": "\\ud800"}', "reason"),
            ('{"event": "00000000-0000-0000-0000-000000000000", "address": "me"}', "address"),
            ("[]", ""),
            ("5", ""),
            ("null", ""),
        ],
    )
    def test_each_mistake_is_named(self, program: Program, body: str, field: str) -> None:
        response = self.send(program, body)
        assert (response.status_code, response.json()["code"]) == (400, "invalid")
        assert [error["field"] for error in response.json()["errors"]] == [field]

    @pytest.mark.parametrize("body", ["", "{", '{"event": NaN}', "[" * 60_000, b"\xff\xfe", '{"event": ' + "9" * 5000 + "}"])
    def test_what_is_no_json_is_a_mistake_of_the_sender(self, program: Program, body: Any) -> None:
        assert self.send(program, body).status_code == 400

    def test_other_kinds_of_body_are_not_taken(self, program: Program) -> None:
        for content_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
            response = self.send(program, "event=1", content_type)
            assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")

    def test_a_body_has_a_size(self, program: Program) -> None:
        response = self.send(program, '{"reason": "' + "x" * 70_000 + '"}')
        assert (response.status_code, response.json()["code"]) == (413, "too_large")

    def test_a_method_that_is_not_there(self, program: Program) -> None:
        headers = {"Authorization": f"Bearer {program.token}"}
        for method in ("put", "patch", "delete", "options", "trace"):
            response = getattr(program.client, method)("/api/v1/bookings/", headers=headers)
            assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")

    def test_json_is_what_comes_whatever_was_asked_for(self, program: Program) -> None:
        headers = {"Authorization": f"Bearer {program.token}", "Accept": "text/html"}
        response = program.client.get("/api/v1/events/", headers=headers)
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")

    def test_nothing_of_it_is_kept_on_the_way(self, program: Program) -> None:
        assert program.get("bookings/")["Cache-Control"] == "private, no-store"
        assert program.get("nothing/").status_code == 404


def test_a_fault_of_ours_is_a_problem_too(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr("bookings.operations.book_place", breaks)
    response = book(program, bookable_event())
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert (response.json()["code"], "secret words" in str(response.json())) == ("server_error", False)


def test_before_there_is_a_partnership_there_are_no_events(program: Program, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(organisation=None, sector=None, borough=None, organisation_state="none")
    Partnership.objects.update(is_default=False)
    assert ids(program.get("events/")) == []


def test_the_schema_is_there_for_everybody(client: Client) -> None:
    response = client.get("/api/v1/schema/")
    assert (response.status_code, response["Content-Type"]) == (200, "application/yaml; charset=utf-8")
    assert response.content.startswith(b"openapi: 3.0.3")
