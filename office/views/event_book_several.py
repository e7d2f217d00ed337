"""An officer books several people at once: paste addresses, check, done. Only the last step writes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings.foreseeing import refusal_for_everybody
from bookings.forms.asked import asked_in
from bookings.models import BookingTerms
from bookings.operations import book_colleagues
from core.clock import now
from office.forms.several import SeveralPage
from office.views.own import own_event
from people.access import SignedInRequest, needs


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
    page = SeveralPage(asked, event, terms, request.POST, by=request.user)
    if page.wants_to_book and page.is_sound:
        return _done(request, context, page)
    return render(request, "office/event_book_several_check.html", {**context, "page": page, "mend": "\n".join(asked.mend)})


def _done(request: SignedInRequest, context: dict[str, Any], page: SeveralPage) -> HttpResponse:
    """Book whoever can be booked, in the order given, and say of everybody what became of them."""
    outcomes = book_colleagues(
        event=page.event,
        people=[line.seen.colleague for line in page.ready],
        organisation=None,
        partnership=request.partnership,
        newcomers=page.all_new(),
        billing=page.billing(),
        by=request.user,
        at=now(),
    )
    done = {
        "booked": [one.booking for one in outcomes if one.booking and one.booking.has_a_place],
        "waiting": [one.booking for one in outcomes if one.booking and not one.booking.has_a_place],
        "refused": [one for one in outcomes if one.refused],
        "others": [line for line in page.lines if not line.can_be_booked],
        "mend": page.asked.mend,
    }
    return render(request, "office/event_book_several_done.html", {**context, **done})
