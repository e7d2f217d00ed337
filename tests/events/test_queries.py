"""What pages say of an event's time and place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from courses.models import Format
from events.queries import ends_at, session_title, starts_at, when, where
from tests.factories.events import EventFactory, VenueFactory

pytestmark = pytest.mark.django_db


def test_one_session_is_one_span():
    assert when(EventFactory()) == "Tuesday 26 January 2027, 9.30am to 4pm"


def test_two_sessions_stand_beside_each_other():
    assert when(EventFactory(sessions=2)) == (
        "Tuesday 26 January 2027, 9.30am to 4pm and Wednesday 27 January 2027, 9.30am to 4pm"
    )


def test_many_sessions_are_summed_up():
    assert when(EventFactory(sessions=5)) == "5 sessions from Tuesday 26 January 2027 to Saturday 30 January 2027"


def test_an_event_without_sessions_has_its_day():
    event = EventFactory()
    event.sessions.all().delete()
    assert when(event) == "Tuesday 26 January 2027"
    assert (starts_at(event), ends_at(event)) == (datetime(2027, 1, 26, tzinfo=UTC), datetime(2027, 1, 27, tzinfo=UTC))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Civic Suite, 1 High Street, Riverside"),
        ({"venue": None}, "Venue to follow"),
        ({"venue": None, "format": Format.VIRTUAL, "joining_link": "https://meet.example/1"}, "Online"),
    ],
)
def test_where_never_tells_the_joining_link(fields, said):
    assert where(EventFactory(**fields)) == said


def test_an_online_venue_is_online():
    assert where(EventFactory(venue=VenueFactory(name="Teams", is_online=True))) == "Online"


def test_the_sessions_of_a_closed_event_keep_to_its_neutral_title():
    event = EventFactory(sessions=2, title="About one child", is_closed=True, neutral_title="A learning event")
    event.sessions.filter(number=1).update(title="The story of the child")
    assert [session_title(event, session) for session in event.sessions.all()] == [
        "A learning event: session 1 of 2",
        "A learning event: session 2 of 2",
    ]
