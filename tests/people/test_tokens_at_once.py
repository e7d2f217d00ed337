"""The limit of a token holds whichever process is asked, at whatever moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.people import PersonFactory
from tests.factories.tokens import token_of
from tests.tools import processes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

COUNTING = """
import time
from datetime import UTC, datetime
from pathlib import Path
from people.models import ApiToken
from people.operations import tokens
{guard}
token, at = ApiToken.objects.get(), datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
print("ready", flush=True)
while not Path({start!r}).exists():
    time.sleep(0.005)
print(sum(tokens.note_use(token=token, at=at) for _ in range(40)), flush=True)
"""
GUARD_OFF = """
def note_use(*, token, at):
    row = ApiToken.objects.get()
    seen = row.requests if row.minute == at else 0
    if seen >= 20:
        return False
    time.sleep(0.02)
    ApiToken.objects.update(minute=at, requests=seen + 1)
    return True
tokens.note_use = note_use
"""


def passed(folder: Path, *, guard: str = "") -> int:
    """Of 80 requests in two processes at the same moment, how many went on."""
    token_of(PersonFactory())
    start = folder / "start"
    with processes.shared_database(folder) as url:
        code = COUNTING.format(guard=guard, start=str(start))
        running = [processes.start(code, DATABASE_URL=url, API_REQUESTS_A_MINUTE="20") for _ in range(2)]
        assert [process.stdout.readline() for process in running if process.stdout] == [b"ready\n"] * 2
        start.touch()
        counts = [int(process.communicate(timeout=60)[0]) for process in running]
    return sum(counts)


def test_exactly_as_many_pass_as_may(tmp_path: Path) -> None:
    assert passed(tmp_path) == 20


def test_reading_adding_and_writing_would_let_more_pass(tmp_path: Path) -> None:
    """The control: the same with a statement for each step."""
    assert passed(tmp_path, guard=GUARD_OFF) > 20
