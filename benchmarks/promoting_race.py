"""Two workers give the same freed place away at the same moment, again and again.

    python -m benchmarks.promoting_race                 each place goes to one person, in order, once; none is left over
    python -m benchmarks.promoting_race --guard-off     the twin without transaction and lock: must give too many

Every second round an offer has run out instead, and both workers let it lapse and offer the place on. Each process has a
connection of its own to a database made for the run: a SQLite file with the product's settings or, with DATABASE_URL, a new
database on that PostgreSQL server. Exit status 0 when the run gave what it must give.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import BrokenBarrierError
from typing import Any

from benchmarks.bookings_race import own_database

MOMENT = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
START = datetime(2031, 1, 28, 9, 30, tzinfo=UTC)
STEP = timedelta(minutes=1)
WORKERS = 2


@dataclass(frozen=True)
class Outcome:
    """``given`` counts the steps by which somebody got a place or an offer: one a round. ``stranded``: places left over."""

    database: str
    rounds: int
    given: int
    given_twice: int
    out_of_order: int
    stranded: int
    errors: list[str]
    seconds: float


def take_the_guard_off(window: Any) -> None:
    """For this process: no lock, no transaction, and nobody goes on before both have counted."""
    from bookings.models import BookingTerms
    from bookings.operations import filling, lock, offers

    count = lock.count_claims

    def count_and_wait(terms: Any) -> Any:
        claims = count(terms)
        with suppress(BrokenBarrierError):
            window.wait(timeout=10)
        return claims

    lock.lock_terms = lambda event_id: BookingTerms.objects.filter(event_id=event_id).first()
    lock.count_claims = count_and_wait
    for module, name in ((filling, "promote_waiting"), (offers, "lapse_offers")):
        unguarded = getattr(module, name).__wrapped__
        setattr(module, name, unguarded)
        setattr(sys.modules["bookings.operations"], name, unguarded)


def work(rounds: int, begin: Any, done: Any, window: Any, guard_off: bool, results: Any) -> None:
    """One worker: what its due work does, each round at the same moment as the other's."""
    from django.db import connection

    from bookings import due

    if guard_off:
        take_the_guard_off(window)
    errors = set()
    for number in range(rounds):
        begin.wait()
        try:
            at = MOMENT + STEP * number
            due.lapse_offers(at)
            due.promote_waiting(at)
        except Exception as wrong:  # whatever it is, the run has failed and says with what
            errors.add(f"{type(wrong).__name__}: {wrong}")
        done.wait()
    connection.close()
    results.put(sorted(errors))


def run(options: argparse.Namespace) -> Outcome:
    from django.db import connection, connections

    from bookings.models import Booking, BookingChange
    from tests.factories.bookings import BookingFactory, bookable_event

    terms = {"queue_counter": options.rounds, "confirm_until_days": 1100}
    offered = bookable_event(places=1, first_start=START, terms=terms)
    confirmed = bookable_event(places=1, first_start=START, terms={"queue_counter": options.rounds})
    for event in (offered, confirmed):
        BookingFactory(event=event)
        for number in range(1, options.rounds // 2 + 2):
            BookingFactory(event=event, status="waiting", queue_number=number)
    database = connection.vendor
    forked = multiprocessing.get_context("fork")
    begin, done, window = forked.Barrier(WORKERS + 1), forked.Barrier(WORKERS + 1), forked.Barrier(WORKERS)
    results = forked.Queue()
    shared = (options.rounds, begin, done, window, options.guard_off, results)
    connections.close_all()  # a connection must not be shared with a child
    workers = [forked.Process(target=work, args=shared, daemon=True) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    began = time.perf_counter()
    for number in range(options.rounds):
        free_a_place(confirmed if number % 2 else offered, number)
        connections.close_all()
        begin.wait()
        done.wait()
    seconds = time.perf_counter() - began
    errors = sorted({error for _ in workers for error in results.get(timeout=60)})
    steps = BookingChange.objects.filter(to_status__in=["confirmed", "offered"]).values_list("booking", "to_status")
    order = list(
        Booking.objects.filter(changes__to_status__in=["confirmed", "offered"])
        .order_by("event", "changes__at")
        .values_list("event", "booked_at", "pk")
    )
    return Outcome(
        database=database,
        rounds=options.rounds,
        given=len(steps),
        given_twice=len(steps) - len(set(steps)),
        out_of_order=sum(later[:2] < earlier[:2] for earlier, later in pairwise(order)),
        stranded=stranded([offered, confirmed]),
        errors=errors,
        seconds=round(seconds, 1),
    )


def free_a_place(event: Any, number: int) -> None:
    """Past the operations, which would fill it at once: somebody's place is suddenly free, or their offer has run out."""
    from bookings.models import Booking

    at = MOMENT + STEP * number
    held = Booking.objects.filter(event=event).holding_a_place()
    held.filter(status="confirmed").update(status="lapsed", ended_at=at)
    held.filter(status="offered").update(offered_until=at)


def stranded(events: list[Any]) -> int:
    from bookings.counting import place_counts

    return sum(counts.left for counts in place_counts(events).values() if counts.waiting)


def gave_what_it_must(options: argparse.Namespace, result: Outcome) -> bool:
    if options.guard_off:
        return result.given > options.rounds or result.given_twice > 0 or bool(result.errors)
    seen = (result.given, result.given_twice, result.out_of_order, result.stranded, result.errors)
    return seen == (options.rounds, 0, 0, 0, [])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--guard-off", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
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
        print(json.dumps({**asdict(result), "as_it_must": as_it_must}))
    else:
        for name, value in {**asdict(result), "as it must be": as_it_must}.items():
            print(f"{name.replace('_', ' '):26} {value}")
    return 0 if as_it_must else 1


if __name__ == "__main__":
    sys.exit(main())
