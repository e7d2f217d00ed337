"""Clients that book as fast as they are answered: a few processes with threads, so that they never are what is measured.

Each client takes the next ticket (which event, which person) from a counter that all share, asks, reads the answer to its end
and takes the next. What it saw is kept in memory and handed over when the time is up.
"""

from __future__ import annotations

import multiprocessing
import resource
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

PROCESSES = 2
REQUESTS_A_CONNECTION = 25  # then a new one: people come and go, and one process of the server must not keep a client for good


class Ticket(NamedTuple):
    event: int
    person: int


class Seen(NamedTuple):
    """One attempt: when it was sent and answered (the clock is the same for every process), and where the answer leads."""

    ticket: Ticket
    began: float
    ended: float
    booking: str
    error: str


Attempt = Callable[[Ticket], tuple[str, str]]  # answers with the booking's id or with what went wrong


@dataclass(frozen=True)
class Plan:
    """Which ticket stands for which event and person: ``at_once`` events take bookings side by side, then the next ones.

    Each event gets ``attempts``, each by another person. The next events go on with the next people, so that nobody books often.
    """

    at_once: int
    attempts: int
    events: int
    people: int

    @property
    def tickets(self) -> int:
        return self.events // self.at_once * self.at_once * self.attempts

    def ticket(self, number: int) -> Ticket:
        group, inside = divmod(number, self.at_once * self.attempts)
        person, event = divmod(inside, self.at_once)
        index = group * self.at_once + event
        return Ticket(event=index, person=(index * self.attempts + person) % self.people)


class Browser:
    """One keep-alive connection that posts a form as somebody who is signed in. Plain sockets: an HTTP library costs more."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.left = 0

    def post(self, path: str, *, cookie: str, body: str) -> tuple[int, dict[str, str], bytes]:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookie}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        if self.socket is None or self.left <= 0:
            self.connect()
        self.left -= 1
        assert self.socket is not None
        self.socket.sendall((head + body).encode())
        return self.answer()

    def connect(self) -> None:
        self.close()
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.left = REQUESTS_A_CONNECTION

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        assert self.socket is not None
        received = b""
        while b"\r\n\r\n" not in received:
            part = self.socket.recv(65536)
            if not part:
                raise ConnectionError("the server closed the connection")
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(body) < length:
            body += self.socket.recv(65536)
        if headers.get("connection") == "close":
            self.close()  # as browsers and proxies do: the server waits for it
        return int(status.split()[1]), headers, body

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


@dataclass(frozen=True)
class Http:
    """Presses the button of a page as each of these people. ``form`` is the page's own fields."""

    port: int
    path: str  # with {event}
    events: list[UUID]
    cookies: list[str]
    form: str

    def open(self) -> Attempt:
        browser = Browser(self.port)

        def attempt(ticket: Ticket) -> tuple[str, str]:
            try:
                path = self.path.format(event=self.events[ticket.event])
                status, headers, _ = browser.post(path, cookie=self.cookies[ticket.person], body=self.form)
            except OSError as wrong:
                browser.close()
                return "", f"{type(wrong).__name__}: {wrong}"
            place = headers.get("location", "")
            if status != 302 or not place.startswith("/bookings/"):
                return "", f"{status} {place}".strip()
            return place.removeprefix("/bookings/").strip("/"), ""

        return attempt


@dataclass(frozen=True)
class Psycopg:
    """The bare transaction without any server between: each client has a connection of its own."""

    url: str
    events: list[UUID]
    people: list[UUID]

    def open(self) -> Attempt:
        import psycopg

        from benchmarks.live import bare

        connection = psycopg.connect(self.url, autocommit=True)
        cursor = connection.cursor()

        def attempt(ticket: Ticket) -> tuple[str, str]:
            try:
                with connection.transaction():
                    made = bare.book(cursor, event=self.events[ticket.event], person=self.people[ticket.person])
            except psycopg.Error as wrong:
                return "", f"{type(wrong).__name__}: {wrong}"
            return str(made), ""

        return attempt


@dataclass(frozen=True)
class Run:
    """What all clients of one measurement saw, from ``began`` to ``ended``; ``processor`` is what they themselves used."""

    seen: list[Seen]
    began: float
    ended: float
    processor: float


def drive(work: Http | Psycopg, plan: Plan, *, clients: int, seconds: float | None, at_start: Callable[[], None]) -> Run:
    """Let so many clients book for so long, or, without ``seconds``, until the tickets are used up.

    ``at_start`` is called when all are connected and about to begin. Call with no database connection open: processes fork here.
    """
    forked = multiprocessing.get_context("fork")
    processes = min(PROCESSES, clients)
    counter, results, start = forked.Value("q", 0), forked.Queue(), forked.Barrier(processes + 1)
    shares = [len(range(number, clients, processes)) for number in range(processes)]
    children = [
        forked.Process(target=_one_process, args=(work, plan, share, seconds, counter, start, results), daemon=True)
        for share in shares
    ]
    for child in children:
        child.start()
    start.wait()
    at_start()
    began = time.monotonic()
    start.wait()
    answers = [results.get(timeout=(seconds or 900) + 120) for _ in children]
    for child in children:
        child.join()
    seen = [one for rows, _ in answers for one in rows]
    ended = began + seconds if seconds else max(one.ended for one in seen)
    return Run(seen=seen, began=began, ended=ended, processor=sum(used for _, used in answers))


def _one_process(
    work: Http | Psycopg, plan: Plan, clients: int, seconds: float | None, counter: Any, start: Any, results: Any
) -> None:
    attempts = [work.open() for _ in range(clients)]
    start.wait()
    start.wait()
    used = _processor()
    until = time.monotonic() + seconds if seconds else float("inf")
    rows: list[list[Seen]] = [[] for _ in attempts]
    threads = [
        threading.Thread(target=_one_client, args=(attempt, plan, until, counter, mine))
        for attempt, mine in zip(attempts, rows, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(([one for mine in rows for one in mine], _processor() - used))


def _one_client(attempt: Attempt, plan: Plan, until: float, counter: Any, seen: list[Seen]) -> None:
    while time.monotonic() < until:
        with counter.get_lock():
            number = counter.value
            counter.value += 1
        if number >= plan.tickets:
            return
        ticket = plan.ticket(number)
        began = time.monotonic()
        booking, error = attempt(ticket)
        seen.append(Seen(ticket, began, time.monotonic(), booking, error))


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
