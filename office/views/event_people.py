"""The people of an event: on the page and as a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, prefetch_related_objects
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from bookings.attention import to_ring_about
from bookings.models import LIVE, Booking, BookingQuerySet, BookingStatus, BookingTerms
from bookings.queries import bookings_at
from bookings.sectors import missing_sectors
from core.clock import now
from core.csv_out import csv_response
from events.models import Event, EventStatus
from office.views.event import event_page
from office.views.own import own_event
from people.access import SignedInRequest, needs
from people.models import Person

PAGE = 100
BY_NAME = ("person__surname", "person__forename", "pk")
SECTIONS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "awaiting": ("Awaiting approval", (BookingStatus.AWAITING_APPROVAL,), ("approval__lapses_at", *BY_NAME)),
    "offered": ("Offered a place", (BookingStatus.OFFERED,), ("offered_until", *BY_NAME)),
    "waiting": ("Waiting, first in line first", (BookingStatus.WAITING,), ("-priority", "queue_number")),
    "requested": ("Asked for a place", (BookingStatus.REQUESTED,), ("booked_at", "pk")),
    "booked": ("Booked", (BookingStatus.CONFIRMED,), BY_NAME),
    "ended": ("Ended", tuple(sorted(set(BookingStatus) - set(LIVE))), ("-ended_at", *BY_NAME)),
}


@dataclass(frozen=True)
class Section:
    """The bookings of an event that stand alike: all of them, or the first so many."""

    key: str
    title: str
    count: int
    rows: list[Booking]

    @property
    def is_cut(self) -> bool:
        return self.count > PAGE


WITH_ADDRESS = Prefetch("person", Person.objects.with_address())
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
    """Who is booked, who waits in which order, who has gone. ``show`` names one section, by pages; ``q`` finds people."""
    event, at = own_event(request, event_id), now()
    show = request.GET.get("show", "") if request.GET.get("show") in SECTIONS else ""
    text = request.GET.get("q", "").strip()[:100]
    sections, page = _sections(event, text, show, request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return event_page(
        request,
        event,
        "office_event_people",
        sections=sections,
        page=page,
        show=show,
        text=text,
        query=query.urlencode(),
        has_any=bool(text or sections),
        ringing=next(iter(to_ring_about(request.partnership, at, only=event)), None),
        missing=missing_sectors([event]).get(event.pk, []) if event.status == EventStatus.PUBLISHED else [],
        terms=BookingTerms.objects.filter(event=event).first(),
    )


def _sections(event: Event, text: str, show: str, number: str | None) -> tuple[list[Section], Page[Booking] | None]:
    """The sections that have somebody in them; with ``show`` that one only, and its page."""
    found = _matching(_bookings(event), text)
    counts = _count(_matching(Booking.objects.filter(event=event), text))
    page = Paginator(_in_section(found, show), PAGE).get_page(number) if show else None
    if page:
        sections = [Section(show, SECTIONS[show][0], counts[show], list(page.object_list))]
    else:
        sections = [Section(key, SECTIONS[key][0], counts[key], list(_in_section(found, key)[:PAGE])) for key in SECTIONS]
    prefetch_related_objects([row for section in sections for row in section.rows], WITH_ADDRESS)
    return [section for section in sections if section.rows], page


def _matching(found: BookingQuerySet, text: str) -> BookingQuerySet:
    for word in text.split():
        person = Q(person__in=Person.objects.matching(word))
        found = found.filter(person | Q(organisation__name__icontains=word) | Q(organisation_text__icontains=word))
    return found


def _count(found: BookingQuerySet) -> dict[str, int]:
    """How many there are in each section."""
    by_status = Counter(dict(found.order_by().values_list("status").annotate(number=Count("pk"))))
    return {key: sum(by_status[status] for status in statuses) for key, (_, statuses, _) in SECTIONS.items()}


def _in_section(found: BookingQuerySet, key: str) -> BookingQuerySet:
    _, statuses, order = SECTIONS[key]
    return found.filter(status__in=statuses).order_by(*order)


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
        for row in _bookings(event).prefetch_related(WITH_ADDRESS)
    ]
    return csv_response(f"people-{event.starts_on:%Y-%m-%d}.csv", COLUMNS, rows)


def _bookings(event: Event) -> BookingQuerySet:
    """Without the people, whom WITH_ADDRESS adds: one that is joined already would stay without an address."""
    return bookings_at(event).select_related(None).select_related("organisation", "sector", "borough", "approval")
