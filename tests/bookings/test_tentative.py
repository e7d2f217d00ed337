"""A tentative event keeps bookings unconfirmed until enough people have booked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bookings import due
from bookings.models import Approver, Booking, BookingStatus, BookingTerms, ManagerRole
from bookings.operations import (
    accept_offer,
    approve_booking,
    book_place,
    cancel_bookable_event,
    cancel_booking,
    change_bookable_event,
    change_terms,
    go_ahead,
    promote_waiting,
    substitute,
    transfer,
)
from bookings.queries import missing_to_be_firm
from core.refusals import Refused
from events.operations import SessionTimes
from notifications.models import Message
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import PersonFactory, officer

pytestmark = pytest.mark.django_db

BEGUN = datetime(2027, 1, 26, 9, 30, tzinfo=UTC)


def tentative(minimum: int = 2, places: int = 3):
    return bookable_event(places=places, terms={"minimum": minimum})


def book(event, at) -> Booking:
    person = PersonFactory()
    return book_place(event=event, person=person, by=person, at=at)


def statuses(*bookings) -> list[str]:
    return [Booking.objects.values_list("status", flat=True).get(pk=one.pk) for one in bookings]


def refusal(action, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(**kwargs)
    return refused.value.code


@pytest.mark.both_databases
def test_the_booking_that_meets_the_minimum_confirms_everybody(at):
    event = tentative(minimum=2)
    first = book(event, at)
    assert statuses(first) == ["requested"]
    assert Message.objects.get(kind="place_requested").calendar == ""
    second = book(event, at)
    assert (second.status, statuses(first, second)) == (BookingStatus.CONFIRMED, ["confirmed", "confirmed"])
    assert BookingTerms.objects.get(event=event).firm_at == at
    to_second = Message.objects.filter(person=second.person).values_list("kind", flat=True)
    assert set(to_second) == {"booking_confirmed"}  # not that the place is asked for, in the same second
    assert book(event, at).status == BookingStatus.CONFIRMED


def test_an_approval_or_a_free_place_that_meets_the_minimum_does_not_ask_anybody_to_wait_for_it(at):
    approved = bookable_event(places=3, terms={"minimum": 1, "manager_role": ManagerRole.APPROVES})
    asks = PersonFactory()
    booking = book_place(event=approved, person=asks, by=asks, at=at, manager_email="head@school.example")
    approve_booking(request=booking.approval, approver=Approver.MANAGER, by=None, at=at)
    assert set(Message.objects.filter(person=asks).values_list("kind", flat=True)) == {"approval_waited_for", "booking_confirmed"}

    event = bookable_event(places=1, terms={"minimum": 1})
    waits = BookingFactory(event=event, status="waiting", queue_number=1)
    assert [one.pk for one in promote_waiting(event=event, at=at)] == [waits.pk]
    assert set(Message.objects.filter(person=waits.person).values_list("kind", flat=True)) == {"booking_confirmed"}


def test_several_who_wait_and_meet_the_minimum_together_read_at_once_that_it_takes_place(at):
    event = bookable_event(places=3, terms={"minimum": 3})
    waiting = [BookingFactory(event=event, status="waiting", queue_number=number) for number in (1, 2, 3)]
    promote_waiting(event=event, at=at)
    assert statuses(*waiting) == ["confirmed"] * 3
    assert set(Message.objects.filter(person__isnull=False).values_list("kind", flat=True)) == {"booking_confirmed"}


def test_requests_hold_places(at):
    event = tentative(minimum=2, places=2)
    first = book(event, at)
    change_terms(event=event, booking_limit=2, minimum=2, by=officer(), at=at)
    assert refusal(change_terms, event=event, booking_limit=0, by=officer(), at=at) == "no_places"
    cancel_booking(booking=first, cancelled_by="delegate", by=first.person, at=at)
    assert statuses(first) == ["cancelled"]


@pytest.mark.both_databases
def test_an_officer_goes_ahead_with_fewer(at):
    event = tentative(minimum=3)
    booking = book(event, at)
    assert [one.pk for one in go_ahead(event=event, by=officer(), at=at)] == [booking.pk]
    assert statuses(booking) == ["confirmed"]
    assert refusal(go_ahead, event=event, by=officer(), at=at) == "not_tentative"


def test_lowering_or_dropping_the_minimum_confirms_the_requests_that_meet_it(at):
    lowered, dropped = tentative(minimum=3), tentative(minimum=3)
    bookings = [book(lowered, at), book(lowered, at), book(dropped, at)]
    change_terms(event=lowered, minimum=2, by=officer(), at=at)
    change_terms(event=dropped, minimum=None, by=officer(), at=at)
    assert statuses(*bookings) == ["confirmed"] * 3


def test_an_event_that_lost_its_minimum_is_tentative_again_with_another_one(at):
    event = tentative(minimum=2)
    change_terms(event=event, minimum=None, by=officer(), at=at)
    change_terms(event=event, minimum=3, by=officer(), at=at)
    assert book(event, at).status == BookingStatus.REQUESTED


def test_an_event_with_confirmed_people_can_not_become_tentative(at):
    event = bookable_event(places=5)
    book(event, at)
    assert refusal(change_terms, event=event, minimum=3, by=officer(), at=at) == "confirmed_already"
    assert refusal(change_terms, event=bookable_event(places=2), minimum=3, by=officer(), at=at) == "minimum_out_of_range"


@pytest.mark.both_databases
def test_requests_of_an_event_that_was_never_firm_lapse_at_its_start(at):
    booking = book(tentative(), at)
    assert due.end_requests_of_started_events(at) == 0
    assert due.end_requests_of_started_events(BEGUN) == 1
    assert statuses(booking) == ["lapsed"]


@pytest.mark.both_databases
def test_somebody_who_moves_here_can_be_the_one_who_meets_the_minimum(at):
    event = tentative(minimum=2)
    waiting = book(event, at)
    other = bookable_event(course=event.course, first_start=datetime(2027, 2, 9, 9, 30, tzinfo=UTC))
    moved = book(other, at)
    new = transfer(booking=moved, to_event=event, by=moved.person, at=at)
    assert (new.status, statuses(waiting, new)) == ("confirmed", ["confirmed", "confirmed"])
    written = Message.objects.filter(person=moved.person).values_list("kind", flat=True)
    assert sorted(written) == ["booking_confirmed", "booking_confirmed", "booking_moved_from"]  # not that it is not sure yet


def test_offers_that_are_taken_count_towards_the_minimum(at):
    event = bookable_event(places=2, terms={"minimum": 2, "confirm_until_days": 2, "late_places": "offer", "offer_hours": 2})
    waiting = [BookingFactory(event=event, status="waiting", queue_number=number) for number in (1, 2)]
    late = datetime(2027, 1, 26, 6, 30, tzinfo=UTC)
    promote_waiting(event=event, at=late)
    accept_offer(booking=waiting[0], by=waiting[0].person, at=late)
    assert statuses(*waiting) == ["requested", "offered"]
    accept_offer(booking=waiting[1], by=waiting[1].person, at=late)
    assert (statuses(*waiting), missing_to_be_firm(BookingTerms.objects.get(event=event))) == (["confirmed"] * 2, 0)


def test_no_letter_about_a_place_that_is_not_sure_holds_the_joining_link_or_speaks_of_a_calendar(at):
    event = bookable_event(terms={"minimum": 3}, joining_link="https://meet.example/1")
    booking = book(event, at)
    other = bookable_event(course=event.course, first_start=datetime(2027, 2, 9, 9, 30, tzinfo=UTC))
    moved = book(other, at)
    transfer(booking=moved, to_event=event, by=moved.person, at=at)
    substitute(booking=booking, person=PersonFactory(), by=booking.person, at=at)
    sooner = SessionTimes(datetime(2027, 1, 25, 9, 30, tzinfo=UTC), datetime(2027, 1, 25, 16, 0, tzinfo=UTC))
    change_bookable_event(event=event, sessions=[sooner], by=officer(), at=at)
    cancel_bookable_event(event=event, reason="Snow", by=officer(), at=at)
    letters = Message.objects.filter(kind__in=["booking_moved_to", "place_taken_over", "event_rescheduled", "event_cancelled"])
    assert sorted(letters.values_list("kind", flat=True)) == [
        "booking_moved_to",
        "event_cancelled",
        "event_cancelled",
        "event_rescheduled",
        "event_rescheduled",
        "place_taken_over",
    ]
    said = ("meet.example", "calendar update", "accept the calendar invitation")
    assert [(one.kind, words) for one in letters for words in said if words in one.text] == []


def test_only_requests_count_towards_the_minimum_in_words_as_in_deed(at):
    event = bookable_event(terms={"minimum": 2, "manager_role": ManagerRole.APPROVES})
    person = PersonFactory(manager_email="head@school.example")
    booking = book_place(event=event, person=person, by=person, at=at)
    assert missing_to_be_firm(BookingTerms.objects.get(event=event)) == 2
    approve_booking(request=booking.approval, approver=Approver.MANAGER, by=None, at=at)
    assert missing_to_be_firm(BookingTerms.objects.get(event=event)) == 1
    assert missing_to_be_firm(BookingTerms.objects.get(event=bookable_event())) == 0
