"""Events of an older system, written in bulk: over or cancelled, no messages, one audit entry for each call."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import models, transaction

from core import audit
from core.clock import london_date
from courses.models import Course, Format
from events.models import Event, EventHost, EventTrainer, Session, Venue
from events.operations.times import last_day
from people.models import Partnership, Person


@dataclass(frozen=True, slots=True)
class PastTrainer:
    """Somebody who taught; ``outside_body`` where they worked for one."""

    name: str
    outside_body: str = ""


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event of one session. ``host_ids`` names every host, the lead host among them; times are UTC instants.

    Its theme is its course's.
    """

    id: uuid.UUID
    session_id: uuid.UUID
    lead_host_id: uuid.UUID
    host_ids: tuple[uuid.UUID, ...]
    course_id: uuid.UUID | None
    kind: str
    format: str
    title: str
    status: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    trainers: tuple[PastTrainer, ...]
    for_organisation_id: uuid.UUID | None
    cost: Decimal | None


@transaction.atomic
def record_past_events(
    *, partnership: Partnership, events: Sequence[PastEvent], about: models.Model, by: Person | None, at: datetime
) -> None:
    """Events with their session, hosts, trainers and venue. A venue named here belongs to ``partnership``."""
    venues = _venues(partnership, events)
    themes: dict[uuid.UUID | None, uuid.UUID | None] = dict(
        Course.objects.filter(pk__in={row.course_id for row in events}).values_list("pk", "theme_id")
    )
    Event.objects.bulk_create(
        [
            Event(
                id=row.id,
                lead_host_id=row.lead_host_id,
                course_id=row.course_id,
                theme_id=themes.get(row.course_id),
                kind=row.kind,
                format=row.format,
                title=row.title,
                status=row.status,
                starts_on=london_date(row.starts_at),
                ends_on=last_day(row.ends_at),
                venue=venues.get(row.venue),
                for_organisation_id=row.for_organisation_id,
                cost=row.cost,
            )
            for row in events
        ]
    )
    Session.objects.bulk_create(
        [Session(id=row.session_id, event_id=row.id, number=1, starts_at=row.starts_at, ends_at=row.ends_at) for row in events]
    )
    EventHost.objects.bulk_create(
        [EventHost(event_id=row.id, partnership_id=host_id) for row in events for host_id in row.host_ids]
    )
    EventTrainer.objects.bulk_create(
        [
            EventTrainer(event_id=row.id, name=trainer.name, outside_body=trainer.outside_body)
            for row in events
            for trainer in row.trainers
        ]
    )
    if events:
        audit.record(action="past events recorded", about=about, by=by, at=at, changes={"events": [0, len(events)]})


def _venues(partnership: Partnership, events: Iterable[PastEvent]) -> dict[str, Venue]:
    """The partnership's venues by name, the missing ones made; one that only virtual events name is online."""
    formats: dict[str, set[str]] = {}
    for row in events:
        if row.venue:
            formats.setdefault(row.venue, set()).add(row.format)
    known = {venue.name: venue for venue in Venue.objects.filter(partnership=partnership, name__in=formats)}
    missing = [
        Venue(partnership=partnership, name=name, is_online=used == {Format.VIRTUAL.value})
        for name, used in formats.items()
        if name not in known
    ]
    Venue.objects.bulk_create(missing)
    return known | {venue.name: venue for venue in missing}
