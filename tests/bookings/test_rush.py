"""Many people press the button at once, over HTTP, against the server as it is shipped: benchmarks/bookings.py --rush, small."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

pytestmark = [pytest.mark.both_databases, pytest.mark.slow, pytest.mark.django_db]


def rush(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "benchmarks.bookings", "--rush", "--database", connection.vendor, *options]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def test_a_rush_over_http_confirms_exactly_the_places_and_loses_nobody():
    status, said = rush("--attempts", "300", "--places", "40", "--p99", "60000")  # how fast is for the benchmark to say
    assert status == 0, said


def test_the_same_rush_without_the_guard_oversells():
    status, said = rush("--attempts", "300", "--places", "40", "--guard-off")
    assert status == 0, said
