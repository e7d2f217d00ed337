"""When a partnership's letters leave, and which of them."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings.messages.letters import REFRESHER_DUE
from bookings.models import BEFORE, Booking, MessageSettings, PlannedChange, PlannedKind
from bookings.planned import MANAGERS
from bookings.policies import planned as policies
from core import audit
from core.clock import london_date
from events.models import Event, EventStatus
from notifications.operations import withdraw_kinds
from people.models import Partnership, Person

MESSAGE_SETTINGS = (
    "leaves_at_hour",
    "first_reminder_days",
    "joining_days",
    "last_reminder_days",
    "copies_manager",
    "register_days",
    "absence_days",
    "absence_to_manager",
    "certificate_days",
    "asks_evaluation",
    "evaluation_reminder_days",
    "refresher_weeks",
    "follow_up_days",
    "digest_every",
)


@transaction.atomic
def change_message_settings(*, partnership: Partnership, by: Person | None, at: datetime, **changed: Any) -> MessageSettings:
    """Change any of MESSAGE_SETTINGS, for every letter that has not left. Raises Refused for what can't hold.

    What waits in the outbox of a kind that is not sent any more is taken back, and so are managers' copies of it.
    """
    unknown = set(changed) - set(MESSAGE_SETTINGS)
    if unknown:
        raise TypeError(f"change_message_settings does not change {', '.join(sorted(unknown))}")
    MessageSettings.objects.get_or_create(partnership=partnership)
    settings = MessageSettings.objects.select_for_update().get(partnership=partnership)
    before = copy(settings)
    changes = {name: [getattr(settings, name), value] for name, value in changed.items() if getattr(settings, name) != value}
    for name, (_, value) in changes.items():
        setattr(settings, name, value)
    policies.check_message_settings(settings)
    if changes.keys() & {"joining_days", "last_reminder_days"}:
        _check_events(settings, at=at)
    settings.save()
    if changes:
        _take_back(before, settings, at=at)
        audit.record(action="message times changed", about=partnership, by=by, at=at, changes=changes)
    return settings


def _check_events(settings: MessageSettings, *, at: datetime) -> None:
    """Events to come that have days of their own keep the order too."""
    order = (PlannedKind.JOINING, PlannedKind.LAST_REMINDER)
    ours = Event.objects.filter(lead_host=settings.partnership, starts_on__gte=london_date(at), status=EventStatus.PUBLISHED)
    own = PlannedChange.objects.filter(event__in=ours, kind__in=order, days__isnull=False).select_related("event")
    days: dict[Event, dict[str, int | None]] = defaultdict(dict)
    for change in own.order_by("event__starts_on", "event__pk"):
        days[change.event][change.kind] = change.days
    for event, of_event in days.items():
        policies.check_order_of(event, of_event, settings, field="last_reminder_days")


def _take_back(before: MessageSettings, after: MessageSettings, *, at: datetime) -> None:
    """What was switched off. Letters of absence are not: without days they leave when an officer releases them."""
    ours = after.partnership
    if before.copies_manager and not after.copies_manager:
        withdraw_kinds(partnership=ours, kinds=BEFORE, key_ends=MANAGERS, at=at)
    if before.absence_to_manager and not after.absence_to_manager:
        withdraw_kinds(partnership=ours, kinds=[PlannedKind.ABSENCE], key_ends=MANAGERS, at=at)
    if before.refresher_weeks is not None and after.refresher_weeks is None:
        withdraw_kinds(partnership=ours, kinds=[REFRESHER_DUE], at=at)
    for kind in PlannedKind:
        if kind != PlannedKind.ABSENCE and before.days(kind) is not None and after.days(kind) is None:
            withdraw_kinds(partnership=ours, kinds=[kind], but_about=_with_own_days(ours, kind), at=at)


def _with_own_days(partnership: Partnership, kind: str) -> list[str]:
    """What messages are about events that go on, whatever the partnership says."""
    changes = PlannedChange.objects.filter(kind=kind, days__isnull=False, event__lead_host=partnership)
    events = list(changes.values_list("event", flat=True))
    bookings = Booking.objects.filter(event__in=events).values_list("pk", flat=True)
    return [*(f"event:{pk}" for pk in events), *(f"booking:{pk}" for pk in bookings)]
