"""Many workers that look at the same moment, on clocks a day apart: real processes and threads on a real database."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, transaction

from bookings.models import PlannedKind
from bookings.operations import change_planned, hold_back, let_go, lock
from events.models import Event
from feedback.due import make_missing_forms
from notifications.models import Message
from tests.bookings.test_planned import FIRST, FIRST_AT
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.registers import event_with_people, session_of, take_register, teaches
from tests.tools.processes import shared_database, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

LOOK = """
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from django.db import connection
from {module} import {function} as due
{guard}

at, start = datetime.fromisoformat("{at}"), Barrier({threads})

def look(number):
    start.wait()
    try:
        for day in (0, number % 3 - 1, 1, 0):
            due(at + timedelta(days=day))
    finally:
        connection.close()

with ThreadPoolExecutor({threads}) as threads:
    list(threads.map(look, range({threads})))
"""


def look_at_once(
    due: str, at: datetime, *, processes: int, threads: int, folder: Path, guard: str = ""
) -> Counter[tuple[str, str]]:
    """How many letters of each kind each address got when so many schedulers looked at once."""
    module, _, function = due.rpartition(".")
    code = LOOK.format(at=at.isoformat(), threads=threads, module=module, function=function, guard=guard)
    with shared_database(folder) as url:
        workers = [start(code, DATABASE_URL=url) for _ in range(processes)]
        assert [worker.wait(300) for worker in workers] == [0] * processes
        return Counter(Message.objects.values_list("to_address", "kind"))


def two_events() -> None:
    for _ in range(2):
        event = bookable_event()
        for _ in range(5):
            BookingFactory(event=event)


REMIND, ABSENT = "bookings.due.send_planned_letters", "registers.due.send_letters_of_absence"
TRAINERS, EVALUATE = "registers.due.remind_trainers_of_registers", "feedback.due.ask_for_evaluations"
CERTIFY = "registers.due.give_certificates"
FOLLOW_UP = "feedback.due.ask_for_follow_ups"


def test_a_dozen_schedulers_write_each_letter_once(tmp_path: Path) -> None:
    two_events()
    found = look_at_once(REMIND, FIRST_AT, processes=3, threads=4, folder=tmp_path)
    assert (len(found), set(found.values()), {kind for _, kind in found}) == (10, {1}, {FIRST})


def test_without_the_key_they_write_it_again_and_again(tmp_path: Path) -> None:
    """The control: a test that could not fail would prove nothing."""
    two_events()
    no_key = "import uuid, bookings.operations.planned as p; p.message_key = lambda *_: uuid.uuid4().hex"
    found = look_at_once(REMIND, FIRST_AT, processes=1, threads=3, folder=tmp_path, guard=no_key)
    assert min(found.values()) > 1


@pytest.mark.slow
def test_a_hundred_schedulers_write_each_letter_once(tmp_path: Path) -> None:
    two_events()
    found = look_at_once(REMIND, FIRST_AT, processes=5, threads=20, folder=tmp_path)
    assert (len(found), set(found.values()), {kind for _, kind in found}) == (10, {1}, {FIRST})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("due", "at", "kind", "letters"),
    [
        (TRAINERS, datetime(2027, 1, 28, 8, tzinfo=UTC), "register_not_taken", 2),
        (EVALUATE, datetime(2027, 1, 27, 16, tzinfo=UTC), "evaluation_asked", 5),
        (ABSENT, datetime(2027, 1, 30, 8, tzinfo=UTC), "did_not_attend", 3),
        (CERTIFY, datetime(2027, 1, 30, 8, tzinfo=UTC), "certificate_ready", 2),
        (FOLLOW_UP, datetime(2027, 4, 28, 8, tzinfo=UTC), "follow_up", 2),
    ],
)
def test_a_hundred_schedulers_write_what_follows_an_event_once(
    tmp_path: Path, due: str, at: datetime, kind: str, letters: int
) -> None:
    event, people = event_with_people(5)
    make_missing_forms(at - timedelta(days=2))
    if due == TRAINERS:
        teaches(event), teaches(event)
    if due in (ABSENT, FOLLOW_UP, CERTIFY):
        took = dict.fromkeys(people[:2], "present") | dict.fromkeys(people[2:], "absent")
        take_register(session_of(event), took)
    found = look_at_once(due, at, processes=5, threads=20, folder=tmp_path)
    assert (len(found), set(found.values()), {kind for _, kind in found}) == (letters, {1}, {kind})


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="there every writer waits for the one write lock")
@pytest.mark.parametrize("locks", [True, False])
@pytest.mark.parametrize("act", [hold_back, let_go, partial(change_planned, days=None, note="A note.")])
def test_what_officers_change_waits_for_whoever_writes_the_letters_after_an_event(act, locks, monkeypatch) -> None:
    """Evaluations and letters of absence are written under the event's own lock. With its twin, which does not take it."""
    event, at = bookable_event(), FIRST_AT
    if not locks:
        monkeypatch.setattr(lock, "lock_event", lambda event_id: None)

    def change() -> None:
        try:
            act(event=event, kind=PlannedKind.EVALUATION, by=None, at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            Event.objects.select_for_update(no_key=True).get(pk=event.pk)
            changing = thread.submit(change)
            done, _ = wait([changing], timeout=3)
            assert bool(done) is not locks
        changing.result(30)
