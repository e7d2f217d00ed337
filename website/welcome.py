"""What the front page shows first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from core.clock import london_date
from elearning.models import Module
from events import queries as event_queries
from people.models import Partnership, Person
from podcasts.models import Episode
from website import catalogue, queries

NEXT_EVENTS = 6
FOR_YOU = 3
SHORT = 3


def front_page(partnership: Partnership, reader: Person | None, *, at: datetime) -> dict[str, Any]:
    """The next events, those for the reader's sector in particular, what fits ten minutes, and the reader's own next date."""
    today = london_date(at)
    listed = catalogue.listed_events(partnership, today=today)
    coming = [event for event in listed[: NEXT_EVENTS * 2] if event_queries.starts_at(event) > at][:NEXT_EVENTS]
    sector = reader.sector if reader else None
    for_you = list(listed.filter(for_sectors=sector, starts_on__gt=today)[:FOR_YOU]) if sector else []
    statuses = queries.booked_words(reader, [*coming, *for_you])
    drawn = catalogue.event_cards([*coming, *for_you], statuses=statuses, reader=reader, at=at)
    modules = Module.objects.filter(partnership=partnership).in_catalogue()
    return {
        "coming": drawn[: len(coming)],
        "for_you": drawn[len(coming) :],
        "sector": sector,
        "calendar": settings.SITE_URL + reverse("events_calendar"),
        "next_up": next_up(reader, at=at) if reader else None,
        "modules": modules.order_by(F("minutes").asc(nulls_last=True), "title")[:SHORT],
        "episodes": Episode.objects.filter(series__partnership=partnership)
        .published(today)
        .select_related("series")
        .order_by("minutes", "-published_on")[:SHORT],
    }


def next_up(reader: Person, *, at: datetime) -> queries.Booked | None:
    """The next event that the reader is confirmed for."""
    held = queries.confirmed_bookings(reader).filter(event__ends_on__gte=london_date(at)).order_by("event__starts_on", "id")
    coming = [booking for booking in held[:3] if event_queries.ends_at(booking.event) > at]
    return queries.Booked(coming[0], reader, at) if coming else None
