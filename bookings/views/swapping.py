"""A colleague comes instead, or the place moves to another date."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import operations, passing_on, policies
from bookings.forms import ColleagueForm, ColleaguesManagerForm, MoveForm, NewColleagueForm
from bookings.models import Booking
from bookings.operations import Newcomer
from bookings.views.finding import about, booking_of
from core import wording
from core.clock import now
from core.refusals import Refused
from people.access import SignedInRequest, signed_in
from people.models import Person

FIND, CHECK = "find", "check"


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def colleague(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The address first; then the colleague's name to check, or a few questions about somebody new; then it is done."""
    found = booking_of(request, booking_id)
    try:
        passing_on.check_has_colleagues(found, at=now())
    except Refused as refused:
        return _colleague_page(request, found, refused=refused)
    form = ColleagueForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _colleague_page(request, found, form=form)
    known = passing_on.colleague_at(form.cleaned_data["address"], found)
    if known == found.person:
        form.add_error("address", "This is the address of who holds the place. Enter a colleague’s.")
        return _colleague_page(request, found, form=form)
    is_checked = request.POST.get("step") == CHECK
    asks = passing_on.asks_manager(found, known, by=request.user)
    who = NewColleagueForm(request.POST if is_checked else None) if known is None else None
    manager = ColleaguesManagerForm(request.POST if is_checked else None, is_new=known is None) if asks else None
    shown: dict[str, Any] = {"form": form, "known": known, "who": who, "manager": manager}
    are_said = [one.is_valid() for one in (who, manager) if one is not None]
    try:
        if asks:
            policies.check_may_wait_for_manager(found, at=now())
        if not is_checked or not all(are_said):
            return _colleague_page(request, found, **shown)
        new = operations.substitute_by_address(
            booking=found,
            address=form.cleaned_data["address"],
            newcomer=Newcomer(**who.cleaned_data) if who else None,
            manager_email=manager.cleaned_data["manager_email"] if manager else "",
            by=request.user,
            at=now(),
        )
    except Refused as refused:
        if manager is None or refused.field != "manager_email":
            return _colleague_page(request, found, refused=refused)
        manager.add_error("manager_email", str(refused))
        return _colleague_page(request, found, **shown)
    comes = "comes instead once their manager approves" if asks else "comes instead"
    messages.success(request, f"{new.person.name} {comes}. We write to both of you.")
    return redirect("booking", found.pk)


def _colleague_page(
    request: SignedInRequest,
    found: Booking,
    *,
    form: ColleagueForm | None = None,
    known: Person | None = None,
    who: NewColleagueForm | None = None,
    manager: ColleaguesManagerForm | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    address = form.cleaned_data.get("address", "") if form and form.is_bound and form.is_valid() else ""
    context = {**about(request, found), "form": form, "known": known, "who": who, "refused": refused, "address": address}
    context |= {"manager": manager, "whose_colleagues": passing_on.whose_colleagues(found)}
    return render(request, "bookings/colleague.html", context, status=409 if refused and request.method == "POST" else 200)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Another date of the same course, of those that have a place left."""
    found, at, refused = booking_of(request, booking_id), now(), None
    dates = passing_on.free_dates(found, request.partnership, by=request.user, at=at)
    choices = [(str(one.event.pk), str(one)) for one in dates]
    form = MoveForm(request.POST if request.method == "POST" else None, dates=choices)
    try:
        policies.check_can_pass_on(found, at=at)
        policies.check_may_move_now(found, at=at)
        if request.method == "POST" and form.is_valid():
            to_event = next(one.event for one in dates if str(one.event.pk) == form.cleaned_data["to_event"])
            new = operations.transfer(booking=found, to_event=to_event, by=request.user, at=at)
            messages.success(request, f"Moved to {wording.day(to_event.starts_on)}.")
            return redirect("booking", new.pk)
    except Refused as refusal:
        refused = refusal
    context = {**about(request, found), "form": form, "dates": dates, "refused": refused}
    context["goes"] = passing_on.where_the_place_goes(found)
    context["costs"] = passing_on.what_dates_cost(found, dates, at=at)
    return render(request, "bookings/move.html", context, status=409 if refused and request.method == "POST" else 200)
