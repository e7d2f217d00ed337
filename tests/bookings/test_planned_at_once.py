"""Many workers that look at the same moment, on clocks a day apart: real processes and threads on a real database."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from notifications.models import Message
from tests.bookings.test_planned import FIRST, FIRST_AT
from tests.factories.bookings import BookingFactory, bookable_event
from tests.tools.processes import shared_database, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

LOOK = """
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from django.db import connection
from bookings.due import send_planned_letters

at, start = datetime.fromisoformat("{at}"), Barrier({threads})

def look(number):
    start.wait()
    try:
        for day in (0, number % 3 - 1, 1, 0):
            send_planned_letters(at + timedelta(days=day))
    finally:
        connection.close()

with ThreadPoolExecutor({threads}) as threads:
    list(threads.map(look, range({threads})))
"""


def written_by(processes: int, threads: int, folder: Path) -> Counter[tuple[str, str]]:
    """How many letters of each kind each address got when so many schedulers looked at once."""
    for _ in range(2):
        event = bookable_event()
        for _ in range(5):
            BookingFactory(event=event)
    with shared_database(folder) as url:
        workers = [start(LOOK.format(at=FIRST_AT.isoformat(), threads=threads), DATABASE_URL=url) for _ in range(processes)]
        assert [worker.wait(300) for worker in workers] == [0] * processes
        return Counter(Message.objects.values_list("to_address", "kind"))


def test_a_dozen_schedulers_write_each_letter_once(tmp_path: Path) -> None:
    found = written_by(3, 4, tmp_path)
    assert (len(found), set(found.values()), {kind for _, kind in found}) == (10, {1}, {FIRST})


@pytest.mark.slow
def test_a_hundred_schedulers_write_each_letter_once(tmp_path: Path) -> None:
    found = written_by(5, 20, tmp_path)
    assert (len(found), set(found.values()), {kind for _, kind in found}) == (10, {1}, {FIRST})
