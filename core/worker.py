"""The loop that does what the clock says is due: one round (a tick) after another, until told to stop.

Each function of ``settings.DUE_WORK`` and ``DUE_WORK_BY_THE_MINUTE`` takes ``at=`` and finds in the data what is due, so several
workers may run at once, and one that is killed loses nothing: the next round finds the same again.
"""

from __future__ import annotations

import logging
import signal
import threading
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections
from django.utils.module_loading import import_string

from core.clock import now
from core.leases import worker_name
from core.models import WorkerTick

log = logging.getLogger(__name__)

DueWork = Callable[..., Any]
A_MINUTE = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(days=7)  # a worker that was last seen so long ago leaves the worker's page


def due_work(name: str) -> dict[str, DueWork]:
    """The functions that the setting of that name lists, in its order. Raises ImproperlyConfigured for one that is not there."""
    found: dict[str, DueWork] = {}
    for path in getattr(settings, name):
        try:
            found[path] = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(f"settings.{name} lists {path}, which is not there: {error}") from error
    return found


def tick(work: dict[str, DueWork], *, worker: str, at: datetime) -> list[str]:
    """One round. What fails is logged and noted, and stops nothing else. Returns what failed."""
    errors = []
    for path, function in work.items():
        try:
            function(at=at)
        except Exception as error:
            log.exception("%s failed", path)
            errors.append(f"{path}: {describe(error)}")
    seen: dict[str, Any] = {"last_tick_at": at}
    if errors:
        seen |= {"last_error": "\n".join(errors), "last_error_at": at}
    WorkerTick.objects.update_or_create(worker=worker, defaults=seen)
    return errors


def describe(error: Exception) -> str:
    """The kind of error and the last place in our own code: no message, which may hold somebody's address."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(str(settings.BASE_DIR))]
    ours = [f for f in ours if ".venv" not in f.filename] or ours
    place = f" at {Path(ours[-1].filename).relative_to(settings.BASE_DIR)}, line {ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"


class Worker:
    """Goes round every so many seconds until ``stop`` is called, from a signal or another thread. A round begun is finished."""

    def __init__(self, *, every: float) -> None:
        self.every = every
        self.name = worker_name()
        self.work = due_work("DUE_WORK")
        self.by_the_minute = due_work("DUE_WORK_BY_THE_MINUTE")
        self._minute_began_at: datetime | None = None
        self._stop = threading.Event()

    def stop(self, *_: Any) -> None:
        self._stop.set()

    def stop_on_signals(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def work_at(self, at: datetime) -> dict[str, DueWork]:
        """What this round does: all of it where the last time is a minute ago, or the clock was set, and else what can't wait."""
        began = self._minute_began_at
        if began is not None and began <= at < began + A_MINUTE:
            return self.work
        self._minute_began_at = at
        return self.by_the_minute | self.work

    def go_round(self) -> None:
        """One round on fresh connections. A database that is away is logged and tried again at the next round."""
        close_old_connections()
        try:
            at = now()
            tick(self.work_at(at), worker=self.name, at=at)
        except Exception:
            log.exception("the round could not be noted")
        finally:
            close_old_connections()

    def run(self) -> None:
        log.info("worker %s started", self.name)
        WorkerTick.objects.filter(last_tick_at__lt=now() - FORGOTTEN_AFTER).delete()
        while not self._stop.is_set():
            self.go_round()
            self._stop.wait(self.every)
        log.info("worker %s stopped", self.name)
