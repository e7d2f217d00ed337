"""Courses of an older system, written in bulk: no messages, one audit entry for each call."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from core import audit
from courses.models import Course, Level, Theme
from people.models import Partnership, Person


@dataclass(frozen=True, slots=True)
class PastCourse:
    """``theme`` and ``level`` are names; an empty one means none."""

    id: uuid.UUID
    code: str
    title: str
    level: str
    theme: str
    format: str
    hours: Decimal | None
    refresh_months: int | None


@transaction.atomic
def record_past_courses(
    *, partnership: Partnership, courses: Sequence[PastCourse], about: models.Model, by: Person | None, at: datetime
) -> None:
    """Courses of the catalogue, with themes and levels as the rows name them."""
    themes = _named(Theme, partnership, (row.theme for row in courses))
    levels = _named(Level, partnership, (row.level for row in courses))
    Course.objects.bulk_create(
        [
            Course(
                id=row.id,
                partnership=partnership,
                code=row.code,
                title=row.title,
                theme=themes.get(row.theme),
                level=levels.get(row.level),
                format=row.format,
                hours=row.hours,
                refresh_months=row.refresh_months,
            )
            for row in courses
        ]
    )
    if courses:
        audit.record(action="past courses recorded", about=about, by=by, at=at, changes={"courses": [0, len(courses)]})


def _named(model: Any, partnership: Partnership, names: Iterable[str]) -> dict[str, Any]:
    """The partnership's rows by name, the missing ones made."""
    wanted = [name for name in dict.fromkeys(names) if name]
    known = {row.name: row for row in model.objects.filter(partnership=partnership, name__in=wanted)}
    missing = [model(partnership=partnership, name=name) for name in wanted if name not in known]
    if model is Level:
        for position, row in enumerate(missing, start=Level.objects.filter(partnership=partnership).count()):
            row.position = position
    model.objects.bulk_create(missing)
    return known | {row.name: row for row in missing}
