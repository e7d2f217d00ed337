"""An officer books several people of the partnership at once: paste addresses, check, done. Only the last step writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings.charging.reading import version_in_force
from bookings.foreseeing import QUEUE, UNKNOWN, Foreseen, foresee, refusal_for_everybody
from bookings.models import BookingTerms
from bookings.operations import Colleague, book_colleagues
from bookings.policies import needs_approval
from bookings.views.agency.asked import Asked, asked_in
from core.clock import now
from events.models import Event
from office.bookings import clashes_in_words
from office.people import people_of
from office.views.own import own_event
from people.access import SignedInRequest, needs
from people.models import Partnership, Person


@dataclass(frozen=True)
class Line:
    """One address and what would become of it. ``key`` is what the form calls it; ``asks``: their manager approves first."""

    key: str
    seen: Foreseen
    asks: bool
    clashes: list[str]

    @property
    def has_no_manager(self) -> bool:
        person = self.seen.colleague.person
        return self.asks and person is not None and not person.manager_email

    @property
    def can_be_booked(self) -> bool:
        return self.seen.can_be_booked and not self.has_no_manager

    @property
    def waits(self) -> bool:
        return self.seen.fate == QUEUE


@needs("manage_bookings")
@never_cache
@require_http_methods(["GET", "POST"])
def event_book_several(request: SignedInRequest, event_id: UUID) -> HttpResponse:
    event = own_event(request, event_id)
    terms = get_object_or_404(BookingTerms, event=event)
    asked, context = asked_in(request.POST, []), {"event": event, "terms": terms}
    refused = refusal_for_everybody(event, terms, at=now())
    if refused is not None:
        return render(request, "office/event_book_several.html", {**context, "refused": refused})
    problem = asked.problem(when_empty="Paste the addresses of whoever is to be booked.") if request.method == "POST" else ""
    if request.method != "POST" or problem or "choose" in request.POST:
        shown = {"asked": asked, "problem": "" if "choose" in request.POST else problem}
        return render(request, "office/event_book_several.html", {**context, **shown})
    lines = _lines(asked, event, terms, request)
    if "book" in request.POST and not asked.fresh:
        return _done(request, context, asked, lines)
    ready = [line for line in lines if line.can_be_booked and line.key not in asked.left_out]
    shown = {"asked": asked, "lines": lines, "ready": len(ready), "waits": sum(line.waits for line in ready)}
    shown |= {"mend": "\n".join(asked.mend), "policy": version_in_force(event.lead_host_id, now())}
    return render(request, "office/event_book_several_check.html", {**context, **shown})


def _lines(asked: Asked, event: Event, terms: BookingTerms, request: SignedInRequest) -> list[Line]:
    """A line for each person or address, in the order given. A fixed number of queries."""
    known = _people_at(list(asked.colleagues.values()), request.partnership)
    colleagues = [Colleague(person=known.get(one.address), address=one.address) for one in asked.colleagues.values()]
    found = foresee(event, terms, colleagues, organisation=None, by=request.user)
    return [_line(one, event, terms, request) for one in found]


def _line(seen: Foreseen, event: Event, terms: BookingTerms, request: SignedInRequest) -> Line:
    person = seen.colleague.person
    asks = person is not None and needs_approval(terms, person, by=request.user, event=event)
    return Line(f"address:{seen.colleague.address}", seen, asks, clashes_in_words(seen.clashes, request.partnership))


def _people_at(colleagues: list[Colleague], partnership: Partnership) -> dict[str, Person]:
    """Whose of the partnership's people these addresses are."""
    people = people_of(partnership).active()
    theirs = EmailAddress.objects.filter(email__in=[one.address for one in colleagues], user__in=people)
    return {one.email: one.user for one in theirs.select_related("user__organisation")}


def _done(request: SignedInRequest, context: dict[str, Any], asked: Asked, lines: list[Line]) -> HttpResponse:
    """Book whoever can be booked, in the order given, and say of everybody what became of them."""
    chosen = [line for line in lines if line.can_be_booked and line.key not in asked.left_out]
    outcomes = book_colleagues(
        event=context["event"],
        people=[line.seen.colleague for line in chosen],
        organisation=None,
        partnership=request.partnership,
        by=request.user,
        at=now(),
    )
    done = {
        "booked": [one.booking for one in outcomes if one.booking and one.booking.has_a_place],
        "waiting": [one.booking for one in outcomes if one.booking and not one.booking.has_a_place],
        "refused": [one for one in outcomes if one.refused],
        "others": [line for line in lines if not line.can_be_booked],
        "unknown": [line.seen.colleague.address for line in lines if line.seen.fate == UNKNOWN],
        "mend": asked.mend,
    }
    return render(request, "office/event_book_several_done.html", {**context, **done})
