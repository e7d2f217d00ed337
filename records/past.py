"""Credits of an older system, written in bulk: the same constraints, one audit entry for each call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import models, transaction

from core import audit
from people.models import Person
from records.models import Credit, Earned, SourceKind
from records.operations import credit_from

AT_ONCE = 2000


@transaction.atomic
def record_past_credits(
    *,
    source_kind: SourceKind,
    credits: Iterable[tuple[UUID, Earned]],
    about: models.Model,
    by: Person | None,
    at: datetime,
) -> None:
    """Credits of sources that have none yet of these people: (source's id, what was earned there)."""
    rows = [
        credit_from(earned, source_kind=source_kind, source_uuid=source_uuid, by=by, at=at) for source_uuid, earned in credits
    ]
    Credit.objects.bulk_create(rows, batch_size=AT_ONCE)
    if rows:
        audit.record(action="past credits recorded", about=about, by=by, at=at, changes={"credits": [0, len(rows)]})
