"""Places kept for a sector or an agency, and their release."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from bookings import policies
from bookings.models import Hold
from bookings.operations import lock
from bookings.operations.places import fill_places
from core import audit, wording
from core.clock import london_date
from core.refusals import Refused
from events.models import Event
from people.models import Organisation, Person, Sector


@transaction.atomic
def hold_places(
    *,
    event: Event,
    places: int,
    until: date,
    kind: str,
    sector: Sector | None = None,
    organisation: Organisation | None = None,
    by: Person | None,
    at: datetime,
) -> Hold:
    """Keep so many free places until the end of that day. An agency's training lead holds unnamed ones for their own agency.

    Raises Refused: not_allowed, no_places, no_day, for_nobody, started, full.
    """
    terms, event = lock.lock_bookable(event.pk), lock.read_event(event.pk)
    policies.check_may_hold(event=event, kind=kind, organisation=organisation, by=by)
    policies.check_takes_bookings(event=event, terms=terms, at=at)
    if (sector is None) == (organisation is None):
        raise Refused("Choose a sector or an agency, not both.", code="for_nobody", field="sector")
    if places < 1:
        raise Refused("Give the number of places to hold: 1 or more.", code="no_places", field="places")
    if not london_date(at) <= until <= event.starts_on:
        raise Refused("Hold places until a day from today to the day of the event.", code="no_day", field="until")
    free = lock.count_claims(terms).free
    if free < places:
        raise Refused(
            f"{wording.count(max(free, 0), 'place is', 'places are')} free. Hold fewer, or raise the number.",
            code="full",
            field="places",
        )
    hold = Hold.objects.create(
        event=event, kind=kind, places=places, sector=sector, organisation=organisation, until=until, made_at=at, made_by=by
    )
    audit.record(action="places held", about=hold, by=by, at=at, changes={"places": [0, places], "kind": ["", str(kind)]})
    return hold


@transaction.atomic
def release_hold(*, hold: Hold, by: Person | None, at: datetime) -> Hold:
    """Give what is left of a hold to everybody, those who wait first. Who booked into it keeps their place."""
    terms, event = lock.lock_terms(hold.event_id), lock.read_event(hold.event_id)
    hold = Hold.objects.get(pk=hold.pk)
    if by is not None:
        policies.check_may_hold(event=event, kind=hold.kind, organisation=hold.organisation, by=by)
    if hold.released_at is not None:
        return hold
    hold.released_at = at
    hold.save(update_fields=["released_at"])
    audit.record(action="held places released", about=hold, by=by, at=at)
    fill_places(terms, event, at=at)
    return hold
