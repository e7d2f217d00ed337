"""Processes of their own on the database of the running test: threads would share SQLite's one connection in memory."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def shared_database(folder: Path) -> Iterator[str]:
    """Yields the DATABASE_URL under which another process finds what this test has written; needs django_db(transaction=True).

    On SQLite this test itself moves to the same file for as long, with the product's own settings (write-ahead log, IMMEDIATE).
    """
    settings: dict[str, Any] = connection.settings_dict
    if connection.vendor == "postgresql":
        yield os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/" + settings["NAME"]
        return
    in_memory, file = settings["NAME"], folder / "shared.sqlite3"
    connection.ensure_connection()
    keeper = connection.connection  # holds the database in memory until we are back
    copy = sqlite3.connect(file)
    keeper.backup(copy)
    copy.close()
    connection.connection = None
    settings["NAME"] = str(file)
    try:
        yield f"sqlite:///{file}"
    finally:
        if connection.connection is not None:
            connection.connection.close()
        settings["NAME"], connection.connection = in_memory, keeper


def start(code: str, **environment: str) -> subprocess.Popen[bytes]:
    """A Python process that runs the code with Django set up, to ``wait()`` for or ``kill()``; its ``stdout`` can be read."""
    prepared = f"import django; django.setup()\n{code}"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    return subprocess.Popen([sys.executable, "-c", prepared], cwd=ROOT, env=env, stdout=subprocess.PIPE)


TOGETHER = """
def together():
    import os, pathlib, time
    here = pathlib.Path(os.environ["TOGETHER"])
    (here / str(os.getpid())).touch()
    until = time.monotonic() + 50
    while len(list(here.iterdir())) < int(os.environ["OF"]):
        assert time.monotonic() < until, "the others did not come"
        time.sleep(0.001)
"""


def start_together(code: str, environments: Sequence[dict[str, str]], *, folder: Path) -> list[subprocess.Popen[bytes]]:
    """A process of ``start()`` for each of these environments, which wait for each other where the code calls ``together()``."""
    meeting = folder / "together"
    meeting.mkdir()
    given = {"TOGETHER": str(meeting), "OF": str(len(environments))}
    return [start(TOGETHER + code, **given, **one) for one in environments]
