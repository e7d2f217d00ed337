"""A freed place reaches the waiting list, from every path, in order, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings import due
from bookings.models import Booking, BookingChange, BookingStatus, BookingTerms
from bookings.operations import (
    book_place,
    cancel_bookable_event,
    cancel_booking,
    change_bookable_event,
    change_terms,
    end_waiting,
    promote_waiting,
)
from bookings.queries import place_in_queue, places_at_other_dates
from core.refusals import Refused
from events.models import Event, EventStatus, Session
from events.operations import SessionTimes
from events.queries import starts_at
from notifications.models import Message
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.people import PersonFactory, officer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HOURS = "4 working hours to take it, at most until the start."
LATER = SessionTimes(datetime(2027, 2, 2, 9, 30, tzinfo=UTC), datetime(2027, 2, 2, 12, 30, tzinfo=UTC))


def fill(event, number, at) -> list[Booking]:
    people = [PersonFactory() for _ in range(number)]
    return [book_place(event=event, person=person, by=person, at=at) for person in people]


def statuses(bookings) -> list[str]:
    return [str(Booking.objects.get(pk=booking.pk).status) for booking in bookings]


def test_a_cancelled_place_goes_to_the_first_in_line(at):
    event = bookable_event(places=1)
    holder, first, second = fill(event, 3, at)
    cancel_booking(booking=holder, cancelled_by="delegate", by=holder.person, at=at)
    assert statuses([holder, first, second]) == ["cancelled", "confirmed", "waiting"]
    assert place_in_queue(Booking.objects.get(pk=second.pk)) == 1


def waits_with_places_at_other_dates(at) -> tuple[Person, Booking, Event, Event]:
    """Who waits, whoever has the only place there, and the other dates of the course: in February and on the same day."""
    course, person = CourseFactory(), PersonFactory()
    full, february, third = (bookable_event(places=1, course=course) for _ in range(3))
    change_bookable_event(event=february, sessions=[LATER], by=officer(), at=at)
    holder = fill(full, 1, at)[0]
    for event in (full, february, third):
        book_place(event=event, person=person, by=person, at=at)
    return person, holder, february, third


def test_who_moves_up_reads_of_the_place_that_they_have_at_another_date(at):
    person, holder, other, past = waits_with_places_at_other_dates(at)
    Session.objects.filter(event=past).update(starts_at=at - timedelta(days=1), ends_at=at - timedelta(hours=20))
    cancel_booking(booking=holder, cancelled_by="delegate", by=holder.person, at=at)
    letter = Message.objects.get(kind="place_from_waiting_list")
    assert "You also have a place on Tuesday 2 February 2027, at another date of this course." in letter.text
    cancel_booking(booking=Booking.objects.get(event=other), cancelled_by="delegate", by=person, at=at)
    assert places_at_other_dates(holder.event, [person.pk], at=at) == {}


def test_who_moves_up_reads_of_all_the_places_that_they_have_at_other_dates(at):
    _, holder, _, _ = waits_with_places_at_other_dates(at)
    cancel_booking(booking=holder, cancelled_by="delegate", by=holder.person, at=at)
    said = "You also have places on Tuesday 26 January 2027 and on Tuesday 2 February 2027, at other dates of this course."
    assert said in Message.objects.get(kind="place_from_waiting_list").text


@pytest.mark.parametrize(
    ("terms", "hours_before", "said"),
    [
        ({}, 24 * 10, f"After 9.30am on Friday 22 January 2027 we offer it, and there are {HOURS}"),
        ({"late_places": "officer"}, 24 * 10, "After 9.30am on Friday 22 January 2027 somebody rings before it is given."),
        ({}, 20, f"When a place becomes free we offer it to the first in line, by e-mail: they have {HOURS}"),
        ({"late_places": "officer"}, 20, "When a place becomes free somebody rings the first in line."),
    ],
)
def test_who_waits_reads_what_becomes_of_a_free_place_at_that_time(at, terms, hours_before, said):
    event = bookable_event(places=1, terms=terms)
    fill(event, 2, starts_at(event) - timedelta(hours=hours_before))
    assert said in Message.objects.get(kind="waiting_list_joined").text


@pytest.mark.parametrize("status", ["offered", "requested", "awaiting_approval", "waiting"])
def test_only_a_sure_place_at_a_date_to_come_is_one_that_they_have(at, status):
    course, person = CourseFactory(), PersonFactory()
    full, other = (bookable_event(course=course) for _ in range(2))
    booking = BookingFactory(event=other, person=person, status=status, queue_number=1 if status == "waiting" else None)
    assert places_at_other_dates(full, [person.pk], at=at) == {}
    Booking.objects.filter(pk=booking.pk).update(status="confirmed", offered_until=None, queue_number=None)
    assert list(places_at_other_dates(full, [person.pk], at=at)) == [person.pk]
    assert places_at_other_dates(full, [person.pk], at=starts_at(other)) == {}


def test_an_offer_says_of_the_other_place_too(at):
    course, person = CourseFactory(), PersonFactory()
    full, other = (bookable_event(places=1, course=course) for _ in range(2))
    holder = fill(full, 1, at)[0]
    for event in (full, other):
        book_place(event=event, person=person, by=person, at=at)
    cancel_booking(booking=holder, cancelled_by="delegate", by=holder.person, at=starts_at(full) - timedelta(hours=20))
    assert "You also have a place on" in Message.objects.get(kind="place_offered").text


def test_the_step_from_the_waiting_list_is_kept_in_the_history(at):
    event = bookable_event(places=1)
    holder, first = fill(event, 2, at)
    cancel_booking(booking=holder, cancelled_by="delegate", by=holder.person, at=at)
    steps = BookingChange.objects.filter(booking=first).values_list("from_status", "to_status", "by", "reason")
    assert set(steps) == {
        ("", "waiting", first.person.pk, ""),
        ("waiting", "confirmed", None, "A place became free."),
    }


def test_only_somebody_who_never_had_a_place_keeps_a_number(at):
    event = bookable_event(places=1)
    holder, first, second = fill(event, 3, at)
    cancel_booking(booking=holder, cancelled_by="delegate", by=holder.person, at=at)
    cancel_booking(booking=second, cancelled_by="delegate", by=second.person, at=at)
    numbers = [Booking.objects.get(pk=booking.pk).queue_number for booking in (holder, first, second)]
    assert numbers == [None, None, 2]


def test_leaving_the_waiting_list_frees_no_place(at):
    event = bookable_event(places=1)
    bookings = fill(event, 3, at)
    cancel_booking(booking=bookings[1], cancelled_by="delegate", by=bookings[1].person, at=at)
    assert statuses(bookings) == ["confirmed", "cancelled", "waiting"]
    assert place_in_queue(Booking.objects.get(pk=bookings[2].pk)) == 1


def test_a_raised_limit_confirms_as_many_as_it_makes_room_for(at):
    event = bookable_event(places=1)
    bookings = fill(event, 4, at)
    change_terms(event=event, by=officer(), at=at, booking_limit=3)
    assert statuses(bookings) == ["confirmed", "confirmed", "confirmed", "waiting"]


def test_a_lowered_limit_takes_nobodys_place(at):
    event = bookable_event(places=2)
    fill(event, 2, at)
    with pytest.raises(Refused) as refused:
        change_terms(event=event, by=officer(), at=at, booking_limit=1)
    assert (refused.value.code, refused.value.field) == ("below_booked", "booking_limit")
    assert BookingTerms.objects.get().booking_limit == 2


def test_an_organiser_who_cancels_one_booking_frees_the_place(at):
    event = bookable_event(places=1)
    bookings = fill(event, 2, at)
    cancel_booking(booking=bookings[0], cancelled_by="organiser", by=officer(), at=at, reason="Double")
    assert statuses(bookings) == ["cancelled", "confirmed"]


def test_an_event_that_is_called_off_promotes_nobody(at):
    event = bookable_event(places=1)
    bookings = fill(event, 3, at)
    cancel_bookable_event(event=event, reason="The trainer is ill", by=officer(), at=at)
    assert statuses(bookings) == ["cancelled", "cancelled", "cancelled"]


def test_the_worker_promotes_again_from_the_data(at):
    event = bookable_event(places=2)
    bookings = fill(event, 4, at)
    Booking.objects.filter(pk=bookings[0].pk).update(status=BookingStatus.DECLINED)
    assert due.promote_waiting(at) == 1
    assert statuses(bookings) == ["declined", "confirmed", "confirmed", "waiting"]
    assert due.promote_waiting(at) == 0


def test_the_worker_leaves_full_unpublished_and_started_events_alone(at):
    full, draft, started = bookable_event(places=1), bookable_event(status=EventStatus.DRAFT), bookable_event(first_start=at)
    fill(full, 2, at)
    waiting = [BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1) for event in (draft, started)]
    assert due.promote_waiting(starts_at(started)) == 0
    assert statuses(waiting) == ["waiting", "waiting"]


def test_nobody_is_promoted_once_the_event_has_started(at):
    event = bookable_event(places=1)
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
    assert promote_waiting(event=event, at=starts_at(event)) == []


def test_promoting_again_and_again_gives_each_place_once(at):
    event = bookable_event(places=1)
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=2)
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
    promoted = [booking.version for _ in range(3) for booking in promote_waiting(event=event, at=at)]
    assert promoted == [1]
    assert Booking.objects.holding_a_place().count() == 1


def test_waiting_ends_as_not_placed_when_the_event_starts(at):
    event, other = bookable_event(places=1), bookable_event(places=1)
    bookings = fill(event, 3, at)
    elsewhere = fill(other, 2, at)
    type(other).objects.filter(pk=other.pk).update(starts_on="2027-02-01", ends_on="2027-02-01")
    other.sessions.update(starts_at=at + timedelta(days=21), ends_at=at + timedelta(days=21, hours=1))
    second = timedelta(seconds=1)
    assert due.end_waiting_for_started_events(starts_at(event) - second) == 0
    assert due.end_waiting_for_started_events(starts_at(event)) == 2
    assert statuses(bookings) == ["confirmed", "not_placed", "not_placed"]
    assert statuses(elsewhere) == ["confirmed", "waiting"]
    ended = Booking.objects.get(pk=bookings[1].pk)
    assert (ended.ended_at, ended.queue_number) == (starts_at(event), 1)
    assert due.end_waiting_for_started_events(starts_at(event)) == 0


def test_waiting_for_an_event_that_was_cancelled_past_the_operations_ends_too(at):
    event = bookable_event(status=EventStatus.CANCELLED)
    waiting = BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
    assert due.end_waiting_for_started_events(at) == 1
    assert statuses([waiting]) == ["not_placed"]


def test_waiting_does_not_end_before_the_start(at):
    with pytest.raises(Refused):
        end_waiting(event=bookable_event(), at=at)
