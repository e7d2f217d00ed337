"""Many processes book the last places of one event at once.

    python -m benchmarks.bookings_race                  exactly as many confirmed as places, the rest waiting in the lock's order
    python -m benchmarks.bookings_race --cancelling     every second booking is given back at once; nobody is stranded
    python -m benchmarks.bookings_race --guard-off      the twin without transaction and lock: must oversell

Each process has a connection of its own to a database made for the run: a SQLite file with the product's settings or, with
DATABASE_URL, a new database on that PostgreSQL server. Exit status 0 when the run gave what it must give.

A race that is only seldom lost proves nothing. So, with ``--window``, every process that has counted the places waits before it
writes the booking until all have counted. Without the guard all of them then hold the same stale count, every time. With the
guard only one process can be in that window: it waits in vain until the time is up, and nobody waits after that.

SQLite hands its lock to whoever asks at the right moment, not to who waited longest, and these processes ask again without a
pause. On a machine so busy that the whole run takes much longer than the 20 seconds a connection waits, one may therefore give
up ("database is locked"); never are there more bookings than places. PostgreSQL serves in order.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any

MOMENT = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Attempt:
    """What one process saw of one booking: the instant it had the lock, how long it took, and what went wrong, if anything."""

    person: str
    locked_at: int
    seconds: float
    error: str


@dataclass(frozen=True)
class Outcome:
    database: str
    processes: int
    attempts: int
    places: int
    confirmed: int
    waiting: int
    in_the_order_of_the_lock: bool
    errors: list[str]
    seconds: float
    p50_ms: float
    p99_ms: float
    slowest_ms: float

    @property
    def oversold(self) -> int:
        return max(self.confirmed - self.places, 0)


@contextmanager
def own_database() -> Iterator[None]:
    """A database for this run, gone afterwards. Sets DATABASE_URL, so call it before Django reads its settings.

    It is empty or, in a test run, a copy of that run's migrated one (MIGRATED_SQLITE, MIGRATED_POSTGRESQL).
    """
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "race.sqlite3")
            if migrated := os.environ.get("MIGRATED_SQLITE"):
                shutil.copy(migrated, file)
            os.environ["DATABASE_URL"] = f"sqlite:///{file}"
            yield
        return
    import psycopg

    name = f"turnout_race_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(given, autocommit=True) as server:
        template = os.environ.get("MIGRATED_POSTGRESQL", "template1")
        server.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"'.encode())
        os.environ["DATABASE_URL"] = f"{given.rsplit('/', 1)[0]}/{name}"
        try:
            yield
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def take_the_guard_off() -> Callable[..., Any]:
    """Booking as it would be without its guard, for this process only; returns what books.

    On PostgreSQL the lock is the guard. On SQLite each transaction is one, so there is none: booking at sight, which writes the
    history first, can't do without and is left out.
    """
    from django.db import connection

    from bookings.models import BookingTerms
    from bookings.operations import lock, places

    def overtaken(*_: Any, **__: Any) -> Any:
        raise lock.Overtaken

    lock.lock_terms = lambda event_id: BookingTerms.objects.filter(event_id=event_id).first()
    lock.lock_as_read = lambda _terms: True
    places._book = places._book.__wrapped__  # type: ignore[attr-defined]
    if connection.vendor == "sqlite":
        places._book_at_sight = overtaken
    return places.book_place


def hold_the_window_open(window: Any, seconds: float) -> None:
    """Wait, after each count, until every process has counted, or until the time is up, once for all."""
    from bookings.operations import lock

    count = lock.count_bookings

    def count_and_wait(*asked: Any) -> Any:
        counts = count(*asked)
        with suppress(BrokenBarrierError):
            window.wait(timeout=seconds)
        return counts

    lock.count_bookings = count_and_wait


def note_the_lock() -> list[int]:
    """The instants at which this process had the lock; the clock is the same for every process of the machine."""
    from bookings.operations import lock

    noted: list[int] = []

    def noting(take: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def take_and_note(asked: Any) -> Any:
            taken = take(asked)
            noted.append(time.monotonic_ns())
            return taken

        return take_and_note

    lock.lock_terms = noting(lock.lock_terms)
    lock.lock_as_read = noting(lock.lock_as_read)
    return noted


def book_all(people: list[Any], event: Any, start: Any, window: Any, options: argparse.Namespace, results: Any) -> None:
    """One process: books for its people, one after the other."""
    from bookings.operations import book_place, cancel_booking

    book = take_the_guard_off() if options.guard_off else book_place
    if options.window:
        hold_the_window_open(window, options.window)
    locked = note_the_lock()
    attempts = []
    start.wait()
    for number, person in enumerate(people):
        began, error = time.perf_counter(), ""
        try:
            booking = book(event=event, person=person, by=person, at=MOMENT)
            locked_at = locked[-1]
            if options.cancelling and number % 2:
                cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=MOMENT)
        except Exception as wrong:  # whatever it is, the run has failed and says with what
            error, locked_at = f"{type(wrong).__name__}: {wrong}", 0
        attempts.append(Attempt(str(person.pk), locked_at, time.perf_counter() - began, error))
    results.put(attempts)


def run(options: argparse.Namespace) -> Outcome:
    from django.db import connection, connections

    from tests.factories.bookings import bookable_event
    from tests.factories.people import PersonFactory

    event = bookable_event(places=options.places)
    people = [PersonFactory() for _ in range(options.people)]
    database = connection.vendor
    connections.close_all()  # a connection must not be shared with a child
    forked = multiprocessing.get_context("fork")
    start, window, results = forked.Barrier(options.processes + 1), forked.Barrier(options.processes), forked.Queue()
    shares = [people[number :: options.processes] for number in range(options.processes)]
    workers = [
        forked.Process(target=book_all, args=(share, event, start, window, options, results), daemon=True) for share in shares
    ]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.perf_counter()
    attempts = [attempt for _ in workers for attempt in results.get(timeout=600)]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return outcome(options, attempts, event=event, database=database, seconds=seconds)


def outcome(options: argparse.Namespace, attempts: list[Attempt], *, event: Any, database: str, seconds: float) -> Outcome:
    from bookings.models import Booking

    locked_at = {attempt.person: attempt.locked_at for attempt in attempts}
    queue = list(Booking.objects.filter(event=event, status="waiting").order_by("queue_number"))
    order = [locked_at[str(booking.person_id)] for booking in queue]
    numbers = [booking.queue_number for booking in queue]
    took = sorted(attempt.seconds * 1000 for attempt in attempts)
    return Outcome(
        database=database,
        processes=options.processes,
        attempts=len(attempts),
        places=options.places,
        confirmed=Booking.objects.holding_a_place().filter(event=event).count(),
        waiting=len(queue),
        in_the_order_of_the_lock=order == sorted(order) and (options.cancelling or numbers == list(range(1, len(queue) + 1))),
        errors=sorted({attempt.error for attempt in attempts} - {""}),
        seconds=round(seconds, 2),
        p50_ms=round(took[len(took) // 2], 1),
        p99_ms=round(took[int(len(took) * 0.99)], 1),
        slowest_ms=round(took[-1], 1),
    )


def gave_what_it_must(options: argparse.Namespace, result: Outcome) -> bool:
    if options.guard_off:
        return result.oversold > 0
    live = (
        result.attempts - sum(len(range(1, size, 2)) for size in share_sizes(options)) if options.cancelling else result.attempts
    )
    expected = min(options.places, live)
    counts = (result.confirmed, result.waiting, result.errors)
    return counts == (expected, live - expected, []) and result.in_the_order_of_the_lock


def share_sizes(options: argparse.Namespace) -> list[int]:
    return [len(range(number, options.people, options.processes)) for number in range(options.processes)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--people", type=int, default=800)
    parser.add_argument("--places", type=int, default=100)
    parser.add_argument("--window", type=float, default=None, help="seconds at most; 10 with the guard off, otherwise none")
    parser.add_argument("--guard-off", action="store_true")
    parser.add_argument("--cancelling", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if options.window is None:
        options.window = 10.0 if options.guard_off else 0.0
    with own_database():
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        import tests.environment  # noqa: F401 - what settings need, where it is not set

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        result = run(options)
        connections.close_all()
    as_it_must = gave_what_it_must(options, result)
    if options.json:
        print(json.dumps({**asdict(result), "oversold": result.oversold, "as_it_must": as_it_must}))
    else:
        for name, value in {**asdict(result), "oversold": result.oversold, "as it must be": as_it_must}.items():
            print(f"{name.replace('_', ' '):26} {value}")
    return 0 if as_it_must else 1


if __name__ == "__main__":
    sys.exit(main())
