"""Who is to have a certificate of an event and a letter that says so: found from closed registers, never kept.

An event certifies once its registers have been closed for the days in which they are corrected. An officer who holds the letter
back from everybody holds the certificates back with it; who holds it back from one person holds only that letter back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Case, Exists, F, Max, OuterRef, Q, QuerySet, Value, When

from bookings.models import Booking, BookingQuerySet, BookingStatus, MessageSettings, PlannedChange, PlannedKind
from bookings.planned import TO_BE_WRITTEN, at_hour, changes_of, is_held_back, is_written, settings_of, that_write
from core.clock import london_date
from core.working_days import working_days_after
from events.models import Event, EventQuerySet
from records.models import Certificate
from registers.models import Attendance, Outcome, Register, WalkIn
from registers.planned import last_closed
from registers.queries import are_all_closed

KIND = PlannedKind.CERTIFICATE
# The longest wait, 20 working days, is over by then whatever holidays lie in it; and no look has to go through years.
LOOKED_BACK = timedelta(days=45)
NAMELESS = Q(person__forename="", person__surname="")  # a certificate waits until they have said what they are called


@dataclass(frozen=True)
class CertificatePlan:
    """When those who attended one event, whose registers are all closed, get their certificates and hear of it.

    ``leaves_at`` None: there are none. ``touched_at``: when a register was last closed, or a certificate given or withdrawn.
    """

    event: Event
    touched_at: datetime
    leaves_at: datetime | None
    days: int | None
    has_own_days: bool = False
    is_held_back: bool = False
    note: str = ""

    def is_due(self, at: datetime) -> bool:
        return self.leaves_at is not None and self.leaves_at <= at and not self.is_held_back

    def is_too_old(self, at: datetime) -> bool:
        """Nobody is certified so long afterwards, nor for what was before the partnership wrote to anybody."""
        since = self.event.lead_host.messages_from
        return self.touched_at < at - LOOKED_BACK or (since is not None and self.event.starts_on < since)


def certificate_plans(events: Iterable[Event]) -> dict[UUID, CertificatePlan]:
    """The plan of each of these events that has a closed register, by its id. Four queries."""
    events = list(events)
    if not events:
        return {}
    settings, changes = settings_of(one.lead_host_id for one in events), changes_of(events, [KIND])
    last, touched, plans = last_closed(events), _last_touched(events), {}
    for event in (one for one in events if one.pk in last):
        change = changes.get((event.pk, KIND)) or PlannedChange(event=event, kind=KIND)
        usual = settings[event.lead_host_id]
        days = usual.certificate_days if change.days is None else change.days
        plans[event.pk] = CertificatePlan(
            event=event,
            touched_at=max([last[event.pk], *touched.get(event.pk, [])]),
            leaves_at=_leaves_at(last[event.pk], days, usual),
            days=days,
            has_own_days=change.days is not None,
            is_held_back=change.is_held_back,
            note=change.note,
        )
    return plans


def _last_touched(events: Iterable[Event]) -> dict[UUID, list[datetime]]:
    """When a certificate of each of these events was last given, and withdrawn, as far as any was."""
    rows = Certificate.objects.filter(source_uuid__in=[event.pk for event in events]).order_by().values_list("source_uuid")
    found = rows.annotate(Max("issued_at"), Max("withdrawn_at"))
    return {pk: [moment for moment in moments if moment is not None] for pk, *moments in found}


def _leaves_at(closed_at: datetime, days: int | None, usual: MessageSettings) -> datetime | None:
    """The morning after the last of the days of correction, as with letters of absence; without such days at once."""
    if not days:
        return closed_at if days == 0 else None
    return at_hour(working_days_after(london_date(closed_at), days + 1), usual)


def certificate_plan(event: Event) -> CertificatePlan | None:
    """The plan of one event; None while a register is open or none was ever closed."""
    return certificate_plans([event]).get(event.pk) if are_all_closed(event) else None


def unfinished(at: datetime) -> list[Event]:
    """Events with somebody who attended and has no certificate or was not told of it, whether it is time or not. One query."""
    of_event = {"event": OuterRef("pk")}
    uncertified = Attendance.objects.filter(~_is_certified(), ~NAMELESS, outcome=Outcome.ATTENDED, **of_event)
    untold = [who.filter(**of_event, **TO_BE_WRITTEN) for who in (booked(), walked_in())]
    missing = Exists(uncertified) | Exists(untold[0]) | Exists(untold[1])
    return list(_lately_closed(at).filter(missing).select_related("lead_host").order_by("starts_on", "pk"))


def uncertified(event: Event, at: datetime) -> QuerySet[Attendance]:
    """Those at this event who attended in full and hold no certificate of it."""
    attended = Attendance.objects.filter(event__in=_lately_closed(at).filter(pk=event.pk), outcome=Outcome.ATTENDED)
    return attended.filter(~_is_certified(), ~NAMELESS).order_by("person_id")


def _lately_closed(at: datetime) -> EventQuerySet:
    """No event before its partnership wrote to anybody, nor one whose registers were closed long ago.

    Unless a certificate of it was given or withdrawn since: whoever lost theirs by a correction gets another, and hears of it.
    """
    since = at - LOOKED_BACK
    closed = Register.objects.filter(closed_at__gte=since).values("session__event")
    touched = Certificate.objects.filter(Q(issued_at__gte=since) | Q(withdrawn_at__gte=since)).values("source_uuid")
    events = that_write(Event.objects.published().filter(Q(pk__in=closed) | Q(pk__in=touched)), at)
    return events.filter(starts_on__gte=F("lead_host__messages_from"))


def _is_certified() -> Exists:
    """For attendances, bookings and walk-ins."""
    return Exists(Certificate.objects.standing().filter(source_uuid=OuterRef("event"), person=OuterRef("person")))


def _attended(*, is_walk_in: bool) -> Exists:
    return Exists(
        Attendance.objects.filter(
            event=OuterRef("event"), person=OuterRef("person"), outcome=Outcome.ATTENDED, is_walk_in=is_walk_in
        )
    )


def _can_be_reached() -> Case:
    """The letter leads to a page for the person alone, signed in, so nobody gets it in their stead: officers print it."""
    has_address = Exists(EmailAddress.objects.filter(user=OuterRef("person")))
    return Case(When(Q(has_address, ~NAMELESS, person__is_active=True), then=Value(True)), default=Value(False))


def booked() -> BookingQuerySet:
    """Bookings whose people attended in full, by name, each with ``has_it``, ``is_held`` and ``can_be_reached``."""
    found: BookingQuerySet = Booking.objects.filter(_attended(is_walk_in=False), status=BookingStatus.CONFIRMED).annotate(
        has_it=is_written(KIND), is_held=is_held_back(KIND), can_be_reached=_can_be_reached()
    )
    return found.order_by("person__surname", "person__forename", "pk")


def walked_in() -> QuerySet[WalkIn]:
    """The same for those who came without a booking; nobody of them alone is held back."""
    found = WalkIn.objects.filter(_attended(is_walk_in=True)).annotate(
        has_it=is_written(KIND), is_held=Value(False), can_be_reached=_can_be_reached()
    )
    return found.order_by("added_at", "pk")


def certified_and_untold(event: Event) -> tuple[BookingQuerySet, QuerySet[WalkIn]]:
    """Who holds a certificate of the event and has had no letter about it."""
    return (
        booked().filter(_is_certified(), event=event.pk, **TO_BE_WRITTEN),
        walked_in().filter(_is_certified(), event=event.pk, **TO_BE_WRITTEN),
    )


def left_to_tell(events: Iterable[Event]) -> int:
    """How many people of these events have still to be written to, certified by now or not. Two queries."""
    of_events = {"event__in": [event.pk for event in events], **TO_BE_WRITTEN}
    return booked().filter(**of_events).count() + walked_in().filter(**of_events).count()


def certified_walk_ins(event: Event) -> int:
    """How many of those who get certificates and letters came without a booking."""
    reached = {"event": event, "can_be_reached": True}
    return walked_in().filter(**reached).count()


def certificate_of(event: Event, person_id: UUID) -> Certificate | None:
    return Certificate.objects.standing().filter(source_uuid=event.pk, person=person_id).first()
