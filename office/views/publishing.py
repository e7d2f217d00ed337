"""Publishing several drafts at once, and giving those that are online their joining links first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings.operations import give_joining_links
from bookings.operations.series import MOST_AT_ONCE
from core import wording
from core.clock import now
from core.ids import ids_in
from core.refusals import Refused
from courses.models import Format
from events.clashes import words_on
from events.models import Event, EventStatus
from events.operations import publish_event
from events.planning import Planned, ready_to_copy
from events.policies import check_can_publish
from feedback.operations import ensure_evaluation_form
from office.forms.links import JoiningLinksForm
from office.queries import events_of
from office.views.own import own_event, own_events
from people.access import SignedInRequest, needs


@dataclass(frozen=True)
class Draft:
    """A draft and what is still to do: ``missing`` forbids to publish it, ``words`` only speak against it."""

    event: Event
    missing: str
    words: list[str]


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def events_publish(request: SignedInRequest) -> HttpResponse:
    """Publish several drafts at once; says of each that can't be what is missing."""
    ids = ids_in((request.POST if request.method == "POST" else request.GET).getlist("event"))
    if request.method == "POST":
        done = sum(_publish(request, event_id) for event_id in own_events(request, ids))
        if done:
            messages.success(request, f"{wording.count(done, 'event')} published. Everybody can find them now.")
        else:
            messages.error(request, "Nothing was published. Tick at least one that is ready.")
        return redirect("office_events")
    drafts = _drafts(request, ids)
    return _page(request, drafts, JoiningLinksForm(_without_link(drafts)))


@needs("manage_events")
@require_POST
def events_links(request: SignedInRequest) -> HttpResponse:
    """One joining link for all drafts that are online and have none, or single ones; then back to publishing."""
    drafts = _drafts(request, ids_in(request.POST.getlist("event")))
    form = JoiningLinksForm(_without_link(drafts), request.POST)
    if form.is_valid():
        try:
            given = give_joining_links(links=form.links, by=request.user, at=now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{wording.count(given, 'event has', 'events have')} a joining link now.")
            return redirect(reverse("office_events_publish", query={"event": [str(event.pk) for event in drafts]}))
    return _page(request, drafts, form)


def _page(request: SignedInRequest, drafts: list[Event], links: JoiningLinksForm) -> HttpResponse:
    words = words_on([Planned.of(event) for event in drafts], partnership=request.partnership, at=now())
    rows = [Draft(event, _missing(event), against) for event, against in zip(drafts, words, strict=True)]
    context = {"rows": rows, "ready": sum(not row.missing for row in rows), "links": links}
    return render(request, "office/events_publish.html", context)


def _drafts(request: SignedInRequest, ids: list[UUID]) -> list[Event]:
    """Those named that are drafts, or the next ones where none were named; by date."""
    found = own_events(request, ids) if ids else _next_drafts(request)
    return sorted((one for one in found.values() if one.status == EventStatus.DRAFT), key=lambda one: (one.starts_on, one.title))


def _next_drafts(request: SignedInRequest) -> dict[UUID, Event]:
    drafts = events_of(request.partnership).filter(status=EventStatus.DRAFT).values_list("pk", flat=True)
    return ready_to_copy(drafts.order_by("starts_on", "pk")[:MOST_AT_ONCE])


def _without_link(drafts: Iterable[Event]) -> list[Event]:
    return [event for event in drafts if event.format == Format.VIRTUAL and not event.joining_link]


def _missing(event: Event) -> str:
    try:
        check_can_publish(event, at=now())
    except Refused as refusal:
        return str(refusal)
    return ""


def _publish(request: SignedInRequest, event_id: UUID) -> bool:
    event = own_event(request, event_id)
    try:
        with transaction.atomic():
            publish_event(event=event, by=request.user, at=now())
            ensure_evaluation_form(event=event, at=now())
    except Refused as refusal:
        messages.error(request, f"{event.title}, {wording.short_day(event.starts_on)}: {refusal}")
        return False
    return True
