"""Which sectors nobody has booked from, and who there would want to hear of places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from bookings import conditions, policies
from bookings.counting import held_places, place_counts
from bookings.messages.letters import CALL_FOR_PLACES
from bookings.models import LIVE, Booking, BookingTerms, Hold
from core.refusals import Refused
from courses.models import Course
from events.models import Event
from notifications.models import Message
from people.models import Person, Sector

# Why somebody of a sector is not written to, in the order in which it is asked.
STOPPED = "may not sign in any more"
BOOKED = "booked or waiting already"
HAD_ONE = "had a booking for this event that ended"
NOT_AGREED = "have not agreed that we write to them about places"
NO_ADDRESS = "have no e-mail address"
WRITTEN_TO = "were written to about this event before"
NOT_FOR_THEM = "do not meet the conditions of booking"


@dataclass
class Audience:
    """Who is written to about the places of an event, and how many of those sectors are left out for which reason."""

    people: list[Person] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def missing_sectors(events: Iterable[Event]) -> dict[UUID, list[Sector]]:
    """The sectors each event is for and nobody has booked or waits from, by the event's id, in four queries.

    An event is for its own sectors, else for those of its course, else for all. Closed events and those of one agency are asked
    about nothing: they are not in it.
    """
    asked = [event for event in events if not event.is_closed and event.for_organisation_id is None]
    sectors = {sector.pk: sector for sector in Sector.objects.all()}
    own, courses = _tags(Event, [event.pk for event in asked]), _tags(Course, [event.course_id for event in asked])
    live = Booking.objects.filter(event__in=asked, status__in=LIVE, sector__isnull=False)
    booked = set(live.order_by().values_list("event_id", "sector_id").distinct())
    missing = {}
    for event in asked:
        wanted = own.get(event.pk) or courses.get(event.course_id) or set(sectors)
        missing[event.pk] = [one for pk, one in sectors.items() if pk in wanted and (event.pk, pk) not in booked]
    return missing


def _tags(kind: type[Event] | type[Course], ids: Iterable[UUID | None]) -> dict[UUID | None, set[UUID]]:
    """The sectors that each of these events or courses names."""
    found: dict[UUID | None, set[UUID]] = defaultdict(set)
    rows = kind._default_manager.filter(pk__in=[pk for pk in ids if pk], for_sectors__isnull=False)
    for pk, sector in rows.order_by().values_list("pk", "for_sectors"):
        found[pk].add(sector)
    return found


def audience(event: Event, sectors: Iterable[Sector]) -> Audience:
    """Whom call_for_places would write to: people that the lead host looks after, of these sectors. A fixed number of queries."""
    theirs = Person.objects.filter(partnerships=event.lead_host_id, sector__in=list(sectors))
    people = list(theirs.with_address().select_related("sector").order_by("surname", "forename", "pk"))
    bookings = Booking.objects.filter(event=event, person__in=people)
    live = set(bookings.filter(status__in=LIVE).values_list("person_id", flat=True))
    ended = set(bookings.exclude(status__in=LIVE).values_list("person_id", flat=True))
    written = set(called_people(event).values_list("person_id", flat=True))
    checker = conditions.Checker(event, [person for person in people if person.agreed_to_hear_at])
    found = Audience()
    for person in people:
        reasons = [
            (not person.is_active, STOPPED),
            (person.pk in live, BOOKED),
            (person.pk in ended, HAD_ONE),
            (person.agreed_to_hear_at is None, NOT_AGREED),
            (not person.address, NO_ADDRESS),  # type: ignore[attr-defined]
            (person.pk in written, WRITTEN_TO),
        ]
        reason = next((words for is_so, words in reasons if is_so), None)
        if reason is None and next(checker.broken(person), None) is not None:
            reason = NOT_FOR_THEM
        if reason is None:
            found.people.append(person)
        else:
            found.left_out[reason] += 1
    return found


def check_can_call(
    event: Event, sectors: Collection[Sector], *, terms: BookingTerms | None, by: Person | None, at: datetime
) -> None:
    """Raises Refused unless whoever reads the letter could book now: open, and with a place that is free or held for them."""
    if not sectors:
        raise Refused("Choose at least one sector.", code="no_sectors", field="sectors")
    if event.is_closed:
        raise Refused("This event is for invited people only: nobody else is written to about it.", code="closed_event")
    policies.check_can_book(event=event, terms=terms, person=None, by=by, at=at)
    counts = place_counts([event])[event.pk]
    held_for_them = {pk for one in held_places([event.pk]) if one.left for pk in _sectors_of(one.hold)}
    if (not counts.left or counts.waiting) and not held_for_them & {sector.pk for sector in sectors}:
        what = "People wait for the places that are free" if counts.left else "Every place is taken or held"
        raise Refused(f"{what}. Raise the number of places, or hold some for these sectors.", code="full")


def _sectors_of(hold: Hold) -> set[UUID | None]:
    return {hold.organisation.sector_id if hold.organisation else hold.sector_id}


def called_people(event: Event) -> QuerySet[Message]:
    """The letters about places of this event that went into the outbox before."""
    return Message.objects.filter(about=about(event), kind=CALL_FOR_PLACES)


def about(event: Event) -> str:
    """What the outbox calls the event in messages about it."""
    return f"event:{event.pk}"
