"""An officer books somebody: found by name or address, or new."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from bookings.charging.reading import terms_of_booking
from bookings.clashes import clashes
from bookings.counting import held_places
from bookings.forms import BillingForm
from bookings.models import Booking, BookingStatus, BookingTerms, Hold
from bookings.operations import book_place
from bookings.operations.lock import count_claims
from bookings.policies import check_can_book, check_has_room, needs_approval
from bookings.queries import live_booking, live_bookings_by_event
from core.clock import london_date, now
from core.refusals import Refused
from events.models import Event, EventStatus
from office.bookings import IN_THE_WAY, clashes_in_words, in_the_way
from office.forms.booking import BookForm
from office.people import people_of
from office.queries import events_of, matching, with_places
from office.views.finding import MOST_FOUND, find_or_add, fitting
from office.views.own import own_event
from people.access import SignedInRequest, needs
from people.models import Person

PAGE = 50
SAID_TO_OFFICERS = {  # the rules' own sentences tell people to write to the officer
    "full": "Every place is taken, and this event has no waiting list.",
    "no_manager": "This event needs the manager's approval. Enter their e-mail address, or say that you book without it.",
    "own_address": "This is the person's own address. Enter the address of their line manager.",
}


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def event_book(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Find the person among the partnership's people, or add them."""
    event = own_event(request, event_id)
    finding = find_or_add(request, lambda person: _book_page(request, event, person))
    if isinstance(finding, HttpResponse):
        return finding
    rows = list(fitting(request, finding.text).nearest_first(finding.text)[: MOST_FOUND + 1]) if finding.is_asked else []
    context = {"event": event, "finding": finding, "rows": rows[:MOST_FOUND], "more": len(rows) > MOST_FOUND}
    return render(request, "office/event_book.html", {**context, "hold": request.GET.get("hold", "")})


def _book_page(request: SignedInRequest, event: Event, person: Person) -> str:
    """Where the person is booked, for the same hold if the address names one."""
    held = {"hold": request.GET["hold"]} if "hold" in request.GET else None
    return reverse("office_event_book_person", args=[event.pk, person.pk], query=held)


@needs("manage_bookings")
@require_http_methods(["GET", "POST"])
def event_book_person(request: SignedInRequest, event_id: UUID, person_id: UUID) -> HttpResponse:
    """Check, and book. Where a rule says no, an officer may go over it with a reason that is kept."""
    event = own_event(request, event_id)
    known = people_of(request.partnership).active().with_address().select_related("organisation")
    person = get_object_or_404(known, pk=person_id)
    standing = live_booking(event, person)
    if standing:
        messages.info(request, f"{person.name} has a booking for this event already.")
        return redirect("office_booking", standing.pk)
    terms, hold = BookingTerms.objects.filter(event=event).first(), _hold(request, event)
    refusal, final, rules = _refusal(request, event, person, terms, hold)
    data, manager_role = request.POST if request.method == "POST" else None, terms.manager_role if terms else ""
    form = BookForm(data, person=person, manager_role=manager_role, breaks_a_rule=refusal is not None)
    money = terms_of_booking(event, person, now())
    bill = _bill_form(data) if money and money.can_cost else None
    if form.is_valid() and not final and (bill is None or bill.is_valid()):
        try:
            details = form.details(breaks_a_rule=refusal is not None) | {"billing": bill.billing() if bill else None}
            booking = book_place(event=event, person=person, by=request.user, at=now(), hold=hold, **details)
        except Refused as still:
            form.add_error(still.field if still.field in form.fields else None, _said(still))
        else:
            messages.success(request, _what_happened(booking))
            return redirect("office_event_people", event.pk)
    context = {"event": event, "person": person, "form": form, "refusal": refusal, "final": final, "hold": hold, "terms": terms}
    context |= {
        "money": money,
        "bill": bill,
        "clashes": clashes_in_words(clashes(event, [person]).get(person.pk, []), request.partnership),
        "rules": rules,
        "becomes": "" if final else _becomes(terms, person, hold),
    }
    return render(request, "office/event_book_person.html", context)


def _bill_form(data: QueryDict | None) -> BillingForm:
    """Where a bill would go, for an officer who was told; nobody has to know it."""
    form = BillingForm(data, prefix="billing")
    form.make_billing_optional()
    return form


def _hold(request: SignedInRequest, event: Event) -> Hold | None:
    """The hold whose place the person's name is for, where the address names one of this event."""
    asked = request.GET.get("hold", "")
    return next((one.hold for one in held_places([event.pk]) if str(one.hold.pk) == asked and one.left), None)


def _becomes(terms: BookingTerms | None, person: Person, hold: Hold | None) -> str:
    """What pressing the button would give them, as the places stand now."""
    if terms is None:
        return ""
    claims = count_claims(terms)
    seat = claims.seat_for(person, named=hold)
    if seat is None or (seat.hold is None and claims.waiting):
        return f"Number {claims.waiting + 1} on the waiting list"
    if seat.hold is not None:
        return "One of the places held for them"
    return f"A place: {claims.free} of {claims.limit} free"


@needs("manage_bookings")
@require_GET
def person_book(request: SignedInRequest, person_id: UUID) -> HttpResponse:
    """Which event? Those to come that take bookings, with their places; the next page books."""
    shown, today = get_object_or_404(people_of(request.partnership).active(), pk=person_id), london_date(now())
    text = request.GET.get("q", "").strip()[:100]
    to_come = events_of(request.partnership).filter(status=EventStatus.PUBLISHED, starts_on__gte=today)
    found = matching(to_come, text).select_related("venue").order_by("starts_on", "title", "pk")
    page = Paginator(found.filter(pk__in=BookingTerms.objects.values("event")), PAGE).get_page(request.GET.get("page"))
    rows = with_places(list(page.object_list), now())
    booked = live_bookings_by_event(shown, [row.event for row in rows])
    listed = [{"row": row, "booking": booked.get(row.event.pk)} for row in rows]
    return render(request, "office/person_book.html", {"person": shown, "page": page, "rows": listed, "text": text})


def _said(refusal: Refused) -> str:
    """The rule as an officer reads it, without the advice to write to the officers."""
    said = SAID_TO_OFFICERS | IN_THE_WAY
    if refusal.code in said:
        return said[refusal.code]
    return str(refusal).partition(". ")[0].removesuffix(".") + "." if refusal.code in ("closed", "not_open_yet") else str(refusal)


def _refusal(
    request: SignedInRequest, event: Event, person: Person, terms: BookingTerms | None, hold: Hold | None
) -> tuple[Refused | None, bool, list[str]]:
    """What stands in the way, whether nobody goes over it, and every rule in words about the person."""
    asked: dict[str, Any] = {"event": event, "terms": terms, "person": person, "by": request.user, "at": now()}
    try:
        codes = check_can_book(**asked, set_aside=True)
        if terms is not None:
            codes += ["no_approval"] if needs_approval(terms, person, by=request.user, event=event) else []
            check_has_room(event=event, terms=terms, free=1 if count_claims(terms).seat_for(person, named=hold) else 0)
    except Refused as refusal:
        return refusal, True, [_said(refusal)]
    try:
        check_can_book(**asked)
    except Refused as refusal:
        return refusal, False, in_the_way(_said(refusal), refusal.code, codes)
    return None, False, []


def _what_happened(booking: Booking) -> str:
    said = {
        BookingStatus.CONFIRMED: "has a place",
        BookingStatus.REQUESTED: "has asked for a place, which is kept",
        BookingStatus.AWAITING_APPROVAL: "has a place once the manager approves",
        BookingStatus.WAITING: "is on the waiting list",
    }
    return f"{booking.person.name} {said[BookingStatus(booking.status)]}."
