"""The public calendar of the programme, as a calendar program reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ics
import pytest
import time_machine
from django.urls import reverse

from events.models import EventStatus
from events.operations import cancel_event, change_event
from tests.factories.events import EventFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning(at):
    with time_machine.travel(at, tick=False) as moment:
        yield moment


def read(client, **headers):
    return client.get(reverse("events_calendar"), headers=headers)


def titles(client) -> list[str]:
    return sorted(entry.name for entry in ics.Calendar(read(client).content.decode()).events)


def test_it_holds_what_is_listed_and_to_come(client):
    EventFactory(title="To come")
    EventFactory(title="Draft", status=EventStatus.DRAFT)
    EventFactory(title="Over", first_start=datetime(2027, 1, 4, 9, 30, tzinfo=UTC))
    EventFactory(title="About one child", is_closed=True, neutral_title="A learning event")
    EventFactory(title="Elsewhere", lead_host=OtherPartnershipFactory())
    assert titles(client) == ["To come"]


def test_an_empty_programme_is_an_empty_calendar(client):
    PartnershipFactory()
    response = read(client)
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert titles(client) == []


def test_before_there_is_a_partnership_there_is_no_calendar(client):
    assert read(client).status_code == 404


def test_each_session_has_its_own_lasting_id(client):
    event = EventFactory(sessions=2)
    first = {entry.uid for entry in ics.Calendar(read(client).content.decode()).events}
    change_event(event=event, title="Another title", by=None, at=datetime(2027, 1, 11, 8, tzinfo=UTC))
    assert {entry.uid for entry in ics.Calendar(read(client).content.decode()).events} == first
    assert first == {f"session-{session.pk}@turnout" for session in event.sessions.all()}


def test_a_cancelled_event_stays_for_sixty_days_and_says_so(client, at):
    event = EventFactory(title="Called off", first_start=at + timedelta(days=90))
    cancel_event(event=event, reason="Ill", by=None, at=at)
    text = read(client).content.decode()
    assert ("STATUS:CANCELLED" in text, "SUMMARY:Called off" in text) == (True, True)
    with time_machine.travel(at + timedelta(days=61), tick=False):
        assert titles(client) == []


def test_a_draft_that_was_called_off_never_stands_in_it(client, at):
    cancel_event(event=EventFactory(status=EventStatus.DRAFT), reason="Not needed", by=None, at=at)
    assert titles(client) == []


def test_the_joining_link_stays_out_of_it(client):
    EventFactory(joining_link="https://meet.example/secret")
    assert "meet.example" not in read(client).content.decode()


def test_a_calendar_program_that_comes_back_gets_nothing_new_unless_something_is(client, at):
    event = EventFactory()
    seen = read(client)
    assert read(client, if_none_match=seen["ETag"]).status_code == 304
    change_event(event=event, title="Another title", by=None, at=at)
    assert read(client, if_none_match=seen["ETag"]).status_code == 200


def test_it_comes_back_by_date_too_even_when_an_event_has_left_the_list(client, at):
    event = EventFactory()
    change_event(event=event, title="Another title", by=None, at=at)
    seen = read(client)
    assert read(client, if_modified_since=seen["Last-Modified"]).status_code == 304
    change_event(event=event, is_closed=True, neutral_title="A learning event", by=None, at=at + timedelta(minutes=5))
    assert read(client, if_modified_since=seen["Last-Modified"]).status_code == 200
    assert titles(client) == []


def test_its_queries_do_not_grow_with_the_programme(client, django_assert_num_queries):
    EventFactory()
    with django_assert_num_queries(4):
        read(client)
    for _ in range(3):
        EventFactory(sessions=2)
    with django_assert_num_queries(4):
        read(client)


def test_it_only_answers_reading(client):
    assert client.post(reverse("events_calendar")).status_code == 405
