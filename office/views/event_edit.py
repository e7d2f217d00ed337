"""Making an event, and changing it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.db import models, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from bookings.demand import open_requests
from bookings.models import BookingTerms, SessionRequest
from bookings.operations import change_bookable_event, change_terms, copy_conditions, create_bookable_event, plan_session
from bookings.preview import Tells, Told, what_would_be_told
from core import wording
from core.clock import london_date, now
from core.ids import id_in
from core.refusals import Refused
from courses.models import Course
from events.clashes import words_on
from events.models import Event
from events.operations import ensure_venue
from events.planning import Planned
from events.queries import where
from office.forms.event_page import EventPage, Start, start_empty, start_for, start_like, start_of, with_course
from office.forms.series import FirstDayForm
from office.queries import events_of
from office.views.once import form_key, make_once
from office.views.own import own_event, sent_again
from people.access import SignedInRequest, needs
from people.models import Partnership, Person

Row = TypeVar("Row", bound=models.Model)


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def event_new(request: SignedInRequest) -> HttpResponse:
    """Create an event as a draft; nothing is sent and nobody sees it until it is published.

    ``?course=`` starts from a course, ``?like=`` from another event, on other days with ``first_day=``, ``?request=`` from the
    session that a service asks for.
    """
    asked = _asked_for(open_requests(request.partnership), request.GET.get("request"))
    like = _asked_for(events_of(request.partnership), request.GET.get("like"))
    first_day = FirstDayForm(request.GET if "first_day" in request.GET else None)
    start = start_for(asked) if asked else _start_of_new(request, like, first_day)
    page = EventPage(request.partnership, start, data=_data(request))
    if "fill" in request.POST:
        page = page.again(request.POST["fill"])
    elif request.method == "POST" and page.are_valid(today=london_date(now())):
        try:
            [made] = make_once(request, lambda: [_create(request.partnership, page, like, asked, by=request.user, at=now())])
        except Refused as refusal:
            page.refuse(refusal)
        else:
            who_is_told = f", and {asked.asked_by.name} is told when you do" if asked else ""
            messages.success(request, f"Draft saved. Publish it when it is ready: until then nobody else sees it{who_is_told}.")
            return redirect("office_event", made)
    context = {"page": page, "like": like, "asked": asked, "first_day": first_day, "once": form_key(request)}
    return render(request, "office/event_edit.html", context)


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def event_change(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Change an event. New times send a new calendar entry to everybody booked; more places reach the waiting list.

    Where somebody would be told, a page says who and what before anything is saved.
    """
    event = own_event(request, event_id)
    page = EventPage(request.partnership, start_of(event), data=_data(request), event=event)
    if "fill" in request.POST:
        page = page.again(request.POST["fill"])
    elif request.method == "POST" and page.are_valid(today=london_date(now())):
        try:
            if "checked" not in request.POST and (check := _check(event, page, by=request.user, at=now())):
                return render(request, "office/event_check.html", {"event": event, "check": check, "sent": sent_again(request)})
            _change(copy(event), page, by=request.user, at=now())  # refused, the page still names the event as it is
        except Refused as refusal:
            page.refuse(refusal)
        else:
            messages.success(request, "Changes saved.")
            return redirect("office_event", event.pk)
    return render(request, "office/event_edit.html", {"page": page, "event": event})


def _data(request: SignedInRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _start_of_new(request: SignedInRequest, like: Event | None, first_day: FirstDayForm) -> Start:
    course = _asked_for(Course.objects.filter(partnership=request.partnership), request.GET.get("course"))
    day = first_day.cleaned_data["first_day"] if first_day.is_bound and first_day.is_valid() else None
    start = start_like(like, day) if like else start_empty(request.partnership)
    return with_course(start, course) if course else start


def _asked_for(rows: models.QuerySet[Row], key: str | None) -> Row | None:
    """The row an address names; None for none, and for an address that somebody has mangled."""
    return rows.filter(pk=id_in(key)).first()


@dataclass(frozen=True)
class Check(Tells):
    """What a change would do: (what, before, after), what speaks against it, and who would be told what."""

    changes: list[tuple[str, str, str]]
    against: list[str]
    told: list[Told]


def _check(event: Event, page: EventPage, *, by: Person, at: datetime) -> Check | None:
    """None where nobody would be told. Raises Refused as the change does."""
    seen, planned = list[dict[str, str]](), [Planned.of(event)]

    def change() -> None:
        changed = copy(event)
        seen.append(_as_people_see_it(event))
        _change(changed, page, by=by, at=at)
        seen.append(_as_people_see_it(changed))
        planned.append(Planned.of(changed))

    told = what_would_be_told([event], change)
    before, after = seen
    changes = [(name, before[name], after[name]) for name in before if before[name] != after[name]]
    return Check(changes, _against(planned[0], planned[1], event.lead_host, at), told) if told else None


def _against(before: Planned, after: Planned, partnership: Partnership, at: datetime) -> list[str]:
    """What speaks against new times, another venue or other trainers; nothing where these stay as they were."""
    is_moved = replace(after, title=before.title) != before
    return words_on([after], partnership=partnership, at=at)[0] if is_moved else []


def _as_people_see_it(event: Event) -> dict[str, str]:
    terms = BookingTerms.objects.filter(event=event).first()
    return {
        "Title": event.public_title,
        "When": "\n".join(wording.span(one.starts_at, one.ends_at) for one in event.sessions.all()),
        "Where": where(event),
        "Joining link": event.joining_link or "None",
        "Places": str(terms.booking_limit) if terms else "",
    }


@transaction.atomic
def _create(
    partnership: Partnership, page: EventPage, like: Event | None, asked: SessionRequest | None, *, by: Person, at: datetime
) -> Event:
    assert page.places is not None  # noqa: S101 - a new event always has places; tells the type checker
    terms = page.places.terms()
    event = create_bookable_event(
        places=terms.pop("booking_limit"),
        terms=terms,
        invited=page.details.cleaned_data["invited"],
        partnership=partnership,
        sessions=page.sessions.times(),
        by=by,
        at=at,
        **_details(partnership, page, by=by, at=at),
    )
    if like is not None:
        copy_conditions(like=like, event=event)
    if asked is not None:
        plan_session(request=asked, event=event, by=by, at=at)
    return event


@transaction.atomic
def _change(event: Event, page: EventPage, *, by: Person, at: datetime) -> None:
    details = _details(event.lead_host, page, by=by, at=at)
    change_bookable_event(event=event, sessions=page.sessions.times(), by=by, at=at, **details)
    if page.places is not None:
        change_terms(event=event, by=by, at=at, invited=page.details.cleaned_data["invited"], **page.places.terms())


def _details(partnership: Partnership, page: EventPage, *, by: Person, at: datetime) -> dict[str, Any]:
    details = page.details.details()
    if page.details.cleaned_data["new_venue"]:
        name, address = page.details.cleaned_data["new_venue"]
        details["venue"] = ensure_venue(partnership=partnership, name=name, address=address, by=by, at=at)
    return details
