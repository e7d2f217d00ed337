"""An event as the agency sees it, and the places that the agency holds there without names."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bookings import agency, counting, operations, policies
from bookings.foreseeing import refusal_for_everybody
from bookings.forms.agency import HoldForm, OneOfOursForm
from bookings.models import BookingTerms, Hold, HoldKind
from bookings.views.agency.at_hand import about_event, event_of, grant_of, page, query_without_page
from core import wording
from core.clock import now
from core.refusals import Refused
from events.models import Event
from people.access import SignedInRequest, needs_somewhere
from people.models import Grant
from people.operations import add_person

PAGE = 50


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def event(request: SignedInRequest, grant_id: UUID, event_id: UUID) -> HttpResponse:
    """Places left, who of the agency is booked, and what it holds."""
    grant = grant_of(request, grant_id)
    shown, at = event_of(request, grant, event_id), now()
    terms = BookingTerms.objects.filter(event=shown).first()
    theirs = agency.bookings_of(grant).filter(event=shown).order_by(*agency.BY_NAME)
    listed = Paginator(theirs, PAGE).get_page(request.GET.get("page"))
    context = {
        **about_event(shown),
        "counts": counting.place_counts([shown], reader=agency.somebody_of(grant)).get(shown.pk),
        "refused": refusal_for_everybody(shown, terms, at=at),
        "listed": listed,
        "query": query_without_page(request),
        "holds": holds_with_left(grant, shown),
    }
    return page(request, grant, "event.html", context, tab="agency_events")


@needs_somewhere("book_for_agency")
@never_cache
@require_GET
def holds(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    """Every hold in force, the first to end first, and the latest of those that ended."""
    grant = grant_of(request, grant_id)
    return page(request, grant, "holds.html", {"holds": holds_with_left(grant)}, tab="agency_holds")


@needs_somewhere("book_for_agency")
@never_cache
@require_http_methods(["GET", "POST"])
def hold(request: SignedInRequest, grant_id: UUID, event_id: UUID) -> HttpResponse:
    """Keep places for colleagues whose names come later."""
    grant = grant_of(request, grant_id)
    shown, at = event_of(request, grant, event_id), now()
    terms = get_object_or_404(BookingTerms, event=shown)
    form = HoldForm(request.POST if request.method == "POST" else None, latest=policies.last_day_to_hold(shown, terms))
    refused = refusal_for_everybody(shown, terms, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.hold_places(
                event=shown, kind=HoldKind.UNNAMED, organisation=grant.organisation, by=request.user, at=at, **form.cleaned_data
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            held = wording.count(made.places, "place is", "places are")
            messages.success(request, f"{held} held until the end of {wording.day(made.until)}.")
            return redirect("agency_event", grant.pk, shown.pk)
    counts = counting.place_counts([shown]).get(shown.pk)
    return page(request, grant, "hold.html", {**about_event(shown), "form": form, "refused": refused, "counts": counts})


@needs_somewhere("book_for_agency")
@never_cache
@require_http_methods(["GET", "POST"])
def release(request: SignedInRequest, grant_id: UUID, hold_id: UUID) -> HttpResponse:
    """Give places without a name back before their day."""
    grant = grant_of(request, grant_id)
    found = get_object_or_404(agency.holds_of(grant), pk=hold_id)
    if request.method == "POST":
        operations.release_hold(hold=found, by=request.user, at=now())
        messages.success(request, "The places without a name are given back.")
        return redirect("agency_event", grant.pk, found.event_id)
    left = {one.hold.pk: one.left for one in counting.held_places([found.event_id])}.get(found.pk, 0)
    return page(request, grant, "release.html", {**about_event(found.event), "hold": found, "left": left})


@needs_somewhere("book_for_agency")
@never_cache
@require_http_methods(["GET", "POST"])
def person_new(request: SignedInRequest, grant_id: UUID) -> HttpResponse:
    """Somebody of the agency whom nobody has added yet. An address that is known stays with whose it is."""
    grant = grant_of(request, grant_id)
    assert grant.organisation is not None  # noqa: S101 - the constraint says so; tells the type checker
    form = OneOfOursForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_person(
                partnership=grant.partnership,
                organisation_text=grant.organisation.name,
                organisation=grant.organisation,
                manager_email="",
                by=request.user,
                at=now(),
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, _said(refusal))
        else:
            messages.success(request, f"{added.name} is added.")
            return redirect("agency_people", grant.pk)
    return page(request, grant, "person_new.html", {"form": form}, tab="agency_people")


def holds_with_left(grant: Grant, event: Event | None = None) -> list[dict[str, Any]]:
    """The agency's holds in force, each with how many of its places have no name yet."""
    in_force: list[Hold] = list(agency.holds_of(grant).in_force())
    theirs = [one for one in in_force if event is None or one.event_id == event.pk]
    left = {one.hold.pk: one.left for one in counting.held_places({one.event_id for one in theirs})}
    return [{"hold": one, "left": left[one.pk], "named": one.places - left[one.pk]} for one in theirs]


def _said(refusal: Refused) -> str:
    if refusal.code == "address_taken":
        return "Somebody has this address already. If they are your colleague, ask them to give your agency in their profile."
    return str(refusal)
