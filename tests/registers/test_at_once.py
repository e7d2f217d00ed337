"""What happens at the very same moment. Run where connections of several threads see one database: on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from types import ModuleType

import pytest
from django.db import connection, transaction

from core.refusals import Refused
from notifications.models import Message
from records.models import Certificate
from registers.due import give_certificates
from registers.models import HeadCount, WalkIn
from registers.operations import (
    add_head_count,
    add_walk_in,
    call_off_afterwards,
    certify,
    certifying,
    head_counts,
    reopen_register,
    walk_ins,
)
from tests.factories.bookings import bookable_event
from tests.factories.people import PersonFactory, officer
from tests.factories.registers import event_with_people, session_of, take_register
from tests.tools.at_once import at_once

LEAVES = datetime(2027, 1, 29, 8, tzinfo=UTC)  # two working days after the register of the event was closed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="the test's SQLite lives in one connection's memory"),
]


def test_eight_workers_give_each_person_one_certificate_and_one_letter() -> None:
    event, people = event_with_people(3)
    take_register(session_of(event), dict.fromkeys(people, "present"))
    assert sorted(at_once(*[lambda: give_certificates(LEAVES)] * 8), key=str) == [0] * 7 + [3]
    assert (Certificate.objects.count(), Message.objects.filter(kind="certificate_ready").count()) == (3, 3)


@pytest.mark.parametrize("locks", [True, False])
def test_certifying_waits_for_whoever_opens_the_register_again(locks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its twin, which does not take the lock, and certifies what nobody knows any more."""
    event, [person] = event_with_people(1)
    session = session_of(event)
    take_register(session, {person: "present"})
    if not locks:
        monkeypatch.setattr(certifying, "lock_event", lambda event: event)

    def give() -> object:
        try:
            return certify(event=event, at=LEAVES)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            reopen_register(session=session, reason="The list was mixed up.", by=officer(), at=LEAVES)
            giving = thread.submit(give)
            done, _ = wait([giving], timeout=3)
            assert bool(done) is not locks
        assert giving.result(30) == (0 if locks else 1)
    assert Certificate.objects.count() == (0 if locks else 1)


@pytest.mark.parametrize("locks", [True, False])
@pytest.mark.parametrize("where", [walk_ins, head_counts])
def test_who_is_written_down_waits_for_whoever_calls_the_event_off(
    where: ModuleType, locks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its twin, which does not take the lock, and writes somebody down at an event that did not take place."""
    event, person = bookable_event(), PersonFactory()
    session = session_of(event)
    if not locks:
        monkeypatch.setattr(where, "lock_event", lambda event: event)

    def write_down() -> str:
        try:
            if where is walk_ins:
                add_walk_in(session=session, person=person, by=None, at=LEAVES)
            else:
                add_head_count(event=event, count=12, by=None, at=LEAVES)
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            call_off_afterwards(event=event, reason="Nobody came", by=officer(), at=LEAVES)
            writing = thread.submit(write_down)
            done, _ = wait([writing], timeout=3)
            assert bool(done) is not locks
        assert writing.result(30) == ("event_not_running" if locks else "")
    assert WalkIn.objects.count() + HeadCount.objects.count() == (0 if locks else 1)
