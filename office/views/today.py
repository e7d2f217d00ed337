"""The officer's day: what needs somebody today."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bookings.attention import about_to_lapse, open_offers, short_of_minimum, to_ring_about, without_sectors
from bookings.demand import open_requests
from core.clock import london_date, now
from events.models import EventStatus
from notifications.models import Message
from office.charges import by_state
from office.queries import events_of, short_of_people, unmatched_texts, with_places
from people.access import SignedInRequest, needs
from registers.queries import sessions_without_register

MOST_SHOWN = 20


@needs("manage_events")
@require_GET
def today(request: SignedInRequest) -> HttpResponse:
    at = now()
    partnership = request.partnership
    date = london_date(at)
    on_today = list(
        events_of(partnership)
        .filter(status=EventStatus.PUBLISHED, starts_on__lte=date, ends_on__gte=date)
        .select_related("venue")
    )
    drafts = list(events_of(partnership).filter(status=EventStatus.DRAFT, starts_on__gte=date))
    without_register = sessions_without_register(partnership, at)
    to_ring, approvals = to_ring_about(partnership, at), about_to_lapse(partnership, at)
    tentative = {one.event.pk: one for one in short_of_minimum(partnership, at)}
    offers = list(open_offers(partnership)[: MOST_SHOWN + 1])
    context = {
        "date": date,
        "to_ring": to_ring[:MOST_SHOWN],
        "approvals": approvals[:MOST_SHOWN],
        "more_approvals": len(approvals[MOST_SHOWN:]),
        "offers": offers[:MOST_SHOWN],
        "more_offers": len(offers) > MOST_SHOWN,
        "tentative": list(tentative.values())[:MOST_SHOWN],
        "sectors": without_sectors(partnership, at)[:MOST_SHOWN],
        "sessions_asked_for": open_requests(partnership).count(),
        "on_today": with_places(on_today),
        "without_register": without_register[:MOST_SHOWN],
        "more_without_register": len(without_register[MOST_SHOWN:]),
        "failed": Message.objects.failed().filter(partnership=partnership).count(),
        "unmatched": unmatched_texts(partnership),
        "thin": [row for row in short_of_people(partnership, date) if row.event.pk not in tentative],
        "drafts": drafts,
        "charges": by_state(partnership),
    }
    return render(request, "office/today.html", context)
