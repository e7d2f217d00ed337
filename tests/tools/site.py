"""The whole product as a person meets it: the real server, the real worker, a database and folders of its own.

Its clock can be moved while it runs: Django's clock is set ahead in each of its processes (tests/tools/moved_clock).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """A running site. ``url`` is its start; ``log`` is what it printed."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.log = home / "log"
        self._offset_file = home / "clock"
        self._offset = timedelta(0)
        self._offset_file.write_text("0")

    def now(self) -> datetime:
        """The moment it is for the site."""
        return datetime.now(UTC) + self._offset

    def move_clock(self, to: datetime) -> None:
        """From here on it is that moment for the site, and time goes on from there."""
        self._offset = to - datetime.now(UTC)
        new = self._offset_file.with_suffix(".new")
        new.write_text(f"{self._offset.total_seconds():.0f}")
        new.replace(self._offset_file)

    def finish_a_round(self, *, seconds: float = 60) -> None:
        """Wait until the worker has gone round once from beginning to end, at the site's time as it is now or later."""
        since, until = self.now(), time.monotonic() + seconds
        while time.monotonic() < until:
            ago = self._worker()["seconds_since_last_tick"]
            if ago is not None and self.now() - timedelta(seconds=ago + 1) >= since:
                return
            time.sleep(0.2)
        raise AssertionError(f"the worker has not gone round within {seconds} seconds:\n{self.log.read_text()[-2000:]}")

    def _worker(self) -> dict[str, int | None]:
        """What /readyz says of it, whether ready or not: the time since the last round was begun."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:  # noqa: S310 - our own address
                body = answer.read()
        except urllib.error.HTTPError as not_ready:
            body = not_ready.read()
        found: dict[str, int | None] = json.loads(body)["checks"]["worker"]
        return found


@contextmanager
def running(home: Path, *, email_url: str, **environment: str) -> Iterator[Site]:
    """A site in the folder ``home``, prepared as ``script/server`` does. Raises RuntimeError with its log if it won't start."""
    port = free_port()
    site = Site(f"http://127.0.0.1:{port}", home)
    settings = {
        **os.environ,
        "VAR_DIR": str(home),
        "PORT": str(port),
        "SITE_URL": site.url,
        "EMAIL_URL": email_url,
        "STATIC_COLLECTED": "1",
        "ZEAL": "0",
        "PYTHONPATH": str(ROOT / "tests/tools/moved_clock"),
        "MOVED_CLOCK": str(home / "clock"),
        **environment,
    }
    with site.log.open("w") as log:
        process = subprocess.Popen([sys.executable, "manage.py", "start"], cwd=ROOT, env=settings, stdout=log, stderr=log)
        try:
            _wait_until_ready(site, process)
            yield site
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def prepared(shared: Path) -> Path:
    """The folder of a site after its first start, made once for a test run: copied, it is a site that starts in a few seconds.

    ``shared`` is a folder that all workers of the run see.
    """
    home, done = shared / "prepared-site", shared / "prepared-site.done"
    with (shared / "prepared-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)  # of a start that failed
            home.mkdir()
            with running(home, email_url="smtp://127.0.0.1:9"):
                pass  # on an empty folder, as somebody's first start; it has sent nothing to anybody
            done.touch()
    return home


def _wait_until_ready(site: Site, process: subprocess.Popen[bytes], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{site.url}/healthz", timeout=2):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the site did not start:\n{site.log.read_text()}")
