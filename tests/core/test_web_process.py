"""What each process of the web server has ready before the first page is asked for, and how requests are shared out."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings

from core.management.commands.start import server_command
from tests.tools.site import free_port

LOADED = "import sys; from core.working_days import bank_holidays as d; print(d.cache_info().currsize, 'holidays' in sys.modules)"
SLOW = """
import os, time
def app(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""


def said_by(program: str) -> list[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True).stdout.split()


def test_the_bank_holidays_are_loaded_before_somebody_holds_the_lock_of_an_event() -> None:
    assert said_by(f"import config.wsgi; {LOADED}") == ["1", "True"]


def test_a_command_that_counts_no_working_days_does_not_wait_for_them() -> None:
    assert said_by(LOADED) == ["0", "False"]


@pytest.fixture
def slow_site(tmp_path: Path) -> Iterator[int]:
    """The web server as it is shipped, with an application that waits as long as it is asked to, and says which process it is."""
    Path(tmp_path, "slow.py").write_text(SLOW)
    port = free_port()
    command = [part.replace("config.wsgi", "slow:app") for part in server_command(port)]
    process = subprocess.Popen([*command, "--pythonpath", str(tmp_path)], cwd=settings.BASE_DIR)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def ask(port: int, seconds: float) -> str:
    """As a browser asks, which would go on with the same connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/?{seconds}")
    answer = connection.getresponse()
    assert answer.headers["Connection"] == "close"
    said = answer.read().decode()
    connection.close()
    return said


def test_a_process_takes_no_more_people_than_it_can_serve(slow_site: int) -> None:
    seen: set[str] = set()
    for _ in range(300):  # until both processes are up
        try:
            with ThreadPoolExecutor(8) as clients:
                seen |= set(clients.map(ask, [slow_site] * 8, [0.05] * 8))
        except OSError:
            time.sleep(0.1)
        if len(seen) == 2:
            break
    assert len(seen) == 2
    with ThreadPoolExecutor(8) as clients:
        assert sorted(Counter(clients.map(ask, [slow_site] * 8, [3] * 8)).values()) == [4, 4]
