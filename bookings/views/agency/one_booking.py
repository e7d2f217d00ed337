"""One booking of the agency: how it stands, and giving it back, passing it on or moving it. Each says first what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bookings import agency, operations, passing_on, policies
from bookings.charging.reading import consequence_of_cancelling, terms_of
from bookings.forms import MoveForm
from bookings.forms.agency import CancelForColleagueForm, InsteadForm
from bookings.models import BillingDetails, Booking
from bookings.passing_on import OtherDate
from bookings.views.agency.at_hand import about_event, booking_of, grant_of, page, searched
from core import wording
from core.clock import now
from core.refusals import Refused
from events.queries import ends_at
from people.access import SignedInRequest, needs_somewhere
from people.models import Grant, Person

MOST_SHOWN = 20


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def booking(request: SignedInRequest, grant_id: UUID, booking_id: UUID) -> HttpResponse:
    grant = grant_of(request, grant_id)
    found, at = booking_of(grant, booking_id), now()
    context = {
        "can_cancel": policies.can_cancel(found, at=at),
        "can_pass_on": _may(passing_on.check_has_colleagues, found),
        "can_move": found.event.course_id is not None
        and _may(policies.check_can_pass_on, found)
        and _may(policies.check_may_move_now, found),
        "changes": list(found.changes.all()),
        "money": terms_of(found, at) if found.is_live and at < ends_at(found.event) else None,
        "bill": BillingDetails.objects.filter(booking=found).first() if found.policy_version_id else None,
    }
    return page(request, grant, "booking.html", {**_about(found), **context}, tab="agency_bookings")


@needs_somewhere("book_for_agency")
@never_cache
@require_http_methods(["GET", "POST"])
def cancel(request: SignedInRequest, grant_id: UUID, booking_id: UUID) -> HttpResponse:
    """What giving the place back means, with what it costs by the policy that the booking accepted."""
    grant = grant_of(request, grant_id)
    found, refused, at = booking_of(grant, booking_id), None, now()
    form = CancelForColleagueForm(request.POST if request.method == "POST" else None)
    try:
        policies.check_can_cancel(found, at=at)
        if request.method == "POST" and form.is_valid():
            operations.cancel_booking(booking=found, by=request.user, at=at, **form.cleaned_data)
            messages.success(request, f"The booking of {found.person.name} is cancelled.")
            return redirect("agency_bookings", grant.pk)
    except Refused as refusal:
        refused = refusal
    costs = consequence_of_cancelling(found, at)
    amount = wording.pounds(costs.cost.amount) if costs else ""
    context = {**_about(found), "form": form, "refused": refused, "costs": costs, "amount": amount}
    context["goes"] = passing_on.where_the_place_goes(found)
    return page(request, grant, "cancel.html", context, status=_status(request, refused))


@needs_somewhere("book_for_agency")
@never_cache
@require_http_methods(["GET", "POST"])
def substitute(request: SignedInRequest, grant_id: UUID, booking_id: UUID) -> HttpResponse:
    """A colleague of the agency takes the place over."""
    grant, text = grant_of(request, grant_id), searched(request)
    found, refused, at = booking_of(grant, booking_id), None, now()
    placed = Booking.objects.filter(event=found.event_id).holding_a_place().values("person_id")
    colleagues = agency.people_of(grant).exclude(pk__in=placed)
    shown = list(colleagues.matching(text)[: MOST_SHOWN + 1])
    form = InsteadForm(request.POST if request.method == "POST" else None, people=colleagues, shown=shown[:MOST_SHOWN])
    try:
        passing_on.check_has_colleagues(found, at=at)
        if request.method == "POST" and form.is_valid():
            new = operations.substitute(booking=found, by=request.user, at=at, **form.cleaned_data)
            messages.success(request, f"{new.person.name} has the place of {found.person.name}. Both are told.")
            return redirect("agency_booking", grant.pk, new.pk)
    except Refused as refusal:
        refused = refusal
    context = {**_about(found), "form": form, "refused": refused, "text": text, "more": len(shown) > MOST_SHOWN}
    return page(request, grant, "substitute.html", context, status=_status(request, refused))


@needs_somewhere("book_for_agency")
@never_cache
@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, grant_id: UUID, booking_id: UUID) -> HttpResponse:
    """To another date of the same course."""
    grant = grant_of(request, grant_id)
    found, refused, at = booking_of(grant, booking_id), None, now()
    dates = _other_dates(found, grant, request.user)
    choices = [(str(one.event.pk), str(one)) for one in dates]
    form = MoveForm(request.POST if request.method == "POST" else None, dates=choices)
    try:
        policies.check_can_pass_on(found, at=at)
        policies.check_may_move_now(found, at=at)
        if request.method == "POST" and form.is_valid():
            to_event = next(one.event for one in dates if str(one.event.pk) == form.cleaned_data["to_event"])
            new = operations.transfer(booking=found, to_event=to_event, by=request.user, at=at)
            messages.success(request, f"{new.person.name} is moved to the other date.")
            return redirect("agency_booking", grant.pk, new.pk)
    except Refused as refusal:
        refused = refusal
    context = {**_about(found), "form": form, "refused": refused, "dates": dates}
    context["goes"] = passing_on.where_the_place_goes(found)
    context["costs"] = passing_on.what_dates_cost(found, dates, at=at)
    return page(request, grant, "move.html", context, status=_status(request, refused))


def _other_dates(found: Booking, grant: Grant, lead: Person) -> list[OtherDate]:
    """The dates to come of the same course that the colleague can move to, of those that the lead may know of."""
    dates = passing_on.other_dates(found, agency.events_of(grant, lead), by=lead, at=now(), asks_manager=False)
    return [one for one in dates if one.is_free]


def _may(check: Callable[..., object], found: Booking) -> bool:
    try:
        check(found, at=now())
    except Refused:
        return False
    return True


def _about(found: Booking) -> dict[str, Any]:
    return {"booking": found, **about_event(found.event)}


def _status(request: SignedInRequest, refused: Refused | None) -> int:
    return 409 if refused and request.method == "POST" else 200
