"""Booking a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import conditions, operations, policies, queries
from bookings.charging.reading import TermsOfBooking, terms_of_booking
from bookings.forms import BookForm
from bookings.models import BookingSettings, BookingTerms, ManagerRole
from bookings.queries import PlaceCounts
from bookings.views.finding import event_to_book
from core.clock import now
from core.refusals import Refused
from events.models import Event
from events.queries import when, where
from people.access import SignedInRequest, signed_in
from people.models import Person

CHANGED_IN_THE_PROFILE = frozenset({"not_your_sector", "not_your_borough", "not_your_role"})


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def book(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Check what we know and press one button. Somebody who has a booking already comes to that one."""
    event, person, at = event_to_book(request, event_id), request.user, now()
    present = queries.live_booking(event, person)
    if present is not None:
        return redirect("booking", present.pk)
    asking = _asking(event, person, at)
    form = asking.form(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _book_page(request, asking, form)
    try:
        made = operations.book_place(event=event, person=person, by=person, at=at, **form.answers())
    except Refused as refused:
        if refused.code == "already_booked":  # the same form sent twice at once: the other one made the booking
            return redirect("book", event.pk)
        if refused.field in form.fields:
            form.add_error(refused.field, str(refused))
        return _book_page(request, asking, form, refused=None if form.errors else refused)
    return redirect("booking", made.pk)


@dataclass(frozen=True)
class Asking:
    """What decides what somebody is asked who books: the event's terms, and what it can cost them."""

    event: Event
    person: Person
    at: datetime
    terms: BookingTerms | None
    counts: PlaceCounts | None
    money: TermsOfBooking | None

    @property
    def is_approved(self) -> bool:
        return self.terms is not None and self.terms.manager_role == ManagerRole.APPROVES

    @property
    def is_tentative(self) -> bool:
        return self.terms is not None and self.terms.is_tentative

    @property
    def missing(self) -> int:
        """How many more have to book until a tentative event takes place."""
        return max((self.terms.minimum or 0) - self.counts.taken, 1) if self.terms and self.counts else 0

    def form(self, data: Any) -> BookForm:
        role = self.terms.manager_role if self.terms else ManagerRole.NOBODY
        asks = self.money is not None and self.money.asks_for_billing
        return BookForm(data, person=self.person, event=self.event, manager_role=role, asks_for_billing=asks)

    def refusals(self) -> list[Refused]:
        """Why they can't book now: every condition they do not meet at once, so that nobody mends one and meets the next."""
        left = self.counts.left if self.counts else None
        first = policies.refusal_to_book(event=self.event, terms=self.terms, person=self.person, at=self.at, free=left)
        if first is None:
            return []
        if first.code in conditions.CODES.values():
            return list(conditions.broken(self.event, self.person))
        return [first]


def _asking(event: Event, person: Person, at: datetime) -> Asking:
    terms = BookingTerms.objects.filter(event=event).first()
    counts = queries.place_counts([event]).get(event.pk)
    return Asking(event, person, at, terms, counts, terms_of_booking(event, person, at))


def _book_page(request: SignedInRequest, asking: Asking, form: BookForm, *, refused: Refused | None = None) -> HttpResponse:
    event, person = asking.event, request.user
    refusals = [refused] if refused else [] if form.errors else asking.refusals()
    context = {
        "event": event,
        "person": person,
        "form": form,
        "asking": asking,
        "counts": asking.counts,
        "money": asking.money,
        "refusals": refusals,
        "in_profile": any(one.code in CHANGED_IN_THE_PROFILE for one in refusals),
        "conditions": [conditions.in_words(one) for one in conditions.conditions_of(event)],
        "clashes": queries.clashes(event, [person]).get(person.pk, []),
        "needs_kept_days": BookingSettings.of(event.lead_host).needs_kept_days,
        "when": when(event),
        "where": where(event),
    }
    return render(request, "bookings/book.html", context, status=409 if refusals and request.method == "POST" else 200)
