"""The button that makes a calendar's address, pressed in two windows at the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.people import PersonFactory
from tests.tools import processes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

PRESSING = """
import time
from datetime import UTC, datetime
from pathlib import Path
from bookings.models import CalendarAddress
from bookings.operations import make_calendar_address
from core.refusals import Refused
from people.models import Person
person, at, made = Person.objects.get(), datetime(2027, 1, 11, 9, 0, tzinfo=UTC), []
print("ready", flush=True)
while not Path({start!r}).exists():
    time.sleep(0.005)
for _ in range(25):
    current = CalendarAddress.objects.in_force().first()
    try:
        address, _ = make_calendar_address(person=person, instead_of=current.pk if current else None, by=person, at=at)
        made.append(address)
    except Refused as refused:
        assert refused.code == "made_meanwhile"
print(len(made), CalendarAddress.objects.in_force().count(), flush=True)
"""


def test_there_is_never_more_than_one_in_force_and_nobody_meets_an_error(tmp_path: Path) -> None:
    PersonFactory()
    start = tmp_path / "start"
    with processes.shared_database(tmp_path) as url:
        running = [processes.start(PRESSING.format(start=str(start)), DATABASE_URL=url) for _ in range(2)]
        assert [process.stdout.readline() for process in running if process.stdout] == [b"ready\n"] * 2
        start.touch()
        said = [process.communicate(timeout=60)[0].split() for process in running]
    assert [in_force for _, in_force in said] == [b"1", b"1"]
    assert sum(int(made) for made, _ in said) >= 25
