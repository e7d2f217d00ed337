"""A form that makes something, sent twice by a double click or a reload, makes it once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from secrets import token_urlsafe
from uuid import UUID

from core.clock import now
from core.idempotency import Answer, once
from core.refusals import InFlight, Refused
from events.models import Event
from office.views.own import sent_again
from people.access import SignedInRequest


def form_key(request: SignedInRequest) -> str:
    """What a form carries to be known again: new for each page that is opened, the same when it is shown again with an error."""
    return request.POST.get("once", "")[:64] or token_urlsafe(16)


def make_once(request: SignedInRequest, make: Callable[[], Sequence[Event]]) -> list[UUID]:
    """The ids of what this very form has made, now or when it was sent before. Another day in it is another form.

    Raises Refused while it is being made, and whatever ``make`` raises.
    """
    carried = request.POST.get("once", "")[:64]
    typed = hashlib.sha256(json.dumps(sorted(sent_again(request))).encode()).hexdigest()
    try:
        answer = once(
            by=request.user,
            scope=f"{request.method} {request.path}",
            key=f"{carried} {typed}" if carried else "",
            sent="",
            at=now(),
            work=lambda: Answer(200, [str(event.pk) for event in make()]),
        )
    except InFlight as twice:
        raise Refused("This is being made at this moment. Look at the list of events in a second.", code=twice.code) from twice
    return [UUID(pk) for pk in answer.body]
