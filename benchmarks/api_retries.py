"""The same request sent many times, and processes that are killed in the middle of it: one effect each, nothing lost.

    python -m benchmarks.api_retries                    1,000 keys, each sent 2 to 50 times at once
    python -m benchmarks.api_retries --kills 1000       clients book while processes of the server are killed, and send again
    python -m benchmarks.api_retries --kills 1000 --dying 0.05    and one request in twenty kills its own process
    python -m benchmarks.api_retries --kills 200 --dying 0.2 --without-key     the twin: what is sent again is refused

Over HTTP, against the web server as it is shipped, on a database of the run's own: PostgreSQL with durability on (DATABASE_URL,
or a server of its own) or, with ``--database sqlite``, a file. For kills the server's processes are forked from a warm parent. A
client that hears nothing sends the same again with the same key. Exit status 0 when the run gave what it must.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from benchmarks.live import site

CLIENTS = 12
MOST_AT_ONCE = 50
PATIENCE = 120  # seconds in which a request must have got its answer


@dataclass
class Heard:
    """What the clients heard: how many answers of each kind, and what they were told was booked."""

    answers: Counter[str] = field(default_factory=Counter)
    booked: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    unanswered: int = 0

    def note(self, person: str, event: str, status: int, headers: Any, body: dict[str, Any]) -> None:
        kind = f"{status} repeated" if headers.get("Idempotency-Replayed") else str(body.get("code") or status)
        self.answers[kind] += 1
        if status == 201:
            self.booked.setdefault((person, event), set()).add(body["id"])


@dataclass(frozen=True)
class Client:
    """One connection that books for one person at a time and does not give up."""

    port: int
    heard: Heard
    has_key: bool = True

    def book(self, token: tuple[str, str], event: str, *, key: str, reason: str = "") -> tuple[int, dict[str, Any]]:
        """Send until there is an answer that says something. Returns it."""
        person, text = token
        headers = {"Authorization": f"Bearer {text}", "Content-Type": "application/json"}
        if self.has_key:
            headers["Idempotency-Key"] = key
        body = json.dumps({"event": event, **({"reason": reason} if reason else {})})
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                status, answered, told = self.send(headers, body)
            except (OSError, HTTPException, ValueError):
                self.heard.answers["nothing"] += 1
                time.sleep(0.02)
                continue
            self.heard.note(person, event, status, answered, told)
            if status < 500 and told.get("code") != "in_flight":
                return status, told
            time.sleep(0.02)
        self.heard.unanswered += 1
        return 0, {}

    def send(self, headers: dict[str, str], body: str) -> tuple[int, Any, dict[str, Any]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", "/api/v1/bookings/", body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read())
        finally:
            connection.close()


@dataclass(frozen=True)
class Outcome:
    """What the rows say after the run. ``lost``: told to a client, but no row stands. ``doubled``: more rows than wishes."""

    database: str
    asked: int
    bookings: int
    lost: int
    doubled: int
    with_another_history: int
    with_other_messages: int
    told_differently: int
    unanswered: int
    killed: dict[str, int]
    answers: dict[str, int]
    wrong: list[str]
    seconds: float


def send_at_once(
    port: int, tokens: list[tuple[str, str]], events: list[str], options: argparse.Namespace
) -> tuple[Heard, list[str]]:
    """Each key many times at once; then once with another body and once by somebody else."""
    heard, wrong, lots = Heard(), [], random.Random(options.seed)
    client = Client(port, heard)
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        for number in range(options.keys):
            token, other = tokens[number % len(tokens)], tokens[(number + 1) % len(tokens)]
            event, key = events[number // len(tokens) * 2], uuid.uuid4().hex
            times = lots.randint(2, options.at_once)
            answers = list(pool.map(lambda _: client.book(token, event, key=key), range(times)))  # noqa: B023 - used at once
            if {status for status, _ in answers} != {201} or len({told["id"] for _, told in answers}) != 1:
                wrong.append(f"key {number}: {answers}")
            status, told = client.book(token, event, key=key, reason="Another body.")
            if (status, told.get("code")) != (422, "key_reused"):
                wrong.append(f"another body for key {number}: {status} {told}")
            their_event = events[number // len(tokens) * 2 + 1]
            status, told = client.book(other, their_event, key=key)
            if status != 201 or told["id"] in {mine["id"] for _, mine in answers}:
                wrong.append(f"key {number} by another person: {status} {told}")
    return heard, wrong


def book_under_fire(
    port: int, server: int, tokens: list[tuple[str, str]], events: list[str], options: argparse.Namespace
) -> tuple[Heard, int, list[str]]:
    """Clients book without a pause until so many processes were killed. Returns what they heard and how many wishes they had."""
    heard, enough, numbers = Heard(), threading.Event(), iter(range(len(tokens) * len(events)))
    lock, asked, refused = threading.Lock(), 0, list[str]()

    def books() -> None:
        nonlocal asked
        client = Client(port, heard, has_key=not options.without_key)
        while not enough.is_set():
            with lock:
                number = next(numbers)
                asked += 1
            token, event = tokens[number % len(tokens)], events[number // len(tokens)]
            status, told = client.book(token, event, key=f"wish-{number}")
            if status != 201:
                refused.append(told.get("code", "no answer"))

    clients = [threading.Thread(target=books) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    with Path(os.environ["VAR_DIR"], "died").open("a") as died:
        while _died() < options.kills:
            _wait_until_some_are_booked(heard)
            if not options.only_dying:
                _kill_one(server, died)
    enough.set()
    for client in clients:
        client.join()
    return heard, asked, refused


def _wait_until_some_are_booked(heard: Heard) -> None:
    """So that each kill meets a server that is at work, at a moment that nobody chose."""
    enough, until = len(heard.booked) + random.randint(1, 8), time.monotonic() + 2
    while len(heard.booked) < enough and time.monotonic() < until:
        time.sleep(random.uniform(0.001, 0.02))


def _kill_one(server: int, died: Any) -> None:
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    if children:
        with suppress(ProcessLookupError):
            os.kill(int(random.choice(children)), signal.SIGKILL)
            died.write("at any moment\n")
            died.flush()


def _died() -> int:
    return len(Path(os.environ["VAR_DIR"], "died").read_text().splitlines())


def outcome(heard: Heard, asked: int, wrong: list[str], *, seconds: float) -> Outcome:
    from django.db import connection
    from django.db.models import Count

    from bookings.models import Booking
    from notifications.models import Message

    rows = {(str(person), str(event)): str(pk) for person, event, pk in Booking.objects.values_list("person", "event", "pk")}
    bookings = Booking.objects.count()
    about = Counter(Message.objects.values_list("about", flat=True))
    letters = [about[f"booking:{pk}"] for pk in rows.values()]
    died = Path(os.environ["VAR_DIR"], "died")
    return Outcome(
        database=connection.vendor,
        asked=asked,
        bookings=bookings,
        lost=sum(1 for wish, told in heard.booked.items() if rows.get(wish) not in told),
        doubled=bookings - len(rows),
        with_another_history=Booking.objects.annotate(steps=Count("changes")).exclude(steps=1).count(),
        with_other_messages=sum(1 for count in letters if count != letters[0] or not count),
        told_differently=sum(1 for told in heard.booked.values() if len(told) > 1),
        unanswered=heard.unanswered,
        killed=dict(Counter(died.read_text().splitlines())) if died.exists() else {},
        answers=dict(heard.answers),
        wrong=wrong[:5],
        seconds=round(seconds, 1),
    )


def gave_what_it_must(result: Outcome, options: argparse.Namespace) -> bool:
    nothing_wrong = [result.lost, result.doubled, result.with_another_history, result.with_other_messages, result.unanswered]
    if options.without_key:
        return not any(nothing_wrong) and result.answers.get("already_booked", 0) > 0
    whole = result.bookings == result.asked and result.told_differently == 0 and not result.wrong
    return whole and not any(nothing_wrong) and (not options.kills or sum(result.killed.values()) >= options.kills)


def make_tokens(people: list[Any]) -> list[tuple[str, str]]:
    from datetime import timedelta

    from core.clock import now
    from people.models import ApiToken
    from people.operations.tokens import hash_of
    from people.permissions import SCOPES

    texts = [f"turnout_{uuid.uuid4().hex}" for _ in people]
    at = now()
    ApiToken.objects.bulk_create(
        ApiToken(
            person=person, name="Load", prefix=text[:14], hash=hash_of(text), scopes=list(SCOPES), made_at=at,
            expires_at=at + timedelta(days=1),
        )
        for person, text in zip(people, texts, strict=True)
    )  # fmt: skip
    return [(str(person.pk), text) for person, text in zip(people, texts, strict=True)]


def run(options: argparse.Namespace) -> Outcome:
    from datetime import timedelta

    from django.db import connections

    from benchmarks.live.people import make_events, make_people
    from core.clock import now

    tokens = make_tokens(make_people(50))
    wishes = options.keys * 2 if not options.kills else options.kills * 40
    events = [str(pk) for pk in make_events(wishes // 50 + 4, places=500, start=now() + timedelta(days=90))]
    connections.close_all()
    Path(os.environ["VAR_DIR"], "died").touch()
    environment = {"API_REQUESTS_A_MINUTE": "1000000", "DYING": str(options.dying)}
    port = site.free_port()
    with site.running(_server(port, options), environment) as process:
        site.wait_for(port, process)
        began = time.perf_counter()
        if options.kills:
            heard, asked, wrong = book_under_fire(port, process.pid, tokens, events, options)
        else:
            heard, wrong = send_at_once(port, tokens, events, options)
            asked = options.keys * 2
        seconds = time.perf_counter() - began
    result = outcome(heard, asked, wrong, seconds=seconds)
    connections.close_all()
    return result


def _server(port: int, options: argparse.Namespace) -> list[str]:
    from core.management.commands.start import server_command

    shipped = server_command(port)
    if not options.kills:
        return shipped
    return [*(part.replace("config.wsgi", "benchmarks.live.dying") for part in shipped), "--preload", "--log-level", "critical"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=MOST_AT_ONCE, help="at most so many of one key, two at least")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--dying", type=float, default=0.0, help="the share of requests that kill their own process")
    parser.add_argument("--only-dying", action="store_true", help="no kills from outside")
    parser.add_argument("--without-key", action="store_true")
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with site.database(options.database), tempfile.TemporaryDirectory() as home:
        import tests.environment  # noqa: F401 - what settings need, where it is not set

        site.set_up(home, settings="config.settings", shows_pages=False)
        result = run(options)
        as_it_must = gave_what_it_must(result, options)
        if options.json:
            print(json.dumps({**asdict(result), "as_it_must": as_it_must}))
        else:
            for name, value in {**asdict(result), "as it must be": as_it_must}.items():
                print(f"{name.replace('_', ' '):26} {value}")
    return 0 if as_it_must else 1


if __name__ == "__main__":
    sys.exit(main())
