"""Names that stand once in a partnership, however their letters are written."""

from __future__ import annotations

from typing import TypeVar

from django.db import models

from core.refusals import Refused
from core.text import one_line
from people.models import Partnership
from people.wording import organisation_key

Row = TypeVar("Row", bound=models.Model)


def one_after_the_other(partnership: Partnership) -> None:
    """Until the transaction ends, nobody else names anything of this partnership: the same name twice at once waits here."""
    list(Partnership.objects.select_for_update(no_key=True).filter(pk=partnership.pk))


def called(rows: models.QuerySet[Row], name: str, *, field: str = "name") -> Row | None:
    """The row of that name, whether its letters are large or small."""
    key = organisation_key(name)
    found = next((pk for pk, known in rows.values_list("pk", field) if organisation_key(known) == key), None)
    return rows.filter(pk=found).first() if found else None


def free_name(rows: models.QuerySet[Row], name: str, *, what: str, field: str = "name", own: Row | None = None) -> str:
    """The name on one line. Raises Refused, at ``field``, where it is empty or another row than ``own`` has it already."""
    name = one_line(name)
    if not name:
        raise Refused(f"Enter the {what}'s {field}", code=f"{field}_missing", field=field)
    other = called(rows.exclude(pk=own.pk) if own else rows, name, field=field)
    if other:
        raise Refused(f"“{other}” has this {field} already. Choose another one.", code=f"{field}_taken", field=field)
    return name
