"""Changing what an event says of itself, its times apart."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from core import audit
from events import policies
from events.models import Event, EventStatus
from events.operations.creating import set_hosts, set_trainers
from events.operations.times import heard, read_again
from people.models import Person

# A calendar entry shows these, so a change of one of them raises the version.
IN_A_CALENDAR = ("title", "neutral_title", "is_closed", "venue", "joining_link")
FIELDS = (
    *IN_A_CALENDAR,
    "kind",
    "format",
    "course",
    "summary",
    "description",
    "theme",
    "priority",
    "review",
    "for_organisation",
    "cost",
    "messages_from",
)
LISTS = ("trainers", "hosts", "recommendations", "for_sectors")


@transaction.atomic
def change_event(*, event: Event, by: Person | None, at: datetime, **changed: Any) -> Event:
    """Change the named fields and lists (FIELDS and LISTS above); the times are reschedule_event's.

    The version rises when a calendar shows what changed. Whoever booked is told by bookings.operations.change_bookable_event.
    Raises Refused for a cancelled event, an empty title, a closed event without a neutral title, a published one that would not
    say where it is any more; TypeError for a field that is not among those.
    """
    unknown = set(changed) - set(FIELDS) - set(LISTS)
    if unknown:
        raise TypeError(f"change_event does not change {', '.join(sorted(unknown))}")
    read_again(event)
    policies.check_can_change(event)
    # A value names its own field: {"title": []} says that the title changed, and never what it was.
    changes: dict[str, list[Any]] = {}
    for name in FIELDS:
        if name in changed and getattr(event, name) != changed[name]:
            changes[name] = audit.traceable(getattr(event, name), changed[name])
            setattr(event, name, changed[name])
    policies.check_has_titles(title=event.title, is_closed=event.is_closed, neutral_title=event.neutral_title)
    if event.status == EventStatus.PUBLISHED and {"venue", "joining_link", "format"} & set(changes):
        policies.check_says_where(event)
    for name in LISTS:
        if name in changed and _set_list(event, name, changed[name]):
            changes[name] = []
    if not changes:
        return event
    risen = heard(event, at=at) if set(changes) & set(IN_A_CALENDAR) else []
    event.save(update_fields=[*(name for name in changes if name in FIELDS), *risen])
    audit.record(action="event changed", about=event, by=by, at=at, changes=changes)
    return event


def _set_list(event: Event, name: str, values: Any) -> bool:
    """Make these the list; returns whether anything changed."""
    fields = {"hosts": ["partnership_id"], "trainers": ["name", "person_id"]}.get(name, ["pk"])
    before = set(getattr(event, name).values_list(*fields))
    if name == "hosts":
        set_hosts(event, values)
    elif name == "trainers":
        set_trainers(event, values)
    else:
        getattr(event, name).set(values)
    return before != set(getattr(event, name).values_list(*fields))
