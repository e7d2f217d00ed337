"""Publishing an event, and calling it off."""

from __future__ import annotations

from copy import copy
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from bookings.charging.finding import late_charges_to_take_back
from bookings.models import ChargeState
from bookings.operations import cancel_bookable_event
from bookings.preview import told_of_cancelling
from bookings.queries import live_at, live_in_words
from core import wording
from core.clock import now
from core.refusals import Refused
from events.models import Event
from events.operations import publish_event
from feedback.operations import ensure_evaluation_form
from office.forms.reason import ReasonForm
from office.views.own import own_event
from people.access import SignedInRequest, needs
from registers.operations import call_off_afterwards
from registers.policies import did_nobody_come


@needs("manage_events")
@require_POST
def event_publish(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    event, at = own_event(request, event_id), now()
    try:
        with transaction.atomic():
            publish_event(event=event, by=request.user, at=at)
            ensure_evaluation_form(event=event, at=at)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Published. {_who_finds_it(event)} now, and its QR code is ready.")
    return redirect("office_event", event.pk)


def _who_finds_it(event: Event) -> str:
    if event.is_closed:
        return "Whoever you invited can find it under My learning"
    return (
        f"Only people of {event.for_organisation} can book it; everybody can find it"
        if event.for_organisation
        else "Everybody can find it"
    )


@needs("manage_events")
@require_http_methods(["GET", "POST"])
def event_cancel(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Cancel the whole event, after saying to how many people it will be told. It can't be undone.

    Of one that is over, and where nobody was, that it did not take place.
    """
    event, at = own_event(request, event_id), now()
    live = live_at(event)
    is_over = did_nobody_come(event, at=at)
    call_off = call_off_afterwards if is_over else cancel_bookable_event
    told = told_of_cancelling(copy(event), reason="(what you write above)", by=request.user, at=at)
    has_asker = any(one.who == "session" for one in told)
    label = "Why did it not take place?" if is_over else "Why is it cancelled?"
    form = ReasonForm(
        request.POST if request.method == "POST" else None, label=label, hint="It is kept, and everybody who is told reads it."
    )
    if request.method == "POST" and form.is_valid():
        try:
            call_off(event=event, reason=form.cleaned_data["reason"], by=request.user, at=at)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            people = sum(one.count for one in told)
            messages.success(request, f"{'Called off' if is_over else 'Cancelled'}. {_who_is_told(people)}")
            return redirect("office_event", event.pk)
    context = {
        "event": event,
        "is_over": is_over,
        "form": form,
        "live": live_in_words(live),
        "has_asker": has_asker,
        "told_to": _who_is_told(sum(live.values())).removesuffix("."),
        "told": told,
        "paused": sum(one.paused for one in told),
        "charges": _charges_that_fall(event),
    }
    return render(request, "office/event_cancel.html", context)


def _charges_that_fall(event: Event) -> str:
    """What becomes of the charges for cancelling late, in a sentence; empty where there are none."""
    states = list(late_charges_to_take_back(event).values_list("state", flat=True))
    drafts = states.count(ChargeState.DRAFT)
    approved, said = len(states) - drafts, []
    if drafts:
        said.append(f"{wording.count(drafts, 'draft is', 'drafts are')} excused")
    if approved:
        ones = wording.count(approved, "approved one is", "approved ones are")
        said.append(f"{ones} taken back, {'' if approved == 1 else 'each '}by a credit that an officer checks")
    return f"Charges for cancelling late: {'; '.join(said)}." if said else ""


def _who_is_told(people: int) -> str:
    return f"{wording.count(people, 'person', 'people')} will be told by e-mail." if people else "Nobody was booked."
