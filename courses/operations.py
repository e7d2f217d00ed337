"""Every change of the catalogue, and of the tags by which it is ordered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction

from core import audit
from core.refusals import Refused
from courses.models import MOST_REFRESH_MONTHS, Course, Level, Priority, Theme
from people.models import Partnership, Person, Sector
from people.naming import called, free_name, one_after_the_other

Tag = TypeVar("Tag", Theme, Level, Priority)

FIELDS = (
    "code",
    "title",
    "summary",
    "description",
    "outcomes",
    "content_note",
    "theme",
    "level",
    "format",
    "hours",
    "refresh_months",
    "is_in_catalogue",
)


@transaction.atomic
def add_course(
    *,
    partnership: Partnership,
    code: str,
    title: str,
    format: str,
    summary: str = "",
    description: str = "",
    outcomes: str = "",
    content_note: str = "",
    theme: Theme | None = None,
    level: Level | None = None,
    hours: Decimal | None = None,
    refresh_months: int | None = None,
    for_sectors: Sequence[Sector] = (),
    is_in_catalogue: bool = True,
    by: Person | None,
    at: datetime,
) -> Course:
    """A new course. ``outcomes`` are one a line; no sectors means that it is for everybody.

    Raises Refused without a title ("title_missing"), where another course has the code ("code_taken") and for a time to refresh
    it that is none ("refresh_months").
    """
    _check_refresh(refresh_months)
    one_after_the_other(partnership)
    course = Course.objects.create(
        partnership=partnership,
        code=_free_code(partnership, code),
        title=_title(title),
        format=format,
        summary=summary,
        description=description,
        outcomes=outcomes,
        content_note=content_note,
        theme=theme,
        level=level,
        hours=hours,
        refresh_months=refresh_months,
        is_in_catalogue=is_in_catalogue,
    )
    course.for_sectors.set(for_sectors)
    audit.record(action="course added", about=course, by=by, at=at)
    return course


@transaction.atomic
def change_course(*, course: Course, by: Person | None, at: datetime, **changed: Any) -> Course:
    """Change the named fields (FIELDS above) and ``for_sectors``. Events made from it before keep their own title and texts.

    Raises Refused like add_course; TypeError for a field that is not among those.
    """
    unknown = set(changed) - {*FIELDS, "for_sectors"}
    if unknown:
        raise TypeError(f"change_course does not change {', '.join(sorted(unknown))}")
    one_after_the_other(course.partnership)
    course.refresh_from_db()
    if "code" in changed:
        changed["code"] = _free_code(course.partnership, changed["code"], own=course)
    if "title" in changed:
        changed["title"] = _title(changed["title"])
    _check_refresh(changed.get("refresh_months"))
    changes: dict[str, list[Any]] = {}
    for name in FIELDS:
        if name in changed and getattr(course, name) != changed[name]:
            changes[name] = audit.traceable(getattr(course, name), changed[name])
            setattr(course, name, changed[name])
    if changes:
        course.save(update_fields=list(changes))
    if "for_sectors" in changed and set(course.for_sectors.all()) != set(changed["for_sectors"]):
        changes["for_sectors"] = []
        course.for_sectors.set(changed["for_sectors"])
    if changes:
        audit.record(action="course changed", about=course, by=by, at=at, changes=changes)
    return course


@transaction.atomic
def add_tag(kind: type[Tag], *, partnership: Partnership, name: str, by: Person | None, at: datetime) -> Tag:
    """A new theme, level or priority; a new level stands last. Raises Refused where there is one of that name ("name_taken")."""
    one_after_the_other(partnership)
    tags = kind.objects.filter(partnership=partnership)
    tag = kind(partnership=partnership, name=free_name(tags, name, what=_what(kind)))
    if isinstance(tag, Level):
        tag.position = 1 + max(Level.objects.filter(partnership=partnership).values_list("position", flat=True), default=-1)
    tag.save()
    audit.record(action=f"{_what(kind)} added", about=tag, by=by, at=at)
    return tag


@transaction.atomic
def ensure_tag(kind: type[Tag], *, partnership: Partnership, name: str, by: Person | None, at: datetime) -> Tag:
    """The partnership's theme, level or priority of that name, added if it is new."""
    one_after_the_other(partnership)
    found = called(kind.objects.filter(partnership=partnership), name)
    return found or add_tag(kind, partnership=partnership, name=name, by=by, at=at)


@transaction.atomic
def rename_tag(*, tag: Tag, name: str, by: Person | None, at: datetime) -> Tag:
    """Another name for a theme, level or priority, wherever it stands. Raises Refused where another one has it ("name_taken")."""
    kind = type(tag)
    one_after_the_other(tag.partnership)
    name = free_name(kind.objects.filter(partnership=tag.partnership), name, what=_what(kind), own=tag)
    if name != tag.name:
        tag.name = name
        tag.save(update_fields=["name"])
        audit.record(action=f"{_what(kind)} renamed", about=tag, by=by, at=at, changes={"name": []})
    return tag


def _what(kind: type[Theme] | type[Level] | type[Priority]) -> str:
    return str(kind._meta.verbose_name)


def _free_code(partnership: Partnership, code: str, own: Course | None = None) -> str:
    return free_name(Course.objects.filter(partnership=partnership), code, what="course", field="code", own=own)


def _check_refresh(months: int | None) -> None:
    if months is not None and not 1 <= months <= MOST_REFRESH_MONTHS:
        raise Refused(
            f"Give 1 to {MOST_REFRESH_MONTHS} months, or none if it never needs refreshing.",
            code="refresh_months",
            field="refresh_months",
        )


def _title(title: str) -> str:
    if not title.strip():
        raise Refused("Enter the course's title", code="title_missing", field="title")
    return title.strip()
