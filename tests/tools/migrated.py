"""The empty database with every migration applied, made once for a test run: whoever needs one copies it.

Migrating costs several seconds of a processor, a copy a few hundredths. MIGRATED_SQLITE names the file and MIGRATED_POSTGRESQL
the database that the processes which a test starts (benchmarks, above all) may copy as theirs.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import setup_databases, teardown_databases


@contextmanager
def test_database(shared: Path, *, verbosity: int) -> Iterator[None]:
    """The test database of this process, an own one for each worker. ``shared`` is a folder that all workers of the run see."""
    with _alone(shared / "migrated.lock"):
        made = (
            _sqlite(shared / "migrated.sqlite3", verbosity) if connection.vendor == "sqlite" else _postgresql(shared, verbosity)
        )
    try:
        yield
    finally:
        if connection.vendor == "postgresql":
            connection.close()
            _on_the_server(f'DROP DATABASE IF EXISTS "{os.environ["MIGRATED_POSTGRESQL"]}"')
        teardown_databases(made, verbosity=verbosity)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _set_up(verbosity: int) -> Any:
    return setup_databases(verbosity=verbosity, interactive=False, serialized_aliases=[])


@contextmanager
def _without_migrating() -> Iterator[None]:
    """For what Django does with a test database beside its migrations."""
    settings = connection.settings_dict["TEST"]
    before, settings["MIGRATE"] = settings["MIGRATE"], False
    real, connection.creation.create_test_db = connection.creation.create_test_db, _create_only
    try:
        yield
    finally:
        settings["MIGRATE"], connection.creation.create_test_db = before, real


def _create_only(verbosity: int = 1, autoclobber: bool = False, serialize: bool = False, keepdb: bool = False) -> str:
    name = connection.creation._get_test_db_name()
    connection.creation._create_test_db(verbosity, autoclobber, keepdb)
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    return str(name)


def _sqlite(file: Path, verbosity: int) -> Any:
    os.environ["MIGRATED_SQLITE"] = str(file)
    if file.exists():
        with _without_migrating():
            made = _set_up(verbosity)
        with closing(sqlite3.connect(file)) as migrated:
            migrated.backup(connection.connection)
        return made
    made = _set_up(verbosity)
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as migrated:
        connection.connection.backup(migrated)
    return made


def _postgresql(shared: Path, verbosity: int) -> Any:
    note = shared / "migrated.postgresql"  # holds the name of the copy that the first worker made
    if note.exists():
        connection.settings_dict["TEST"]["TEMPLATE"] = note.read_text()
        with _without_migrating():
            made = _set_up(verbosity)
    else:
        made = _set_up(verbosity)
    name = connection.settings_dict["NAME"]
    copy = os.environ["MIGRATED_POSTGRESQL"] = f"{name}_migrated"
    connection.close()
    _on_the_server(f'DROP DATABASE IF EXISTS "{copy}"', f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    note.write_text(copy)
    return made


def _on_the_server(*statements: str) -> None:
    with connection.creation._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
