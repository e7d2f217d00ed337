"""When an event's people are asked what became of it in practice, and who is left to ask: found at each look, never kept.

Asked: whoever was there by the closed registers, in whole or in part, booked or not. The link is theirs alone, so it goes to an
address of their own or to nobody: not to whoever booked for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from bookings.models import (
    FOLLOW_UP_LEAST,
    FOLLOW_UP_MOST,
    Booking,
    BookingQuerySet,
    MessageSettings,
    PlannedChange,
    PlannedKind,
)
from bookings.planned import TO_BE_WRITTEN, at_hour, changes_of, is_held_back, is_written, settings_of, that_write
from bookings.policies.planned import EVALUATION_OPEN_DAYS
from core.clock import london_date, london_instant
from events.models import Event, EventQuerySet, EventStatus
from feedback.models import FOLLOW_UP_OPEN_DAYS, FollowUp, NoFollowUps
from notifications.models import MessageState
from registers.models import WAS_THERE, Attendance, Mark, Outcome, WalkIn

KIND = PlannedKind.FOLLOW_UP
LATE = timedelta(days=30)  # whoever switches this on asks nobody about what was longer ago
WAS_AT_IT = (Outcome.ATTENDED, Outcome.PART_ATTENDED)
UNSENT = (MessageState.WAITING, MessageState.FAILED)


@dataclass(frozen=True)
class FollowUpPlan:
    """When an event's people are asked. ``leaves_at`` None: they are not, unless an officer says so.

    ``evaluated_at``: from then on its evaluation is closed, so that nobody has two forms about one event.
    """

    event: Event
    leaves_at: datetime | None
    days: int | None
    evaluated_at: datetime
    has_own_days: bool = False
    is_held_back: bool = False
    note: str = ""

    @property
    def until(self) -> datetime | None:
        return None if self.leaves_at is None else self.leaves_at + LATE

    @property
    def is_too_old(self) -> bool:
        """Nobody is asked about what was before the partnership wrote to anybody."""
        since = self.event.lead_host.messages_from
        return since is not None and self.event.starts_on < since

    def is_due(self, at: datetime) -> bool:
        has_come = self.leaves_at is not None and max(self.leaves_at, self.evaluated_at) <= at < self.leaves_at + LATE
        return has_come and not self.is_held_back


def follow_up_plans(events: EventQuerySet) -> list[FollowUpPlan]:
    """The plan of each. Four queries."""
    found = list(events.select_related("lead_host", "venue").prefetch_related("sessions"))
    settings, changes = settings_of(event.lead_host_id for event in found), changes_of(found, [KIND])
    plans = []
    for event in found:
        usual = settings[event.lead_host_id]
        change = changes.get((event.pk, KIND)) or PlannedChange(event=event, kind=KIND)
        days = usual.days(KIND) if change.days is None else change.days
        plans.append(
            FollowUpPlan(
                event=event,
                leaves_at=None if days is None else at_hour(event.ends_on + timedelta(days=days), usual),
                days=days,
                evaluated_at=london_instant(datetime.combine(event.ends_on + timedelta(days=EVALUATION_OPEN_DAYS + 1), time.min)),
                has_own_days=change.days is not None,
                is_held_back=change.is_held_back,
                note=change.note,
            )
        )
    return plans


def follow_up_plan(event: Event) -> FollowUpPlan:
    [plan] = follow_up_plans(Event.objects.filter(pk=event.pk))
    return plan


def _was_there(**more: Any) -> Exists:
    """For bookings, walk-ins and follow-ups: their person was at their event, by the registers as they are now."""
    return Exists(Attendance.objects.filter(event=OuterRef("event"), person=OuterRef("person"), outcome__in=WAS_AT_IT, **more))


def _is_asked() -> Exists:
    """For the same and for attendances: asked by this letter, or by an older system."""
    return Exists(FollowUp.objects.filter(event=OuterRef("event"), person=OuterRef("person")))


def _has_address() -> Exists:
    return Exists(EmailAddress.objects.filter(user=OuterRef("person")))


def _may_be_asked() -> Q:
    """Nobody who may not sign in any more, or does not want to be asked."""
    return Q(~Exists(NoFollowUps.objects.filter(person=OuterRef("person"))), person__is_active=True)


def entitled(events: Iterable[Event]) -> BookingQuerySet:
    """Bookings whose people are asked, as bookings.planned.recipients describes them."""
    came = Mark.objects.filter(booking=OuterRef("pk"), value__in=WAS_THERE)
    found: BookingQuerySet = Booking.objects.filter(
        _was_there(is_walk_in=False), Exists(came), _may_be_asked(), event__in=[event.pk for event in events]
    )
    has_it = Q(_is_asked()) | Q(is_written(KIND))
    return found.annotate(
        has_it=Case(When(has_it, then=Value(True)), default=Value(False)),
        is_held=is_held_back(KIND),
        can_be_reached=Case(When(_has_address(), then=Value(True)), default=Value(False)),
    )


def unasked(events: Iterable[Event]) -> BookingQuerySet:
    """Bookings whose people have still to be written to."""
    return entitled(events).filter(**TO_BE_WRITTEN).order_by("booked_at", "pk")


def unasked_walk_ins(events: Iterable[Event]) -> QuerySet[WalkIn]:
    """The same for those who came without a booking."""
    there = WalkIn.objects.filter(
        _was_there(is_walk_in=True), _has_address(), _may_be_asked(), event__in=[event.pk for event in events]
    )
    return there.exclude(Q(_is_asked()) | Q(is_written(KIND))).order_by("added_at", "pk")


def left_to_ask(events: Iterable[Event]) -> int:
    """How many people of these events have still to be written to, whenever that is. Two queries; none without an event."""
    events = list(events)
    return unasked(events).count() + unasked_walk_ins(events).count() if events else 0


def walk_ins_among(event: Event) -> int:
    """How many of those entitled came without a booking, so that no list of bookings shows them."""
    return WalkIn.objects.filter(_was_there(is_walk_in=True), _has_address(), _may_be_asked(), event=event).count()


def unwilling(event: Event) -> int:
    """How many were there and do not want to be asked."""
    return NoFollowUps.objects.filter(
        Exists(Attendance.objects.filter(event=event, person=OuterRef("person"), outcome__in=WAS_AT_IT))
    ).count()


def that_ask(at: datetime) -> EventQuerySet:
    """Published events that began once their partnership wrote to people."""
    return that_write(Event.objects.published(), at).filter(starts_on__gte=F("lead_host__messages_from"))


def due_plans(at: datetime) -> list[FollowUpPlan]:
    """What should have left by now, about events with somebody who was not asked. One query until the day of one has come."""
    today = london_date(at)
    settings = MessageSettings.objects.filter(partnership=OuterRef("lead_host"))
    own = PlannedChange.objects.filter(event=OuterRef("pk"), kind=KIND)
    booked = Booking.objects.filter(~is_held_back(KIND), event=OuterRef("event"), person=OuterRef("person"))
    left = Attendance.objects.filter(
        Q(is_walk_in=True) | Q(Exists(booked)),
        _has_address(),
        _may_be_asked(),
        ~_is_asked(),
        event=OuterRef("pk"),
        outcome__in=WAS_AT_IT,
    )
    window = (today - timedelta(days=FOLLOW_UP_MOST) - LATE, today - timedelta(days=FOLLOW_UP_LEAST))
    found = (
        that_ask(at)
        .filter(~Exists(own.filter(is_held_back=True)), Exists(left), ends_on__range=window)
        .values_list(
            "pk", "ends_on", Subquery(own.values("days")[:1]), Exists(settings), Subquery(settings.values("follow_up_days")[:1])
        )
    )
    come = []
    for pk, ends_on, own_days, has_settings, set_days in found:
        usual = set_days if has_settings else MessageSettings().follow_up_days
        days = usual if own_days is None else own_days
        if days is not None and ends_on + timedelta(days=days) <= today:
            come.append(pk)
    if not come:
        return []
    return [plan for plan in follow_up_plans(Event.objects.filter(pk__in=come).order_by("ends_on", "pk")) if plan.is_due(at)]


def left_to_ask_at(plans: Iterable[FollowUpPlan]) -> list[FollowUpPlan]:
    """Of these, those with somebody to write to. Two queries; none without a plan."""
    plans = list(plans)
    if not plans:
        return []
    events = [plan.event for plan in plans]
    bookings = unasked(events).order_by().values_list("event_id", flat=True)
    walk_ins = unasked_walk_ins(events).order_by().values_list("event_id", flat=True)
    left = {*bookings, *walk_ins}
    return [plan for plan in plans if plan.event.pk in left]


def without_reason(at: datetime) -> QuerySet[FollowUp]:
    """What was never answered and whose letter has not left and shall not: it was withdrawn, or its reason has gone.

    Their person was not there after all or may not be asked any more, the event was called off, or the last day to answer it is
    over. Nothing is looked for longer than LATE after that day, so that the look does not grow with the years.
    """
    last = london_date(at) - timedelta(days=FOLLOW_UP_OPEN_DAYS)
    refused = NoFollowUps.objects.filter(person=OuterRef("person"))
    has_left = Q(Exists(refused)) | Q(person__is_active=False)
    gone = ~Q(_was_there()) | has_left | ~Q(event__status=EventStatus.PUBLISHED) | Q(sent_on__lt=last)
    withdrawn = Q(message__state=MessageState.WITHDRAWN)
    lately = FollowUp.objects.filter(answered_on=None, sent_on__gte=last - LATE)
    return lately.filter(withdrawn | (Q(message__state__in=UNSENT) & gone))


def to_take_back(at: datetime) -> list[Event]:
    """Events with letters that wait although they shall not leave, or with rows of letters that were withdrawn. One query."""
    return list(Event.objects.filter(pk__in=without_reason(at).values("event")).order_by("pk"))


def day_of(plan: FollowUpPlan, at: datetime) -> date:
    """When somebody who is not asked yet would be, for a preview."""
    today = london_date(at)
    return today if plan.leaves_at is None else max(today, london_date(plan.leaves_at))
