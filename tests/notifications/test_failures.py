"""Workers that are killed and servers that fail: the same runs as benchmarks/mail_failures.py, small, and their twin."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("django_db_setup")]  # whose migrated database is copied


def run(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "benchmarks.mail_failures", "--database", connection.vendor, *options]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout + done.stderr


def test_killed_workers_and_failing_servers_lose_nothing_and_double_only_what_was_taken():
    status, said = run("--kills", "12")
    assert status == 0, said


def test_a_message_that_counts_as_sent_too_early_is_lost():
    """The control."""
    status, said = run("--kills", "12", "--guard-off")
    assert status == 0, said


def test_what_waits_for_a_server_that_is_away_for_three_days_leaves_once_and_in_order():
    status, said = run("--outage", "60")
    assert status == 0, said


@pytest.mark.slow
def test_a_thousand_kills():
    status, said = run("--kills", "1000")
    assert status == 0, said


@pytest.mark.slow
def test_five_thousand_wait_for_the_server():
    status, said = run("--outage", "5000")
    assert status == 0, said
