"""The officer's day: what needs somebody today."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.clock import london_date, now
from events.models import EventStatus
from notifications.models import Message
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
    context = {
        "date": date,
        "on_today": with_places(on_today),
        "without_register": without_register[:MOST_SHOWN],
        "more_without_register": len(without_register[MOST_SHOWN:]),
        "failed": Message.objects.failed().filter(partnership=partnership).count(),
        "unmatched": unmatched_texts(partnership),
        "thin": short_of_people(partnership, date),
        "drafts": drafts[:MOST_SHOWN],
        "more_drafts": len(drafts[MOST_SHOWN:]),
    }
    return render(request, "office/today.html", context)
