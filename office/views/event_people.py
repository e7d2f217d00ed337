"""The people of an event: on the page and as a file."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from bookings.models import BookingQuerySet, BookingStatus
from bookings.queries import bookings_at
from core.csv_out import csv_response
from events.models import Event
from office.views.event import event_page
from office.views.own import own_event
from people.access import SignedInRequest, needs
from people.models import Person

COLUMNS = (
    "Last name",
    "First name",
    "E-mail",
    "Organisation",
    "Sector",
    "Borough",
    "Job role",
    "Line manager's e-mail",
    "Status",
    "Place in line",
)


@needs("manage_events")
@require_GET
def event_people(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Who is booked, who waits in which order, who has gone."""
    event = own_event(request, event_id)
    rows = list(_bookings(event))
    waiting = [row for row in rows if row.status == BookingStatus.WAITING]
    return event_page(
        request,
        event,
        "office_event_people",
        booked=[row for row in rows if row.is_live and row.status != BookingStatus.WAITING],
        waiting=sorted(waiting, key=lambda row: row.queue_number or 0),
        gone=[row for row in rows if not row.is_live],
    )


@needs("manage_events")
@require_GET
def event_people_csv(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """The people of an event as a spreadsheet opens it, by name."""
    event = own_event(request, event_id)
    rows = [
        [
            row.person.surname,
            row.person.forename,
            row.person.address,  # type: ignore[attr-defined]
            row.organisation.name if row.organisation else row.organisation_text,
            row.sector.name if row.sector else "",
            row.borough.name if row.borough else "",
            row.job_role,
            row.manager_email,
            row.get_status_display(),
            row.queue_place,  # type: ignore[attr-defined]
        ]
        for row in _bookings(event)
    ]
    return csv_response(f"people-{event.starts_on:%Y-%m-%d}.csv", COLUMNS, rows)


def _bookings(event: Event) -> BookingQuerySet:
    with_address = Prefetch("person", Person.objects.with_address())
    # bookings_at joins the person; the annotated one takes its place.
    return (
        bookings_at(event).select_related(None).select_related("organisation", "sector", "borough").prefetch_related(with_address)
    )
