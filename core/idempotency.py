"""The same request sent twice has one effect, and both get the same answer.

The answer is written in the transaction of the work. A process that dies before the commit leaves nothing, so the request sent
again is done; one that dies after it, before anybody heard, leaves the answer, so the request sent again gets it. Only what was
done is kept: a refusal changed nothing, and the same key may try again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core.alone import alone_in_transaction
from core.audit import Actor
from core.models import IdempotencyKey
from core.refusals import InFlight, KeyReused


@dataclass(frozen=True)
class Answer:
    """A status from 200 to 299 and a body that JSON can hold. ``is_repeated``: nothing was done this time."""

    status: int
    body: Any
    is_repeated: bool = False


Work = Callable[[], Answer]


def once(*, by: Actor, scope: str, key: str, sent: Any, at: datetime, work: Work) -> Answer:
    """Do the work, unless it was done for this person, scope and key before: then give the answer of that time again.

    ``sent`` is what the request asks for, compared with what it asked for then. An empty key does the work each time. Raises
    InFlight while another request with this key is being done, KeyReused where ``sent`` is not what it was, and whatever the work
    raises: then nothing of it stays.
    """
    if not key:
        with transaction.atomic():
            return work()
    with alone_in_transaction(f"{by.pk} {scope} {key}") as is_alone:
        if not is_alone:
            raise InFlight
        body_hash = _hash(sent)
        known = IdempotencyKey.objects.filter(actor_id=by.pk, scope=scope, key=key).first()
        if known is not None:
            if known.body_hash != body_hash:
                raise KeyReused
            return Answer(known.status, known.answer, is_repeated=True)
        answer = work()
        IdempotencyKey.objects.create(
            actor_id=by.pk,
            actor_label=by.audit_label(),
            scope=scope,
            key=key,
            body_hash=body_hash,
            status=answer.status,
            answer=answer.body,
            made_at=at,
        )
        return answer


def _hash(sent: Any) -> str:
    """The same for two bodies that say the same in another order."""
    return hashlib.sha256(json.dumps(sent, sort_keys=True, default=str).encode()).hexdigest()
