from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.leases import claim, worker_name
from notifications.models import Message
from tests.factories.notifications import MessageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_claimed_row_is_nobody_elses_until_its_lease_runs_out(at: datetime) -> None:
    row = MessageFactory()

    def take(worker: str, seconds: int) -> list[Message]:
        return claim(Message.objects.due(at), worker=worker, at=at + timedelta(seconds=seconds), seconds=60, limit=5)

    assert take("a", 0) == [row]
    assert take("b", 59) == []
    assert take("b", 60) == [row]
    row.refresh_from_db()
    assert (row.leased_by, row.attempts, row.lease_until) == ("b", 2, at + timedelta(seconds=120))


def test_no_more_are_taken_than_asked_for_in_the_order_given(at: datetime) -> None:
    rows = [MessageFactory(created_at=at - timedelta(minutes=n)) for n in (1, 3, 2)]
    taken = claim(Message.objects.due(at), worker="a", at=at, seconds=60, limit=2)
    assert taken == [rows[1], rows[2]]


def test_a_worker_is_known_by_its_machine_and_process() -> None:
    assert worker_name().rsplit(":", 1)[1].isdigit()
    assert len(worker_name()) <= 50
