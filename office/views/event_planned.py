"""Letters that the clock sends about one event: who gets them, what they say, held back, sent now."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings.models import BEFORE, FOR_EVERYBODY, Booking, MessageSettings, PlannedKind
from bookings.operations import change_planned, hold_back, hold_back_from, let_go, let_go_to, send_planned_now
from bookings.planned import plan_of, unwritten
from core import wording
from core.clock import now
from core.ids import ids_in
from core.refusals import Refused
from events.models import Event, EventTrainer
from feedback.asking import ask_for_evaluation
from feedback.follow_up_plans import walk_ins_among
from feedback.follow_ups import ask_for_follow_up
from office.forms.planned import PlannedForm
from office.planned import managers_copied, planned_row
from office.planned_letters import preview, preview_for_trainer, recipients_of
from office.planned_row import LATER, PlannedRow
from office.views.leaving import save_or_ask
from office.views.own import own_event
from office.written import letters_to_trainers, put_letters
from people.access import SignedInRequest, needs
from people.models import Person, addresses_at_hand
from registers.certificates import certified_walk_ins
from registers.operations import certify, release_absence_letters

PAGE = 50
# How many came without a booking, so that no list of bookings shows them.
WALK_INS: dict[str, Callable[[Event], int]] = {
    PlannedKind.FOLLOW_UP: walk_ins_among,
    PlannedKind.CERTIFICATE: certified_walk_ins,
}


def _own_row(request: SignedInRequest, event_id: UUID, kind: str) -> tuple[Event, PlannedRow]:
    """The event and what is planned of this kind; 404 for a kind that there is not and an event that is not published."""
    event = own_event(request, event_id)
    row = planned_row(event, kind, now()) if kind in PlannedKind.values else None
    if row is None:
        raise Http404
    return event, row


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def event_planned(request: SignedInRequest, event_id: UUID, kind: str) -> HttpResponse:
    """One kind of letter: when it leaves, to whom, what it says. POST changes its days and its note."""
    event, row = _own_row(request, event_id, kind)
    if kind == PlannedKind.REGISTER:
        return render(request, "office/event_planned.html", {"event": event, "row": row, **_for_trainers(event)})
    own_days = row.days if row.has_own_days else None
    form = PlannedForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        usual=MessageSettings.of(event.lead_host).days(kind),
        initial={"days": own_days, "note": row.note},
    )
    if form.is_valid():
        at, asked = now(), {"days": form.cleaned_data.get("days"), "note": form.cleaned_data["note"]}
        save = partial(change_planned, event=event, kind=kind, by=request.user, at=at, **asked)
        try:
            asks = save_or_ask(request, save, at=at, back=_address(event, kind), back_to=row.label)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            if asks:
                return asks
            messages.success(request, "Saved. What is not written yet takes it.")
            return redirect(_address(event, kind))
    context = {"event": event, "row": row, "form": form, **_to_whom(request, event, row)}
    return render(request, "office/event_planned.html", context)


def _address(event: Event, kind: str) -> str:
    return reverse("office_event_planned", args=[event.pk, kind])


def _to_whom(request: SignedInRequest, event: Event, row: PlannedRow) -> dict[str, Any]:
    """The recipients, a page at a time, and the letter as one of them reads it: whoever was chosen, or the first."""
    found = recipients_of(event, row.kind)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    put_letters(event, row.kind, shown)
    chosen = found.filter(pk__in=ids_in([request.GET.get("for", "")])).first() or (shown[0] if shown else None)
    return {
        "page": page,
        "shown": shown,
        "chosen": chosen,
        "letter": preview(event, row.kind, chosen, row.note, at=now()) if chosen and row.state != LATER else None,
        "is_before": row.kind in BEFORE,
        "is_for_everybody": row.kind in FOR_EVERYBODY,
        "walk_ins": WALK_INS[row.kind](event) if row.kind in WALK_INS else 0,
    }


def _for_trainers(event: Event) -> dict[str, Any]:
    named = EventTrainer.objects.filter(event=event).select_related("person").prefetch_related(addresses_at_hand("person__"))
    trainers = list(named.order_by("name"))
    letters = letters_to_trainers(event)
    for trainer in trainers:
        trainer.letter = letters.get(trainer.person_id) if trainer.person_id else None  # type: ignore[attr-defined]
    reached = [one for one in trainers if one.person is not None and one.person.main_address()]
    return {"trainers": trainers, "letter": preview_for_trainer(event, reached[0]) if reached else None}


@needs("manage_events")
@require_POST
def planned_hold(request: SignedInRequest, event_id: UUID, kind: str) -> HttpResponse:
    """Hold this kind of letter back for the event, or allow it to leave."""
    event, row = _own_row(request, event_id, kind)
    if request.POST.get("do") == "let_go":
        at = now()
        allow = partial(let_go, event=event, kind=kind, by=request.user, at=at)
        if asks := save_or_ask(request, allow, at=at, back=_address(event, kind), back_to=row.label):
            return asks
        messages.success(request, f"{row.label}: it leaves at its time.")
    else:
        hold_back(event=event, kind=kind, by=request.user, at=now())
        messages.success(request, f"{row.label}: held back until you allow it to leave.")
    return redirect("office_event_planned", event.pk, kind)


@needs("manage_events")
@require_POST
def planned_person(request: SignedInRequest, event_id: UUID, kind: str, booking_id: UUID) -> HttpResponse:
    """Hold this kind of letter back from one person, or allow it to leave."""
    event, _ = _own_row(request, event_id, kind)
    booking = get_object_or_404(Booking.objects.select_related("person"), pk=booking_id, event=event)
    try:
        if request.POST.get("do") == "let_go":
            let_go_to(booking=booking, kind=kind, by=request.user, at=now())
            messages.success(request, f"It is not held back from {booking.person.name} any more.")
        else:
            hold_back_from(booking=booking, kind=kind, by=request.user, at=now())
            messages.success(request, f"{booking.person.name} does not get it.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{_address(event, kind)}?for={booking.pk}#letter")


def _send(event: Event, kind: str, by: Person) -> int:
    """To how many people it was written. Raises Refused."""
    if kind in BEFORE:
        return send_planned_now(event=event, kind=kind, by=by, at=now())
    if kind == PlannedKind.CERTIFICATE:
        return certify(event=event, by=by, at=now())
    if kind == PlannedKind.ABSENCE:
        return release_absence_letters(event=event, by=by, at=now())
    if kind == PlannedKind.FOLLOW_UP:
        return ask_for_follow_up(event=event, by=by, at=now())
    return ask_for_evaluation(event=event, kind=kind, by=by, at=now())


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def planned_send(request: SignedInRequest, event_id: UUID, kind: str) -> HttpResponse:
    """Send it now, after saying to how many people it goes."""
    event, row = _own_row(request, event_id, kind)
    if kind == PlannedKind.REGISTER:
        raise Http404
    if request.method == "POST":
        try:
            written = _send(event, kind, request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"It leaves within a minute, to {wording.count(written, 'person', 'people')}.")
        return redirect("office_event_messages", event.pk)
    to = unwritten([plan_of(event, kind)], to_everybody=True).count() if kind in BEFORE else row.to
    context = {"event": event, "row": row, "to": to, "copied": managers_copied(event, kind, now())}
    return render(request, "office/event_planned_send.html", context)
