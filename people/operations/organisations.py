"""Organisations and the other names people type for them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import audit
from core.refusals import Refused
from core.text import one_line
from people.models import Borough, Organisation, OrganisationAlias, Partnership, Person, Sector
from people.wording import organisation_key


@transaction.atomic
def add_alias(
    *, partnership: Partnership, text: str, organisation: Organisation | None, by: Person | None, at: datetime
) -> OrganisationAlias:
    """Whoever types ``text`` means this organisation, or, with None, has none. The same again changes nothing.

    Raises Refused where the text already means another organisation ("alias_taken").
    """
    text, key = one_line(text)[:200], organisation_key(text)[:200]
    if not key:
        raise Refused("Enter the name that people type", code="text_missing", field="text")
    alias, is_new = OrganisationAlias.objects.get_or_create(
        partnership=partnership, key=key, defaults={"text": text, "organisation": organisation}
    )
    if alias.organisation_id != (organisation.pk if organisation else None):
        raise Refused(
            f"“{text}” already stands for {alias.organisation or 'no organisation'}. Choose that, or change it first.",
            code="alias_taken",
            field="text",
        )
    if is_new:
        stands_for = str(organisation.pk) if organisation else "none"
        audit.record(action="organisation alias added", about=alias, by=by, at=at, changes={"organisation": [None, stands_for]})
    return alias


@transaction.atomic
def add_organisation(*, name: str, sector: Sector, borough: Borough | None, by: Person | None, at: datetime) -> Organisation:
    """A new agency. Raises Refused where one of that name is there, however its letters are written ("organisation_exists")."""
    name = one_line(name)[:160]
    if not name:
        raise Refused("Enter the organisation's name", code="name_missing", field="name")
    list(Sector.objects.select_for_update().filter(pk=sector.pk))  # the same name twice at once: one of them waits here
    key = organisation_key(name)
    if any(organisation_key(known) == key for known in Organisation.objects.values_list("name", flat=True)):
        raise Refused(
            f"There is already an organisation called {name}. Search for it and choose it.",
            code="organisation_exists",
            field="name",
        )
    organisation = Organisation.objects.create(name=name, sector=sector, borough=borough)
    audit.record(action="organisation added", about=organisation, by=by, at=at, changes={"sector": [None, str(sector.pk)]})
    return organisation
