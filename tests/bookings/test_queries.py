"""Counts and lists, at a fixed number of queries."""

from __future__ import annotations

import pytest

from bookings.counting import PlaceCounts, place_counts
from bookings.models import BookingStatus
from bookings.queries import bookings_at, bookings_of, live_booking, live_bookings_by_event, place_in_queue
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.events import EventFactory
from tests.factories.people import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def waiting(event, number, **fields):
    return BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=number, **fields)


def test_places_are_counted_by_event():
    busy, empty = bookable_event(places=3), bookable_event(places=5)
    for status in (BookingStatus.CONFIRMED, BookingStatus.OFFERED, BookingStatus.DECLINED):
        BookingFactory(event=busy, status=status)
    waiting(busy, 1)
    counts = place_counts([busy, empty, EventFactory()])
    assert counts == {
        busy.pk: PlaceCounts(limit=3, taken=2, waiting=1),
        empty.pk: PlaceCounts(limit=5, taken=0, waiting=0),
    }
    assert (counts[busy.pk].left, counts[empty.pk].is_full) == (1, False)


def test_who_books_joins_the_queue_where_nothing_is_left_or_others_wait_for_what_is():
    counts = {(taken, waits): PlaceCounts(limit=3, taken=taken, waiting=waits) for taken in (2, 3) for waits in (0, 1)}
    assert {key for key, one in counts.items() if not one.is_full} == {(2, 0)}


def test_an_over_booked_past_event_has_no_place_left_and_not_fewer():
    assert PlaceCounts(limit=1, taken=3, waiting=0).left == 0


def test_counting_places_takes_three_queries_however_many_events(django_assert_num_queries):
    events = [BookingFactory().event for _ in range(3)]
    with django_assert_num_queries(3):
        place_counts(events[:1])
    with django_assert_num_queries(3):
        place_counts(events)


def test_the_bookings_of_somebody_take_two_queries_however_many(django_assert_num_queries):
    person = PersonFactory()

    def shown():
        return [
            (booking.event.title, str(booking.event.venue), booking.event.lead_host.name, list(booking.event.sessions.all()))
            for booking in bookings_of(person)
        ]

    BookingFactory(person=person)
    with django_assert_num_queries(2):
        assert len(shown()) == 1
    for _ in range(2):
        waiting(bookable_event(sessions=2), 1, person=person)
    with django_assert_num_queries(2):
        assert len(shown()) == 3


def test_each_booking_knows_its_place_in_the_queue():
    event, person = bookable_event(), PersonFactory()
    waiting(event, 3)
    waiting(event, 7)
    mine = waiting(event, 9, person=person)
    BookingFactory(event=event, status=BookingStatus.NOT_PLACED, queue_number=1)
    BookingFactory(person=person)
    assert sorted((booking.queue_place or 0) for booking in bookings_of(person)) == [0, 3]
    assert place_in_queue(mine) == 3
    assert sorted((booking.queue_place or 0) for booking in bookings_at(event)) == [0, 1, 2, 3]


def test_only_who_waits_has_a_place_in_the_queue():
    with pytest.raises(ValueError):
        place_in_queue(BookingFactory())


def test_the_live_booking_is_found_and_ended_ones_are_not():
    event, person = bookable_event(), PersonFactory()
    BookingFactory(event=event, person=person, status=BookingStatus.DECLINED)
    assert live_booking(event, person) is None
    live = BookingFactory(event=event, person=person)
    assert live_booking(event, person) == live
    assert live_bookings_by_event(person, [event, bookable_event()]) == {event.pk: live}
