"""Modules and attempts of an older system, written in bulk: no messages, one audit entry for each call."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction

from core import audit
from core.clock import london_date
from elearning.models import Attempt, Module
from people.models import Partnership, Person


@dataclass(frozen=True, slots=True)
class PastModule:
    id: uuid.UUID
    title: str


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """``completed_at`` None: never completed."""

    id: uuid.UUID
    module_id: uuid.UUID
    person_id: uuid.UUID
    started_at: datetime
    completed_at: datetime | None
    score: int | None


@transaction.atomic
def record_past_learning(
    *,
    partnership: Partnership,
    modules: Sequence[PastModule],
    attempts: Sequence[PastAttempt],
    about: models.Model,
    by: Person | None,
    at: datetime,
) -> None:
    """Modules, and who worked through them when."""
    Module.objects.bulk_create([Module(id=row.id, partnership=partnership, title=row.title) for row in modules])
    Attempt.objects.bulk_create(
        [
            Attempt(
                id=row.id,
                module_id=row.module_id,
                person_id=row.person_id,
                started_at=row.started_at,
                completed_at=row.completed_at,
                completed_on=london_date(row.completed_at) if row.completed_at else None,
                score=row.score,
            )
            for row in attempts
        ]
    )
    if modules or attempts:
        counts = {"modules": [0, len(modules)], "attempts": [0, len(attempts)]}
        audit.record(action="past e-learning recorded", about=about, by=by, at=at, changes=counts)
