"""Closing a register, and opening it again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from core.models import AuditEntry
from core.refusals import Refused
from events.models import Event, Session
from registers.models import Attendance, Register, RegisterChange
from registers.operations import close_register, mark, mark_all_present, mark_rest_absent, reopen_register
from tests.factories.people import PersonFactory, officer
from tests.factories.registers import event_with_people, marked, session_of, take_register, teaches

pytestmark = pytest.mark.django_db


def test_closing_asks_for_the_unmarked_by_name(morning: datetime) -> None:
    event, people = event_with_people(3)
    marked(session_of(event), people[0], "present", at=morning)

    with pytest.raises(Refused) as refused:
        close_register(session=session_of(event), by=None, at=morning)

    names = f"{people[1].name}, {people[2].name}"
    assert (refused.value.code, str(refused.value)) == (
        "unmarked",
        f"Not marked yet: {names}. Mark them, or mark the rest absent.",
    )
    assert Register.objects.get().state == "open"


def test_a_long_list_of_unmarked_people_is_cut(morning: datetime) -> None:
    event, _ = event_with_people(8)
    with pytest.raises(Refused) as refused:
        close_register(session=session_of(event), by=None, at=morning)
    assert " and 3 more. " in str(refused.value)


def test_closing_keeps_who_and_when_and_writes_attendance(morning: datetime) -> None:
    event, people = event_with_people(2)
    trainer = teaches(event)
    marked(session_of(event), people[0], "present", at=morning, by=trainer)
    mark_rest_absent(session=session_of(event), by=trainer, at=morning)

    evening = session_of(event).ends_at
    register = close_register(session=session_of(event), by=trainer, at=evening)

    assert (register.state, register.closed_at, register.closed_by) == ("closed", evening, trainer)
    assert [(c.from_state, c.to_state, c.by) for c in RegisterChange.objects.all()] == [
        ("", "open", trainer),
        ("open", "closed", trainer),
    ]
    assert sorted(Attendance.objects.values_list("outcome", flat=True)) == ["attended", "did_not_attend"]
    assert AuditEntry.objects.filter(action="register closed").count() == 1


def test_closing_twice_has_one_effect(morning: datetime) -> None:
    event, _ = event_with_people(1)
    mark_all_present(session=session_of(event), by=None, at=morning)
    first = close_register(session=session_of(event), by=None, at=morning)

    again = close_register(session=session_of(event), by=officer(), at=morning + timedelta(hours=1))

    assert (again.pk, again.closed_at, again.closed_by) == (first.pk, morning, None)
    assert RegisterChange.objects.count() == 2


def test_a_register_with_nobody_on_it_can_be_closed(morning: datetime) -> None:
    event, _ = event_with_people(0)
    assert close_register(session=session_of(event), by=teaches(event), at=morning).state == "closed"
    assert Attendance.objects.count() == 0


def test_nobody_closes_a_register_before_its_session_begins(morning: datetime) -> None:
    event, _ = event_with_people(0)
    too_early = session_of(event).starts_at - timedelta(minutes=1)
    for by in (teaches(event), officer(), None):
        with pytest.raises(Refused) as refused:
            close_register(session=session_of(event), by=by, at=too_early)
        assert refused.value.code == "not_started"


def test_a_closed_register_takes_no_mark(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: "present"})
    with pytest.raises(Refused) as refused:
        mark(session=session_of(event), person=person, value="absent", version=1, by=officer(), at=morning)
    assert refused.value.code == "register_closed"


def test_reopening_needs_a_reason_and_keeps_it(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: "present"})
    later = session_of(event).ends_at + timedelta(hours=1)
    with pytest.raises(Refused) as refused:
        reopen_register(session=session_of(event), reason="  ", by=officer(), at=later)
    assert (refused.value.code, refused.value.field) == ("no_reason", "reason")

    by = officer()
    register = reopen_register(session=session_of(event), reason="The wrong Sam", by=by, at=later)

    assert (register.state, register.closed_at, register.closed_by) == ("open", None, None)
    last = RegisterChange.objects.latest("at")
    assert (last.from_state, last.to_state, last.reason, last.by) == ("closed", "open", "The wrong Sam", by)
    assert "The wrong Sam" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


@pytest.mark.parametrize(
    ("at", "may"),
    [
        (datetime(2027, 1, 28, 23, 59, tzinfo=UTC), True),  # Thursday: closed on Tuesday
        (datetime(2027, 1, 29, 0, 0, tzinfo=UTC), False),
    ],
)
@pytest.mark.both_databases
def test_a_trainer_reopens_within_two_working_days_and_an_officer_later(at: datetime, may: bool) -> None:
    event, [person] = event_with_people(1)
    trainer = teaches(event)
    take_register(session_of(event), {person: "present"})
    if may:
        assert reopen_register(session=session_of(event), reason="Late, not absent", by=trainer, at=at).state == "open"
        return
    with pytest.raises(Refused) as refused:
        reopen_register(session=session_of(event), reason="Late, not absent", by=trainer, at=at)
    assert refused.value.code == "too_late"
    assert str(refused.value) == "Trainers could reopen this register until Thursday 28 January 2027. Ask an officer to do it."
    assert reopen_register(session=session_of(event), reason="Late, not absent", by=officer(), at=at).state == "open"


def test_a_stranger_does_not_reopen(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: "present"})
    with pytest.raises(Refused) as refused:
        reopen_register(session=session_of(event), reason="Mine", by=PersonFactory(), at=morning)
    assert refused.value.code == "not_yours"


def test_a_register_nobody_took_is_not_reopened(morning: datetime) -> None:
    event, _ = event_with_people(1)
    with pytest.raises(Refused) as refused:
        reopen_register(session=session_of(event), reason="Why not", by=officer(), at=morning)
    assert refused.value.code == "not_closed"


def run_together(*jobs: object) -> list[BaseException]:
    """Run the jobs at the same time, each on a connection of its own; returns what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job: object) -> None:
        try:
            start.wait(timeout=10)
            job()  # type: ignore[operator]
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return raised


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one after the other from the start")
def test_the_last_two_registers_never_close_past_each_other() -> None:
    for _ in range(5):
        event, _people = event_with_people(2, sessions=2)
        at = session_of(event, 2).ends_at
        for number in (1, 2):
            mark_all_present(session=session_of(event, number), by=None, at=at)

        def close(event: Event, number: int, at: datetime) -> None:
            close_register(session=session_of(event, number), by=None, at=at)

        raised = run_together(lambda e=event, t=at: close(e, 1, t), lambda e=event, t=at: close(e, 2, t))

        assert raised == []
        assert Attendance.objects.filter(event=event).count() == 2


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite writes one after the other from the start")
def test_of_two_trainers_at_the_same_moment_one_is_told() -> None:
    for _ in range(5):
        event, [person] = event_with_people(1)
        trainers = [teaches(event), teaches(event)]
        session, at = session_of(event), session_of(event).starts_at

        def tap(session: Session, value: str, by: object, at: datetime) -> None:
            mark(session=session, person=person, value=value, version=0, by=by, at=at)  # type: ignore[arg-type]  # noqa: B023

        raised = run_together(
            lambda s=session, t=trainers[0], at=at: tap(s, "present", t, at),
            lambda s=session, t=trainers[1], at=at: tap(s, "absent", t, at),
        )

        assert [getattr(error, "code", repr(error)) for error in raised] == ["changed_meanwhile"]
