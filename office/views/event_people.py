"""The people of an event: on the page and as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, overload
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, prefetch_related_objects
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
SECTIONS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "awaiting": ("Awaiting approval", (BookingStatus.AWAITING_APPROVAL,), ("approval__lapses_at", *BY_NAME)),
    "offered": ("Offered a place", (BookingStatus.OFFERED,), ("offered_until", *BY_NAME)),
    "waiting": ("Waiting, first in line first", (BookingStatus.WAITING,), ("-priority", "queue_number")),
    "requested": ("Asked for a place", (BookingStatus.REQUESTED,), ("booked_at", "pk")),
    "booked": ("Booked", (BookingStatus.CONFIRMED,), BY_NAME),
    "ended": ("Ended", tuple(sorted(set(BookingStatus) - set(LIVE))), ("-ended_at", *BY_NAME)),
}


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


class Listed(Sequence[Any]):
    """The sections one below the other, so that a page is cut from them: each row is (section's key, number in it, booking)."""

    def __init__(self, found: BookingQuerySet, counts: dict[str, int]) -> None:
        self.found, self.counts = found, counts

    def __len__(self) -> int:
        return sum(self.counts.values())

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start, stop, _ = index.indices(len(self))
        rows: list[tuple[str, int, Booking]] = []
        for key, count in self.counts.items():
            if start < count and stop > 0:
                first = max(start, 0)
                shown = _in_section(self.found, key)[first : min(stop, count)]
                rows += [(key, number, row) for number, row in enumerate(shown, start=first + 1)]
            start, stop = start - count, stop - count
        return rows


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
    page = _page(event, text, show, request.GET.get("page"))
    return event_page(
        request,
        event,
        "office_event_people",
        sections=_sections(page),
        can_tick=any(key != "ended" for key, _, _ in page.object_list),
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


def _page(event: Event, text: str, show: str, number: str | None) -> Page[Any]:
    """One page of those whom the filters leave, each with their address."""
    counts = _count(_matching(Booking.objects.filter(event=event), text))
    listed = Listed(_matching(_bookings(event), text), {show: counts[show]} if show else counts)
    page = Paginator(listed, PAGE).get_page(number)
    prefetch_related_objects([row for _, _, row in page.object_list], WITH_ADDRESS)
    return page


def _sections(page: Page[Any]) -> list[Section]:
    counts = page.paginator.object_list.counts  # type: ignore[attr-defined]
    grouped = [(key, list(rows)) for key, rows in groupby(page.object_list, key=lambda row: row[0])]
    return [Section(key, rows[0][1], counts[key], [row for _, _, row in rows]) for key, rows in grouped]


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
