"""What happens at the very same moment. Run where connections of several threads see one database: on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from notifications.models import Message
from records.models import Certificate
from registers.due import give_certificates
from registers.operations import certify, certifying, reopen_register
from tests.factories.people import officer
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
