"""Who may come instead of somebody, and to which other dates a place can move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from bookings import conditions, policies
from bookings.charging.reading import TermsOfBooking, terms_of_moving
from bookings.counting import PlaceCounts, place_counts
from bookings.models import ApprovalRequest, Booking, BookingTerms, Decision
from bookings.queries import events_visible_to, missing_by_event
from core import wording
from core.clock import london_date
from core.refusals import Refused
from events.models import Event, EventStatus
from events.queries import starts_at, when, where
from people.models import OrganisationState, Partnership, Person
from people.queries import person_by_address


@dataclass(frozen=True)
class OtherDate:
    """Another date of the same course: its places, how many are missing until it takes place, and what keeps the person out."""

    event: Event
    places: PlaceCounts
    missing: int
    unmet: list[Refused]

    @property
    def when(self) -> str:
        return when(self.event)

    @property
    def where(self) -> str:
        return self.event.venue.name if self.event.venue else where(self.event)

    @property
    def is_free(self) -> bool:
        """Whether the person can move there without anybody going over a rule."""
        return self.places.bookable > 0 and not self.unmet

    @property
    def tentative(self) -> str:
        if not self.missing:
            return ""
        return f"Takes place once {wording.count(self.missing, 'more person has', 'more people have')} asked."

    def __str__(self) -> str:
        left = wording.count(self.places.bookable, "place")
        return f"{self.when}, {self.where} ({left} left). {self.tentative}".removesuffix(". ")


def check_has_colleagues(booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the holder of the place may name a colleague by address now."""
    policies.check_can_pass_on(booking, at=at)
    policies.check_may_be_substituted(booking, at=at)
    if booking.organisation_state == OrganisationState.NONE:
        raise Refused(
            f"Write to {booking.event.lead_host.team_email} if somebody else should come instead of you.",
            code="no_colleagues",
        )


def whose_colleagues(booking: Booking) -> str:
    """The organisation whose people may take the place over."""
    return booking.organisation.name if booking.organisation else booking.organisation_text


def colleague_at(address: str, booking: Booking) -> Person | None:
    """The person with this address, if they work where the booking was made from. Of anybody else we say nothing."""
    found = person_by_address(address)
    if found is None or not found.is_active:
        return None
    if booking.organisation_id is not None:
        return found if found.organisation_id == booking.organisation_id else None
    is_same = bool(booking.organisation_text) and _plain(found.organisation_text) == _plain(booking.organisation_text)
    return found if is_same and found.organisation_state == OrganisationState.UNMATCHED else None


def asks_manager(booking: Booking, person: Person | None, *, by: Person | None) -> bool:
    """Whether their manager approves before this colleague has the place; None: somebody new of the same organisation.

    Whoever waits for a place there has been through that already.
    """
    event, who = booking.event, person or Person(organisation=booking.organisation, organisation_state=booking.organisation_state)
    terms = BookingTerms.objects.filter(event=event).first()
    if terms is None or not policies.needs_approval(terms, who, by=by, event=event):
        return False
    return not Booking.objects.waiting().filter(event=event, person=who).exists()


def free_dates(booking: Booking, partnership: Partnership, *, by: Person, at: datetime) -> list[OtherDate]:
    """The dates that the holder of the place may know of and can move to."""
    dates = other_dates(booking, events_visible_to(booking.person, partnership), by=by, at=at)
    return [one for one in dates if one.is_free]


def other_dates(
    booking: Booking, known: QuerySet[Event], *, by: Person, at: datetime, asks_manager: bool = True
) -> list[OtherDate]:
    """The dates to come of the booking's course that take bookings, of those ``known`` to who asks, the next one first.

    ``asks_manager`` is False for a training lead, whose move is the agency's approval. A fixed number of queries.
    """
    if booking.event.course_id is None:
        return []
    person = booking.person
    booked = Booking.objects.live().filter(event=OuterRef("pk"), person=person)
    to_come = known.filter(course=booking.event.course_id, status=EventStatus.PUBLISHED, starts_on__gte=london_date(at))
    dates = to_come.filter(~Exists(booked)).exclude(pk=booking.event_id)
    dates = dates.select_related("venue", "lead_host", "course", "for_organisation")
    found = [event for event in dates.prefetch_related("sessions").order_by("starts_on", "pk")[:50] if starts_at(event) > at]
    if not found:
        return []
    terms = {one.event_id: one for one in BookingTerms.objects.filter(event__in=found)}
    found = [event for event in found if event.pk in terms]
    counts, missing = place_counts(found, reader=booking), missing_by_event(terms.values())
    unmet = _unmet(booking, found, terms, by=by, at=at, asks_manager=asks_manager)
    return [OtherDate(event, counts[event.pk], missing.get(event.pk, 0), unmet[event.pk]) for event in found]


def what_dates_cost(booking: Booking, dates: list[OtherDate], *, at: datetime) -> list[tuple[OtherDate, TermsOfBooking | None]]:
    """Each date with what a move there would mean for the person's money, None where that costs nothing.

    Empty where no date can cost anything, so that a page says nothing of money.
    """
    found = terms_of_moving(booking, [one.event for one in dates], at)
    return [(one, found.get(one.event.pk)) for one in dates] if found else []


def _unmet(
    booking: Booking, events: list[Event], terms: dict[UUID, BookingTerms], *, by: Person, at: datetime, asks_manager: bool
) -> dict[UUID, list[Refused]]:
    """The rules of each date that the person does not meet, in the order in which booking asks."""
    person, broken = booking.person, conditions.broken_at(events, booking.person)
    closed = [event for event in events if event.is_closed]
    invited = policies.invited_to(closed, person, by=by) if closed else set()
    is_approved = ApprovalRequest.objects.filter(booking=booking, decision=Decision.APPROVED).exists()
    found = {}
    for event in events:
        rules = list(policies.not_open_now(event=event, terms=terms[event.pk], at=at))
        rules += [policies.not_invited(event)] if event.is_closed and event.pk not in invited else []
        rules += broken[event.pk]
        if asks_manager and not is_approved and policies.needs_approval(terms[event.pk], person, by=None, event=event):
            rules.append(policies.no_approval())
        found[event.pk] = rules
    return found


def where_the_place_goes(booking: Booking) -> str:
    """What becomes of the place when it is given back, to follow "the place": a held one is held again before anybody in line."""
    hold = booking.hold
    if hold is not None and hold.released_at is None:
        return f"is held again for {hold.organisation or hold.sector} until {wording.day(hold.until)}"
    is_waited_for = Booking.objects.filter(event=booking.event_id).waiting().exists()
    return "goes to the next person on the waiting list" if is_waited_for else "becomes free for others"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
