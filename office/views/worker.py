"""How the work in the background goes: the queue, the workers, what failed."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.clock import now
from core.health import longest_wait
from core.models import WorkerTick
from core.wording import lasting
from notifications.queries import outbox
from people.access import SignedInRequest, needs

QUIET_AFTER = timedelta(minutes=2)


@needs("see_messages")
@require_GET
def worker(request: SignedInRequest) -> HttpResponse:
    """The queue is the whole site's, a number without names; what failed or is held back is this partnership's."""
    at = now()
    site = outbox(at=at)
    age = site.age_of_oldest(at)
    workers = [
        {"tick": tick, "is_quiet": at - tick.last_tick_at > QUIET_AFTER, "ago": lasting(at - tick.last_tick_at)}
        for tick in WorkerTick.objects.all()[:20]
    ]
    ours = outbox(at=at, partnership=request.partnership)
    context = {
        "outbox": site,
        "failed": ours.failed,
        "held": ours.held,
        "oldest": lasting(age) if age is not None else "",
        "is_late": age is not None and age > longest_wait(),
        "workers": workers,
        "is_running": any(not worker["is_quiet"] for worker in workers),
    }
    return render(request, "office/worker.html", context)
