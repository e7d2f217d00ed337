"""How a partnership books where an event does not say otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from bookings import policies
from bookings.models import QUEUE_RULES, BookingSettings
from core import audit
from people.models import Partnership, Person

SETTINGS = (
    *QUEUE_RULES,
    "approval_reminder_days",
    "approval_lapse_days",
    "sector_warning_days",
    "needs_kept_days",
    "feed_shows_links",
)


@transaction.atomic
def change_booking_settings(*, partnership: Partnership, by: Person | None, at: datetime, **changed: Any) -> BookingSettings:
    """Change any of SETTINGS. New events and new requests take them; events that are made and managers already asked keep theirs.

    Raises Refused for what can't hold (policies.check_settings), and TypeError for any other name.
    """
    unknown = set(changed) - set(SETTINGS)
    if unknown:
        raise TypeError(f"change_booking_settings does not change {', '.join(sorted(unknown))}")
    BookingSettings.objects.get_or_create(partnership=partnership)
    settings = BookingSettings.objects.select_for_update().get(partnership=partnership)
    changes = {name: [getattr(settings, name), value] for name, value in changed.items() if getattr(settings, name) != value}
    for name, (_, value) in changes.items():
        setattr(settings, name, value)
    policies.check_settings(settings)
    settings.save()
    if changes:
        audit.record(action="booking settings changed", about=partnership, by=by, at=at, changes=changes)
    return settings
