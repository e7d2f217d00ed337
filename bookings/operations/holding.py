"""Places kept for a sector or an agency, and their release."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from bookings import policies
from bookings.counting import held_places
from bookings.messages import holds as letters
from bookings.models import Hold, HoldKind
from bookings.operations import lock, telling
from bookings.operations.filling import fill_places
from core import audit, wording
from core.refusals import Refused
from events.models import Event, EventStatus
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

    Raises Refused: not_allowed, no_places, no_day, for_nobody, started, full; for a training lead also not_open_yet, closed and
    agency_full.
    """
    terms, event = lock.lock_bookable(event.pk), lock.read_event(event.pk)
    policies.check_may_hold(event=event, kind=kind, organisation=organisation, by=by)
    if (sector is None) == (organisation is None):
        raise Refused("Choose a sector or an agency, not both.", code="for_nobody", field="sector")
    asked: dict[str, Any] = {"kind": kind, "organisation": organisation, "places": places, "until": until}
    policies.check_can_hold(event=event, terms=terms, by=by, at=at, **asked)
    claims, is_officers = lock.count_claims(terms), policies.may_act_for_others(by, event)
    free = claims.free if is_officers or not claims.waiting else 0  # an agency does not walk past those who wait
    if free < places:
        otherwise = "raise the number" if is_officers else "book people by name: they join the waiting list"
        raise Refused(
            f"{wording.count(max(free, 0), 'place is', 'places are')} free. Hold fewer, or {otherwise}.",
            code="full",
            field="places",
        )
    hold = Hold.objects.create(
        event=event, kind=kind, places=places, sector=sector, organisation=organisation, until=until, made_at=at, made_by=by
    )
    lock.raise_revision(Event.objects.filter(pk=event.pk))
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


@transaction.atomic
def remind_of_hold(*, hold: Hold, at: datetime) -> int:
    """Ask the agency's training leads for the names that are missing. Once; returns how many were written to."""
    lock.lock_terms(hold.event_id)
    event = lock.read_event(hold.event_id)
    hold = Hold.objects.select_related("organisation").get(pk=hold.pk)
    left = next((one.left for one in held_places([event.pk]) if one.hold == hold), 0)
    is_due = hold.kind == HoldKind.UNNAMED and hold.reminded_at is None and event.status == EventStatus.PUBLISHED
    if not is_due or not left:
        return 0
    hold.event, hold.reminded_at = event, at
    hold.save(update_fields=["reminded_at"])
    grants = policies.grants_to_lead_training_of(hold, event).select_related("person")
    leads = {grant.person_id: grant for grant in grants}
    for grant in leads.values():
        telling.tell_lead(hold, letters.names_needed(hold, grant, left=left), grant.person, at=at)
    return len(leads)
