"""Many processes for the last places: the same run as benchmarks/bookings_race.py, small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("django_db_setup")]  # whose migrated database is copied


def race(*options: str, module: str = "benchmarks.bookings_race") -> dict[str, Any]:
    """In memory where the machine has a folder for that: this is about locks, not about disks."""
    memory = {"TMPDIR": "/dev/shm"} if Path("/dev/shm").is_dir() else {}  # noqa: S108 - the run makes a folder of its own in it
    done = subprocess.run(
        [sys.executable, "-m", module, "--json", *options],
        cwd=settings.BASE_DIR,
        env={**os.environ, **memory},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_many_processes_for_the_last_places_get_exactly_those():
    seen = race("--processes", "6", "--people", "24", "--places", "5", "--window", "1")
    assert (seen["confirmed"], seen["waiting"], seen["errors"]) == (5, 19, [])
    assert (seen["in_the_order_of_the_lock"], seen["as_it_must"]) == (True, True)
    assert seen["database"] == connection.vendor


def test_the_same_race_without_the_guard_oversells():
    """The control: a test that could not fail would prove nothing. See the benchmark on how the window is held open."""
    seen = race("--processes", "6", "--people", "6", "--places", "2", "--guard-off")
    assert seen["oversold"] > 0


def test_places_given_back_in_the_rush_strand_nobody():
    seen = race("--processes", "4", "--people", "40", "--places", "5", "--cancelling")
    assert (seen["confirmed"], seen["waiting"], seen["errors"]) == (5, 15, [])


@pytest.mark.slow
def test_a_rush_of_a_thousand():
    seen = race("--processes", "16", "--people", "1000", "--places", "250")
    assert (seen["confirmed"], seen["waiting"], seen["errors"], seen["as_it_must"]) == (250, 750, [], True)


def test_sqlite_takes_the_write_lock_at_the_start_of_each_transaction(is_sqlite):
    """There are no row locks to take there: without this setting the guard would be none."""
    if not is_sqlite:
        pytest.skip("SQLite has no row locks, so its settings are the guard; PostgreSQL locks the row")
    options = settings.DATABASES["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in options["init_command"]
