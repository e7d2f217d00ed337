"""Asking before a change makes some messages leave at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render

from office.leaving import due_now, leaving
from office.views.own import sent_again
from people.access import SignedInRequest
from people.models import Partnership


def save_or_ask(
    request: SignedInRequest,
    save: Callable[[], object],
    *,
    at: datetime,
    back: str,
    back_to: str,
    due: Callable[[Partnership, datetime], Counter[str]] = due_now,
) -> HttpResponse | None:
    """Save and return None; or, where that makes messages leave at once and was not agreed to, the page that asks.

    ``due`` counts those that such a change can touch.

    Raises Refused as ``save`` does.
    """
    with transaction.atomic():
        before = None if "checked" in request.POST else due(request.partnership, at)
        save()
        new = [] if before is None else leaving(before, due(request.partnership, at))
        transaction.set_rollback(bool(new))
    if not new:
        return None
    total = sum(one.count for one in new)
    context = {"leaving": new, "total": total, "sent": sent_again(request), "back": back, "back_to": back_to}
    return render(request, "office/leaving_check.html", context)
