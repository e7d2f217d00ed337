"""What officers' pages ask over several rooms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, prefetch_related_objects

from bookings.counting import PlaceCounts, place_counts
from bookings.models import Booking, BookingTerms
from bookings.queries import missing_by_event
from core.clock import london_date
from events.models import Event, EventStatus
from events.queries import ends_at
from people.models import OrganisationState, Partnership, Person
from people.wording import organisation_key
from registers.models import WalkIn

THIN_WITHIN_DAYS = 21
THIN_SHARE = 0.5


@dataclass(frozen=True)
class EventRow:
    """An event in a list, with its places if it has any to book. ``tentative`` says what is missing until it takes place."""

    event: Event
    places: PlaceCounts | None
    tentative: str = ""


def events_of(partnership: Partnership) -> QuerySet[Event]:
    """The events this partnership leads: those its officers manage."""
    return Event.objects.filter(lead_host=partnership)


def with_places(events: list[Event], at: datetime) -> list[EventRow]:
    """The events beside their places, in a fixed number of queries."""
    counts, tentative = place_counts(events), tentative_words(events, at)
    return [EventRow(event, counts.get(event.pk), tentative.get(event.pk, "")) for event in events]


def tentative_words(events: Iterable[Event], at: datetime) -> dict[UUID, str]:
    """What stands beside each published event that is not sure to take place, or never was. Three queries at most."""
    published = {event.pk: event for event in events if event.status == EventStatus.PUBLISHED}
    terms = BookingTerms.objects.filter(event__in=published, minimum__isnull=False, firm_at=None)
    missing = missing_by_event(terms)
    prefetch_related_objects([published[event_id] for event_id in missing], "sessions")
    return {event_id: _tentative(number, is_over=ends_at(published[event_id]) <= at) for event_id, number in missing.items()}


def _tentative(missing: int, *, is_over: bool) -> str:
    if is_over:
        return "Too few booked"
    return f"Tentative: {missing} more needed" if missing else "Tentative"


def matching(events: QuerySet[Event], text: str) -> QuerySet[Event]:
    """Events whose title, course or venue holds every word."""
    for word in text.split():
        events = events.filter(
            Q(title__icontains=word)
            | Q(neutral_title__icontains=word)
            | Q(course__code__iexact=word)
            | Q(course__title__icontains=word)
            | Q(venue__name__icontains=word)
        )
    return events


def short_of_people(partnership: Partnership, at: datetime) -> list[EventRow]:
    """Published events of the next three weeks with fewer than half of their places taken, soonest first."""
    today = london_date(at)
    soon = events_of(partnership).filter(
        status=EventStatus.PUBLISHED, starts_on__gte=today, starts_on__lte=today + timedelta(days=THIN_WITHIN_DAYS)
    )
    rows = with_places(list(soon.select_related("venue").order_by("starts_on")), at)
    return [row for row in rows if row.places and row.places.limit and row.places.taken < row.places.limit * THIN_SHARE]


def unmatched_texts(partnership: Partnership) -> int:
    """How many different organisations people typed that nobody could match yet: as many as the page that settles them lists."""
    unmatched = {"organisation_state": OrganisationState.UNMATCHED}
    rows: tuple[QuerySet[Any], ...] = (
        Person.objects.filter(partnerships=partnership, **unmatched),
        Booking.objects.filter(event__lead_host=partnership, **unmatched),
        WalkIn.objects.filter(event__lead_host=partnership, **unmatched),
    )
    texts = {text for found in rows for text in found.order_by().values_list("organisation_text", flat=True).distinct()}
    return len({organisation_key(text) for text in texts})
