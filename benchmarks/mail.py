"""How many messages a second leave through one and two workers, beside what a bare mail client reaches in the same run.

    python -m benchmarks.mail [--messages 1000] [--rounds 3]

The bare client sends a message of the same length over one connection to the same mail server, and commits one row after each.
Workers are processes forked from a warm parent, so that their start is not measured. On PostgreSQL with durability on
(DATABASE_URL, or a server of the run's own). The figures are medians of the rounds, and so are the ratios, each taken within its
round. Exit status 0 when one worker and two reach half of what the bare client does.
"""

from __future__ import annotations

import argparse
import os
import smtplib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

from benchmarks.live import site

WANTED = 0.5
fork = get_context("fork")


def fill_outbox(count: int) -> None:
    """That many confirmations, each with an invitation, as booking writes them."""
    from django.db import connection

    from notifications.models import Message

    Message.objects.all().delete()
    Message.objects.bulk_create(_message(number) for number in range(count))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_message")


def _message(number: int) -> Any:
    from core.clock import now
    from notifications.models import Message
    from people.models import Partnership

    at = now()
    return Message(
        partnership=Partnership.objects.get(),
        kind="booking_confirmed",
        about=f"booking:{number}",
        dedupe_key=f"booking:{number}:booking_confirmed:0",
        to_address=f"sam.okafor{number}@school.example",
        subject="Booked: Introduction to neglect",
        text=TEXT,
        links={"booking": f"/bookings/{number}/"},
        calendar=_calendar(number, at),
        calendar_method="REQUEST",
        created_at=at,
        due_at=at,
        next_attempt_at=at,
    )


def _calendar(number: int, at: Any) -> str:
    from datetime import timedelta

    from notifications.calendar import CalendarEntry, invitation

    entry = CalendarEntry(
        uid=f"{number}@turnout",
        sequence=0,
        starts_at=at + timedelta(days=30),
        ends_at=at + timedelta(days=30, hours=6),
        summary="Introduction to neglect",
        description="Declining this invitation does not cancel your place.",
        location="Town Hall, room 2",
        organiser_name="Riverside Safeguarding Children Partnership",
        organiser_address="training@riverside.example",
        attendee_address=f"sam.okafor{number}@school.example",
        changed_at=at,
    )
    return invitation(entry)


TEXT = """Hello Sam,

You have a place on Introduction to neglect.

When: Tuesday 12 January 2027, 9.30am to 4pm

Where: Town Hall, room 2

What happens next: accept the calendar invitation that comes with this message, and come. There is nothing to print.

Can't come? Cancel your place, so that somebody else can have it:
{link:booking}

Riverside Safeguarding Children Partnership"""


def send_bare(count: int, port: int) -> None:
    """What no product can beat: one connection, and a commit of one row after each message."""
    import psycopg
    from django.conf import settings

    from core.clock import now
    from notifications.rendering import as_email

    content = as_email(_message(0), at=now()).message().as_bytes(linesep="\r\n")
    with psycopg.connect(os.environ["DATABASE_URL"]) as database, smtplib.SMTP("127.0.0.1", port) as server:
        rows = database.execute("SELECT id, to_address FROM notifications_message").fetchall()
        database.commit()
        sender = settings.DEFAULT_FROM_EMAIL
        for key, address in rows[:count]:
            server.sendmail(sender, [address], content)
            database.execute("UPDATE notifications_message SET state = 'sent', sent_at = now() WHERE id = %s", [key])
            database.commit()


def send_as_a_worker(ready: Any, begin: Any) -> None:
    from django.db import connection

    from core.clock import now
    from notifications.due import send_waiting_messages

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    ready.release()
    begin.wait()
    while send_waiting_messages(now()):
        pass


def timed_workers(count: int, workers: int) -> float:
    """Messages a second until everything has left."""
    from django.db import connections

    from notifications.models import Message

    fill_outbox(count)
    connections.close_all()
    ready, begin = fork.Semaphore(0), fork.Event()
    processes = [fork.Process(target=send_as_a_worker, args=(ready, begin)) for _ in range(workers)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    began = time.perf_counter()
    begin.set()
    for process in processes:
        process.join()
    took = time.perf_counter() - began
    left = Message.objects.exclude(state="sent").count()
    if left or any(process.exitcode for process in processes):
        raise RuntimeError(f"{left} messages did not leave")
    return count / took


def timed_bare(count: int, port: int) -> float:
    fill_outbox(count)
    began = time.perf_counter()
    send_bare(count, port)
    return count / (time.perf_counter() - began)


def measure(options: argparse.Namespace, port: int) -> bool:
    runs: dict[str, Callable[[], float]] = {
        "bare client": lambda: timed_bare(options.messages, port),
        "one worker": lambda: timed_workers(options.messages, 1),
        "two workers": lambda: timed_workers(options.messages, 2),
    }
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, run in runs.items():
            rates[name].append(run())
    print(f"{options.rounds} rounds of {options.messages} messages; {os.cpu_count()} cores")
    print(f"{'':14}{'a second':>10}{'of bare':>10}")
    kept = True
    for name, found in rates.items():
        ratio = statistics.median(mine / bare for mine, bare in zip(found, rates["bare client"], strict=True))
        print(f"{name:14}{statistics.median(found):10.1f}{ratio:10.1%}")
        kept = kept and ratio >= WANTED
    print("Everything promised was kept." if kept else f"MISSED: less than {WANTED:.0%} of the bare client.")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, site.database("postgresql"):
        port = site.free_port()
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
        site.set_up(home, settings="config.settings", shows_pages=False)
        from tests.factories.people import PartnershipFactory

        PartnershipFactory()
        with site.mail_server(port):
            return 0 if measure(options, port) else 1


if __name__ == "__main__":
    sys.exit(main())
