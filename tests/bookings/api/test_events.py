"""What a program sees: what its person sees on the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Event
from people.models import Partnership, Person
from tests.bookings.api.happenings import (
    booked_and_cancelled,
    closed,
    elsewhere,
    hosted_with_us,
    ids,
    invited,
)
from tests.conftest import MONDAY_MORNING
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.events import IN_TWO_WEEKS, EventFactory
from tests.factories.people import OtherPartnershipFactory, PersonFactory, officer
from tests.factories.tokens import Program, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


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
        refusals = program.get(f"events/{event.pk}/").json()["refusals"]
        assert refusals == [{"code": "not_open_yet", "detail": str(page.context["refusals"][0])}]

    def test_an_event_that_can_be_booked_has_no_refusal(self, program: Program) -> None:
        assert program.get(f"events/{bookable_event().pk}/").json()["refusals"] == []

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


def test_before_there_is_a_partnership_there_are_no_events(program: Program, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(organisation=None, sector=None, borough=None, organisation_state="none")
    Partnership.objects.update(is_default=False)
    assert ids(program.get("events/")) == []


def test_the_schema_is_there_for_everybody(client: Client) -> None:
    response = client.get("/api/v1/schema/")
    assert (response.status_code, response["Content-Type"]) == (200, "application/yaml; charset=utf-8")
    assert response.content.startswith(b"openapi: 3.0.3")
