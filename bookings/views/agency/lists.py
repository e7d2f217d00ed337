"""The agency's people and bookings: on the page and as a file."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bookings import agency, counting
from bookings.models import Booking, BookingQuerySet, BookingStatus
from bookings.views.agency.at_hand import agencies_of, grant_of, page, query_without_page, searched
from core.clock import london_date, now
from core.csv_out import csv_response
from core.ids import ids_in
from events.queries import when
from people.access import SignedInRequest, needs_somewhere
from people.models import Grant

PAGE = 50
TIMES = {"coming": "To come", "past": "Past and ended"}
PEOPLE_COLUMNS = ("Last name", "First name", "E-mail", "Job role", "Bookings to come")
BOOKING_COLUMNS = ("Event", "Starts on", "Last name", "First name", "Job role", "Status", "Place in line", "Booked by")


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def choose(request: SignedInRequest) -> HttpResponse:
    """Whoever leads one agency comes to it at once; ``event`` in the address is where they wanted to go."""
    led = agencies_of(request)
    event = request.GET.get("event", "")
    if len(led) > 1:
        return render(request, "bookings/agency/choose.html", {"led": led, "event": event})
    wanted = agency.events_of(led[0], request.user).filter(pk__in=ids_in([event])).first()
    if wanted is None:
        return redirect("agency_events" if event else "agency_people", led[0].pk)
    return redirect("agency_event", led[0].pk, wanted.pk)


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def people(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    """Everybody whose profile names the agency, with what they are booked for."""
    grant, text = grant_of(request, grant_id), searched(request)
    found = agency.people_of(grant).matching(text).with_address()
    listed = Paginator(found, PAGE).get_page(request.GET.get("page"))
    booked = agency.next_bookings(listed, grant, at=now())
    rows = [(person, booked.get(person.pk, [])) for person in listed]
    context = {"rows": rows, "listed": listed, "text": text, "query": query_without_page(request)}
    return page(request, grant, "people.html", context, tab="agency_people")


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def people_csv(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    grant = grant_of(request, grant_id)
    found = list(agency.people_of(grant).matching(searched(request)).with_address())
    booked = agency.next_bookings(found, grant, at=now())
    rows = [
        [
            person.surname,
            person.forename,
            person.address,  # type: ignore[attr-defined]
            person.job_role,
            "; ".join(f"{one.event.public_title}, {one.event.starts_on:%d/%m/%Y}" for one in booked.get(person.pk, [])),
        ]
        for person in found
    ]
    return csv_response(f"people-{london_date(now()):%Y-%m-%d}.csv", PEOPLE_COLUMNS, rows)


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def bookings(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    """What was booked from the agency; filters stand in the address."""
    grant = grant_of(request, grant_id)
    of_the_time, shown, time, text, status = _filtered(request, grant)
    listed = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    labels = dict(BookingStatus.choices)
    context = {
        "listed": listed,
        "text": text,
        "time": time,
        "times": [(label, "?" + urlencode({"time": key}), key == time) for key, label in TIMES.items()],
        "status": status,
        "counts": [(key, labels[key], number) for key, number in agency.how_many(of_the_time).items()],
        "tags": _tags(grant, time, text, status),
        "query": query_without_page(request),
    }
    return page(request, grant, "bookings.html", context, tab="agency_bookings")


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def bookings_csv(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    """The bookings that the page shows under the same filters, every page of them."""
    grant = grant_of(request, grant_id)
    rows = [
        [
            row.event.public_title,
            row.event.starts_on.isoformat(),
            row.person.surname,
            row.person.forename,
            row.job_role,
            row.get_status_display(),
            row.queue_place,  # type: ignore[attr-defined]
            _booker(row, grant),
        ]
        for row in _filtered(request, grant)[1]
    ]
    return csv_response(f"bookings-{london_date(now()):%Y-%m-%d}.csv", BOOKING_COLUMNS, rows)


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def events(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    """Where there are places to book: the first step of booking for colleagues."""
    grant, text, at = grant_of(request, grant_id), searched(request), now()
    found = agency.events_to_book(grant, request.user, at=at)
    for word in text.split():
        found = found.filter(Q(is_closed=False, title__icontains=word) | Q(neutral_title__icontains=word))
    listed = Paginator(found, PAGE).get_page(request.GET.get("page"))
    counts = counting.place_counts(listed, reader=agency.somebody_of(grant))
    ours = agency.of_the_agency_at(grant, listed)
    rows = [(event, when(event), counts[event.pk], ours.get(event.pk, "")) for event in listed]
    context = {"rows": rows, "listed": listed, "text": text, "query": query_without_page(request)}
    return page(request, grant, "events.html", context, tab="agency_events")


def _filtered(request: SignedInRequest, grant: Grant) -> tuple[BookingQuerySet, BookingQuerySet, str, str, str]:
    """Those of the time that was asked for, those of them that are to be shown, and what was asked."""
    time = request.GET.get("time", "") if request.GET.get("time") in TIMES else "coming"
    status = request.GET.get("status", "") if request.GET.get("status") in BookingStatus.values else ""
    text = searched(request)
    every = agency.search(agency.bookings_of(grant), text)
    of_the_time = agency.coming(every, at=now()) if time == "coming" else agency.gone(every, at=now())
    return of_the_time, of_the_time.filter(status=status) if status else of_the_time, time, text, status


def _tags(grant: Grant, time: str, text: str, status: str) -> list[dict[str, str]]:
    filters = {"q": text, "status": status}
    labels = {"q": f"“{text}”", "status": dict(BookingStatus.choices).get(status, "")}
    address = reverse("agency_bookings", args=[grant.pk])
    used = [name for name, value in filters.items() if value]
    return [
        {
            "label": str(labels[name]),
            "href": address + "?" + urlencode({"time": time, **{k: filters[k] for k in used if k != name}}),
        }
        for name in used
    ]


def _booker(row: Booking, grant: Grant) -> str:
    """Who booked, where that is somebody of the agency: nobody else's name leaves with its list."""
    if row.booked_by is None or row.booked_by_id == row.person_id:
        return "Themselves" if row.booked_by is not None else ""
    return row.booked_by.name if row.booked_by.organisation_id == grant.organisation_id else "The organisers"
