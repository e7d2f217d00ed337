"""The site as it is shipped, on a database and in folders of the run's own, and what each part of it costs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bookings_race import own_database

ROOT = Path(__file__).resolve().parents[2]
# Behind everybody else, also where Linux shares the processor out between sessions first (sched(7), autogroups).
LAST = ["sh", "-c", '{ echo 19 > /proc/self/autogroup; } 2>/dev/null; exec nice -n 19 "$@"', "sh"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def database(kind: str) -> Iterator[None]:
    """A database for this run: PostgreSQL at DATABASE_URL or, without one, on a server of its own; or a SQLite file."""
    with ExitStack() as stack:
        given = os.environ.get("DATABASE_URL", "")
        if kind == "sqlite":
            os.environ["DATABASE_URL"] = ""
        elif not given.startswith("postgres"):
            from tests.tools import postgres

            os.environ["DATABASE_URL"] = stack.enter_context(postgres.server())
        stack.enter_context(own_database())
        yield


@contextmanager
def mail_server(port: int = 0, *, gives_way: bool = False) -> Iterator[str]:
    """An SMTP server that takes everything and keeps nothing, on any free port unless one is given; yields its EMAIL_URL.

    ``gives_way``: it stands for one on another machine, so it only takes what of the processor nobody else wants.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    with running([*LAST, *command] if gives_way else command, {}) as process:
        wait_for(port, process)
        yield f"smtp://127.0.0.1:{port}"


def set_up(home: str, *, settings: str, shows_pages: bool = True) -> None:
    """Make Django ready in this process, with an empty, migrated database and, for pages, the static files collected."""
    os.environ.update({"VAR_DIR": home, "DJANGO_SETTINGS_MODULE": settings, "HTTPS": "0", "ZEAL": "0", "STATIC_COLLECTED": "1"})
    os.environ.setdefault("SECRET_KEY", "only-for-benchmarks-0123456789-abcdefghijklmnopqrstuvwxyz")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    if shows_pages:
        call_command("collectstatic", verbosity=0, interactive=False)


def log_file() -> Path:
    return Path(os.environ["VAR_DIR"], "log")


def print_complaints() -> None:
    """Whatever the server and the worker wrote that is no plain news."""
    complaints = [line for line in log_file().read_text().splitlines() if " INFO " not in line]
    for line in complaints[-40:]:
        print(f"  log: {line}")


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, asked to stop at the end. What it prints goes to the run's log."""
    with log_file().open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def server(**environment: str) -> Iterator[tuple[int, int]]:
    """The shipped web server, warm; yields its port and its process."""
    from core.management.commands.start import server_command

    port = free_port()
    with running(server_command(port), environment) as process:
        wait_for(port, process)
        for _ in range(40):  # each of its threads has answered, imported and connected once
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/events/", timeout=60):
                pass
        yield port, process.pid


@contextmanager
def worker(seconds: float = 60) -> Iterator[int]:
    """The shipped worker, once it has gone round: its imports and its first round, which does everything, are not measured."""
    from core.clock import now
    from core.management.commands.start import WORKER_COMMAND
    from core.models import WorkerTick

    began, until = now(), time.monotonic() + seconds
    with running(WORKER_COMMAND, {}) as process:
        while not WorkerTick.objects.filter(last_tick_at__gte=began).exists():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the worker has not gone round within {seconds:.0f} seconds:\n{log_file().read_text()}")
            time.sleep(0.1)
        yield process.pid


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}: {process.args}\n{log_file().read_text()}")


def database_process() -> int:
    """The PostgreSQL server's first process, 0 when it runs on another machine or there is none."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    try:
        parent = _stat(backend)[1]
        return parent if Path(f"/proc/{parent}/comm").read_text().startswith("postgres") else 0
    except OSError:
        return 0


@dataclass(frozen=True)
class Used:
    """Seconds of processor time so far, by part; ``machine`` is everything that ran on the machine. All 0 without /proc."""

    server: float
    worker: float
    database: float
    machine: float

    def since(self, earlier: Used) -> Used:
        return Used(*(now - then for now, then in zip(self.parts(), earlier.parts(), strict=True)))

    def parts(self) -> tuple[float, ...]:
        return (self.server, self.worker, self.database, self.machine)


def used(*, server: int, worker: int, database: int) -> Used:
    if not Path("/proc/stat").exists():
        return Used(0, 0, 0, 0)
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for folder in os.listdir("/proc"):
        if folder.isdigit():
            try:
                pid, parent, ticks = _stat(int(folder))
            except (OSError, ValueError):
                continue  # it has just ended
            children.setdefault(parent, []).append(pid)
            seconds[pid] = ticks / os.sysconf("SC_CLK_TCK")

    def tree(pid: int) -> float:
        return seconds.get(pid, 0) + sum(tree(child) for child in children.get(pid, [])) if pid else 0.0

    busy = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, *_ = (int(ticks) for ticks in busy)
    machine = (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
    return Used(tree(server), tree(worker), tree(database), machine)


def _stat(pid: int) -> tuple[int, int, int]:
    """A process's number, its parent's, and its clock ticks, those of children that have ended among them."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return pid, int(fields[1]), sum(int(ticks) for ticks in fields[11:15])


def durability() -> dict[str, Any]:
    """PostgreSQL's settings that make a commit last. Raises RuntimeError where one is off: nothing is measured then."""
    from django.db import connection

    with connection.cursor() as cursor:
        found = {}
        for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"SHOW {name}")
            found[name] = cursor.fetchone()[0]
    if "off" in found.values():
        raise RuntimeError(f"durability is off: {found}")
    return found
