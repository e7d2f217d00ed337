"""The address of a person's calendar: made, made anew, stopped."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from bookings.models import CalendarAddress
from core import audit
from core.clock import london_date
from core.refusals import Refused
from people.models import Person
from people.operations.tokens import hash_of

MADE_MEANWHILE = "Your calendar has got another address meanwhile. Look at what it is now, then decide again."


@transaction.atomic
def make_calendar_address(*, person: Person, instead_of: UUID | None, by: Person, at: datetime) -> tuple[CalendarAddress, str]:
    """An address and its secret part, 256 bits that can't be had again. The one before opens nothing from now on.

    ``instead_of`` is the one in force as the person saw it, None for none: a form sent twice makes no second one. Raises Refused:
    not_allowed, made_meanwhile.
    """
    if by.pk != person.pk:
        raise Refused("Each person makes the address of their own calendar. Ask them to.", code="not_allowed")
    before = CalendarAddress.objects.select_for_update().filter(person=person, stopped_at__isnull=True).first()
    if (before.pk if before else None) != instead_of:
        raise Refused(MADE_MEANWHILE, code="made_meanwhile")
    if before is not None:
        _stop(before, by=by, at=at)
    text = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            made = CalendarAddress.objects.create(person=person, hash=hash_of(text), made_at=at)
    except IntegrityError as twice:
        raise Refused(MADE_MEANWHILE, code="made_meanwhile") from twice
    audit.record(action="calendar address made", about=made, by=by, at=at)
    return made, text


@transaction.atomic
def stop_calendar_address(*, address: CalendarAddress, by: Person, at: datetime) -> None:
    """From now on it opens nothing. Raises Refused for another person's (not_allowed); once stopped it stays so, silently."""
    if by.pk != address.person_id:
        raise Refused("Each person stops the address of their own calendar. Ask them to.", code="not_allowed")
    current = CalendarAddress.objects.select_for_update().get(pk=address.pk)
    if current.stopped_at is None:
        _stop(current, by=by, at=at)


def note_read(*, address: CalendarAddress, seen: str, at: datetime) -> None:
    """Remember the day it was asked for, and since when it holds what it holds. Writes once a day, or when that changes."""
    if address.seen != seen:
        address.seen, address.seen_since = seen, at
    elif address.last_read_on == london_date(at):
        return
    address.last_read_on = london_date(at)
    address.save(update_fields=["seen", "seen_since", "last_read_on"])


def _stop(address: CalendarAddress, *, by: Person, at: datetime) -> None:
    address.stopped_at = at
    address.save(update_fields=["stopped_at"])
    audit.record(action="calendar address stopped", about=address, by=by, at=at)
