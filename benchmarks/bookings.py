"""How many bookings a second the real server takes over HTTP, beside two limits measured in the same run.

    python -m benchmarks.bookings [--seconds 30] [--rounds 5] [--shape NAME] [--without-worker]
    python -m benchmarks.bookings --rush [--database sqlite]     10,000 people at once for 500 places
    python -m benchmarks.bookings --rush --guard-off             the twin without transaction and lock: must oversell

People who are signed in post the page's form, on PostgreSQL with durability on (DATABASE_URL, or a server of the run's own),
against the web server as it is shipped. Fresh events of 500 places follow each other, and a few more people ask for each than
there are places, so that one too many would be seen. The limits: the same server with a view that does nothing but the bare
transaction (lock, count, insert), and that transaction by psycopg alone, from as many clients.

Each round measures the page and both limits one after the other; the figures are medians of the rounds, and so are the ratios,
each taken within its round, so that a machine which is busy with other things shows in the figures but hardly in the ratios.
Exit status 0 when all that is promised was kept.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from benchmarks.live import clients, rush, site
from benchmarks.live.clients import Http, Plan, Psycopg, Run

PLACES = 500
TOO_MANY = 20  # so many more ask for each event than it has places
FASTEST = {"page": 300, "bare": 900, "psycopg": 2500}  # nobody books more often in a second: so many events are made
PAGE, BARE, PSYCOPG = "page", "bare", "psycopg"


@dataclass(frozen=True)
class Shape:
    name: str
    clients: int
    at_once: int
    wanted_of_bare: float

    def __str__(self) -> str:
        events = "one event" if self.at_once == 1 else f"{self.at_once} events"
        return f"{self.clients} clients, {events} of {PLACES} places"


SHAPES = [
    Shape("hot-8", clients=8, at_once=1, wanted_of_bare=0.25),
    Shape("hot-32", clients=32, at_once=1, wanted_of_bare=0.25),
    Shape("spread-32", clients=32, at_once=50, wanted_of_bare=0.20),
]
P95_MS = 1000


@dataclass(frozen=True)
class Measured:
    """One measurement. ``lost``: answered as booked, but no row stands. Processor time in hundredths of one core."""

    rate: float
    p50: float
    p95: float
    slowest: float
    errors: list[str]
    oversold: int
    lost: int
    sent: int
    cores: dict[str, float]


@dataclass
class Bench:
    """What every measurement needs: the server, who is signed in, and the events to book."""

    port: int
    pid: int
    database: int
    people: list[UUID]
    cookies: list[str]
    events: list[UUID]
    form: str
    url: str
    seconds: float
    results: dict[tuple[str, str], list[Measured]] = field(default_factory=dict)

    def measure(self, shape: Shape, what: str, *, worker: bool = False) -> Measured:
        from django.db import connections

        from benchmarks.live.people import begin_anew

        begin_anew()
        plan = self.plan(shape, what)
        with ExitStack() as stack:
            worker_pid = stack.enter_context(site.worker()) if worker else 0
            pids = {"server": self.pid, "worker": worker_pid, "database": self.database}
            before: list[site.Used] = []
            connections.close_all()
            run = clients.drive(
                self.work(what),
                plan,
                clients=shape.clients,
                seconds=self.seconds,
                at_start=lambda: before.append(site.used(**pids)),
            )
            cost = site.used(**pids).since(before[0])
        measured = self.outcome(run, cost)
        self.results.setdefault((what, "on" if worker else "off"), []).append(measured)
        return measured

    def plan(self, shape: Shape, what: str) -> Plan:
        attempts = PLACES + TOO_MANY
        events = events_for(self.seconds, what, at_once=shape.at_once)
        return Plan(at_once=shape.at_once, attempts=attempts, events=min(events, len(self.events)), people=len(self.people))

    def work(self, what: str) -> Http | Psycopg:
        if what == PSYCOPG:
            return Psycopg(url=self.url, events=self.events, people=self.people)
        path = "/events/{event}/book/" if what == PAGE else "/bare/{event}/book/"
        return Http(port=self.port, path=path, events=self.events, cookies=self.cookies, form=self.form)

    def outcome(self, run: Run, cost: site.Used) -> Measured:
        answered = [one for one in run.seen if one.ended <= run.ended]
        took = sorted((one.ended - one.began) * 1000 for one in answered)
        oversold, rows = counted(self.events)
        booked = {one.booking for one in run.seen if one.booking}
        length = max(run.ended, max(one.ended for one in run.seen)) - run.began
        accounted = cost.server + cost.worker + cost.database + run.processor
        cores = {
            "server": cost.server,
            "database": cost.database,
            "worker": cost.worker,
            "clients": run.processor,
            "others": max(cost.machine - accounted, 0),
        }
        return Measured(
            rate=sum(1 for one in answered if one.booking) / (run.ended - run.began),
            p50=at(took, 0.5),
            p95=at(took, 0.95),
            slowest=took[-1],
            errors=[one.error for one in run.seen if one.error],
            oversold=oversold,
            lost=len(booked - rows),
            sent=messages_sent(),
            cores={part: 100 * seconds / length for part, seconds in cores.items()},
        )


def events_for(seconds: float, what: str, *, at_once: int) -> int:
    """So many events that even the fastest does not run out of them."""
    groups = int(seconds * FASTEST[what] / ((PLACES + TOO_MANY) * at_once)) + 2
    return groups * at_once


def at(sorted_values: list[float], share: float) -> float:
    return sorted_values[min(int(len(sorted_values) * share), len(sorted_values) - 1)]


def counted(events: list[UUID]) -> tuple[int, set[str]]:
    """How many hold a place beyond their event's limit, and every booking that stands."""
    from collections import Counter

    from bookings.models import Booking, BookingTerms

    limits = dict(BookingTerms.objects.filter(event_id__in=events).values_list("event_id", "booking_limit"))
    bookings = Booking.objects.filter(event_id__in=events)
    holding = Counter(bookings.holding_a_place().values_list("event_id", flat=True))
    oversold = sum(max(taken - limits[event], 0) for event, taken in holding.items())
    return oversold, {str(pk) for pk in bookings.values_list("pk", flat=True)}


def messages_sent() -> int:
    from notifications.models import Message

    return Message.objects.filter(state="sent").count()


def median(rows: list[Measured], name: str) -> float:
    return statistics.median(getattr(row, name) for row in rows)


HEAD = f"{'':37}{'a second':>9}{'p50':>8}{'p95':>8}{'errors':>8}{'oversold':>9}{'lost':>6}{'of bare':>9}{'of psycopg':>11}"
PARTS = ("server", "database", "worker", "clients", "others")


def report(shape: Shape, bench: Bench) -> list[str]:
    """Print the medians of one shape; returns what was promised and not kept."""
    names = {PAGE: "the booking page", BARE: "bare view, same server", PSYCOPG: "psycopg alone"}
    print(f"\n{shape}\n{HEAD}   processor, % of a core: {', '.join(PARTS)}")
    for (what, worker), rows in sorted(
        bench.results.items(), key=lambda item: (item[0][1] == "on", list(names).index(item[0][0]))
    ):
        name = names[what] + ("" if what == PSYCOPG else f", worker {worker}")
        ratios = [f"{ratio(bench, rows, key):.1%}" if what in whose else "" for key, whose in limits_of(worker).items()]
        cores = "  ".join(f"{statistics.median(row.cores[part] for row in rows):.0f}" for part in PARTS)
        sent = f"  ({median(rows, 'sent'):.0f} messages sent)" if worker == "on" and what == PAGE else ""
        print(
            f"  {name:35}{median(rows, 'rate'):>9.1f}{median(rows, 'p50'):>5.0f} ms{median(rows, 'p95'):>5.0f} ms"
            f"{sum(len(row.errors) for row in rows):>8}{sum(row.oversold for row in rows):>9}{sum(row.lost for row in rows):>6}"
            f"{ratios[0]:>9}{ratios[1]:>11}   {cores}{sent}"
        )
        for error in sorted({error for row in rows for error in row.errors})[:5]:
            print(f"      {error}")
    return broken(shape, bench)


def limits_of(worker: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """What is compared with what: the page with the bare view in the same company, both with psycopg alone."""
    return {(BARE, worker): (PAGE,), (PSYCOPG, "off"): (PAGE, BARE)}


def ratio(bench: Bench, rows: list[Measured], limit: tuple[str, str]) -> float:
    """The median of the rounds' own ratios."""
    return statistics.median(row.rate / other.rate for row, other in zip(rows, bench.results[limit], strict=True))


def broken(shape: Shape, bench: Bench) -> list[str]:
    found = []
    for (what, worker), rows in bench.results.items():
        wrong = sum(len(row.errors) + row.oversold + row.lost for row in rows)
        if wrong:
            found.append(f"{shape.name}, {what}, worker {worker}: {wrong} errors, places oversold or bookings lost")
        if what == PAGE:
            share = ratio(bench, rows, (BARE, worker))
            if share < shape.wanted_of_bare:
                found.append(f"{shape.name}, worker {worker}: {share:.1%} of the bare view, wanted {shape.wanted_of_bare:.0%}")
            if shape.clients == 32 and median(rows, "p95") >= P95_MS:
                found.append(f"{shape.name}, worker {worker}: p95 {median(rows, 'p95'):.0f} ms, wanted under {P95_MS}")
    return found


def compare(options: argparse.Namespace) -> int:
    from django.db import connection

    from benchmarks.live import bare, people
    from core.clock import now

    shapes = [shape for shape in SHAPES if options.shape in (None, shape.name)]
    versions = site.durability()
    print(f"PostgreSQL {versions['server_version']}, durability on; {os.cpu_count()} cores")
    print(f"{options.rounds} rounds of {options.seconds:g} s for each figure")
    attempts = PLACES + TOO_MANY
    made = people.make_people(10 * attempts)
    people.keep_a_past(made)
    needed = max(events_for(options.seconds, what, at_once=shape.at_once) for shape in shapes for what in FASTEST)
    events = people.make_events(needed, places=PLACES, start=now() + timedelta(days=60))
    cookies = people.sign_in(made)
    bare.insert()
    found = []
    with site.mail_server(gives_way=True) as email_url:
        os.environ["EMAIL_URL"] = email_url
        with site.server() as (port, pid):
            form = people.form_of(port, f"/events/{events[0]}/book/", cookies[0])
            for shape in shapes:
                bench = Bench(
                    port=port,
                    pid=pid,
                    database=site.database_process(),
                    people=[person.pk for person in made],
                    cookies=cookies,
                    events=events,
                    form=form,
                    url=os.environ["DATABASE_URL"],
                    seconds=options.seconds,
                )
                warm_up(bench, shape)
                for _ in range(options.rounds):
                    one_round(bench, shape, with_worker=not options.without_worker)
                found += report(shape, bench)
    site.print_complaints()
    connection.close()
    print("\n" + ("\n".join(f"MISSED {line}" for line in found) or "Everything promised was kept."))
    return 1 if found else 0


def warm_up(bench: Bench, shape: Shape) -> None:
    seconds, bench.seconds = bench.seconds, 2
    for what in (PAGE, BARE):
        bench.measure(shape, what)
    bench.seconds = seconds
    bench.results.clear()


def one_round(bench: Bench, shape: Shape, *, with_worker: bool) -> None:
    bench.measure(shape, PAGE)
    bench.measure(shape, BARE)
    bench.measure(shape, PSYCOPG)
    if with_worker:
        bench.measure(shape, PAGE, worker=True)
        bench.measure(shape, BARE, worker=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long each measurement takes (30)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is taken (5)")
    parser.add_argument("--shape", choices=[shape.name for shape in SHAPES], help="only this one")
    parser.add_argument("--without-worker", action="store_true")
    rush.add_arguments(parser)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home, site.database(options.database if options.rush else "postgresql"):
        if options.rush:
            site.set_up(home, settings="benchmarks.live.unlocked" if options.guard_off else "config.settings")
            return rush.rush(options)
        site.set_up(home, settings="benchmarks.live.bare")
        return compare(options)


if __name__ == "__main__":
    sys.exit(main())
