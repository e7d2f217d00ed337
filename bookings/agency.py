"""What an agency's training lead sees: the people of their agency, and what was booked from it.

Everything starts from one grant: a person leads the training of one organisation in one partnership. People belong to the agency
that their profile names today. A booking belongs to the agency it was made from, wherever its person works now, and is seen where
the partnership hosts the event.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from bookings import refreshing
from bookings.models import LIVE, Booking, BookingQuerySet, BookingTerms, Hold, HoldKind, HoldQuerySet
from bookings.queries import events_visible_to, hosted_by_partnership, live_in_words, made_from_the_agency, with_queue_place
from core.clock import london_date
from courses.models import Course
from events.models import Event, EventQuerySet, EventStatus, Session
from people.models import Grant, Person, PersonQuerySet
from records.models import CreditQuerySet

BY_NAME = ("person__surname", "person__forename", "booked_at", "pk")


def people_of(grant: Grant) -> PersonQuerySet:
    """Those who work at the agency today and may sign in."""
    people: PersonQuerySet = Person.objects.active().filter(organisation=grant.organisation_id)
    return people


def somebody_of(grant: Grant) -> Person:
    """Anybody of the agency, unsaved: for whom places are held where they are held for it or for its sector."""
    assert grant.organisation is not None  # noqa: S101 - the constraint says so; tells the type checker
    return Person(organisation=grant.organisation, organisation_state="matched", sector_id=grant.organisation.sector_id)


def bookings_of(grant: Grant) -> BookingQuerySet:
    """What was booked from the agency at events of the partnership, each with its ``queue_place``, ready to show."""
    return (
        with_queue_place(Booking.objects.filter(made_from_the_agency(grant)))
        .select_related("person", "event__venue", "event__lead_host", "booked_by")
        .prefetch_related("event__sessions")
    )


def courses_to_refresh(grant: Grant) -> QuerySet[Course]:
    """The partnership's courses that are refreshed, by title."""
    found = Course.objects.in_catalogue().filter(partnership=grant.partnership_id, refresh_months__isnull=False)
    return found.order_by("title", "pk")


def to_refresh(grant: Grant, courses: Iterable[Course], *, within: str, text: str, at: datetime) -> CreditQuerySet:
    """Who of the agency is to refresh these courses in that time, a key of refreshing.WITHIN; ready to show.

    What was learned at a closed event is nobody else's to know, and only what was booked from the agency counts as booked.
    """
    theirs = Booking.objects.filter(made_from_the_agency(grant), event__is_closed=False)
    people = people_of(grant).matching(text)
    found = refreshing.to_refresh(courses, people, within=within, bookings=theirs, at=at).filter(~refreshing.in_secret())
    with_address = Prefetch("person", Person.objects.with_address())
    shown: CreditQuerySet = found.select_related("course").prefetch_related(with_address)
    return shown


def search(bookings: BookingQuerySet, text: str) -> BookingQuerySet:
    """Those whose person or event has every word of ``text``; a closed event is found by its neutral title only."""
    for word in text.split():
        who = Q(person__forename__icontains=word) | Q(person__surname__icontains=word)
        what = Q(event__is_closed=False, event__title__icontains=word) | Q(event__neutral_title__icontains=word)
        bookings = bookings.filter(who | what)
    return bookings


def coming(bookings: BookingQuerySet, *, at: datetime) -> BookingQuerySet:
    """Live ones at events to come, the next one first."""
    return bookings.filter(_is_coming(at)).order_by("event__starts_on", "event_id", *BY_NAME)


def gone(bookings: BookingQuerySet, *, at: datetime) -> BookingQuerySet:
    """What was: events that are over or cancelled, and bookings that ended. The latest first."""
    return bookings.filter(~_is_coming(at)).order_by("-event__starts_on", "event_id", *BY_NAME)


def _is_coming(at: datetime) -> Q:
    return Q(status__in=LIVE, event__ends_on__gte=london_date(at)) & ~Q(event__status=EventStatus.CANCELLED)


def how_many(bookings: BookingQuerySet) -> dict[str, int]:
    """How many have each status, the commonest first."""
    counted = bookings.order_by().values("status").annotate(number=Count("pk")).order_by("-number", "status")
    return {row["status"]: row["number"] for row in counted}


def of_the_agency_at(grant: Grant, events: Iterable[Event]) -> dict[UUID, str]:
    """How many of the agency are booked, wait and so on at each of these events, in words by its id. One query."""
    theirs = Booking.objects.live().filter(organisation=grant.organisation_id, event__in=list(events)).order_by()
    counted: dict[UUID, dict[str, int]] = {}
    for event_id, status, number in theirs.values_list("event_id", "status").annotate(number=Count("pk")):
        counted.setdefault(event_id, {})[status] = number
    return {event_id: live_in_words(numbers) for event_id, numbers in counted.items()}


def next_bookings(people: Iterable[Person], grant: Grant, *, at: datetime) -> dict[UUID, list[Booking]]:
    """The agency's live bookings to come of these people, by the person's id. A fixed number of queries."""
    found: dict[UUID, list[Booking]] = {}
    for booking in coming(bookings_of(grant), at=at).filter(person__in=[person.pk for person in people]):
        found.setdefault(booking.person_id, []).append(booking)
    return found


def events_to_book(grant: Grant, lead: Person, *, at: datetime) -> EventQuerySet:
    """Events to come with places to book, that the lead may know of and the partnership hosts; the next one first."""
    to_come = events_of(grant, lead).filter(status=EventStatus.PUBLISHED, starts_on__gte=london_date(at))
    has_places = Exists(BookingTerms.objects.filter(event=OuterRef("pk")))
    has_started = Exists(Session.objects.filter(event=OuterRef("pk"), starts_at__lte=at))
    return to_come.filter(has_places, ~has_started).order_by("starts_on", "title", "pk")


def events_of(grant: Grant, lead: Person) -> EventQuerySet:
    """The events of the partnership that the lead may know of."""
    known = events_visible_to(lead, grant.partnership).filter(pk__in=hosted_by_partnership(grant))
    return known.select_related("venue", "lead_host", "course").prefetch_related("sessions")


def holds_of(grant: Grant) -> HoldQuerySet:
    """The unnamed places that the agency holds or held at events of the partnership, the first to end first."""
    theirs = Hold.objects.filter(
        kind=HoldKind.UNNAMED, organisation=grant.organisation_id, event__in=hosted_by_partnership(grant)
    )
    return theirs.select_related("event", "made_by").prefetch_related("event__sessions").order_by("until", "made_at", "pk")
