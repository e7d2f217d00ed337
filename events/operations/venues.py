"""Where events take place."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import audit
from events.models import Venue
from people.models import Partnership, Person


@transaction.atomic
def ensure_venue(*, partnership: Partnership, name: str, address: str = "", by: Person | None, at: datetime) -> Venue:
    """The partnership's venue of that name, added if it is new. The address of one that is known stays as it is."""
    venue, is_new = Venue.objects.get_or_create(partnership=partnership, name=name, defaults={"address": address})
    if is_new:
        audit.record(action="venue added", about=venue, by=by, at=at)
    return venue
