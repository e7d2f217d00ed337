"""Whether the product is alive and ready, for whoever watches over it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.access import public
from core.clock import now
from core.models import WorkerTick

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """What one question of /readyz found. ``details`` are numbers and times: anybody may read them."""

    is_good: bool
    details: dict[str, Any] = field(default_factory=dict)


def longest_wait() -> timedelta:
    return timedelta(minutes=settings.READY_OLDEST_MESSAGE_MINUTES)


def database(*, at: datetime) -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return Check(cursor.fetchone() == (1,))


def migrations(*, at: datetime) -> Check:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Check(missing == 0, {"missing": missing})


def worker(*, at: datetime) -> Check:
    """Bad when a worker has run here and none has for long. A site whose first worker is still starting is ready."""
    last = WorkerTick.objects.order_by("-last_tick_at").values_list("last_tick_at", flat=True).first()
    if last is None:
        return Check(True, {"seconds_since_last_tick": None})
    return Check(at - last <= longest_wait(), {"seconds_since_last_tick": int((at - last).total_seconds())})


def answers(*, at: datetime) -> dict[str, Check]:
    """Every check of ``settings.READY_CHECKS`` by its name. One that can't be answered is bad."""
    found = {}
    for path in settings.READY_CHECKS:
        name = path.rsplit(".", 1)[1]
        try:
            found[name] = import_string(path)(at=at)
        except (DatabaseError, OSError):
            log.exception("%s could not be checked", path)
            found[name] = Check(False)
    return found


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. Asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@public
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: 200 when every check is good, otherwise 503, with each check's answer."""
    found = answers(at=now())
    is_ready = all(check.is_good for check in found.values())
    checks = {name: {"status": "ok" if check.is_good else "bad", **check.details} for name, check in found.items()}
    return JsonResponse({"status": "ok" if is_ready else "bad", "checks": checks}, status=200 if is_ready else 503)
