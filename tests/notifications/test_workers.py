"""Several workers, and workers that die: real processes on a real database, sending to a real mail server."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from notifications.delivery import BATCH, LEASE_SECONDS
from notifications.due import send_waiting_messages
from notifications.models import Message, MessageState
from tests.factories.notifications import MessageFactory
from tests.tools.processes import shared_database, start
from tests.tools.smtp_sink import KEEP_AND_HOLD, SmtpSink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

WORK = "from datetime import datetime; from notifications.due import send_waiting_messages as s; s(datetime.fromisoformat('{}'))"


def environment(url: str, sink: SmtpSink) -> dict[str, str]:
    return {"DATABASE_URL": url, "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}", "SITE_URL": "https://learning.riverside.example"}


def test_three_workers_at_once_send_each_message_once(at: datetime, sink: SmtpSink, tmp_path: Path) -> None:
    messages = MessageFactory.create_batch(4 * BATCH)
    with shared_database(tmp_path) as url:
        workers = [start(WORK.format(at.isoformat()), **environment(url, sink)) for _ in range(3)]
        assert [worker.wait(60) for worker in workers] == [0, 0, 0]
        assert set(Message.objects.values_list("state", "attempts")) == {(MessageState.SENT, 1)}
    assert Counter(m.to[0] for m in sink.messages) == Counter(m.to_address for m in messages)
    assert sink.connections >= 4


def test_a_killed_worker_loses_nothing_and_doubles_only_what_was_already_taken(
    at: datetime, sink: SmtpSink, tmp_path: Path
) -> None:
    messages = MessageFactory.create_batch(BATCH)
    sink.answer("data", "", "", KEEP_AND_HOLD)
    with shared_database(tmp_path) as url:
        worker = start(WORK.format(at.isoformat()), **environment(url, sink))
        sink.wait_for(3)
        worker.kill()
        worker.wait(10)
        assert Message.objects.filter(state=MessageState.SENT).count() == 2
        assert send_waiting_messages(at + timedelta(seconds=LEASE_SECONDS - 60)) == 0
        assert send_waiting_messages(at + timedelta(seconds=LEASE_SECONDS + 60)) == BATCH - 2
        assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}
    assert {m.to[0] for m in sink.messages} == {m.to_address for m in messages}
    ids = Counter(m.email["Message-ID"] for m in sink.messages)
    assert sorted(ids.values()) == [1] * (BATCH - 1) + [2]
