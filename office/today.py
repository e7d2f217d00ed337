"""The officer's day: what needs somebody today, gathered from every room."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from bookings.attention import about_to_lapse, open_offers, short_of_minimum, to_ring_about, without_sectors
from bookings.demand import open_requests
from bookings.planned import waiting_for_details
from core.clock import london_date
from events.models import EventStatus
from notifications.bounces import count_bounced
from notifications.models import Message
from office.charges import by_state, people_unwritten_to
from office.planned_row import MISSING
from office.queries import events_of, short_of_people, unmatched_texts, with_places
from people.models import Partnership
from registers.planned import AbsencePlan, absence_plans, unwritten_absences
from registers.queries import sessions_without_register

MOST_SHOWN = 20
MOST_TO_PLAN = 5  # of what can wait until tomorrow


def needs_somebody(partnership: Partnership, at: datetime) -> dict[str, Any]:
    """What the page of the day shows, in a fixed number of queries; of each kind the first few, and how many more there are."""
    date = london_date(at)
    own = events_of(partnership)
    on_today = own.filter(status=EventStatus.PUBLISHED, starts_on__lte=date, ends_on__gte=date).select_related("venue")
    return {
        "date": date,
        "sessions_asked_for": open_requests(partnership).count(),
        "on_today": with_places(list(on_today), at),
        "bounced": count_bounced(partnership),
        "failed": Message.objects.failed().filter(partnership=partnership).count(),
        "held": Message.objects.held().filter(partnership=partnership).count(),
        "unmatched": unmatched_texts(partnership),
        "drafts": list(own.filter(status=EventStatus.DRAFT, starts_on__gte=date)),
        "charges": by_state(partnership),
        "unwritten": people_unwritten_to(partnership),
        **_short_of_people(partnership, at),
        **_cut("to_ring", to_ring_about(partnership, at)),
        **_cut("sectors", without_sectors(partnership, at), most=MOST_TO_PLAN),
        **_cut("approvals", about_to_lapse(partnership, at)),
        **_cut("offers", list(open_offers(partnership))),
        **_cut("joining_waits", [(plan.event, MISSING[plan.waits_for]) for plan in waiting_for_details(partnership, at)]),
        **_cut("absences", _absences_to_come(partnership, at)),
        **_cut("without_register", sessions_without_register(partnership, at)),
    }


def _absences_to_come(partnership: Partnership, at: datetime) -> list[tuple[AbsencePlan, int]]:
    """Letters of absence that will leave unless an officer holds them back, with how many, the first to leave first.

    Where only an officer lets them leave they stand first. Four queries.
    """
    ours = unwritten_absences(at).filter(event__lead_host=partnership).select_related("event__lead_host")
    count = Counter(booking.event for booking in ours)
    found = [(plan, count[plan.event]) for plan in absence_plans(count).values() if not plan.is_held_back]
    return sorted(found, key=lambda one: (one[0].leaves_at or at, one[0].event.starts_on, one[0].event.title))


def _cut(name: str, rows: list[Any], most: int = MOST_SHOWN) -> dict[str, Any]:
    """The first of them, and how many more there are."""
    return {name: rows[:most], f"more_{name}": len(rows[most:])}


def _short_of_people(partnership: Partnership, at: datetime) -> dict[str, Any]:
    """Tentative events short of their minimum, and apart from them those that few have booked."""
    tentative = {one.event.pk: one for one in short_of_minimum(partnership, at)}
    thin = [row for row in short_of_people(partnership, at) if row.event.pk not in tentative]
    return _cut("tentative", list(tentative.values())) | _cut("thin", thin, most=MOST_TO_PLAN)
