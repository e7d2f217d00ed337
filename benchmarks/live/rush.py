"""Thousands of people press the button for a few hundred places: who gets one, who waits, in which order, and who is lost."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from benchmarks.live import clients, people, site
from benchmarks.live.clients import Http, Plan, Run

P99_MS = 3000


class Place(NamedTuple):
    """What became of one answered attempt: ``number`` in the queue, 0 for a place."""

    began: float
    ended: float
    number: int


def served_in_order(places: Iterable[Place]) -> bool:
    """Whether nobody who was answered before somebody else had even asked stands behind them."""
    latest_start = 0.0
    for place in sorted(places, key=lambda place: place.number):
        if place.number and place.ended < latest_start:
            return False
        latest_start = max(latest_start, place.began)
    return True


def rush(options: argparse.Namespace) -> int:
    """Run it, say what came of it, and answer with the exit status."""
    from django.db import connection, connections

    from core.clock import now

    made = people.make_people(options.attempts)
    event = people.make_events(1, places=options.places, start=now() + timedelta(days=60))[0]
    cookies = people.sign_in(made)
    guard = ", guard off" if options.guard_off else ""
    print(
        f"{connection.vendor}{guard}: {options.attempts} people, {options.clients} at once, {options.places} places", flush=True
    )
    connections.close_all()
    with site.mail_server() as email_url, site.server(EMAIL_URL=email_url) as (port, _):
        form = people.form_of(port, f"/events/{event}/book/", cookies[0])
        work = Http(port=port, path="/events/{event}/book/", events=[event], cookies=cookies, form=form)
        plan = Plan(at_once=1, attempts=options.attempts, events=1, people=options.attempts)
        run = clients.drive(work, plan, clients=options.clients, seconds=None, at_start=lambda: None)
    found = outcome(event, run)
    print("\n".join(f"  {line}" for line in found.lines(options.places)), flush=True)
    if options.guard_off:
        oversold = found.confirmed > options.places
        print("  oversold, as it must without the guard" if oversold else "  DID NOT OVERSELL: this run proves nothing")
        return 0 if oversold else 1
    site.print_complaints()
    kept = found.kept(options)
    print(
        "  everything promised was kept"
        if kept
        else f"  MISSED: wanted exactly these places, in order, p99 under {options.p99} ms"
    )
    return 0 if kept else 1


@dataclass(frozen=True)
class Outcome:
    confirmed: int
    waiting: int
    in_order: bool
    lost: int
    errors: list[str]
    took: list[float]  # milliseconds of each attempt, in order of size
    rate: float

    def kept(self, options: argparse.Namespace) -> bool:
        confirmed = min(options.places, options.attempts)
        wanted = (confirmed, options.attempts - confirmed, True, 0, [])
        return (self.confirmed, self.waiting, self.in_order, self.lost, self.errors) == wanted and self.percentile(
            0.99
        ) < options.p99

    def percentile(self, share: float) -> float:
        return self.took[int((len(self.took) - 1) * share)]

    def lines(self, places: int) -> list[str]:
        oversold, order = max(self.confirmed - places, 0), "yes" if self.in_order else "NO"
        p50, p99, slowest = (self.percentile(share) for share in (0.5, 0.99, 1))
        return [
            f"confirmed {self.confirmed}, waiting {self.waiting}, in the order in which they were served: {order}",
            f"oversold {oversold}, answered but lost {self.lost}, errors {len(self.errors)}",
            f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {slowest:.0f} ms, {self.rate:.0f} a second",
            *sorted(set(self.errors))[:5],
        ]


def outcome(event: UUID, run: Run) -> Outcome:
    """What the answers say, held against what stands in the database."""
    from bookings.models import Booking

    rows = {str(row.pk): row for row in Booking.objects.filter(event_id=event)}
    booked = [one for one in run.seen if one.booking in rows]
    numbers = sorted(row.queue_number for row in rows.values() if row.status == "waiting")
    without_gap = numbers == list(range(1, len(numbers) + 1))
    places = [Place(one.began, one.ended, rows[one.booking].queue_number or 0) for one in booked]
    return Outcome(
        confirmed=sum(row.status == "confirmed" for row in rows.values()),
        waiting=len(numbers),
        in_order=without_gap and served_in_order(places),
        lost=sum(bool(one.booking) for one in run.seen) - len(booked),
        errors=[one.error for one in run.seen if one.error],
        took=sorted((one.ended - one.began) * 1000 for one in run.seen),
        rate=len(booked) / (run.ended - run.began),
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the rush")
    group.add_argument("--rush", action="store_true", help="many people for few places, once")
    group.add_argument("--guard-off", action="store_true", help="the control without transaction and lock: must oversell")
    group.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    group.add_argument("--attempts", type=int, default=10_000)
    group.add_argument("--places", type=int, default=500)
    group.add_argument("--p99", type=int, default=P99_MS, help=f"milliseconds that must be kept ({P99_MS})")
    group.add_argument("--clients", type=int, default=16)
