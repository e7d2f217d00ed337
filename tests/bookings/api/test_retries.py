"""The real server: one key many times at once, and processes that are killed: benchmarks/api_retries.py, small."""

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


def run(*options: str) -> dict[str, Any]:
    """In memory where the machine has a folder for that: this is about locks and processes, not about disks."""
    memory = {"TMPDIR": "/dev/shm"} if Path("/dev/shm").is_dir() else {}  # noqa: S108 - the run makes a folder of its own in it
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.api_retries", "--json", "--database", connection.vendor, *options],
        cwd=settings.BASE_DIR,
        env={**os.environ, **memory},
        capture_output=True,
        text=True,
        timeout=3000,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_one_key_sent_many_times_at_once_has_one_effect() -> None:
    seen = run("--keys", "6", "--at-once", "16")
    assert (seen["bookings"], seen["lost"], seen["doubled"], seen["wrong"]) == (12, 0, 0, [])
    assert (seen["answers"]["201"], seen["answers"]["key_reused"], seen["as_it_must"]) == (12, 6, True)


def test_processes_that_are_killed_lose_and_double_nothing() -> None:
    """Some die at any moment, some between the commit and the answer, which then comes when the request is sent again."""
    seen = run("--kills", "12", "--dying", "0.3")
    assert (seen["asked"], seen["lost"], seen["doubled"], seen["unanswered"]) == (seen["bookings"], 0, 0, 0)
    assert (seen["wrong"], seen["as_it_must"]) == ([], True)


def test_without_a_key_what_was_done_is_refused_when_it_is_sent_again() -> None:
    """The control: the program can't know that the booking in its way is its own."""
    seen = run("--kills", "6", "--dying", "0.3", "--only-dying", "--without-key")
    assert seen["answers"]["already_booked"] > 0


@pytest.mark.slow
def test_a_thousand_keys_two_to_fifty_times_each() -> None:
    seen = run("--keys", "1000")
    assert (seen["bookings"], seen["lost"], seen["doubled"], seen["wrong"], seen["as_it_must"]) == (2000, 0, 0, [], True)


@pytest.mark.slow
def test_a_thousand_kills() -> None:
    seen = run("--kills", "1000", "--dying", "0.05")
    assert (seen["lost"], seen["doubled"], seen["unanswered"], seen["wrong"], seen["as_it_must"]) == (0, 0, 0, [], True)
