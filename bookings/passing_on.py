"""Who may come instead of somebody, and to which other dates a place can move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from bookings import policies
from bookings.models import Booking, BookingTerms
from bookings.queries import events_visible_to, place_counts
from core import wording
from core.clock import london_date
from core.refusals import Refused
from events.models import Event, EventStatus
from events.queries import when, where
from people.models import OrganisationState, Partnership, Person
from people.queries import person_by_address


@dataclass(frozen=True)
class OtherDate:
    """Another date of the same course, and how many places anybody may still book there."""

    event: Event
    left: int

    @property
    def when(self) -> str:
        return when(self.event)

    def __str__(self) -> str:
        place = self.event.venue.name if self.event.venue else where(self.event)
        return f"{self.when}, {place} ({wording.count(self.left, 'place')} left)"


def check_has_colleagues(booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the holder of the place may name a colleague by address now."""
    policies.check_can_pass_on(booking, at=at)
    policies.check_may_be_substituted(booking, at=at)
    if booking.organisation_state == OrganisationState.NONE:
        raise Refused(
            f"Write to {booking.event.lead_host.team_email} if somebody else should come instead of you.",
            code="no_colleagues",
        )


def colleague_at(address: str, booking: Booking) -> Person | None:
    """The person with this address, if they work where the booking was made from. Of anybody else we say nothing."""
    found = person_by_address(address)
    if found is None or not found.is_active:
        return None
    if booking.organisation_id is not None:
        return found if found.organisation_id == booking.organisation_id else None
    is_same = bool(booking.organisation_text) and _plain(found.organisation_text) == _plain(booking.organisation_text)
    return found if is_same and found.organisation_state == OrganisationState.UNMATCHED else None


def other_dates(booking: Booking, partnership: Partnership, *, at: datetime) -> list[OtherDate]:
    """Dates to come of the booking's course that have a place left, the next one first. Three queries and one for the counts."""
    if booking.event.course_id is None:
        return []
    is_open = Q(opens_at__isnull=True) | Q(opens_at__lte=at)
    not_over = Q(closes_at__isnull=True) | Q(closes_at__gt=at)
    booked = Booking.objects.live().filter(event=OuterRef("pk"), person=booking.person_id)
    dates = (
        events_visible_to(booking.person, partnership)
        .filter(course=booking.event.course_id, status=EventStatus.PUBLISHED, starts_on__gt=london_date(at))
        .filter(Exists(BookingTerms.objects.filter(is_open, not_over, event=OuterRef("pk"))), ~Exists(booked))
        .exclude(pk=booking.event_id)
        .select_related("venue")
        .prefetch_related("sessions")
        .order_by("starts_on", "pk")
    )
    found = list(dates[:50])
    counts = place_counts(found)
    return [OtherDate(event, counts[event.pk].left) for event in found if counts[event.pk].left > 0]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
