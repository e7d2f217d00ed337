"""What can be learned, found by the filters of the catalogue: dated events, courses without a date, modules and episodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, overload

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from bookings.counting import PlaceCounts, place_counts
from bookings.models import Booking, BookingTerms, Hold
from core import wording
from core.clock import london_date
from courses.models import Course
from elearning.models import Module
from events import queries as event_queries
from events.models import Event, EventQuerySet, EventStatus
from people.models import Partnership, Person, Sector
from podcasts.models import Episode

EVENTS, COURSES, MODULES, EPISODES = "events", "courses", "elearning", "podcasts"
UNDER_WAY = "Has started"
WAITING_LIST = "Waiting list"
ONLY_EVENTS_HAVE = ("kind", "from", "to", "places")


@dataclass(frozen=True)
class Found:
    """One line of the catalogue. ``what`` is one of the four kinds of learning, ``thing`` the row itself.

    ``status`` says what the reader has booked or that it has begun, ``not_now`` that nobody books at this moment.
    """

    what: str
    thing: Any
    places: PlaceCounts | None = None
    status: str = ""
    not_now: str = ""

    @property
    def tag(self) -> str:
        """What stands out on a card: the reader's own booking, or that who books now does not get a place."""
        if self.status or self.not_now or self.places is None or not self.places.is_full:
            return self.status or self.not_now
        return WAITING_LIST if self.places.has_waiting_list else "Full"

    @property
    def left(self) -> str:
        """What booking now would come to."""
        places = self.places
        if self.status or self.not_now or places is None:
            return ""
        if places.kept:
            free = 0 if places.waiting else places.left
            return f"{wording.count(places.kept, 'place')} held for your service" + (f", {free} more left" if free else "")
        if not places.is_full:
            return f"{wording.count(places.left, 'place')} left"
        if not places.has_waiting_list:
            return "No place left and no waiting list"
        taken = f"{wording.count(places.left, 'place')} free for those who wait" if places.left else _all_gone(places)
        if not places.waiting:
            return f"{taken}: you would be first in line"
        return f"{taken}: {wording.count(places.waiting, 'person', 'people')} in front of you"

    @property
    def when(self) -> str:
        return event_queries.when(self.thing)

    @property
    def where(self) -> str:
        venue = self.thing.venue
        return venue.name if venue is not None and not venue.is_online else event_queries.where(self.thing)


def _all_gone(places: PlaceCounts) -> str:
    return "Every place is taken or held for others" if places.held_for_others else "Every place is taken"


class Stack(Sequence[Any]):
    """Several lists of rows as one, so that a page is cut from it without reading the rest."""

    def __init__(self, parts: list[tuple[str, QuerySet[Any]]]) -> None:
        self.parts = [(what, rows, rows.count()) for what, rows in parts]

    def __len__(self) -> int:
        return sum(count for _, _, count in self.parts)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start, stop, _ = index.indices(len(self))
        found: list[tuple[str, Any]] = []
        for what, rows, count in self.parts:
            if start < count and stop > 0:
                found += [(what, row) for row in rows[max(0, start) : min(count, stop)]]
            start, stop = start - count, stop - count
        return found


def search(partnership: Partnership, filters: dict[str, Any], *, at: datetime) -> Stack:
    """What the filters leave, dated events first. A filter that only events know leaves out everything else."""
    wanted, today = filters.get("what"), london_date(at)
    parts: dict[str, QuerySet[Any]] = {EVENTS: _events(partnership, filters, at=at)}
    if not any(filters.get(name) for name in ONLY_EVENTS_HAVE):
        parts[COURSES] = _courses(partnership, filters, today=today)
        if not filters.get("level") and not filters.get("format") and not filters.get("sector"):
            parts[MODULES] = _matching(_of_theme(Module.objects.filter(partnership=partnership).in_catalogue(), filters), filters)
            episodes = Episode.objects.filter(series__partnership=partnership).published(today).select_related("series", "theme")
            parts[EPISODES] = _matching(_of_theme(episodes, filters), filters)
    return Stack([(what, rows) for what, rows in parts.items() if wanted in (None, "", what)])


def listed_events(partnership: Partnership, *, today: date) -> EventQuerySet:
    """Upcoming events of the public programme with what a card shows."""
    return (
        Event.objects.hosted_by(partnership)
        .listed()
        .upcoming(today)
        .select_related("venue", "course__level", "theme", "for_organisation")
        .prefetch_related("sessions")
        .order_by("starts_on", "title", "id")
    )


def cards(found: Sequence[tuple[str, Any]], *, statuses: dict[Any, str], reader: Person | None, at: datetime) -> list[Found]:
    """The rows as cards: places in a fixed number of queries, ``statuses`` the words for what the reader has booked.

    An event that has started, or whose booking is closed, shows no places: nobody can book one.
    """
    events = [row for what, row in found if what == EVENTS]
    coming = [event for event in events if event_queries.starts_at(event) > at]
    places = place_counts(coming, reader=reader) if coming else {}
    under_way = {event.pk: UNDER_WAY for event in events if event_queries.starts_at(event) <= at}
    words = under_way | statuses
    not_now = {pk: _not_now(counts, at) for pk, counts in places.items()}
    return [Found(what, row, places.get(row.pk), words.get(row.pk, ""), not_now.get(row.pk, "")) for what, row in found]


def _not_now(places: PlaceCounts, at: datetime) -> str:
    """Why nobody books at this moment, in the few words of a card; bookings.policies.not_open_now says it in full."""
    if places.opens_at is not None and at < places.opens_at:
        return f"Booking opens {wording.short_day(places.opens_at)}"
    return "Booking has closed" if places.closes_at is not None and at >= places.closes_at else ""


def event_cards(events: Sequence[Event], *, statuses: dict[Any, str], reader: Person | None, at: datetime) -> list[Found]:
    return cards([(EVENTS, event) for event in events], statuses=statuses, reader=reader, at=at)


def in_calendar(partnership: Partnership, filters: dict[str, Any] | None, *, at: datetime) -> EventQuerySet:
    """The events of the public calendar that the filters leave; none for None. A cancelled one need have no places left."""
    events = event_queries.for_public_calendar(partnership, at=at)
    if filters is None or filters.get("what", EVENTS) != EVENTS:
        return events.none()
    found = _narrowed(events, filters)
    return found.filter(_has_places(at) | Q(status=EventStatus.CANCELLED)) if filters.get("places") else found


def _has_places(at: datetime) -> Q:
    """Whether there is a place for anybody who books now, as the cards say: not held for others, and nobody waits for it."""
    of_event = Q(event=OuterRef("event"))
    holds = Hold.objects.in_force()
    taken = Booking.objects.holding_a_place().filter(of_event).exclude(hold__in=holds.values("pk"))
    counted = taken.order_by().values("event").annotate(n=Count("pk")).values("n")
    held = holds.filter(of_event).order_by().values("event").annotate(n=Sum("places")).values("n")
    gone = Coalesce(Subquery(counted), 0) + Coalesce(Subquery(held), 0)
    is_open = Q(opens_at=None) | Q(opens_at__lte=at), Q(closes_at=None) | Q(closes_at__gt=at)
    terms = BookingTerms.objects.filter(*is_open, event=OuterRef("pk"), booking_limit__gt=gone)
    return Q(Exists(terms)) & ~Q(Exists(Booking.objects.waiting().filter(event=OuterRef("pk"))))


def _events(partnership: Partnership, filters: dict[str, Any], *, at: datetime) -> EventQuerySet:
    events = _narrowed(listed_events(partnership, today=london_date(at)), filters)
    return events.filter(_has_places(at)) if filters.get("places") else events


def _narrowed(events: EventQuerySet, filters: dict[str, Any]) -> EventQuerySet:
    """Those that fit every filter but that of places."""
    events = _matching(_of_theme(events, filters), filters, "title", "summary", "course__title")
    plain = {"format": "format", "kind": "kind", "level": "course__level"}
    events = events.filter(**{field: filters[name] for name, field in plain.items() if filters.get(name)})
    if filters.get("sector"):
        events = events.filter(Exists(_sectors(Event, filters["sector"])) | ~Exists(_sectors(Event)))
    if filters.get("from"):
        events = events.filter(starts_on__gte=filters["from"])
    if filters.get("to"):
        events = events.filter(starts_on__lt=_month_after(filters["to"]))
    return events


def _courses(partnership: Partnership, filters: dict[str, Any], *, today: date) -> QuerySet[Course]:
    dated = Event.objects.listed().upcoming(today).hosted_by(partnership).filter(course=OuterRef("pk"))
    courses = Course.objects.filter(partnership=partnership).in_catalogue().filter(~Exists(dated))
    courses = _matching(_of_theme(courses, filters), filters).select_related("level", "theme")
    courses = courses.filter(**{name: filters[name] for name in ("format", "level") if filters.get(name)})
    if filters.get("sector"):
        courses = courses.filter(Exists(_sectors(Course, filters["sector"])) | ~Exists(_sectors(Course)))
    return courses


def _of_theme(rows: Any, filters: dict[str, Any]) -> Any:
    return rows.filter(theme=filters["theme"]) if filters.get("theme") else rows


def _matching(rows: Any, filters: dict[str, Any], *fields: str) -> Any:
    """Rows in which each word of the text stands somewhere."""
    for word in (filters.get("q") or "").split():
        places = Q(theme__name__icontains=word)
        for field in fields or ("title", "summary"):
            places |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(places)
    return rows


def _sectors(model: type[Event] | type[Course], sector: Sector | None = None) -> QuerySet[Any]:
    """The sectors a row is for, or whether it is for this one. A row without any is for everybody."""
    named = model.for_sectors.through._default_manager.filter(**{model._meta.model_name or "": OuterRef("pk")})
    return named.filter(sector=sector) if sector else named


def _month_after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
