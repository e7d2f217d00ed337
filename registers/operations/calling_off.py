"""An event that is over, and that did not take place."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.operations import cancel_bookable_event
from bookings.operations.lock import lock_terms
from events.models import Event
from people.models import Person
from registers.operations.attendance import lock_event
from registers.policies import check_nobody_came


@transaction.atomic
def call_off_afterwards(*, event: Event, reason: str, by: Person | None, at: datetime) -> Event:
    """Say that the event did not take place: reports count it as called off, and nobody is asked for its register.

    Raises Refused: not_over, past where somebody had a place or was counted, and those of events.operations.cancel_event.
    """
    lock_terms(event.pk)
    check_nobody_came(lock_event(event), at=at)
    return cancel_bookable_event(event=event, reason=reason, by=by, at=at, nobody_came=True)
