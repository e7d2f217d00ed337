"""Booking for a program: the same operations, and the same sentences as the pages when the answer is no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking, BookingNeeds, BookingTerms
from bookings.operations import book_place
from events.models import Event
from people.models import Partnership, Person, Role
from tests.bookings.api.happenings import (
    book,
    closed,
    elsewhere,
    full_without_a_list,
    hosted_with_us,
    ids,
    over,
    started,
    terms,
)
from tests.conftest import MONDAY_MORNING
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import GrantFactory, PersonFactory, officer
from tests.factories.tokens import Program, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


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
            "offered_until": None,
            "ended_at": None,
            "cancelled_by": None,
            "cancelled_in_time": None,
            "joining_link": "https://meet.example/1",
            "cost": None,
            "charges": [],
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
        assert (unsaid.status_code, unsaid.json()["errors"][0]["field"]) == (422, "cancelled_by")
        said = program.post(f"bookings/{booking.pk}/cancel/", {"cancelled_by": "organiser"})
        assert (said.status_code, said.json()["cancelled_by"]) == (200, "organiser")

    def test_nobody_passes_their_own_cancellation_off_as_the_organisers(self, program: Program, person: Person) -> None:
        booking = BookingFactory(person=person)
        response = program.post(f"bookings/{booking.pk}/cancel/", {"cancelled_by": "organiser"})
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "cancelled_by")

    def test_nobody_elses_booking_is_there(self, program: Program) -> None:
        booking = BookingFactory()
        assert program.post(f"bookings/{booking.pk}/cancel/").status_code == 404
        assert Booking.objects.get().status == "confirmed"


class TestSubstituting:
    def test_a_colleague_takes_the_place(self, program: Program, person: Person) -> None:
        event = bookable_event(places=1)
        colleague = PersonFactory(address="kim@school.example", organisation=person.organisation)
        mine = book_place(event=event, person=person, by=person, at=MONDAY_MORNING)
        response = program.post(f"bookings/{mine.pk}/substitute/", {"address": "kim@school.example"})
        told = response.json()
        assert (response.status_code, told["status"], told["person"]["id"]) == (201, "confirmed", str(colleague.pk))
        assert Booking.objects.get(pk=mine.pk).status == "substituted"

    def test_somebody_new_takes_the_place(self, program: Program, person: Person) -> None:
        mine = book_place(event=bookable_event(), person=person, by=person, at=MONDAY_MORNING)
        who = {"address": "new@school.example", "forename": "Kim", "surname": "Nowak", "job_role": "Teacher"}
        unsaid = program.post(f"bookings/{mine.pk}/substitute/", {name: said for name, said in who.items() if name != "surname"})
        assert (unsaid.status_code, [error["field"] for error in unsaid.json()["errors"]]) == (422, ["surname"])
        response = program.post(f"bookings/{mine.pk}/substitute/", who)
        assert (response.status_code, response.json()["person"]["name"]) == (201, "Kim Nowak")

    def test_the_answer_comes_again_although_the_place_is_no_longer_theirs(self, program: Program, person: Person) -> None:
        PersonFactory(address="kim@school.example", organisation=person.organisation)
        mine = book_place(event=bookable_event(), person=person, by=person, at=MONDAY_MORNING)
        first, second = (
            program.post(f"bookings/{mine.pk}/substitute/", {"address": "kim@school.example"}, key="a") for _ in range(2)
        )
        assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
        assert Booking.objects.count() == 2

    def test_of_a_stranger_and_of_nobody_they_hear_the_same(self, program: Program, person: Person) -> None:
        """Else anybody could find out who has a sign-in here."""
        PersonFactory(address="kim@elsewhere.example")
        mine = book_place(event=bookable_event(), person=person, by=person, at=MONDAY_MORNING)
        answers = [
            program.post(f"bookings/{mine.pk}/substitute/", {"address": address})
            for address in ("kim@elsewhere.example", "nobody@elsewhere.example")
        ]
        assert [answer.json()["code"] for answer in answers] == ["name_missing", "name_missing"]
        assert answers[0].json() == answers[1].json()

    def test_the_holder_is_no_colleague_of_their_own(self, program: Program, person: Person) -> None:
        mine = book_place(event=bookable_event(), person=person, by=person, at=MONDAY_MORNING)
        response = program.post(f"bookings/{mine.pk}/substitute/", {"address": person.main_address()})
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "address")

    def test_an_officer_names_anybody_whom_we_know(self) -> None:
        stranger, program = PersonFactory(address="kim@elsewhere.example"), program_of(officer())
        theirs = BookingFactory()
        unknown = program.post(f"bookings/{theirs.pk}/substitute/", {"address": "nobody@school.example"})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown")
        named = program.post(f"bookings/{theirs.pk}/substitute/", {"address": "kim@elsewhere.example", "reason": "Ill."})
        assert (named.status_code, named.json()["person"]["id"]) == (201, str(stranger.pk))

    def test_nobody_gives_away_the_place_of_another(self, program: Program) -> None:
        theirs = BookingFactory()
        assert program.post(f"bookings/{theirs.pk}/substitute/", {"address": "kim@school.example"}).status_code == 404
        assert Booking.objects.get().status == "confirmed"


class TestTrainingLeads:
    """Whoever leads the training of an agency acts for its people, and sees nobody else's bookings."""

    @pytest.fixture
    def lead(self, person: Person) -> Program:
        return program_of(GrantFactory(role=Role.TRAINING_LEAD, organisation=person.organisation).person)

    def test_they_see_the_bookings_that_were_made_from_their_agency(self, lead: Program, person: Person) -> None:
        colleagues, _ = BookingFactory(person=person), BookingFactory()
        moved_on = BookingFactory(person=PersonFactory(), organisation_id=person.organisation_id)
        BookingFactory(person=person, event=elsewhere(person))
        assert sorted(ids(lead.get("bookings/"))) == sorted([str(colleagues.pk), str(moved_on.pk)])

    def test_they_book_and_cancel_for_their_people(self, lead: Program, person: Person) -> None:
        made = book(lead, bookable_event(), address=person.main_address())
        assert (made.status_code, made.json()["person"]["id"]) == (201, str(person.pk))
        address = f"bookings/{made.json()['id']}/cancel/"
        as_organiser = lead.post(address, {"cancelled_by": "organiser"})
        assert (as_organiser.status_code, as_organiser.json()["errors"][0]["field"]) == (422, "cancelled_by")
        assert lead.post(address, {"cancelled_by": "manager"}).json()["status"] == "cancelled"

    def test_they_hear_the_same_of_a_stranger_and_of_nobody(self, lead: Program) -> None:
        PersonFactory(address="kim@school.example")
        event = bookable_event()
        answers = [book(lead, event, address=address) for address in ("nobody@school.example", "kim@school.example")]
        assert [answer.status_code for answer in answers] == [403, 403]
        assert answers[0].json() == answers[1].json()


class TestWhatThePageAsks:
    """A program is asked what the page asks, by the page's own form."""

    def test_a_manager_where_everybody_names_one(self, program: Program) -> None:
        Partnership.objects.update(asks_for_manager=True)
        event = bookable_event()
        unnamed = book(program, event)
        assert unnamed.json()["errors"] == [
            {"field": "manager_email", "detail": "Enter your line manager's e-mail address.", "code": "invalid"}
        ]
        assert book(program, event, manager_email="head@school.example").status_code == 201

    def test_where_the_manager_approves_the_program_hears_that_they_are_asked(self, program: Program) -> None:
        event = bookable_event(terms={"manager_role": "approves"})
        assert book(program, event).json()["errors"][0]["field"] == "manager_email"
        assert book(program, event, manager_email="head@school.example").json()["status"] == "awaiting_approval"

    def test_why_one_cant_book_comes_before_what_is_missing(self, program: Program) -> None:
        event = bookable_event(terms={"manager_role": "approves", "closes_at": MONDAY_MORNING})
        assert book(program, event).json()["code"] == "closed"
        event = bookable_event(terms={"manager_role": "approves"})
        book(program, event, manager_email="head@school.example")
        assert book(program, event).json()["code"] == "already_booked"
        full = bookable_event(places=1, terms={"manager_role": "approves", "has_waiting_list": False})
        book(program, full, manager_email="head@school.example")
        assert book(program, full).json()["code"] == "already_booked"

    def test_needs_are_kept_with_the_booking_and_not_repeated(self, program: Program) -> None:
        response = book(program, bookable_event(), diet=["vegan"], access=["step_free"], interpreter="BSL")
        kept = BookingNeeds.objects.get()
        assert (kept.diet, kept.access, kept.interpreter) == (["vegan"], ["step_free"], "BSL")
        assert "vegan" not in str(response.json())

    def test_what_is_not_asked_for_this_event_is_a_mistake(self, program: Program) -> None:
        response = book(program, bookable_event(format="virtual"), diet=["vegan"])
        assert (response.status_code, response.json()["errors"][0]["detail"]) == (422, "This is not asked for this event.")
        assert book(program, bookable_event(), pays_by="invoice").json()["errors"][0]["field"] == "pays_by"

    def test_only_the_person_says_what_they_need(self) -> None:
        PersonFactory(address="kim@school.example")
        response = book(program_of(officer()), bookable_event(), address="kim@school.example", diet=["vegan"])
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "diet")
