"""Asking before other times of messages make some of them leave at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render

from office.leaving import due_now, leaving
from office.views.own import sent_again
from people.access import SignedInRequest


def save_or_ask(
    request: SignedInRequest, save: Callable[[], object], *, at: datetime, back: str, back_to: str
) -> HttpResponse | None:
    """Save and return None; or, where that makes messages leave at once and was not agreed to, the page that asks.

    Raises Refused as ``save`` does.
    """
    with transaction.atomic():
        due = None if "checked" in request.POST else due_now(request.partnership, at=at)
        save()
        new = [] if due is None else leaving(due, due_now(request.partnership, at=at))
        transaction.set_rollback(bool(new))
    if not new:
        return None
    total = sum(one.count for one in new)
    context = {"leaving": new, "total": total, "sent": sent_again(request), "back": back, "back_to": back_to}
    return render(request, "office/leaving_check.html", context)
