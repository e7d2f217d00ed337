"""Booking a place, looking at a booking, giving it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bookings import operations, policies, queries
from bookings.forms import ApprovalForm, BookForm, CancelForSomebodyForm
from bookings.messages import calendar_entry
from bookings.models import Booking, BookingStatus, BookingTerms, CancelledBy, Decision
from core.clock import now
from core.refusals import Refused
from events.models import Event, EventStatus
from events.queries import ends_at, when, where
from notifications import calendar
from notifications.models import Message
from people.access import SignedInRequest, public, signed_in
from people.models import Person
from people.policies import can


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def book(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Check what we know and press one button. Somebody who has a booking already comes to that one."""
    event, person = _event(request, event_id), request.user
    present = queries.live_booking(event, person)
    if present is not None:
        return redirect("booking", present.pk)
    form = BookForm(request.POST or None, person=person, asks_for_manager=event.lead_host.asks_for_manager)
    if request.method != "POST" or not form.is_valid():
        return _book_page(request, event, form)
    try:
        made = operations.book_place(
            event=event, person=person, by=person, at=now(), manager_email=form.cleaned_data.get("manager_email", "")
        )
    except Refused as refused:
        if refused.code == "already_booked":  # the same form sent twice at once: the other one made the booking
            return redirect("book", event.pk)
        return _book_page(request, event, form, refused=refused)
    return redirect("booking", made.pk)


@signed_in
@never_cache
@require_GET
def booking(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The booking as it stands: the confirmation page, for as long as it is one."""
    found, at = _booking(request, booking_id), now()
    context = {
        "queue_place": queries.place_in_queue(found) if found.status == BookingStatus.WAITING else None,
        "can_cancel": policies.can_cancel(found, at=at),
        "is_over": ends_at(found.event) <= at,
        "is_told": Message.objects.filter(about=f"booking:{found.pk}", person=found.person).exists(),
    }
    return render(request, "bookings/booking.html", {**_about(request, found), **context})


@signed_in
@never_cache
@require_GET
def booking_calendar(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The sessions as a file for any calendar, with the ids that the invitation has: a calendar that has both shows one."""
    found = _booking(request, booking_id)
    invitations = found.invitations.filter(is_cancelled=False).select_related("session").order_by("session__number")
    if found.status != BookingStatus.CONFIRMED or not invitations:
        raise Http404
    entries = [calendar_entry(found, invitation, attendee_address="", at=now()) for invitation in invitations]
    body = calendar.feed(entries, name=found.event.public_title)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    name = slugify(found.event.public_title)[:60] or "event"
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def cancel_booking(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The page says what will happen; the button does it. Mail scanners that open the link change nothing."""
    found, refused, by = _booking(request, booking_id), None, request.user
    was_waiting = found.status == BookingStatus.WAITING
    form = None if found.person_id == by.pk else CancelForSomebodyForm(request.POST if request.method == "POST" else None)
    try:
        policies.check_can_cancel(found, at=now())
        if request.method == "POST" and (form is None or form.is_valid()):
            said = form.cleaned_data if form else {"cancelled_by": CancelledBy.DELEGATE}
            operations.cancel_booking(booking=found, by=by, at=now(), **said)
            messages.success(request, _done(was_waiting=was_waiting, is_own=form is None))
            return redirect("booking", found.pk)
    except Refused as refusal:
        refused = refusal
    context = {**_about(request, found), "refused": refused, "was_waiting": was_waiting, "form": form}
    return render(request, "bookings/cancel.html", context, status=409 if refused and request.method == "POST" else 200)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, token: str) -> HttpResponse:
    """Where a manager's mailed link leads: the page asks, the button answers. No account, and opening it changes nothing."""
    asked, approver = queries.request_by_link(token)
    if asked is None:
        return render(request, "bookings/approve_gone.html", status=404)
    form, refused = ApprovalForm(request.POST if request.method == "POST" else None), None
    by = request.user if isinstance(request.user, Person) else None
    try:
        policies.check_is_open(asked, asked.booking, at=now())
        if request.method == "POST" and form.is_valid():
            answer = (
                operations.approve_booking if form.cleaned_data["answer"] == Decision.APPROVED else operations.decline_booking
            )
            answer(request=asked, approver=approver, by=by, at=now(), reason=form.cleaned_data["reason"])
            asked.refresh_from_db()
            return render(request, "bookings/approve_done.html", {"asked": asked})
    except Refused as refusal:
        refused = refusal
    context = {"asked": asked, "booking": asked.booking, "event": asked.booking.event, "form": form, "refused": refused}
    context |= {"when": when(asked.booking.event), "where": where(asked.booking.event)}
    return render(request, "bookings/approve.html", context, status=409 if refused and request.method == "POST" else 200)


def _done(*, was_waiting: bool, is_own: bool) -> str:
    if was_waiting:
        return "You have left the waiting list." if is_own else "Taken off the waiting list."
    return "Place cancelled."


def _event(request: SignedInRequest, event_id: UUID) -> Event:
    """A hosted event that is no draft: what is not published does not exist for those who book."""
    hosted = Event.objects.hosted_by(request.partnership).exclude(status=EventStatus.DRAFT)
    return get_object_or_404(hosted.select_related("lead_host", "venue", "course").prefetch_related("sessions"), pk=event_id)


def _booking(request: SignedInRequest, booking_id: UUID) -> Booking:
    """Somebody's own booking, or, for officers, one at an event that their partnership leads. Nobody else's exists."""
    related = Booking.objects.select_related("event__lead_host", "event__venue", "event__course", "person", "organisation")
    found = get_object_or_404(related.prefetch_related("event__sessions"), pk=booking_id)
    if found.person_id == request.user.pk:
        return found
    if request.partnership != found.event.lead_host or not can(request.grants, "manage_bookings", request.partnership):
        raise Http404
    return found


def _about(request: SignedInRequest, found: Booking) -> dict[str, Any]:
    event = found.event
    is_own = found.person_id == request.user.pk
    return {"booking": found, "event": event, "when": when(event), "where": where(event), "is_own": is_own}


def _book_page(request: SignedInRequest, event: Event, form: BookForm, *, refused: Refused | None = None) -> HttpResponse:
    terms = BookingTerms.objects.filter(event=event).first()
    counts = queries.place_counts([event]).get(event.pk)
    left = counts.left if counts else None
    if refused is None and not form.errors:
        refused = policies.refusal_to_book(event=event, terms=terms, person=request.user, at=now(), free=left)
    context = {"event": event, "form": form, "counts": counts, "refused": refused, "when": when(event), "where": where(event)}
    status = 409 if refused and request.method == "POST" else 200
    return render(request, "bookings/book.html", {**context, "person": request.user}, status=status)
