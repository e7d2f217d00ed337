"""The one way to leave a trace."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Protocol

from django.db import models

from core.models import AuditEntry


class Actor(Protocol):
    """Anybody who can act: a person, in practice."""

    pk: Any

    def audit_label(self) -> str: ...


def record(
    *,
    action: str,
    about: models.Model,
    by: Actor | None,
    at: datetime,
    changes: dict[str, list[Any]] | None = None,
) -> AuditEntry:
    """Write one audit entry, in the caller's transaction.

    ``action`` is a verb in the past tense ("booking confirmed"). ``by`` is None when the product itself acts. ``changes`` maps a
    field's name to [from, to], states and ids only: never a name, an address or free text.
    """
    return AuditEntry.objects.create(
        at=at,
        actor_id=uuid.UUID(str(by.pk)) if by is not None else None,
        actor_label=by.audit_label() if by is not None else "Turnout",
        action=action,
        object_type=about._meta.label_lower,
        object_id=str(about.pk),
        changes=changes or {},
    )


def traceable(before: Any, after: Any) -> list[Any]:
    """From and to, as ``changes`` may keep them: ids and yes or no. Empty for anything that somebody wrote."""
    if all(value is None or isinstance(value, models.Model) for value in (before, after)):
        return [str(value.pk) if value else None for value in (before, after)]
    if all(isinstance(value, bool) for value in (before, after)):
        return [before, after]
    return []
