"""Learning that is to be refreshed: by when, who has made sure of it already, and whom a letter is still to be written to.

All follows from the latest standing credit of a person for a course. Whoever has a live booking for a date of the course has made
sure of it, and so, for a while, has who was at one whose register is not closed yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, Replace

from bookings.messages.letters import REFRESHER_DUE
from bookings.models import Booking, BookingQuerySet, MessageSettings
from bookings.planned import at_hour
from core import wording
from core.clock import london_date
from core.ids import ids_in
from courses.models import Course
from events.models import Event
from notifications.models import Message
from people.models import Partnership, Person
from records.models import Credit, CreditQuerySet
from records.refreshing import last_earned, refresh_by

LATE_BY_AT_MOST = timedelta(days=28)  # nobody reads of a day that went by long ago, because an officer says only now when it was
REGISTER_SETTLES = timedelta(days=14)  # for so long whoever has been at a date of the course may still be marked as there
USUAL_WEEKS = 8  # from when on it is shown where no letter says when


def leaves_on(earned_on: date, *, months: int, weeks: int) -> date:
    """On which day somebody hears: so many weeks before the day, but never in the first half of the time."""
    by = refresh_by(earned_on, months)
    return max(by - timedelta(weeks=weeks), earned_on + (by - earned_on) // 2)


def earned_between(today: date, *, months: int, weeks: int) -> tuple[date, date]:
    """The first and the last day of learning about which somebody would hear by today and not too late."""
    too_old = last_earned(today - LATE_BY_AT_MOST - timedelta(days=1), lambda day: refresh_by(day, months))
    return too_old + timedelta(days=1), last_earned(today, lambda day: leaves_on(day, months=months, weeks=weeks))


def about(credit_id: UUID) -> str:
    """What a letter about a credit carries as its ``about``."""
    return f"credit:{credit_id}"


def message_key(credit: Credit) -> str:
    """One letter about what was learned on that day. A register that was opened and closed again posts another row of it."""
    return f"refresher:{credit.person_id.hex}:{credit.course_id.hex}:{credit.earned_on}"  # type: ignore[union-attr]


def is_written() -> Exists:
    """For credits: whether the letter is in the outbox. In the database, by its key."""
    person, course = (Replace(Cast(OuterRef(name), CharField()), Value("-"), Value("")) for name in ("person_id", "course_id"))
    day = Cast(OuterRef("earned_on"), CharField())
    key = Concat(Value("refresher:"), person, Value(":"), course, Value(":"), day)
    return Exists(Message.objects.filter(dedupe_key=key))


def is_seen_to(today: date, bookings: BookingQuerySet | None = None) -> Exists:
    """For credits: whether the person has booked a date of the course, waits for one, or was at one a moment ago.

    ``bookings``: those that a reader may know of, where that is not all of them.
    """
    after = {"event__ends_on__gte": today - REGISTER_SETTLES, "event__starts_on__gt": OuterRef("earned_on")}
    live = Booking.objects.live() if bookings is None else bookings.live()
    return Exists(live.filter(person=OuterRef("person"), event__course=OuterRef("course"), **after))


def in_secret() -> Exists:
    """For credits: whether it was learned at a closed event, whose course is not for others to know."""
    return Exists(Event.objects.filter(pk=OuterRef("source_uuid"), is_closed=True))


def due_credits(at: datetime, *, partnership: Partnership | None = None) -> CreditQuerySet:
    """Credits whose letter should have left by now and has a reason to: written or not. Reads the courses first, in one query.

    Not of people who can't sign in or have no address, nor of what was learned before the partnership wrote to anybody. Nor at a
    closed event: a mail's subject would say what it was about.
    """
    who = Q(pk__in=[])
    for (first, last), courses in _times_of_courses(at, partnership).items():
        who |= Q(course__in=courses, earned_on__gte=first, earned_on__lte=last)
    address = EmailAddress.objects.filter(user=OuterRef("person"))
    found = Credit.objects.newest_of_each().filter(who, ~in_secret(), ~is_seen_to(london_date(at)))
    return found.filter(Exists(address), person__is_active=True)


def unwritten(at: datetime, *, partnership: Partnership | None = None) -> CreditQuerySet:
    """Those of them that nobody was written to about. Two queries when read, one where no course is ever refreshed."""
    return due_credits(at, partnership=partnership).filter(~is_written()).order_by("earned_on", "pk")


def _times_of_courses(at: datetime, partnership: Partnership | None) -> dict[tuple[date, date], list[UUID]]:
    """By first and last day of learning: the courses about whose learning of those days letters leave by now."""
    own = MessageSettings.objects.filter(partnership=OuterRef("partnership"))
    today, usual = london_date(at), MessageSettings()
    found = Course.objects.in_catalogue().filter(refresh_months__isnull=False, partnership__messages_from__lte=today)
    if partnership is not None:
        found = found.filter(partnership=partnership)
    rows = found.order_by().values_list(
        "pk",
        "refresh_months",
        "partnership__messages_from",
        Exists(own),
        Subquery(own.values("refresher_weeks")[:1]),
        Subquery(own.values("leaves_at_hour")[:1]),
    )
    times: dict[tuple[date, date], list[UUID]] = defaultdict(list)
    for course, months, writes_from, has_own, own_weeks, own_hour in rows:
        weeks, hour = (own_weeks, own_hour) if has_own else (usual.refresher_weeks, usual.leaves_at_hour)
        if weeks is None:
            continue
        has_come = at >= at_hour(today, MessageSettings(leaves_at_hour=hour))
        as_of = today if has_come else today - timedelta(days=1)
        first, last = earned_between(as_of, months=months, weeks=weeks)
        times[max(first, writes_from), last].append(course)
    return times


def without_reason(at: datetime) -> list[str]:
    """What letters are about that wait although nobody would write them now, or would name another day.

    One query where none waits.
    """
    waiting = (
        Message.objects.waiting().filter(kind=REFRESHER_DUE).values_list("about", "values__learned_on", "values__refresh_by")
    )
    said = {thing: days for thing, *days in waiting}
    if not said:
        return []
    credits = due_credits(at).filter(pk__in=ids_in(thing.partition(":")[2] for thing in said)).select_related("course")
    now = {about(credit.pk): said_of(credit) for credit in credits}
    return sorted(thing for thing, days in said.items() if now.get(thing) != days)


def said_of(credit: Credit) -> list[str]:
    """The days that a letter names: when it was learned, and by when it is to be refreshed."""
    return [wording.day(credit.earned_on), wording.day(by_when(credit))]


def by_when(credit: Credit) -> date:
    """Of a credit whose course is refreshed, and is loaded with it."""
    return refresh_by(credit.earned_on, credit.course.refresh_months)  # type: ignore[union-attr, arg-type]


@dataclass(frozen=True)
class Refresh:
    """One course that somebody learned, and by when they are to refresh it.

    ``is_seen_to``: a date of it is booked or waited for. ``is_soon``: near enough that pages say so, its day gone by or not.
    """

    credit: Credit
    by: date
    is_seen_to: bool
    is_soon: bool
    is_past: bool


def refreshes_of(person: Person, *, at: datetime, partnership: Partnership | None = None) -> list[Refresh]:
    """What somebody is to refresh of the courses in the catalogue (of one partnership), the nearest day first. One query.

    It is soon from the day on which a letter would say so, whether one is sent or not.
    """
    today, settings = london_date(at), MessageSettings.objects.filter(partnership=OuterRef("course__partnership"))
    found = _refreshed().filter(person=person).select_related("course")
    if partnership is not None:
        found = found.filter(course__partnership=partnership)
    refreshes = []
    for credit in found.annotate(is_seen_to=is_seen_to(today), weeks=Subquery(settings.values("refresher_weeks")[:1])):
        by, months = by_when(credit), credit.course.refresh_months  # type: ignore[union-attr]
        from_when = leaves_on(credit.earned_on, months=months or 0, weeks=credit.weeks or USUAL_WEEKS)
        refreshes.append(Refresh(credit, by, credit.is_seen_to, from_when <= today, by < today))
    return sorted(refreshes, key=lambda one: (one.by, one.credit.course.title))  # type: ignore[union-attr]


WITHIN = {"3": "In 3 months", "6": "In 6 months", "12": "In 12 months", "past": "Day gone by"}
USUAL_TIME = "3"


def to_refresh(
    courses: Iterable[Course],
    people: QuerySet[Person],
    *,
    within: str,
    bookings: BookingQuerySet | None = None,
    at: datetime,
) -> CreditQuerySet:
    """The credits by which these people are to refresh these courses in that time, a key of WITHIN.

    By course, the nearest day first, each with ``is_seen_to`` (by ``bookings``), of people who can sign in. One query.
    """
    first, last = _time(within, london_date(at))
    by_months: dict[int, list[UUID]] = defaultdict(list)
    for course in courses:
        by_months[course.refresh_months or 0].append(course.pk)
    when = Q(pk__in=[])
    for months, ids in by_months.items():
        when |= _learned_between(ids, months, first, last) if months else Q(pk__in=[])
    found = _refreshed().filter(when, person__in=people, person__is_active=True)
    seen_to = found.annotate(is_seen_to=is_seen_to(london_date(at), bookings))
    ordered: CreditQuerySet = seen_to.order_by("course__title", "earned_on", "person__surname", "person__forename", "pk")
    return ordered


def _time(within: str, today: date) -> tuple[date | None, date]:
    """Both days belong to it; None: ever."""
    if within == "past":
        return None, today - timedelta(days=1)
    return today, refresh_by(today, int(within))


def _learned_between(courses: list[UUID], months: int, first: date | None, last: date) -> Q:
    """When they were learned whose day comes in that time."""
    learned = Q(course__in=courses, earned_on__lte=last_earned(last, lambda day: refresh_by(day, months)))
    if first is not None:
        learned &= Q(earned_on__gt=last_earned(first - timedelta(days=1), lambda day: refresh_by(day, months)))
    return learned


def _refreshed() -> CreditQuerySet:
    return Credit.objects.newest_of_each().filter(course__is_in_catalogue=True, course__refresh_months__isnull=False)
