"""Booking several colleagues at once: choose, check, done.

The first two pages change nothing, however they are sent. The last one books whoever can be booked; sent again, it finds that
they have a booking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import agency, counting, foreseeing, operations, queries
from bookings.charging.reading import TermsOfBooking, terms_of_booking
from bookings.foreseeing import Foreseen, foresee, refusal_for_everybody
from bookings.forms import BillingForm
from bookings.forms.asked import Asked, asked_in, people_named
from bookings.forms.newcomers import LEAVE_NAMELESS, is_nameless, missing_names, name_fields
from bookings.models import Booking, BookingTerms, Hold
from bookings.operations import Billing, Colleague, Outcome
from bookings.views.agency.at_hand import about_event, event_of, grant_of, page
from bookings.views.agency.places import holds_with_left
from core.clock import now
from events.models import Event
from people.access import SignedInRequest, needs_somewhere
from people.models import Grant, Person

PAGE, BILLING = 50, "billing"


@dataclass(frozen=True)
class Desk:
    """What every step of booking needs at hand."""

    request: SignedInRequest
    grant: Grant
    event: Event
    terms: BookingTerms
    asked: Asked

    @property
    def holds(self) -> list[Hold]:
        """The agency's holds whose places still need names, the first to end first."""
        return [row["hold"] for row in holds_with_left(self.grant, self.event) if row["left"]]

    def foresee(self) -> list[Foreseen]:
        assert self.grant.organisation is not None  # noqa: S101 - the constraint says so; tells the type checker
        by, organisation = self.request.user, self.grant.organisation
        return foresee(self.event, self.terms, self.asked.to_seat, organisation=organisation, holds=self.holds, by=by)

    def billing_form(self) -> BillingForm:
        """Checked when they are to be booked; before that it only keeps what was typed."""
        data = self.request.POST
        if "book" in data:
            return BillingForm(data, prefix=BILLING)
        return BillingForm(initial={name: data.get(f"{BILLING}-{name}") for name in BillingForm.base_fields}, prefix=BILLING)

    def costs(self) -> TermsOfBooking | None:
        """What booking means for the money of anybody from this agency."""
        anybody = Person(organisation=self.grant.organisation, organisation_state="matched")
        return terms_of_booking(self.event, anybody, now())


@needs_somewhere("book_for_agency")
@never_cache
@require_http_methods(["GET", "POST"])
def book(request: SignedInRequest, grant_id: UUID, event_id: UUID) -> HttpResponse:
    grant = grant_of(request, grant_id)
    event = event_of(request, grant, event_id)
    terms = get_object_or_404(BookingTerms, event=event)
    refused = refusal_for_everybody(event, terms, at=now())
    if refused is not None:
        return page(request, grant, "book_refused.html", {**about_event(event), "refused": refused}, status=_conflict(request))
    named = agency.people_of(grant).filter(pk__in=people_named(request.POST)).with_address()
    desk = Desk(request, grant, event, terms, asked_in(request.POST, named))
    if not {"check", "book", LEAVE_NAMELESS} & request.POST.keys():
        return _choose(desk)
    problem = desk.asked.problem(when_empty="Tick who is to be booked, or paste their addresses.")
    if problem:
        return _choose(desk, problem=problem)
    lines, costs = _keyed(desk), desk.costs()
    if LEAVE_NAMELESS in request.POST:
        desk.asked.left_out |= {line["key"] for line in lines if _is_nameless(line)}
        lines = _keyed(desk)
    billing = desk.billing_form() if costs and costs.asks_for_billing else None
    missing = missing_names(_to_be_named(desk, lines)) if "book" in request.POST else {}
    is_sound = not missing and not desk.asked.fresh and (billing is None or billing.is_valid())
    if "book" in request.POST and is_sound:
        return _done(desk, lines, billing.billing() if billing else None)
    return _check(desk, lines, missing, costs=costs, billing=billing)


def _choose(desk: Desk, *, problem: str = "") -> HttpResponse:
    """Tick and paste. Whoever is ticked stays so from page to page of the list."""
    request, asked = desk.request, desk.asked
    text = request.POST.get("q", "").strip()[:100]
    number = 1 if "search" in request.POST else request.POST.get("page", 1)
    listed = Paginator(agency.people_of(desk.grant).matching(text).with_address(), PAGE).get_page(number)
    shown = {person.pk for person in listed}
    booked = Booking.objects.live().filter(event=desk.event, person__in=shown)
    context = {
        **about_event(desk.event),
        "listed": listed,
        "text": text,
        "asked": asked,
        "ticked": asked.people,
        "elsewhere": [one.person for one in asked.colleagues.values() if one.person and one.person.pk not in shown],
        "booked": set(booked.values_list("person_id", flat=True)),
        "counts": counting.place_counts([desk.event], reader=agency.somebody_of(desk.grant))[desk.event.pk],
        "holds": [row for row in holds_with_left(desk.grant, desk.event) if row["left"]],
        "problem": problem,
    }
    return page(request, desk.grant, "book_choose.html", context)


def _check(
    desk: Desk,
    lines: list[dict[str, Any]],
    missing: dict[str, str],
    *,
    costs: TermsOfBooking | None,
    billing: BillingForm | None,
) -> HttpResponse:
    """What will become of each line, before anybody is booked."""
    wrong = [(f"id_{BILLING}-{name}", error) for name, errors in billing.errors.items() for error in errors] if billing else []
    kept = [line for line in lines if line["key"] not in desk.asked.left_out]
    ready = [line for line in kept if line["seen"].can_be_booked]
    context = {
        **about_event(desk.event),
        "lines": lines,
        "newcomers": [name_fields(line["seen"].colleague, missing) for line in kept if line["seen"].is_new],
        "nameless": sum(_is_nameless(line) for line in kept),
        "summary": _summary(desk, lines),
        "ready": len(ready),
        "asked": desk.asked,
        "mend": "\n".join(desk.asked.mend),
        "problems": [*missing.items(), *wrong],
        "billing": billing,
        "terms": desk.terms,
        "money": costs,
        "is_changed": bool(desk.asked.fresh) and "book" in desk.request.POST,
    }
    return page(desk.request, desk.grant, "book_check.html", context)


def _done(desk: Desk, lines: list[dict[str, Any]], billing: Billing | None) -> HttpResponse:
    """Book whoever can be booked, in the order given, and say of everybody what became of them."""
    assert desk.grant.organisation is not None  # noqa: S101 - the constraint says so; tells the type checker
    chosen = [line for line in lines if line["key"] not in desk.asked.left_out]
    outcomes = operations.book_colleagues(
        event=desk.event,
        people=[line["seen"].colleague for line in chosen if line["seen"].can_be_booked],
        organisation=desk.grant.organisation,
        partnership=desk.grant.partnership,
        holds=desk.holds,
        billing=billing,
        by=desk.request.user,
        at=now(),
    )
    context = {
        **about_event(desk.event),
        "placed": [one for one in outcomes if one.booking and one.booking.has_a_place],
        "waiting": _waiting(outcomes),
        "refused": [one for one in outcomes if one.refused],
        "others": [line for line in chosen if not line["seen"].can_be_booked],
        "left_out": [line for line in lines if line["key"] in desk.asked.left_out],
        "mend": desk.asked.mend,
    }
    return page(desk.request, desk.grant, "book_done.html", context)


def _keyed(desk: Desk) -> list[dict[str, Any]]:
    """The foreseen lines with what the form calls them, and the clashes as the lead may know them."""
    found = desk.foresee()
    clashing = [booking.pk for line in found for booking in line.clashes]
    ours = set(agency.bookings_of(desk.grant).filter(pk__in=clashing).values_list("pk", flat=True))
    lines = []
    for line in found:
        colleague = line.colleague
        ticked = colleague.person is not None and not colleague.address
        key = f"person:{colleague.person.pk}" if ticked and colleague.person else f"address:{colleague.address}"
        known = [booking.event.public_title for booking in line.clashes if booking.pk in ours]
        lines.append({"key": key, "seen": line, "clashes": known or (["another event"] if line.clashes else [])})
    return sorted(lines, key=lambda line: desk.asked.order[line["key"]])


def _summary(desk: Desk, lines: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """How many lines come to what, for the head of the page."""
    words = {
        foreseeing.PLACE: "will be asked a place for" if desk.terms.is_tentative else "will be booked",
        foreseeing.HELD_PLACE: "will take places that you hold",
        foreseeing.QUEUE: "will go on the waiting list",
        foreseeing.HAS_BOOKING: "booked already",
        foreseeing.REFUSED: "can’t be booked for this event",
        foreseeing.ELSEWHERE: "can’t be booked by you",
    }
    kept = [line for line in lines if line["key"] not in desk.asked.left_out]
    fates = [line["seen"].fate for line in kept]
    said = [(fates.count(fate), sentence) for fate, sentence in words.items()]
    also = [
        (sum(line["seen"].is_new for line in kept), "new: check their names"),
        (sum(_is_nameless(line) for line in kept), "without a name: give it below"),
        (sum(bool(line["clashes"]) for line in lines), "with another booking at the same time"),
        (len(desk.asked.left_out), "left out"),
        (len(desk.asked.mend), "not an address: mend below"),
    ]
    return [(number, sentence) for number, sentence in [*said, *also] if number]


def _is_nameless(line: dict[str, Any]) -> bool:
    """Whether a name has to be given before they can be booked, unless they are left out."""
    return line["seen"].is_new and line["seen"].can_be_booked and is_nameless(line["seen"].colleague)


def _to_be_named(desk: Desk, lines: list[dict[str, Any]]) -> list[Colleague]:
    """Whoever is new and would be booked."""
    seen = [line["seen"] for line in lines if line["key"] not in desk.asked.left_out]
    return [one.colleague for one in seen if one.is_new and one.can_be_booked]


def _waiting(outcomes: list[Outcome]) -> list[tuple[Outcome, int]]:
    """Those who wait, each with the place in line. One query."""
    theirs = [one.booking.pk for one in outcomes if one.booking and not one.booking.has_a_place]
    found = queries.with_queue_place(Booking.objects.filter(pk__in=theirs))
    places = {row.pk: row.queue_place for row in found}  # type: ignore[attr-defined]
    return [(one, places[one.booking.pk]) for one in outcomes if one.booking and not one.booking.has_a_place]


def _conflict(request: SignedInRequest) -> int:
    return 409 if request.method == "POST" else 200
