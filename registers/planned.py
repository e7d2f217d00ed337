"""Which letters are due after an event: found from the registers and the attendance that follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Exists, F, Max, OuterRef

from bookings.models import (
    Booking,
    BookingQuerySet,
    BookingStatus,
    Charge,
    ChargeKind,
    ChargeState,
    PlannedChange,
    PlannedKind,
)
from bookings.planned import TO_BE_WRITTEN, at_hour, can_be_reached, changes_of, is_held_back, is_written, settings_of, that_write
from core.clock import london_date
from core.working_days import working_days_after
from events.models import Event, EventTrainer, Session
from notifications.models import Message
from people.models import Person
from registers.models import Attendance, Outcome, Register
from registers.queries import are_all_closed, sessions_of_running_events, without_register

LOOKED_BACK = timedelta(days=30)  # nobody reads of an absence months later, out of the blue
REMINDED_FOR = timedelta(days=14)  # an older register that nobody closed is the officers' to settle


@dataclass(frozen=True)
class AbsencePlan:
    """When the letters about not having been there leave for one event whose registers are all closed.

    ``leaves_at`` None: only when an officer releases them. ``is_released``: one has, since the last register was closed.
    """

    event: Event
    closed_at: datetime
    leaves_at: datetime | None
    days: int | None
    has_own_days: bool = False
    is_held_back: bool = False
    is_released: bool = False
    note: str = ""
    to_manager: bool = True

    def is_due(self, at: datetime) -> bool:
        has_come = self.is_released or (self.leaves_at is not None and self.leaves_at <= at)
        return has_come and not self.is_held_back


def unwritten_absences(at: datetime) -> BookingQuerySet:
    """Bookings of whoever held a place, was not there by closed registers, and has not been written to about it.

    Not those whom an officer excused or holds back, and nobody of an event before its partnership wrote to anybody.
    """
    lately = Event.objects.published().filter(ends_on__gte=london_date(at) - LOOKED_BACK)
    events = that_write(lately, at).filter(starts_on__gte=F("lead_host__messages_from"))
    return absences().filter(event__in=events, **TO_BE_WRITTEN)


def absences() -> BookingQuerySet:
    """Bookings that a letter of absence would be about, by person, each with ``has_it``, ``is_held`` and ``can_be_reached``."""
    excused = Charge.objects.filter(
        booking=OuterRef("pk"), kind=ChargeKind.ABSENCE, state=ChargeState.EXCUSED, excused_by__isnull=False
    )
    missed = Attendance.objects.filter(
        event=OuterRef("event"), person=OuterRef("person"), outcome=Outcome.DID_NOT_ATTEND, is_walk_in=False
    )
    found: BookingQuerySet = Booking.objects.filter(status=BookingStatus.CONFIRMED).annotate(
        has_it=is_written(PlannedKind.ABSENCE),
        is_held=is_held_back(PlannedKind.ABSENCE),
        can_be_reached=can_be_reached(),
    )
    return found.filter(Exists(missed), ~Exists(excused)).order_by("person__surname", "person__forename", "pk")


def last_closed(events: Iterable[Event]) -> dict[UUID, datetime]:
    """When the last register of each event was closed, by its id, whether others of it are open or not. One query."""
    closed = Register.objects.filter(session__event__in=list(events), closed_at__isnull=False).order_by()
    return dict(closed.values_list("session__event").annotate(Max("closed_at")))


def absence_plans(events: Iterable[Event]) -> dict[UUID, AbsencePlan]:
    """The plan of each of these events that has a closed register, by its id. Three queries."""
    events = list(events)
    if not events:
        return {}
    settings, changes = settings_of(one.lead_host_id for one in events), changes_of(events, [PlannedKind.ABSENCE])
    last = last_closed(events)
    plans = {}
    for event in (one for one in events if one.pk in last):
        change = changes.get((event.pk, PlannedKind.ABSENCE)) or PlannedChange(event=event, kind=PlannedKind.ABSENCE)
        usual = settings[event.lead_host_id]
        days = usual.absence_days if change.days is None else change.days
        # Trainers may correct until the end of the last of these days, so it leaves on the next working morning.
        day = None if days is None else working_days_after(london_date(last[event.pk]), days + 1)
        plans[event.pk] = AbsencePlan(
            event=event,
            closed_at=last[event.pk],
            leaves_at=None if day is None else at_hour(day, usual),
            days=days,
            has_own_days=change.days is not None,
            is_held_back=change.is_held_back,
            is_released=change.released_at is not None and change.released_at >= last[event.pk],
            note=change.note,
            to_manager=usual.absence_to_manager,
        )
    return plans


def absence_plan(event: Event) -> AbsencePlan | None:
    """The plan of one event; None while a register is open or none was ever closed."""
    return absence_plans([event]).get(event.pk) if are_all_closed(event) else None


@dataclass(frozen=True)
class UntakenDay:
    """The sessions of an event on one London day whose registers nobody has closed, and when its trainers are written to."""

    event: Event
    day: date
    sessions: list[Session]
    leaves_at: datetime


def untaken_days(at: datetime, *, only: Event | None = None) -> list[UntakenDay]:
    """Days of the last two weeks with registers to close, of partnerships that remind trainers of them. Three queries.

    ``only`` looks at one event.
    """
    lately = sessions_of_running_events().filter(ends_at__gte=at - REMINDED_FOR)
    writing = that_write(Event.objects.published().filter(ends_on__gte=london_date(at - REMINDED_FOR)), at)
    open_ones = without_register(lately, at).filter(event__in=writing)
    sessions = list(open_ones if only is None else open_ones.filter(event=only))
    if not sessions:
        return []
    days: dict[tuple[UUID, date], list[Session]] = {}
    for session in sessions:
        days.setdefault((session.event_id, london_date(session.starts_at)), []).append(session)
    settings = settings_of(session.event.lead_host_id for session in sessions)
    changes = changes_of({session.event for session in sessions}, [PlannedKind.REGISTER])
    found = []
    for (event_id, day), theirs in days.items():
        event, change = theirs[0].event, changes.get((event_id, PlannedKind.REGISTER))
        usual, silent_until = settings[event.lead_host_id], event.lead_host.messages_from
        is_silent = silent_until is None or day < silent_until or (change is not None and change.is_held_back)
        if usual.register_days is not None and not is_silent:
            leaves_at = at_hour(working_days_after(day, usual.register_days), usual)
            found.append(UntakenDay(event, day, theirs, leaves_at))
    return found


def register_key(event_id: UUID, day: date, trainer_id: UUID) -> str:
    return f"planned:{event_id.hex}:{PlannedKind.REGISTER}:{day}:{trainer_id.hex}"


def trainers_to_remind(days: Iterable[UntakenDay], at: datetime) -> list[tuple[UntakenDay, Person]]:
    """Of the days whose time has come, each with every trainer with an address who was not written to about it.

    Three queries at most.
    """
    due = [one for one in days if one.leaves_at <= at]
    if not due:
        return []
    address = EmailAddress.objects.filter(user=OuterRef("person"))
    named = EventTrainer.objects.filter(Exists(address), event__in=[one.event.pk for one in due], person__is_active=True)
    trainers: dict[UUID, list[Person]] = {}
    for row in named.select_related("person").order_by("name"):
        if row.person is not None:
            trainers.setdefault(row.event_id, []).append(row.person)
    pairs = [(one, trainer) for one in due for trainer in trainers.get(one.event.pk, [])]
    keys = [register_key(one.event.pk, one.day, trainer.pk) for one, trainer in pairs]
    written = set(Message.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True)) if keys else set()
    return [pair for pair, key in zip(pairs, keys, strict=True) if key not in written]
