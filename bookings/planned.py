"""Which letters are planned for an event, when they leave and to whom: found from the data at each look, never kept.

A message that is written carries the booking, the kind and the event's first day in its key, so that it is written once however
many workers look and wherever the clock is set. An event that moves to another day plans anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Replace

from bookings.models import (
    BEFORE,
    Booking,
    BookingChange,
    BookingQuerySet,
    BookingStatus,
    HeldBackLetter,
    MessageSettings,
    PlannedChange,
    PlannedKind,
)
from core.clock import london_date, london_instant
from core.ids import ids_in
from courses.models import Format
from events.models import Event, EventQuerySet, EventStatus
from events.queries import starts_at
from notifications.models import Message
from people.models import Partnership

REMINDERS = (PlannedKind.FIRST_REMINDER, PlannedKind.LAST_REMINDER)
JUST_TOLD = timedelta(hours=12)  # whoever had a confirmation or a change so shortly before needs no reminder
WARNED_BEFORE = timedelta(days=3)  # before joining instructions leave, officers hear of what they wait for

TO_BE_WRITTEN = {"has_it": False, "is_held": False, "can_be_reached": True}  # of recipients()

LINK, VENUE, LINK_AND_VENUE = "link", "venue", "link_and_venue"


@dataclass(frozen=True)
class Plan:
    """One kind of letter about one event, before it begins.

    ``leaves_at`` None: none is sent. From ``until`` on it makes no sense any more. ``waits_for`` is one of the words above, or
    empty. ``days`` before the event; ``has_own_days`` where the event differs from the partnership.
    """

    event: Event
    kind: str
    leaves_at: datetime | None
    until: datetime
    days: int | None
    has_own_days: bool = False
    is_held_back: bool = False
    note: str = ""
    waits_for: str = ""
    copies_manager: bool = False

    def is_due(self, at: datetime) -> bool:
        return self._has_come(at) and not self.is_held_back and not self.waits_for and not self.was_just_told()

    def is_waiting(self, at: datetime) -> bool:
        """Whether an officer should hear that something is missing: the letter would leave soon, or should have left."""
        is_near = self.leaves_at is not None and self.leaves_at - WARNED_BEFORE <= at < self.until
        return is_near and bool(self.waits_for) and not self.is_held_back

    def _has_come(self, at: datetime) -> bool:
        return self.leaves_at is not None and self.leaves_at <= at < self.until

    def was_just_told(self) -> bool:
        """Everybody had a letter about a change of the event, or the change came after the reminder's time."""
        told = self.event.told_at
        return self.kind in REMINDERS and told is not None and told > self.told_before

    @property
    def told_before(self) -> datetime:
        """A reminder is for those who heard of their place by then."""
        assert self.leaves_at is not None  # noqa: S101 - only asked of what leaves; tells the type checker
        return self.leaves_at - JUST_TOLD


MANAGERS = ":manager"  # what the key of a manager's copy ends with


def message_key(booking_id: UUID, kind: str, starts_on: date) -> str:
    """The dedupe key of a planned letter about a booking."""
    return f"planned:{booking_id.hex}:{kind}:{starts_on}"


def about_session(session_id: UUID) -> str:
    """What a message about a session's register carries as its ``about``."""
    return f"session:{session_id}"


def is_written(kind: str) -> Exists:
    """For bookings: whether this letter is in the outbox, for the day that the event has now. In the database, by its key."""
    booking = Replace(Cast(OuterRef("pk"), CharField()), Value("-"), Value(""))
    day = Cast(OuterRef("event__starts_on"), CharField())
    return Exists(Message.objects.filter(dedupe_key=Concat(Value("planned:"), booking, Value(f":{kind}:"), day)))


def leaves_at(event: Event, days: int, settings: MessageSettings) -> datetime:
    """So many London dates before the event's first, at the partnership's hour of a London clock."""
    return at_hour(event.starts_on - timedelta(days=days), settings)


def at_hour(day: date, settings: MessageSettings) -> datetime:
    return london_instant(datetime.combine(day, time(settings.leaves_at_hour)))


def waits_for(event: Event) -> str:
    """What is still missing before anybody could be told how to join or where to go."""
    is_online = event.format == Format.VIRTUAL or (event.venue is not None and event.venue.is_online)
    needs_link = (is_online or event.format == Format.BLENDED) and not event.joining_link
    needs_venue = not is_online and event.venue is None
    if needs_link and needs_venue:
        return LINK_AND_VENUE
    return LINK if needs_link else VENUE if needs_venue else ""


def settings_of(partnerships: Iterable[UUID]) -> dict[UUID, MessageSettings]:
    """The settings of each partnership, the usual ones where it has changed none. One query."""
    ids = set(partnerships)
    found = {one.partnership_id: one for one in MessageSettings.objects.filter(partnership__in=ids)}
    return {pk: found.get(pk) or MessageSettings(partnership_id=pk) for pk in ids}


def changes_of(events: Iterable[Event], kinds: Iterable[str] = PlannedKind.values) -> dict[tuple[UUID, str], PlannedChange]:
    """What officers changed, by event and kind. One query."""
    found = PlannedChange.objects.filter(event__in=list(events), kind__in=list(kinds))
    return {(one.event_id, one.kind): one for one in found}


def plans_of(events: Iterable[Event]) -> list[Plan]:
    """What is planned before each of these events, with or without a time. Two queries; ``sessions`` are prefetched."""
    events = list(events)
    if not events:
        return []
    settings, changes = settings_of(event.lead_host_id for event in events), changes_of(events, BEFORE)
    return [plan for event in events for plan in _of_event(event, settings[event.lead_host_id], changes)]


def _of_event(event: Event, settings: MessageSettings, changes: dict[tuple[UUID, str], PlannedChange]) -> list[Plan]:
    plans, begins = [], starts_at(event)
    for kind in BEFORE:
        change = changes.get((event.pk, kind)) or PlannedChange(event=event, kind=kind)
        days = settings.days(kind) if change.days is None else change.days
        plans.append(
            Plan(
                event=event,
                kind=kind,
                leaves_at=None if days is None else leaves_at(event, days, settings),
                until=begins,
                days=days,
                has_own_days=change.days is not None,
                is_held_back=change.is_held_back,
                note=change.note,
                waits_for=waits_for(event) if kind == PlannedKind.JOINING else "",
                copies_manager=settings.copies_manager,
            )
        )
    return [_until_the_next(plan, plans) for plan in plans]


def _until_the_next(plan: Plan, plans: list[Plan]) -> Plan:
    """A reminder that is so late that the next letter is due is dropped in its favour."""
    if plan.kind != PlannedKind.FIRST_REMINDER or plan.leaves_at is None:
        return plan
    later = [one.leaves_at for one in plans if one.leaves_at is not None and one.leaves_at > plan.leaves_at]
    return replace(plan, until=min([plan.until, *later]))


def plan_of(event: Event, kind: str) -> Plan:
    """One kind for one event."""
    return next(plan for plan in plans_of([event]) if plan.kind == kind)


def coming_up(at: datetime, *, ahead: timedelta = timedelta(0)) -> EventQuerySet:
    """Published events to come, of partnerships that write, near enough that anything could be due by then (``ahead`` of now).

    Reads the settings first, in two queries.
    """
    today = london_date(at)
    usual = [one.days(kind) or 0 for one in [MessageSettings(), *MessageSettings.objects.all()] for kind in BEFORE]
    own = PlannedChange.objects.filter(event__starts_on__gte=today, kind__in=BEFORE, days__isnull=False)
    furthest = max([*usual, *(days or 0 for days in own.values_list("days", flat=True))])
    near = Event.objects.published().filter(starts_on__gte=today, starts_on__lte=today + timedelta(days=furthest) + ahead)
    return that_write(near, at).select_related("lead_host", "venue").prefetch_related("sessions")


def that_write(events: EventQuerySet, at: datetime) -> EventQuerySet:
    """Those about which anything is sent by now: neither their partnership nor they themselves are silent yet."""
    today = london_date(at)
    return events.filter(Q(messages_from=None) | Q(messages_from__lte=today), lead_host__messages_from__lte=today)


def silent_until(event: Event, at: datetime) -> date | None:
    """The first day on which anything is sent about an event that nothing is sent about yet; ``date.max``: nobody knows when."""
    partnership = event.lead_host.messages_from or date.max
    first = max(partnership, event.messages_from or partnership)
    return first if london_date(at) < first else None


def due_plans(at: datetime) -> list[Plan]:
    """What should leave by now, whether anybody is left to write to or not. Five queries."""
    return [plan for plan in plans_of(coming_up(at)) if plan.is_due(at)]


def unwritten(plans: Iterable[Plan], *, to_everybody: bool = False) -> BookingQuerySet:
    """Confirmed bookings whose letter of this one kind is not written yet, but for those held back.

    A reminder is for those who have known of their place for a while, unless it goes ``to_everybody``.
    """
    plans = list(plans)
    kind, who = plans[0].kind, Q(pk__in=[])
    for plan in plans:
        knew = Q() if to_everybody else knows_long_enough(plan)
        who |= Q(event=plan.event.pk) & knew
    found = recipients(kind, [plan.event for plan in plans]).filter(who, **TO_BE_WRITTEN)
    return found.order_by("booked_at", "pk")


def recipients(kind: str, events: Iterable[Event]) -> BookingQuerySet:
    """Confirmed bookings of these events, each with ``confirmed_at``, ``has_it``, ``is_held`` and ``can_be_reached``."""
    confirmed = BookingChange.objects.filter(booking=OuterRef("pk"), to_status=BookingStatus.CONFIRMED).exclude(
        from_status=BookingStatus.CONFIRMED
    )
    found = Booking.objects.filter(status=BookingStatus.CONFIRMED, event__in=[event.pk for event in events])
    annotated: BookingQuerySet = found.annotate(
        confirmed_at=Coalesce(Subquery(confirmed.order_by("-at").values("at")[:1]), F("booked_at")),
        has_it=is_written(kind),
        is_held=is_held_back(kind),
        can_be_reached=can_be_reached(),
    )
    return annotated


def knows_long_enough(plan: Plan) -> Q:
    """For ``recipients``: reminders are for those who have known of their place for a while, the rest is for everybody."""
    if plan.kind not in REMINDERS or plan.leaves_at is None:
        return Q()
    return Q(confirmed_at__lte=plan.told_before)


def is_held_back(kind: str) -> Exists:
    """For bookings: whether an officer holds this one letter back."""
    return Exists(HeldBackLetter.objects.filter(booking=OuterRef("pk"), kind=kind))


def can_be_reached() -> Case:
    """For bookings: the person has an address, or whoever booked for them has one and gets their letters."""
    own, bookers = (EmailAddress.objects.filter(user=OuterRef(whose)) for whose in ("person", "booked_by"))
    is_reached = Q(Exists(own)) | Q(Exists(bookers))
    return Case(When(is_reached, then=Value(True)), default=Value(False))


def waiting_for_details(partnership: Partnership, at: datetime, *, only: Event | None = None) -> list[Plan]:
    """Joining instructions of the partnership's events that should leave soon and can't, the nearest event first.

    ``only`` asks about one event.
    """
    events = coming_up(at, ahead=WARNED_BEFORE).filter(lead_host=partnership).order_by("starts_on", "title", "pk")
    plans = plans_of(events if only is None else events.filter(pk=only.pk))
    waiting = [plan for plan in plans if plan.kind == PlannedKind.JOINING and plan.is_waiting(at)]
    booked = Booking.objects.filter(status=BookingStatus.CONFIRMED, event__in=[plan.event.pk for plan in waiting])
    with_people = set(booked.values_list("event_id", flat=True)) if waiting else set()
    return [plan for plan in waiting if plan.event.pk in with_people]


def begun_but_unsent(at: datetime) -> list[str]:
    """What messages are about (bookings) that should have reached somebody before their event began, and wait in the outbox."""
    waiting = Message.objects.waiting().filter(kind__in=BEFORE).values_list("about", flat=True)
    ids = ids_in(about.partition(":")[2] for about in waiting)
    if not ids:
        return []
    begun = Booking.objects.filter(pk__in=ids, event__starts_on__lte=london_date(at))
    events = Event.objects.filter(pk__in=begun.values("event_id")).prefetch_related("sessions")
    over = [event.pk for event in events if starts_at(event) <= at or event.status != EventStatus.PUBLISHED]
    return [booking.about for booking in begun.filter(event__in=over)]
