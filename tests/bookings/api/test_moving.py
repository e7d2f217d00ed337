"""A program moves a place and answers an offer, and reads what a booking costs, by the same rules as the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from bookings.models import Booking, BookingChange, BookingStatus
from bookings.operations import book_place, cancel_booking
from people.models import Person, Role
from tests.conftest import MONDAY_MORNING
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import charging
from tests.factories.people import GrantFactory, PersonFactory, officer
from tests.factories.tokens import Program, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]

IN_FEBRUARY = datetime(2027, 2, 9, 9, 30, tzinfo=UTC)
THE_DAY_BEFORE = datetime(2027, 1, 25, 12, 0, tzinfo=UTC)


def two_dates(person: Person) -> tuple[Booking, Any]:
    event = bookable_event()
    return BookingFactory(event=event, person=person), bookable_event(course=event.course, first_start=IN_FEBRUARY)


class TestMoving:
    def test_a_place_moves_once_however_often_it_is_asked(self, program: Program, person: Person) -> None:
        booking, later = two_dates(person)
        first, again = (program.post(f"bookings/{booking.pk}/move/", {"to_event": str(later.pk)}, key="a") for _ in range(2))
        assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
        assert (first.json()["status"], first.json()["event"]["id"]) == ("confirmed", str(later.pk))
        assert list(Booking.objects.order_by("booked_at").values_list("status", flat=True)) == ["transferred", "confirmed"]

    def test_the_rules_say_no_as_on_the_page(self, program: Program, person: Person) -> None:
        booking, _ = two_dates(person)
        other = bookable_event(course=None, title="Another", first_start=IN_FEBRUARY)
        refused = program.post(f"bookings/{booking.pk}/move/", {"to_event": str(other.pk)})
        assert (refused.status_code, refused.json()["code"]) == (422, "other_course")
        assert program.post(f"bookings/{booking.pk}/move/", {}).status_code == 400

    def test_nobody_elses_booking_is_there_and_no_hidden_date(self, program: Program, person: Person) -> None:
        (theirs, later), (mine, _) = two_dates(PersonFactory()), two_dates(person)
        hidden = bookable_event(course=mine.event.course, first_start=IN_FEBRUARY, is_closed=True, neutral_title="Meeting")
        assert program.post(f"bookings/{theirs.pk}/move/", {"to_event": str(later.pk)}).status_code == 404
        assert program.post(f"bookings/{mine.pk}/move/", {"to_event": str(hidden.pk)}).status_code == 404

    def test_only_officers_go_over_a_rule(self, program: Program, person: Person) -> None:
        booking, later = two_dates(person)
        type(later).objects.filter(pk=later.pk).update(for_organisation=PersonFactory().organisation)
        over = {"to_event": str(later.pk), "rule_set_aside": True, "reason": "Agreed"}
        refused = program.post(f"bookings/{booking.pk}/move/", over).json()
        assert [(one["field"], one["code"]) for one in refused["errors"]] == [
            ("rule_set_aside", "not_asked"),
            ("reason", "not_asked"),
        ]
        moved = program_of(officer()).post(f"bookings/{booking.pk}/move/", over)
        assert (moved.status_code, BookingChange.objects.get(booking=moved.json()["id"]).rule_set_aside) == (
            201,
            "not_your_organisation",
        )


class TestAnsweringAnOffer:
    def offered(self, person: Person) -> Booking:
        return BookingFactory(event=bookable_event(places=1), person=person, status=BookingStatus.OFFERED)

    @pytest.mark.parametrize(("answer", "status"), [("accept-offer", "confirmed"), ("decline-offer", "declined")])
    def test_it_is_taken_or_turned_down(self, program: Program, person: Person, answer: str, status: str) -> None:
        booking = self.offered(person)
        first, again = (program.post(f"bookings/{booking.pk}/{answer}/", {}, key="a") for _ in range(2))
        assert (first.status_code, first.json()["status"], again.json()) == (200, status, first.json())
        refused = program.post(f"bookings/{booking.pk}/{answer}/", {}, key="b")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_offered")

    @pytest.mark.parametrize("answer", ["accept-offer", "decline-offer"])
    def test_nobody_elses_offer_is_there_and_no_field_is_taken(self, program: Program, person: Person, answer: str) -> None:
        assert program.post(f"bookings/{self.offered(PersonFactory()).pk}/{answer}/", {}).status_code == 404
        assert program.post(f"bookings/{self.offered(person).pk}/{answer}/", {"now": True}).status_code == 400

    @pytest.mark.parametrize("what", ["move", "accept-offer", "decline-offer"])
    def test_a_token_that_only_reads_changes_nothing(self, person: Person, what: str) -> None:
        reader = program_of(person, "events:read", "bookings:read")
        assert reader.post(f"bookings/{self.offered(person).pk}/{what}/", {}).status_code == 403


COST = {
    "currency": "GBP",
    "attending": "0.00",
    "free_until": "2027-01-23T00:00:00Z",
    "late": [{"starts": "2027-01-23T00:00:00Z", "amount": "50.00"}],
    "not_coming": "50.00",
}


class TestCosts:
    def test_an_event_and_a_booking_say_what_they_can_cost(self, program: Program, person: Person) -> None:
        version = charging()
        event = bookable_event()
        booking = book_place(event=event, person=person, by=person, at=MONDAY_MORNING)
        expected = {**COST, "policy": str(version)}
        assert program.get(f"events/{event.pk}/").json()["cost"] == expected
        assert program.get(f"bookings/{booking.pk}/").json()["cost"] == expected

    def test_the_control_where_nothing_is_charged_there_is_no_cost(self, program: Program, person: Person) -> None:
        booking = BookingFactory(person=person)
        assert program.get(f"events/{booking.event_id}/").json()["cost"] is None
        assert program.get(f"bookings/{booking.pk}/").json()["cost"] is None

    def test_what_cancelling_late_came_to_is_for_the_person_and_officers(self, program: Program, person: Person) -> None:
        charging()
        booking = book_place(event=bookable_event(), person=person, by=person, at=MONDAY_MORNING)
        with time_machine.travel(THE_DAY_BEFORE, tick=False):
            cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=THE_DAY_BEFORE)
        came_to = [{"kind": "late_cancellation", "amount": "50.00", "currency": "GBP", "state": "draft"}]
        lead = GrantFactory(role=Role.TRAINING_LEAD, organisation=person.organisation).person
        seen = [
            one.get(f"bookings/{booking.pk}/").json()["charges"] for one in (program, program_of(officer()), program_of(lead))
        ]
        assert seen == [came_to, came_to, []]
