"""Two events at the same time: said before the second booking is made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.clashes import clashes
from bookings.models import BookingStatus
from events.models import EventStatus, Session
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.events import IN_TWO_WEEKS
from tests.factories.people import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DAY = timedelta(days=1)


@pytest.fixture
def event():
    return bookable_event(sessions=2)


def other(person, *, start=IN_TWO_WEEKS, hours=(9.5, 16), status=BookingStatus.CONFIRMED, **fields):
    """A booking of theirs elsewhere, from and to these hours of that day."""
    event = bookable_event(first_start=start, **fields)
    midnight = start.replace(hour=0, minute=0)
    begins, ends = (midnight + timedelta(hours=hour) for hour in hours)
    Session.objects.filter(event=event).update(starts_at=begins, ends_at=ends)
    return BookingFactory(event=event, person=person, status=status, queue_number=1 if status == "waiting" else None)


@pytest.mark.parametrize(
    ("start", "hours", "is_clash"),
    [
        (IN_TWO_WEEKS, (9.5, 16), True),
        (IN_TWO_WEEKS, (15.75, 18), True),
        (IN_TWO_WEEKS, (16, 18), False),
        (IN_TWO_WEEKS, (8, 9.5), False),
        (IN_TWO_WEEKS + DAY, (12, 13), True),
        (IN_TWO_WEEKS + 2 * DAY, (9.5, 16), False),
    ],
)
def test_an_event_on_at_the_same_time_clashes(event, start, hours, is_clash):
    booking = other(PersonFactory(), start=start, hours=hours)
    assert clashes(event, [booking.person]) == ({booking.person_id: [booking]} if is_clash else {})


@pytest.mark.parametrize("status", ["waiting", "requested", "awaiting_approval"])
def test_a_place_that_may_yet_come_clashes_too(event, status):
    booking = other(PersonFactory(), status=status)
    assert clashes(event, [booking.person]) == {booking.person_id: [booking]}


def test_what_has_ended_and_what_is_cancelled_do_not_clash(event):
    person = PersonFactory()
    other(person, status=BookingStatus.DECLINED)
    BookingFactory(person=person, event=bookable_event(status=EventStatus.CANCELLED))
    BookingFactory(person=person, event=event)
    assert clashes(event, [person]) == {}


def test_many_people_take_two_queries(event):
    people = [PersonFactory() for _ in range(3)]
    busy = [other(person) for person in people[:2]]
    with CaptureQueriesContext(connection) as queries:
        found = clashes(event, people)
    assert (found, len(queries)) == ({booking.person_id: [booking] for booking in busy}, 2)
