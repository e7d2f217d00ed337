"""What the people of an event need: counts for the caterer, and names apart for whoever prepares the room."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bookings.counting import place_counts
from bookings.models import BookingSettings, NeedCount, NeedKind
from bookings.needs import Count, Needs, counted, needs_at
from core.csv_out import csv_response
from events.models import Event
from events.queries import when, where
from office.views.event import event_page
from office.views.own import own_event
from people.access import SignedInRequest, needs


@needs("manage_bookings")
@never_cache
@require_GET
def event_needs(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Counts first; who needs what below. After the set number of days only counts are left."""
    event = own_event(request, event_id)
    rows = needs_at(event)
    return event_page(
        request,
        event,
        "office_event_needs",
        needed=_counts(event),
        people=[(row.booking, Needs.of(row)) for row in rows],
        is_deleted=not rows and NeedCount.objects.filter(event=event).exists(),
        kept_days=BookingSettings.of(event.lead_host).needs_kept_days,
    )


@needs("manage_bookings")
@never_cache
@require_GET
def event_needs_sheet(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """What the caterer gets, to print: food in numbers, and no name."""
    event = own_event(request, event_id)
    places = place_counts([event]).get(event.pk)
    food = [one for one in _counts(event) if one.kind == NeedKind.DIET]
    context = {"event": event, "food": food, "places": places, "when": when(event), "where": where(event)}
    return render(request, "office/event_needs_sheet.html", context)


@needs("manage_bookings")
@never_cache
@require_GET
def event_needs_csv(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """The counts as a spreadsheet opens them, without a name."""
    event = own_event(request, event_id)
    rows = [(one.kind_label, one.label, one.number) for one in _counts(event)]
    return csv_response(f"needs-{event.starts_on:%Y-%m-%d}.csv", ("Kind", "Need", "How many"), rows)


def _counts(event: Event) -> list[Count]:
    """From what people said or, when that is deleted, what was kept of it."""
    said = counted(needs_at(event))
    return said or [Count(row.kind, row.label, row.count) for row in NeedCount.objects.filter(event=event)]
