"""One booking as officers see it, and what they do with it. Each step says what it means before it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from bookings import operations
from bookings.charging.reading import terms_of
from bookings.counting import place_counts
from bookings.forms import CancelForSomebodyForm
from bookings.models import ApprovalRequest, Approver, BillingDetails, Booking, BookingStatus, Charge, Decision, Priority
from bookings.queries import place_in_queue
from core import wording
from core.clock import now
from core.refusals import Refused
from events.queries import ends_at, when, where
from notifications.bounces import bounced_among
from notifications.models import Message
from notifications.own_texts import put_into
from office.bookings import Consequence, history, of_cancelling, possible, where_the_place_goes
from office.coming import letters_to_come
from office.forms.booking import AnswerForm, ManagerForm, OfferForm, PriorityForm
from office.forms.reason import ReasonForm
from office.views.own import own_booking
from people.access import SignedInRequest, needs
from people.models import Person

MOST_MESSAGES = 50


@needs("manage_bookings")
@require_GET
def booking(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """How it stands, how it came to that, what was written about it, and what can be done."""
    found, at = own_booking(request, booking_id), now()
    sent = list(Message.objects.filter(about=found.about).with_pause().order_by("-created_at", "pk")[:MOST_MESSAGES])
    put_into(sent)
    person = Person.objects.with_address().get(pk=found.person_id)
    context = {
        "booking": found,
        "event": found.event,
        "person": person,
        "letters": letters_to_come([found], request.partnership, bounced_among(person.addresses()), at=at),
        "when": when(found.event),
        "where": where(found.event),
        "is_over": ends_at(found.event) <= at,
        "can": possible(found, at),
        "manager_is_unreachable": bool(bounced_among([found.manager_email])),
        "approval": ApprovalRequest.objects.filter(booking=found).select_related("decided_by").first(),
        "queue_place": place_in_queue(found) if found.status == BookingStatus.WAITING else None,
        "money": terms_of(found, at) if found.is_live else None,
        "bill": BillingDetails.objects.filter(booking=found).first() if found.policy_version_id else None,
        "charges": list(Charge.objects.filter(booking=found).order_by("raised_at", "pk")),
        "steps": history(found),
        "sent": sent,
        "before": found.replaces,
        "after": Booking.objects.filter(replaces=found).select_related("person", "event").first(),
    }
    return render(request, "office/booking.html", context)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_cancel(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    found = own_booking(request, booking_id)
    form = CancelForSomebodyForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and done(form, operations.cancel_booking, booking=found, by=request.user, at=now(), **form.cleaned_data):
        taken_off = found.status == BookingStatus.WAITING
        messages.success(request, f"{found.person.name} is off the waiting list." if taken_off else "The booking is cancelled.")
        return redirect("office_booking", found.pk)
    means, name = of_cancelling(found, now()) if found.is_live else [], found.person.name
    if found.status == BookingStatus.WAITING:
        words = {"heading": f"Take {name} off the waiting list?", "button": "Take off the waiting list"}
        return step_page(request, found, form, "cancel", means=means, keep="Keep them waiting", variant="warning", **words)
    words = {"heading": f"Cancel the booking of {name}?", "button": "Cancel this booking"}
    return step_page(request, found, form, "cancel", means=means, keep="Keep the booking", variant="warning", **words)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_place(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Somebody who waits gets a place, having been rung."""
    found = own_booking(request, booking_id)
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        label="What was agreed?",
        hint="“Rang her, she can come”, say. Kept with the booking.",
    )
    if form.is_valid() and done(form, operations.place_by_hand, booking=found, by=request.user, at=now(), **form.cleaned_data):
        messages.success(request, f"{found.person.name} has a place.")
        return redirect("office_booking", found.pk)
    means = [
        Consequence("Places", _places_left(found)),
        Consequence("Their place", "Confirmed at once, even out of turn. They get the confirmation with the calendar entry."),
    ]
    return step_page(request, found, form, "place", f"Give {found.person.name} a place?", "Give the place", means)


def _places_left(found: Booking) -> str:
    counts = place_counts([found.event]).get(found.event_id)
    if counts is None or counts.left == 0:
        return "None left. Raise the number of places, or cancel a booking first."
    return f"{counts.left} of {counts.limit} left."


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_offer(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """What somebody said, on the telephone, of the place they are offered."""
    found = own_booking(request, booking_id)
    form = OfferForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        takes = form.cleaned_data["answer"] == "takes"
        act = operations.accept_offer if takes else operations.decline_offer
        if done(form, act, booking=found, by=request.user, at=now()):
            messages.success(request, f"{found.person.name} {'has the place' if takes else 'does not take it: it goes on'}.")
            return redirect("office_booking", found.pk)
    means = [Consequence("If they turn it down", where_the_place_goes(found, now()))]
    return step_page(request, found, form, "offer", f"Does {found.person.name} take the place?", "Save the answer", means)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_approval(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Approve or decline in the manager's stead."""
    found = own_booking(request, booking_id)
    asked = get_object_or_404(ApprovalRequest, booking=found)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        approves = form.cleaned_data["answer"] == Decision.APPROVED
        act = operations.approve_booking if approves else operations.decline_booking
        said = {"reason": form.cleaned_data["reason"], "approver": Approver.OFFICER}
        if done(form, act, request=asked, by=request.user, at=now(), **said):
            messages.success(request, f"The booking is {'approved' if approves else 'declined'}.")
            return redirect("office_booking", found.pk)
    means = [
        Consequence("Who was asked", ", ".join(filter(None, [asked.manager_email, asked.deputy_email]))),
        Consequence("Without an answer", f"Lapses at {wording.clock(asked.lapses_at)} on {wording.day(asked.lapses_at)}."),
        Consequence("If you approve", "They get their place." if found.has_a_place else "They keep their place in the queue."),
        Consequence("If you decline", "The booking ends, and they read your reason."),
    ]
    return step_page(request, found, form, "approve", f"Can {found.person.name} attend?", "Answer for the manager", means)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_manager(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Correct the manager's address or, where they have to approve, ask another one."""
    found = own_booking(request, booking_id)
    asked = ApprovalRequest.objects.filter(booking=found).first()
    asks = asked is not None and found.status == BookingStatus.AWAITING_APPROVAL
    initial = {"manager_email": found.manager_email, "deputy_email": asked.deputy_email if asked else ""}
    form = ManagerForm(request.POST if request.method == "POST" else None, initial=initial, asks=asks)
    if form.is_valid():
        which = {"request": asked} if asks else {"booking": found}
        act: Callable[..., Any] = operations.ask_somebody_else if asks else operations.correct_manager
        if done(form, act, by=request.user, at=now(), **which, **form.cleaned_data):
            messages.success(request, "The other manager is asked." if asks else "The manager’s address is saved.")
            return redirect("office_booking", found.pk)
    if asks:
        means = [
            Consequence("The time to answer", "Starts afresh."),
            Consequence("The links sent before", "Open nothing any more."),
        ]
        return step_page(request, found, form, "manager", "Who is to approve?", "Ask them", means)
    means = [Consequence("Who is told", "Where the event tells managers, the new address is told of the booking at once.")]
    return step_page(request, found, form, "manager", f"Who is the manager of {found.person.name}?", "Save", means)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_priority(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    found = own_booking(request, booking_id)
    form = PriorityForm(request.POST if request.method == "POST" else None, initial={"priority": found.priority})
    if form.is_valid() and done(form, operations.set_priority, booking=found, by=request.user, at=now(), **form.cleaned_data):
        messages.success(request, f"The priority is {Priority(form.cleaned_data['priority']).label.lower()}.")
        return redirect("office_booking", found.pk)
    means = [Consequence("The queue", "Whoever has a higher priority gets a place sooner; among equals, who joined first.")]
    return step_page(
        request, found, form, "priority", f"How soon is it the turn of {found.person.name}?", "Set the priority", means
    )


def done(form: forms.Form, act: Callable[..., Any], **arguments: Any) -> bool:
    """Do it, or show beside the form why not."""
    try:
        act(**arguments)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def step_page(
    request: SignedInRequest,
    found: Booking,
    form: forms.Form,
    step: str,
    heading: str,
    button: str,
    means: Sequence[Consequence],
    *,
    keep: str = "Leave it as it is",
    variant: str = "primary",
) -> HttpResponse:
    """What the step would mean, and its form; or that it can't be done any more. ``step`` is one of possible()."""
    context = {"booking": found, "event": found.event, "when": when(found.event), "form": form, "means": means}
    context["is_possible"] = step in possible(found, now())
    words = {"heading": heading, "button": button, "keep": keep, "variant": variant}
    return render(request, "office/booking_step.html", {**context, **words}, status=409 if form.non_field_errors() else 200)
