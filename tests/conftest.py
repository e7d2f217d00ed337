"""What every test stands on: no network, a clock to ask, and which database it runs on."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.tools import migrated

MONDAY_MORNING = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)

# Files that take longest, longest first: begun early, none of them is what one worker still does when the other has ended.
BEGIN_WITH = [
    "browser/test_look.py",
    "browser/test_demonstration.py",
    "browser/test_planning.py",
    "browser/test_as_time_passes.py",
    "browser/test_main_job.py",
    "reports/test_cuts.py",
    "bookings/test_race.py",
    "bookings/api/test_retries.py",
    "imports/test_again.py",
    "browser/test_booking.py",
    "reports/test_riverside_pages.py",
    "reports/test_expected.py",
    "architecture/test_foreign_objects.py",
    "bookings/test_promoting_at_once.py",
    "bookings/test_conditions.py",
]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here, ranks = Path(__file__).parent, {name: number for number, name in enumerate(BEGIN_WITH)}
    items.sort(key=lambda item: ranks.get(item.path.relative_to(here).as_posix(), len(ranks)))


def pytest_collection_finish() -> None:
    """What has been imported by now stays: the search for rubbish leaves it out, and is made less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """In place of pytest-django's: migrates once for all workers of the run."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if hasattr(request.config, "workerinput") else own
    with django_db_blocker.unblock(), migrated.test_database(shared, verbosity=0), django_db_blocker.block():
        yield


@pytest.fixture
def at() -> datetime:
    """Monday 11 January 2027, 9am in London: the moment tests happen at unless they say otherwise."""
    return MONDAY_MORNING


@pytest.fixture(autouse=True, scope="session")
def only_this_machine() -> Iterator[None]:
    """Nothing in a test reaches another machine."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            if host not in ("127.0.0.1", "::1", "localhost"):
                raise RuntimeError(f"a test tried to reach {host}")
        real_connect(self, address)  # type: ignore[arg-type]

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real_connect  # type: ignore[method-assign]


@pytest.fixture
def is_sqlite() -> bool:
    return connection.vendor == "sqlite"
