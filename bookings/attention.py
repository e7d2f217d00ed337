"""What waits for an officer among the bookings of a partnership: found from the data, a fixed number of queries a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from bookings.counting import PlaceCounts, held_places, place_counts
from bookings.models import (
    ApprovalRequest,
    Booking,
    BookingQuerySet,
    BookingSettings,
    BookingStatus,
    BookingTerms,
    LatePlaces,
)
from bookings.queue import Turn, turn
from bookings.sectors import missing_sectors
from core.clock import london_date
from core.working_days import end_of_working_day, working_days_after
from events.models import Event, EventQuerySet, EventStatus
from events.queries import starts_at
from notifications.models import BouncedAddress
from people.models import Partnership, Person, Sector

LAPSES_WITHIN = 1  # working days after today
TENTATIVE_WITHIN = timedelta(days=21)


@dataclass(frozen=True)
class ToRing:
    """An event with free places that go to nobody until an officer has rung somebody who waits."""

    event: Event
    free: int
    waiting: int


@dataclass(frozen=True)
class Tentative:
    """A tentative event whose date comes near before enough people have booked."""

    event: Event
    minimum: int
    taken: int


@dataclass(frozen=True)
class WithoutSectors:
    """An event that comes near, with places left, and that nobody of these sectors has booked."""

    event: Event
    sectors: list[Sector]


def about_to_lapse(partnership: Partnership, at: datetime) -> list[ApprovalRequest]:
    """Approvals nobody has answered that lapse today or on the next working day, the first to lapse first.

    And those whose manager can't answer, because messages to them come back (``is_unreachable``).
    """
    until = end_of_working_day(working_days_after(london_date(at), LAPSES_WITHIN))
    requests = ApprovalRequest.objects.filter(decision="", booking__status=BookingStatus.AWAITING_APPROVAL)
    requests = requests.annotate(is_unreachable=Exists(BouncedAddress.objects.filter(address=OuterRef("manager_email"))))
    near = requests.filter(Q(lapses_at__lte=until) | Q(is_unreachable=True), booking__event__lead_host=partnership)
    return list(near.select_related("booking__person", "booking__event").order_by("lapses_at", "pk"))


def open_offers(partnership: Partnership) -> BookingQuerySet:
    """Places that are offered and that nobody has taken or turned down yet, the first to lapse first.

    ``is_unreachable``: messages to the person's main address come back.
    """
    main = Person.objects.filter(pk=OuterRef("person_id")).with_address().values("address")
    offered = Booking.objects.filter(event__lead_host=partnership, status=BookingStatus.OFFERED)
    offered = offered.alias(main_address=Subquery(main))
    offered = offered.annotate(is_unreachable=Exists(BouncedAddress.objects.filter(address=OuterRef("main_address"))))
    return offered.select_related("person", "event").order_by("offered_until", "pk")


def to_ring_about(partnership: Partnership, at: datetime, *, only: Event | None = None) -> list[ToRing]:
    """Events to come with places that were left to an officer, and people who wait for one; ``only`` asks about one event."""
    waiting = Booking.objects.filter(status=BookingStatus.WAITING).values("event_id")
    left = BookingTerms.objects.filter(event__in=waiting, late_places=LatePlaces.OFFICER)
    ours = left.filter(event__lead_host=partnership) if only is None else left.filter(event=only)
    terms = {one.event_id: one for one in ours}
    events = [event for event in _to_come(partnership, at).filter(pk__in=terms) if starts_at(event) > at]
    counts, for_them = place_counts(events), _held_for_those_who_wait(events)
    found = [ToRing(event, counts[event.pk].left + for_them[event.pk], counts[event.pk].waiting) for event in events]
    return [one for one in found if one.free and turn(terms[one.event.pk], one.event, at=at) is Turn.RUNG]


def _held_for_those_who_wait(events: Iterable[Event]) -> Counter[UUID]:
    """How many held places of each event somebody on its waiting list could have."""
    ids = [event.pk for event in events]
    waiting = list(Booking.objects.filter(event__in=ids, status=BookingStatus.WAITING))
    found: Counter[UUID] = Counter()
    for one in held_places(ids):
        fitting = sum(booking.event_id == one.hold.event_id and one.is_for(booking) for booking in waiting)
        found[one.hold.event_id] += min(one.left, fitting)
    return found


def short_of_minimum(partnership: Partnership, at: datetime) -> list[Tentative]:
    """Tentative events of the next three weeks, soonest first. Once the minimum is met an event is not tentative any more."""
    terms = BookingTerms.objects.filter(event__lead_host=partnership, minimum__isnull=False, firm_at__isnull=True)
    minimum = dict(terms.values_list("event_id", "minimum"))
    near = _to_come(partnership, at).filter(pk__in=minimum, starts_on__lte=london_date(at) + TENTATIVE_WITHIN)
    events = [event for event in near if starts_at(event) > at]
    requests = Booking.objects.filter(event__in=events, status=BookingStatus.REQUESTED).order_by()
    asked = dict(requests.values_list("event_id").annotate(number=Count("pk")))
    return [Tentative(event, minimum[event.pk] or 0, asked.get(event.pk, 0)) for event in events]


def without_sectors(partnership: Partnership, at: datetime) -> list[WithoutSectors]:
    """Events within the partnership's days of warning with places that nobody waits for, and sectors nobody has booked from."""
    until = london_date(at) + timedelta(days=BookingSettings.of(partnership).sector_warning_days)
    near = [event for event in _to_come(partnership, at).filter(starts_on__lte=until) if starts_at(event) > at]
    counts = place_counts(near)
    open_events = [event for event in near if event.pk in counts and _has_places(counts[event.pk])]
    missing = missing_sectors(open_events)
    return [WithoutSectors(event, missing[event.pk]) for event in open_events if missing.get(event.pk)]


def _has_places(counts: PlaceCounts) -> bool:
    return bool(counts.held or (counts.left and not counts.waiting))


def _to_come(partnership: Partnership, at: datetime) -> EventQuerySet:
    found = Event.objects.filter(lead_host=partnership, status=EventStatus.PUBLISHED, starts_on__gte=london_date(at))
    return found.prefetch_related("sessions").order_by("starts_on", "title", "pk")
