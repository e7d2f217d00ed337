"""The round a worker makes, and how it stops."""

from __future__ import annotations

import inspect
import logging
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from pytest_django import Settings

from core.management.commands.worker import OWN_SESSION
from core.models import WorkerTick
from core.worker import Worker, due_work, tick
from tests.tools.processes import shared_database, start

calls: list[tuple[str, datetime]] = []


def first_work(at: datetime) -> None:
    calls.append(("first", at))


def failing_work(at: datetime) -> None:
    raise ValueError("sam.okafor@school.example is not welcome")


def last_work(at: datetime) -> None:
    calls.append(("last", at))


WORK = {"a.first": first_work, "b.failing": failing_work, "c.last": last_work}


@pytest.fixture(autouse=True)
def no_calls_yet() -> None:
    calls.clear()


@pytest.mark.django_db
def test_what_fails_stops_nothing_else_and_is_noted_without_a_value(at: datetime, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        errors = tick(WORK, worker="here:1", at=at)
    line = failing_work.__code__.co_firstlineno + 1
    assert errors == [f"b.failing: ValueError at tests/core/test_worker.py, line {line}"]
    assert calls == [("first", at), ("last", at)]
    noted = WorkerTick.objects.get()
    assert (noted.worker, noted.last_tick_at, noted.last_error, noted.last_error_at) == ("here:1", at, errors[0], at)
    assert [record.getMessage() for record in caplog.records] == ["b.failing failed"]


@pytest.mark.django_db
def test_the_last_error_stays_to_be_read(at: datetime) -> None:
    tick({"b.failing": failing_work}, worker="here:1", at=at)
    tick({"a.first": first_work}, worker="here:1", at=at + timedelta(seconds=2))
    noted = WorkerTick.objects.get()
    assert noted.last_tick_at == at + timedelta(seconds=2)
    assert noted.last_error_at == at


LISTS = ["DUE_WORK", "DUE_WORK_BY_THE_MINUTE"]


@pytest.mark.parametrize("name", LISTS)
def test_due_work_is_what_settings_list_in_that_order(settings: Settings, name: str) -> None:
    listed = [f"{__name__}.last_work", f"{__name__}.first_work"]
    setattr(settings, name, listed)
    assert list(due_work(name)) == listed


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("path", [f"{__name__}.no_such_work", "no_such_room.due.work", "nonsense"])
def test_work_that_is_not_there_fails_at_the_start(settings: Settings, path: str, name: str) -> None:
    setattr(settings, name, [path])
    with pytest.raises(ImproperlyConfigured, match=f"settings.{name} "):
        Worker(every=1)


def test_all_due_work_is_there_and_listed_once() -> None:
    """What a room's due.py holds and no list names would never be done."""
    often, seldom = (due_work(name) for name in LISTS)
    assert not often.keys() & seldom.keys()
    rooms = {path.parent.name for path in configured.BASE_DIR.glob("*/due.py")}
    there = {
        f"{room}.due.{name}"
        for room in rooms
        for name, function in vars(import_module(f"{room}.due")).items()
        if inspect.isfunction(function) and function.__module__ == f"{room}.due" and not name.startswith("_")
    }
    assert there
    assert {path for path in {*often, *seldom} if ".due." in path} == there


@pytest.mark.parametrize(
    ("seconds", "done"),
    [
        ([0, 2, 58, 59.999], ["slow", "fast", "fast", "fast", "fast"]),
        ([0, 2, 60, 62], ["slow", "fast", "fast", "slow", "fast", "fast"]),
        ([0, 86_400, 86_402], ["slow", "fast", "slow", "fast", "fast"]),  # the machine slept
        ([0, -3600, -3598], ["slow", "fast", "slow", "fast", "fast"]),  # the clock was set back
    ],
)
def test_what_can_wait_is_done_first_once_a_minute(
    at: datetime, settings: Settings, seconds: list[float], done: list[str]
) -> None:
    settings.DUE_WORK = [f"{__name__}.last_work"]
    settings.DUE_WORK_BY_THE_MINUTE = [f"{__name__}.first_work"]
    worker = Worker(every=1)
    names = {f"{__name__}.last_work": "fast", f"{__name__}.first_work": "slow"}
    assert [names[path] for one in seconds for path in worker.work_at(at + timedelta(seconds=one))] == done


@pytest.mark.django_db(transaction=True)
def test_one_round_alone_does_everything(settings: Settings) -> None:
    settings.DUE_WORK = [f"{__name__}.last_work"]
    settings.DUE_WORK_BY_THE_MINUTE = [f"{__name__}.first_work"]
    call_command("worker", once=True)
    assert [name for name, _ in calls] == ["first", "last"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_goes_round_until_it_is_stopped(settings: Settings) -> None:
    settings.DUE_WORK = [f"{__name__}.first_work"]
    settings.DUE_WORK_BY_THE_MINUTE = []
    worker = Worker(every=0.01)
    threading.Timer(0.2, worker.stop).start()
    worker.run()
    assert len(calls) >= 2
    assert WorkerTick.objects.get().worker == worker.name


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_worker_after_its_round(tmp_path: Path, how: signal.Signals) -> None:
    marker = tmp_path / "finished"
    code = f"""
import os, sys, time, types
from django.conf import settings
from django.core.management import call_command

def slow(at):
    print("begun", flush=True)
    time.sleep(0.5)
    open({str(marker)!r}, "w").close()

sys.modules["slow_work"] = types.ModuleType("slow_work")
sys.modules["slow_work"].slow = slow
settings.DUE_WORK = ["slow_work.slow"]
settings.DUE_WORK_BY_THE_MINUTE = []
call_command("worker", every=60)
"""
    with shared_database(tmp_path) as url:
        process = start(code, DATABASE_URL=url)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        os.kill(process.pid, how)
        assert process.wait(10) == 0
        assert WorkerTick.objects.count() == 1
    assert marker.exists()


@pytest.mark.django_db
def test_workers_long_gone_leave_the_page(at: datetime, settings: Settings) -> None:
    settings.DUE_WORK = settings.DUE_WORK_BY_THE_MINUTE = []
    WorkerTick.objects.create(worker="old", last_tick_at=at - timedelta(days=400))
    worker = Worker(every=1)
    worker.stop()
    worker.run()
    assert not WorkerTick.objects.filter(worker="old").exists()


@pytest.mark.parametrize(("own_session", "niceness"), [(True, "10"), (False, "")])
def test_a_worker_gives_way_to_pages_as_a_session_of_its_own_too(own_session: bool, niceness: str) -> None:
    """And leaves the session alone that it shares with others: they would give way with it."""
    if not OWN_SESSION.exists():
        pytest.skip("this system does not share the processor out between sessions")
    code = """
import os, django
django.setup()
from core.management.commands.worker import OWN_SESSION, give_way
before = OWN_SESSION.read_text()
give_way()
after = OWN_SESSION.read_text()
print(os.nice(0), after.split()[-1] if after != before else "")
"""
    ran = subprocess.run([sys.executable, "-c", code], start_new_session=own_session, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(min(os.nice(0) + 10, 19)), *filter(None, [niceness])]
