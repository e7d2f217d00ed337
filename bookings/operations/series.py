"""Many events from those that were: the next term from the last, or one event again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

import events.operations as event_operations
from bookings.models import BookingTerms
from bookings.operations.conditions import copy_conditions
from bookings.operations.events import TERMS, change_bookable_event, create_bookable_event
from core import audit
from core.refusals import Refused
from events.models import Event
from events.planning import planned_like, ready_to_copy, shifted
from people.models import Person

MOST_AT_ONCE = 60
SAME = (
    "kind",
    "title",
    "format",
    "course",
    "summary",
    "description",
    "venue",
    "is_closed",
    "neutral_title",
    "theme",
    "priority",
    "review",
    "for_organisation",
)


@transaction.atomic
def copy_events(*, copies: Sequence[tuple[Event, date]], by: Person | None, at: datetime) -> list[Event]:
    """A draft like each of these events, with its first day on that date; all of them or none.

    Keeps what does not belong to one occasion: texts, venue, trainers, terms, conditions, and how long before it booking opens
    and closes. Leaves out the joining link, what it cost, who was invited and who was booked. Raises Refused for none, for more
    than MOST_AT_ONCE, and as planned_like does.
    """
    if not copies:
        raise Refused("Choose at least one event.", code="none_chosen")
    if len(copies) > MOST_AT_ONCE:
        raise Refused(f"These are more than {MOST_AT_ONCE}. Choose fewer at once.", code="too_many")
    known = ready_to_copy(event.pk for event, _ in copies)
    terms = {one.event_id: one for one in BookingTerms.objects.filter(event__in=known)}
    return [_copy(known[event.pk], first_day, terms.get(event.pk), by=by, at=at) for event, first_day in copies]


@transaction.atomic
def give_joining_links(*, links: Sequence[tuple[Event, str]], by: Person | None, at: datetime) -> int:
    """Give each event its joining link, all of them or none; returns how many. Raises Refused as change_bookable_event does."""
    for event, link in links:
        change_bookable_event(event=event, joining_link=link, by=by, at=at)
    return len(links)


def _copy(event: Event, first_day: date, terms: BookingTerms | None, *, by: Person | None, at: datetime) -> Event:
    fields: dict[str, Any] = {name: getattr(event, name) for name in SAME} | {
        "partnership": event.lead_host,
        "sessions": planned_like(event, first_day).sessions,
        "trainers": [one.person or one.name for one in event.trainers.all()],
        "hosts": [one.partnership for one in event.hosts.all()],
        "recommendations": event.recommendations.all(),
        "for_sectors": event.for_sectors.all(),
        "by": by,
        "at": at,
    }
    if terms is None:  # it takes no bookings here, and its copy takes none
        made = event_operations.create_event(**fields)
    else:
        same = _terms_like(terms, first_day - event.starts_on)
        made = create_bookable_event(places=same.pop("booking_limit"), terms=same, **fields)
    copy_conditions(like=event, event=made)
    audit.record(action="event copied", about=made, by=by, at=at, changes={"like": ["", str(event.pk)]})
    return made


def _terms_like(terms: BookingTerms, later: timedelta) -> dict[str, Any]:
    same = {name: getattr(terms, name) for name in TERMS}
    for name in ("opens_at", "closes_at"):
        same[name] = shifted(same[name], later) if same[name] else None
    return same
