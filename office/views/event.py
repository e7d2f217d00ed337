"""One event as officers see it: a page with tabs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bookings.conditions import conditions_of, in_words
from bookings.counting import place_counts
from bookings.models import Booking, BookingTerms, InvitedPerson, PlannedKind, about_booking
from bookings.planned import about_session
from bookings.policies import check_takes_bookings
from core.clock import now
from core.refusals import Refused
from core.text import one_line
from events.clashes import words_on
from events.models import Event, EventStatus
from events.planning import Planned
from events.queries import ends_at, when
from feedback.follow_up_results import follow_up_tab
from feedback.queries import office_tab
from notifications.models import Message
from notifications.own_texts import put_into
from office.event_history import lines_of, steps_of
from office.forms.places import over_booked
from office.planned import planned_row, planned_rows, silence, what_waits
from office.queries import tentative_words
from office.views.own import own_event
from people.access import SignedInRequest, needs
from registers.policies import did_nobody_come
from registers.queries import register_tab

TABS = {
    "office_event": "Overview",
    "office_event_people": "People",
    "office_event_needs": "Needs",
    "office_event_register": "Register",
    "office_event_evaluation": "Evaluation",
    "office_event_messages": "Messages",
    "office_event_history": "History",
}
PAGE = 50


def event_page(request: SignedInRequest, event: Event, tab: str, **context: Any) -> HttpResponse:
    counts = place_counts([event]).get(event.pk)
    at = now()
    frame = {
        "event": event,
        "tabs": TABS,
        "current": tab,
        "counts": counts,
        "tentative": tentative_words([event], at).get(event.pk, ""),
        "when": when(event),
        "is_over": ends_at(event) <= at,
        "takes_bookings": _takes_bookings(event, at),
    }
    return render(request, f"office/{tab.removeprefix('office_')}.html", {**frame, **context})


def _takes_bookings(event: Event, at: datetime) -> bool:
    try:
        check_takes_bookings(event=event, terms=BookingTerms.objects.filter(event=event).first(), at=at)
    except Refused:
        return False
    return True


@needs("manage_events")
@require_GET
def event(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """What it is, when, where, for whom, and how many places are taken."""
    own = own_event(request, event_id)
    terms = BookingTerms.objects.filter(event=own).first()
    return event_page(
        request,
        own,
        "office_event",
        sessions=list(own.sessions.all()),
        trainers=list(own.trainers.all()),
        hosts=[host.partnership for host in own.hosts.select_related("partnership")],
        sectors=list(own.for_sectors.all()),
        recommendations=list(own.recommendations.select_related("review")),
        terms=terms,
        against=_against(own) if own.status == EventStatus.DRAFT else [],
        joining_waits=what_waits(own, now()),
        nobody_came=did_nobody_come(own, at=now()),
        conditions=[in_words(one) for one in conditions_of(own)] if terms else [],
        over_booked=over_booked(terms.booking_limit, own.venue.room_places) if terms and own.venue else "",
        invited=InvitedPerson.objects.filter(event=own).count(),
    )


def _against(event: Event) -> list[str]:
    """What speaks against the dates of a draft: it can still be moved."""
    return words_on([Planned.of(event)], partnership=event.lead_host, at=now())[0]


@needs("manage_events")
@require_GET
def event_register(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    own = own_event(request, event_id)
    return event_page(request, own, "office_event_register", register=register_tab(own))


@needs("see_results")
@require_GET
def event_evaluation(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """What was said at once, and below it what became of it months later."""
    own, at = own_event(request, event_id), now()
    said = follow_up_tab(own, number=request.GET.get("page"), at=at)
    follow_up = {**said, "planned": planned_row(own, PlannedKind.FOLLOW_UP, at)}
    return event_page(request, own, "office_event_evaluation", evaluation=office_tab(event=own, at=at), follow_up=follow_up)


@needs("see_messages")
@require_GET
def event_messages(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """What is planned, and below it every message about this event, newest first, by pages; ``q`` finds an address."""
    own = own_event(request, event_id)
    at = now()
    about = [about_booking(pk) for pk in Booking.objects.filter(event=own).values_list("pk", flat=True)]
    about += [f"event:{own.pk}", *(about_session(session.pk) for session in own.sessions.all())]
    text = one_line(request.GET.get("q", ""))[:100]
    rows = Message.objects.filter(about__in=about).with_pause().select_related("person").order_by("-created_at", "pk")
    for word in text.split():
        rows = rows.filter(to_address__icontains=word)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    put_into(page.object_list)
    return event_page(
        request,
        own,
        "office_event_messages",
        planned=planned_rows(own, at),
        joining_waits=what_waits(own, at),
        silence=silence(own, at),
        page=page,
        text=text,
        query=urlencode({"q": text}) if text else "",
    )


@needs("manage_events")
@require_GET
def event_history(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Who did what with the event and its bookings, newest first, by pages."""
    own = own_event(request, event_id)
    page = Paginator(steps_of(own), PAGE).get_page(request.GET.get("page"))
    return event_page(request, own, "office_event_history", page=page, lines=lines_of(page.object_list))
