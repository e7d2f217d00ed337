"""A place that goes to a colleague, or to another date with its holder. The commonest mail of an officer's day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bookings.charging.reading import terms_of_taking_over, version_in_force
from bookings.clashes import clashes, clashes_of
from bookings.conditions import Checker
from bookings.models import LIVE, Booking, BookingStatus, BookingTerms, ManagerRole
from bookings.operations import substitute, transfer
from bookings.passing_on import OtherDate, asks_manager, other_dates, what_dates_cost
from bookings.policies import check_can_pass_on, check_may_be_substituted, check_may_take_over
from core.clock import now
from core.refusals import Refused
from events.queries import when
from office.bookings import RULES, clashes_in_words, in_the_way, rule_in_words, where_the_place_goes
from office.forms.booking import SwapForm
from office.people import people_of
from office.queries import events_of
from office.views.finding import MOST_FOUND, find_or_add, fitting
from office.views.own import own_booking
from people.access import SignedInRequest, needs
from people.models import OrganisationState, Person


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_substitute(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """Who comes instead: found among the partnership's people, or added.

    Whoever meets the conditions is one button away, where nothing else is to be known first.
    """
    found = own_booking(request, booking_id)
    finding = find_or_add(request, lambda person: reverse("office_booking_substitute_by", args=[found.pk, person.pk]))
    if isinstance(finding, HttpResponse):
        return finding
    rows = _candidates(request, found, finding.text) if finding.is_asked else []
    context = {**_about(found), "finding": finding, "rows": rows[:MOST_FOUND], "more": len(rows) > MOST_FOUND}
    context["approves"] = BookingTerms.objects.filter(event=found.event, manager_role=ManagerRole.APPROVES).exists()
    return render(request, "office/booking_substitute.html", {**context, "refused": _why_not(found)})


def _candidates(request: SignedInRequest, found: Booking, text: str) -> list[dict[str, Any]]:
    """The people the words fit, each with what stands in the way, in a fixed number of queries."""
    others = fitting(request, text).exclude(pk=found.person_id)
    nearest = list(others.nearest_first(text, organisation_id=found.organisation_id)[: MOST_FOUND + 1])
    live = Booking.objects.filter(event=found.event, person__in=nearest, status__in=LIVE)
    booked = {booking.person_id: booking for booking in live}
    checker = Checker(found.event, nearest, instead_of=found)
    asks_why = found.event.is_closed or bool(check_may_be_substituted(found, at=now(), set_aside=True))
    met = {one.pk for one in nearest if not asks_why and next(checker.broken(one), None) is None}
    approves = BookingTerms.objects.filter(event=found.event, manager_role=ManagerRole.APPROVES).exists()
    clashing = clashes(found.event, nearest)
    asked = {one.pk for one in nearest if approves and one.pk not in booked and one.organisation_state != OrganisationState.NONE}
    booked_here = {pk for pk, booking in booked.items() if booking.has_a_place}
    with_one_button = [one for one in nearest if one.pk in met - asked - booked_here and one.pk not in clashing]
    costs = terms_of_taking_over(found, with_one_button, now())
    return [
        {
            "person": one,
            "booking": booked.get(one.pk),
            "is_free": one.pk in met - asked,
            "asks": one.pk in asked & met,
            "is_elsewhere": one.pk in clashing,
            "money": costs.get(one.pk),
        }
        for one in nearest
    ]


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_substitute_by(request: SignedInRequest, booking_id: UUID, person_id: UUID) -> HttpResponse:
    """Check, and give the place. Where a rule says no, an officer may go over it with a reason that is kept."""
    found = own_booking(request, booking_id)
    known = people_of(request.partnership).active().with_address().select_related("organisation")
    person = get_object_or_404(known, pk=person_id)
    rule = _rule(found, person, request.user)
    asks = person if rule is None and asks_manager(found, person, by=request.user) else None
    data = request.POST if request.method == "POST" else None
    form = SwapForm(data, asks_why=rule is not None, asks_manager_of=asks)
    if form.is_valid():
        try:
            said = form.details(breaks_a_rule=rule is not None)
            new = substitute(booking=found, person=person, by=request.user, at=now(), **said)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            has = "has" if new.status != BookingStatus.AWAITING_APPROVAL else "waits for the manager's approval, and then has"
            messages.success(request, f"{person.name} {has} the place of {found.person.name}. Both are told.")
            return redirect("office_booking", new.pk)
    context = {**_about(found), "person": person, "form": form, "rule": rule, "refused": _why_not(found), "asks": asks}
    context["rules"] = in_the_way(str(rule), rule.code, _codes(found, person, request.user)) if rule else []
    context["tells_managers"] = BookingTerms.objects.filter(event=found.event).exclude(manager_role=ManagerRole.NOBODY).exists()
    context["money"] = terms_of_taking_over(found, [person], now()).get(person.pk)
    context["clashes"] = clashes_in_words(clashes(found.event, [person]).get(person.pk, []), request.partnership)
    return render(request, "office/booking_substitute_by.html", context, status=409 if form.non_field_errors() else 200)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def booking_move(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The other dates of the course, with their places. A rule of the new date may be gone over, with a reason that is kept."""
    found = own_booking(request, booking_id)
    dates = other_dates(found, events_of(request.partnership), by=request.user, at=now())
    row = next((row for row in dates if str(row.event.pk) == request.POST.get("to_event")), None)
    chosen = row.event if row else None
    asks_why = request.POST.get("over_a_rule") == "yes"
    form, rule = SwapForm(request.POST if request.method == "POST" else None, asks_why=asks_why), None
    if request.method == "POST" and chosen is None:
        form.add_error(None, "This date is not open any more. Choose another one.")
    elif chosen is not None and form.is_valid():
        try:
            said = {"reason": form.cleaned_data["reason"], "rule_set_aside": asks_why}
            new = transfer(booking=found, to_event=chosen, by=request.user, at=now(), **said)
        except Refused as refusal:
            rule = refusal if refusal.code in RULES and not asks_why else None
            if rule is None:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"{found.person.name} is booked for {when(chosen)}. They are told.")
            return redirect("office_booking", new.pk)
    context = {
        **_about(found),
        "form": form,
        "dates": _with_rules(found, dates, request),
        "chosen": chosen if rule or asks_why else None,
        "rule": rule,
    }
    context |= {"refused": _why_not(found), "place": where_the_place_goes(found, now())}
    version = version_in_force(found.event.lead_host_id, now())
    context["other_policy"] = version if version != found.policy_version else None
    context["rules"] = in_the_way(str(rule), rule.code, [one.code for one in row.unmet]) if rule and row else []
    return render(request, "office/booking_move.html", context, status=409 if form.non_field_errors() else 200)


def _with_rules(found: Booking, dates: list[OtherDate], request: SignedInRequest) -> list[dict[str, Any]]:
    """Each date with what an officer would go over to move somebody there, what they have at that time, and what it can cost."""
    clashing = clashes_of(found.person, [one.event for one in dates], but=found)
    costs = {one.event.pk: money for one, money in what_dates_cost(found, dates, at=now())}
    return [
        {
            "event": one.event,
            "date": one,
            "rules": [rule_in_words(rule.code) for rule in one.unmet],
            "money": costs.get(one.event.pk),
            "clashes": clashes_in_words(clashing.get(one.event.pk, []), request.partnership),
        }
        for one in dates
    ]


def _rule(found: Booking, person: Person, by: Person) -> Refused | None:
    """What keeps the colleague out unless an officer goes over it."""
    try:
        check_may_be_substituted(found, at=now())
        check_may_take_over(person, booking=found, by=by, set_aside=False)
    except Refused as refusal:
        return refusal
    return None


def _codes(found: Booking, person: Person, by: Person) -> list[str]:
    """Every rule that an officer would go over for the colleague."""
    codes = check_may_be_substituted(found, at=now(), set_aside=True)
    codes += check_may_take_over(person, booking=found, by=by, set_aside=True)
    return codes + (["no_approval"] if asks_manager(found, person, by=by) else [])


def _why_not(found: Booking) -> Refused | None:
    try:
        check_can_pass_on(found, at=now())
    except Refused as refusal:
        return refusal
    return None


def _about(found: Booking) -> dict[str, Any]:
    return {"booking": found, "event": found.event, "when": when(found.event)}
