"""Registers over many events at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event, EventStatus
from registers.operations import add_head_count, add_walk_in
from registers.queries import register_summary, register_tab, registers_of, sessions_without_register, with_counts
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory
from tests.factories.registers import event_with_people, marked, session_of, take_register, teaches

pytestmark = pytest.mark.django_db

AFTER = datetime(2027, 1, 27, 9, 0, tzinfo=UTC)


def events_of(number: int) -> list[Event]:
    events = []
    for _ in range(number):
        event, people = event_with_people(2)
        marked(session_of(event), people[0], "present", at=session_of(event).starts_at)
        events.append(event)
    return events


@pytest.mark.both_databases
def test_a_summary_says_how_far_an_event_is_and_what_it_came_to() -> None:
    event, people = event_with_people(3, sessions=2)
    summary = register_summary([event])[event.pk]
    assert (summary.state, summary.sessions, summary.opened, summary.closed, summary.expected) == ("Not taken", 2, 0, 0, 3)

    first, second = session_of(event, 1), session_of(event, 2)
    add_walk_in(session=first, person=PersonFactory(), by=None, at=first.starts_at)
    add_head_count(event=event, count=12, by=None, at=first.starts_at)
    add_head_count(event=event, count=3, by=None, at=first.starts_at)
    take_register(first, {people[0]: "present", people[1]: "late", people[2]: "absent"})
    assert register_summary([event])[event.pk].state == "1 of 2 closed"

    walk_in = register_tab(event).walk_ins[0].person
    take_register(second, {people[0]: "present", people[1]: "absent", people[2]: "absent", walk_in: "present"})
    summary = register_summary([event])[event.pk]
    assert (summary.state, summary.is_done) == ("Taken", True)
    assert (summary.attended, summary.part_attended, summary.did_not_attend) == (2, 1, 1)
    assert (summary.walk_ins, summary.head_count) == (1, 15)


def queries_of(call: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        call()
    return len(caught)


def test_summaries_of_one_and_of_three_take_the_same_queries() -> None:
    one, three = events_of(1), events_of(3)
    assert queries_of(lambda: register_summary(one)) == queries_of(lambda: register_summary(three))
    assert register_summary([]) == {}


def test_a_session_stands_as_without_register_once_it_is_over_until_its_register_closes() -> None:
    event, [person] = event_with_people(1)
    session, partnership = session_of(event), event.lead_host
    assert sessions_without_register(partnership, session.ends_at) == []
    assert sessions_without_register(partnership, AFTER) == [session]
    take_register(session, {person: "present"}, close=False)
    assert [found.register_state for found in sessions_without_register(partnership, AFTER)] == ["open"]  # type: ignore[attr-defined]
    take_register(session, {})
    assert sessions_without_register(partnership, AFTER) == []


def test_cancelled_drafted_and_other_partnerships_sessions_need_no_register_of_ours() -> None:
    event_with_people(1, status=EventStatus.CANCELLED)
    event_with_people(1, status=EventStatus.DRAFT)
    event_with_people(1, lead_host=OtherPartnershipFactory())
    assert sessions_without_register(PartnershipFactory(), AFTER) == []


def test_a_head_count_with_nobody_booked_needs_no_register() -> None:
    event, _ = event_with_people(0)
    add_head_count(event=event, count=30, by=None, at=AFTER)
    assert sessions_without_register(event.lead_host, AFTER) == []
    event_with_people(0)
    assert len(sessions_without_register(event.lead_host, AFTER)) == 1


def test_a_trainers_registers_are_in_four_parts(morning: datetime) -> None:
    trainer = PersonFactory()
    places = {}
    for name, days in [("past", -7), ("today", 0), ("next", 7), ("closed", -1)]:
        event, people = event_with_people(1, first_start=datetime(2027, 1, 26, 9, 30, tzinfo=UTC) + timedelta(days=days))
        event.trainers.create(person=trainer, name="Tom")
        places[name] = session_of(event)
        if name == "closed":
            take_register(places[name], {people[0]: "present"})
    event_with_people(1)

    theirs = registers_of(person=trainer, partnership=None, at=morning)

    assert list(theirs.today) == [places["today"]]
    assert list(theirs.not_taken) == [places["past"]]
    assert list(theirs.to_come) == [places["next"]]
    assert list(theirs.lately_closed) == [places["closed"]]


def test_an_officer_sees_the_partnerships_registers_and_those_they_teach_elsewhere(morning: datetime) -> None:
    ours, _ = event_with_people(0)
    theirs, _ = event_with_people(0, lead_host=OtherPartnershipFactory())
    event_with_people(0, lead_host=OtherPartnershipFactory())
    person = teaches(theirs)

    found = registers_of(person=person, partnership=ours.lead_host, at=morning)

    assert {session.event for session in found.today} == {ours, theirs}


def test_counts_of_one_and_of_three_sessions_take_the_same_queries(morning: datetime) -> None:
    def rows(events: list[Event]) -> Any:
        trainer = PersonFactory()
        for event in events:
            event.trainers.create(person=trainer, name="Tom")
        return lambda: with_counts(list(registers_of(person=trainer, partnership=None, at=morning).today))

    one, three = rows(events_of(1)), rows(events_of(3))
    assert queries_of(one) == queries_of(three)
    assert [(row.counts.here, row.counts.missing, row.counts.not_marked, row.label) for row in one()] == [(1, 0, 1, "Open")]


def test_the_office_tab_takes_the_same_queries_with_one_person_and_with_three() -> None:
    small, _ = event_with_people(1)
    large, _ = event_with_people(3, sessions=3)
    for event, walk_ins in [(small, 1), (large, 3)]:
        session = session_of(event)
        for _ in range(walk_ins):
            add_walk_in(session=session, person=PersonFactory(), by=None, at=session.starts_at)
            add_head_count(event=event, count=2, by=None, at=session.starts_at)
    assert queries_of(lambda: register_tab(small)) == queries_of(lambda: register_tab(large))
