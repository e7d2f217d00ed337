"""Two workers for one freed place: the same run as benchmarks/promoting_race.py, small."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.bookings.test_race import race

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("django_db_setup")]  # whose migrated database is copied
RUN = {"module": "benchmarks.promoting_race"}


def test_a_freed_place_is_given_once_whoever_gives_it():
    seen = race("--rounds", "12", **RUN)
    assert (seen["given"], seen["given_twice"], seen["stranded"], seen["errors"]) == (12, 0, 0, [])
    assert (seen["out_of_order"], seen["database"]) == (0, connection.vendor)


def test_without_the_guard_two_workers_give_it_twice():
    seen = race("--rounds", "4", "--guard-off", **RUN)
    assert seen["given"] > 4 or seen["given_twice"] > 0 or seen["errors"]


@pytest.mark.slow
def test_in_a_thousand_rounds_every_place_is_given_once():
    assert race("--rounds", "1000", **RUN)["as_it_must"]
