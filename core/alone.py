"""A transaction that only one process or thread may be in at a time, by name; the others are told at once instead of waiting.

The lock is held by the work itself, never by a row: when its process is killed, the lock is gone the moment its transaction is,
so nothing has to run out or be cleaned up. On PostgreSQL it is an advisory lock of the transaction. SQLite has none: there it is
a lock on a file, which is enough, as SQLite means one machine.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def alone_in_transaction(name: str) -> Iterator[bool]:
    """Yields True in a transaction while nobody else is in one of this name, otherwise False at once: then do nothing."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield _advisory_lock(name)
    else:
        with _file_lock(name) as is_ours:
            if not is_ours:  # a transaction would wait for the one that the other is in
                yield False
                return
            with transaction.atomic():
                yield True


def _advisory_lock(name: str) -> bool:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])


@contextmanager
def _file_lock(name: str) -> Iterator[bool]:
    """The file is taken away while its lock is held, so whoever gets a lock looks whether the file still stands there."""
    folder = settings.VAR_DIR / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / hashlib.sha256(name.encode()).hexdigest()[:32]
    handle = _locked(file)
    if handle is None:
        yield False
        return
    try:
        yield True
    finally:
        file.unlink(missing_ok=True)
        os.close(handle)


def _locked(file: Path) -> int | None:
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if _stands_at(handle, file):
            return handle
        os.close(handle)


def _stands_at(handle: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except FileNotFoundError:
        return False
