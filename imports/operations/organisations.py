"""Saying which organisation people meant by a text that nobody could match."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.models import Booking
from core import audit
from events.models import Event
from imports.queries import TextRows, settled_rows, unmatched_rows
from people.models import Organisation, OrganisationAlias, OrganisationState, Partnership, Person
from people.operations import add_alias
from registers.models import WalkIn
from registers.operations import recompute_attendance


@transaction.atomic
def settle_organisation(
    *, partnership: Partnership, text: str, organisation: Organisation | None, by: Person | None, at: datetime
) -> int:
    """Whoever typed ``text`` meant this organisation or, with None, has none: from now on, and wherever it stands unmatched.

    People, bookings and walk-ins of the partnership get the organisation with its sector and borough as they are now, and the
    attendance of their events follows. Returns how many rows changed. Raises Refused where the text already stands for another
    organisation ("alias_taken").
    """
    alias = add_alias(partnership=partnership, text=text, organisation=organisation, by=by, at=at)
    state = OrganisationState.MATCHED if organisation else OrganisationState.NONE
    changed = _point(unmatched_rows(partnership, text), organisation, state, at=at)
    audit.record(action="organisation settled", about=alias, by=by, at=at, changes=_counts(changed))
    return sum(changed.values())


@transaction.atomic
def unsettle_organisation(*, alias: OrganisationAlias, by: Person | None, at: datetime) -> int:
    """Take back what a text stands for: it waits to be matched again, everywhere. Returns how many rows changed."""
    changed = _point(settled_rows(alias), None, OrganisationState.UNMATCHED, at=at)
    audit.record(action="organisation unsettled", about=alias, by=by, at=at, changes=_counts(changed))
    alias.delete()
    return sum(changed.values())


def _point(rows: TextRows, organisation: Organisation | None, state: str, *, at: datetime) -> dict[str, int]:
    """Give the rows this organisation, and make the attendance of their events follow."""
    values = {
        "organisation_state": state,
        "organisation": organisation,
        "sector": organisation.sector if organisation else None,
        "borough": organisation.borough if organisation else None,
    }
    event_ids = rows.event_ids()
    changed = {
        "people": Person.objects.filter(pk__in=rows.people).update(**values),
        "bookings": Booking.objects.filter(pk__in=rows.bookings).update(**values),
        "walk_ins": WalkIn.objects.filter(pk__in=rows.walk_ins).update(**values),
    }
    for event in Event.objects.filter(pk__in=event_ids).order_by("pk"):
        recompute_attendance(event=event, at=at)
    return changed


def _counts(changed: dict[str, int]) -> dict[str, list[int]]:
    return {what: [0, number] for what, number in changed.items()}
