"""Booking a place."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import conditions, counting, operations, queries, queue
from bookings.asking import Asking
from bookings.clashes import clashes
from bookings.forms import BookForm
from bookings.models import BookingSettings
from bookings.views.finding import asking_to_book
from core.clock import now
from core.refusals import Refused
from events.queries import when, where
from people.access import SignedInRequest, signed_in

CHANGED_IN_THE_PROFILE = frozenset({"not_your_sector", "not_your_borough", "not_your_role", "not_your_organisation"})


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def book(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    """Check what we know and press one button. Somebody who has a booking already comes to that one."""
    at = now()
    asking = asking_to_book(request, event_id, at)
    event, person, refused = asking.event, asking.person, None
    form = asking.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.book_place(event=event, person=person, by=person, at=at, read=asking.read, **form.answers())
        except Refused as refusal:
            refused = refusal
            if refusal.field in form.fields:
                form.add_error(refusal.field, str(refusal))
        else:
            return redirect("booking", made.pk)
    present = queries.live_booking(event, person)
    if present is not None:  # also when the same form was sent twice at once: the other one made the booking
        return redirect("booking", present.pk)
    return _book_page(request, asking, form, refused=None if form.errors else refused)


def _book_page(request: SignedInRequest, asking: Asking, form: BookForm, *, refused: Refused | None = None) -> HttpResponse:
    event, person = asking.event, request.user
    refusals = [refused] if refused else [] if form.errors else asking.refusals()
    context = {
        "event": event,
        "person": person,
        "form": form,
        "asking": asking,
        "counts": asking.counts,
        "held": counting.held_for_others(event, reader=person) if asking.counts and asking.counts.is_full else [],
        "when_free": queue.in_words(asking.terms, event, at=now()) if asking.terms else "",
        "money": asking.money,
        "refusals": refusals,
        "in_profile": any(one.code in CHANGED_IN_THE_PROFILE for one in refusals),
        "conditions": [conditions.in_words(one) for one in conditions.conditions_of(event)],
        "clashes": clashes(event, [person]).get(person.pk, []),
        "needs_kept_days": BookingSettings.of(event.lead_host).needs_kept_days,
        "when": when(event),
        "where": where(event),
    }
    return render(request, "bookings/book.html", context, status=409 if refusals and request.method == "POST" else 200)
