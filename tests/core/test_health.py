"""What a machine that watches over us is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.models import WorkerTick
from tests.factories.notifications import MessageFactory


def ready(client: Client, at: datetime) -> tuple[int, dict[str, dict[str, object]]]:
    with time_machine.travel(at, tick=False):
        response = client.get("/readyz")
    return response.status_code, response.json()["checks"]


def test_healthz_answers_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_healthz_asks_no_question_of_the_database(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        client.get("/healthz")


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_new_site_is_ready(client: Client, at: datetime) -> None:
    assert ready(client, at) == (
        200,
        {
            "database": {"status": "ok"},
            "migrations": {"status": "ok", "missing": 0},
            "worker": {"status": "ok", "seconds_since_last_tick": None},
            "oldest_message": {"status": "ok", "seconds_late": 0, "waiting": 0},
        },
    )


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.parametrize(("minutes", "status"), [(30, 200), (31, 503)])
def test_a_message_that_is_too_late_is_bad(client: Client, at: datetime, minutes: int, status: int) -> None:
    MessageFactory(created_at=at - timedelta(minutes=minutes))
    MessageFactory(created_at=at - timedelta(days=3), due_at=at + timedelta(minutes=1))
    code, checks = ready(client, at)
    assert (code, checks["oldest_message"]["seconds_late"]) == (status, minutes * 60)


@pytest.mark.django_db
def test_a_message_that_its_own_server_puts_off_is_not_bad(client: Client, at: datetime) -> None:
    MessageFactory(created_at=at - timedelta(days=2), put_off=True, next_attempt_at=at + timedelta(minutes=1))
    assert ready(client, at)[0] == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "status"), [(30, 200), (31, 503)])
def test_a_worker_that_stopped_long_ago_is_bad(client: Client, at: datetime, minutes: int, status: int) -> None:
    WorkerTick.objects.create(worker="old", last_tick_at=at - timedelta(days=1))
    WorkerTick.objects.create(worker="last", last_tick_at=at - timedelta(minutes=minutes))
    code, checks = ready(client, at)
    assert (code, checks["worker"]["seconds_since_last_tick"]) == (status, minutes * 60)


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_is_bad(client: Client, at: datetime) -> None:
    newest = MigrationLoader(connection).graph.leaf_nodes("notifications")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    code, checks = ready(client, at)
    assert code == 503
    assert checks["migrations"]["status"] == "bad"


@pytest.mark.django_db
def test_nothing_is_changed_by_asking(client: Client) -> None:
    assert [client.post(path).status_code for path in ("/healthz", "/readyz")] == [405, 405]
