"""The people of an event: on the page and as a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, Prefetch, Q, Value, When, prefetch_related_objects
from django.http import HttpResponse, QueryDict
from django.urls import reverse
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

PAGE = 50
BY_NAME = ("person__surname", "person__forename", "pk")
SECTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "awaiting": ("Awaiting approval", (BookingStatus.AWAITING_APPROVAL,)),
    "offered": ("Offered a place", (BookingStatus.OFFERED,)),
    "waiting": ("Waiting, first in line first", (BookingStatus.WAITING,)),
    "requested": ("Asked for a place", (BookingStatus.REQUESTED,)),
    "booked": ("Booked", (BookingStatus.CONFIRMED,)),
    "ended": ("Ended", tuple(sorted(set(BookingStatus) - set(LIVE)))),
}


def _only(key: str, field: str) -> Case:
    """The field for the bookings of one section, which it sorts; nothing for all others."""
    return Case(When(status__in=SECTIONS[key][1], then=F(field)))


IN_ORDER = (
    Case(*(When(status__in=statuses, then=Value(number)) for number, (_, statuses) in enumerate(SECTIONS.values()))),
    _only("awaiting", "approval__lapses_at"),
    _only("offered", "offered_until"),
    _only("waiting", "priority").desc(),
    _only("waiting", "queue_number"),
    _only("requested", "booked_at"),
    _only("ended", "ended_at").desc(),
    *BY_NAME,
)
SECTION_OF = {status: key for key, (_, statuses) in SECTIONS.items() for status in statuses}
WORDS = {
    "awaiting": "awaiting approval",
    "offered": "offered a place",
    "waiting": "waiting",
    "requested": "asked for a place",
    "booked": "booked",
    "ended": "ended",
}


@dataclass(frozen=True)
class Section:
    """The bookings of an event that stand alike, as far as a page shows them: from number ``first`` of ``count``."""

    key: str
    first: int
    count: int
    rows: list[Booking]

    @property
    def title(self) -> str:
        last = self.first + len(self.rows) - 1
        shown = "" if len(self.rows) == self.count else f"{self.first} to {last} of "
        return f"{SECTIONS[self.key][0]}: {shown}{self.count:,}"


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
    """Who is booked, who waits in which order, who has gone, by pages. ``show`` names one section, ``q`` finds people."""
    event, at = own_event(request, event_id), now()
    show = request.GET.get("show", "") if request.GET.get("show") in SECTIONS else ""
    text = request.GET.get("q", "").strip()[:100]
    counts = _count(Booking.objects.filter(event=event))
    page, sections = _listed(event, text, show, request.GET.get("page"))
    return event_page(
        request,
        event,
        "office_event_people",
        sections=sections,
        can_tick=any(section.key != "ended" for section in sections),
        page=page,
        show=show,
        text=text,
        query=_query(q=text, show=show),
        back=_query(q=text, show=show, page=str(page.number)),
        summary=[(number, WORDS[key], "?" + _query(q=text, show=key), key == show) for key, number in counts.items() if number],
        everybody=sum(counts.values()),
        tags=_tags(text, show),
        ringing=next(iter(to_ring_about(request.partnership, at, only=event)), None),
        missing=missing_sectors([event]).get(event.pk, []) if event.status == EventStatus.PUBLISHED else [],
        terms=BookingTerms.objects.filter(event=event).first(),
    )


def _listed(event: Event, text: str, show: str, number: str | None) -> tuple[Page[Booking], list[Section]]:
    """One page of those whom the filters leave, each with their address, and the same by sections."""
    counts = _count(_matching(Booking.objects.filter(event=event), text))
    found = _matching(_bookings(event), text).order_by(*IN_ORDER)
    page = Paginator(found.filter(status__in=SECTIONS[show][1]) if show else found, PAGE).get_page(number)
    rows = list(page.object_list)
    prefetch_related_objects(rows, WITH_ADDRESS)
    sections, first = [], page.start_index()
    for key, group in groupby(rows, key=lambda row: SECTION_OF[row.status]):
        before = 0 if show else sum(counts[one] for one in list(SECTIONS)[: list(SECTIONS).index(key)])
        shown = list(group)
        sections.append(Section(key, first - before, counts[key], shown))
        first += len(shown)
    return page, sections


def _query(**filters: str) -> str:
    return urlencode({name: value for name, value in filters.items() if value})


def _tags(text: str, show: str) -> list[dict[str, str]]:
    """One removable tag for each filter in use."""
    found = [(f"“{text}”" if text else "", _query(show=show)), (SECTIONS[show][0] if show else "", _query(q=text))]
    return [{"label": label, "href": f"?{query}"} for label, query in found if label]


def address_back(event: Event, query: str) -> str:
    """The people's page again with the search, the section and the page that somebody came from."""
    kept = {name: value for name, value in QueryDict(query).items() if name in ("q", "show", "page")}
    address = reverse("office_event_people", args=[event.pk])
    return f"{address}?{urlencode(kept)}" if kept else address


def _matching(found: BookingQuerySet, text: str) -> BookingQuerySet:
    for word in text.split():
        person = Q(person__in=Person.objects.matching(word))
        found = found.filter(person | Q(organisation__name__icontains=word) | Q(organisation_text__icontains=word))
    return found


def _count(found: BookingQuerySet) -> dict[str, int]:
    """How many there are in each section."""
    by_status = Counter(dict(found.order_by().values_list("status").annotate(number=Count("pk"))))
    return {key: sum(by_status[status] for status in statuses) for key, (_, statuses) in SECTIONS.items()}


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
