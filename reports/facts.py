"""What the database is asked for a report: one query for each table, however much it holds.

Every query covers the period and the one before it, which follow each other, and counts by event. An event belongs to the period
of its start, so a figure of either period is a sum over that period's events, and the rows behind it are those same events. Only
people and organisations are counted by queries of their own, because somebody may come twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, F, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum

from bookings.models import NEVER_PLACED, Booking, BookingChange, BookingStatus, CancelledBy, Interest
from core.clock import london_instant
from elearning.models import Attempt
from events.models import Event, EventHost, EventKind, EventStatus, Session
from feedback.models import Answer, FollowUp, FollowUpAnswer, Response
from people.models import OrganisationState, Partnership
from podcasts.models import Episode, ListenCount
from registers.models import Attendance, HeadCount, Outcome, Register, RegisterState
from reports.periods import Period
from reports.questions import NO_ORGANISATION, NOT_MATCHED, Question, course_title

OUT_OF_AREA = "Out of area"
GOOD = ("good", "excellent")
LIKELY = ("likely",)
CHANGED = ("yes",)


@dataclass
class EventLine:
    """One event and everything that was counted at it. ``part`` attended in part, ``missed`` did not attend."""

    id: UUID
    title: str
    course_title: str
    kind: str
    starts_on: date
    is_cancelled: bool
    has_open_register: bool
    has_ended: bool
    attended: int = 0
    part: int = 0
    missed: int = 0
    head_count: int = 0
    delegate_in_time: int = 0
    delegate_late: int = 0
    delegate_unknown: int = 0
    cancelled_by_manager: int = 0
    never_placed: int = 0
    by_qr: int = 0
    by_email: int = 0
    rated: int = 0
    rated_good: int = 0
    compared: int = 0
    rose: int = 0
    asked_to_apply: int = 0
    likely: int = 0
    sent: int = 0
    answered: int = 0
    asked_changed: int = 0
    changed: int = 0
    sectors: Counter[str] = field(default_factory=Counter)
    hosts: Counter[str] = field(default_factory=Counter)
    own: int = 0

    @property
    def was_delivered(self) -> bool:
        if self.is_cancelled:
            return False
        return self.head_count > 0 or (self.attended > 0 and not self.has_open_register)

    @property
    def register_not_taken(self) -> bool:
        return not self.is_cancelled and self.has_ended and self.has_open_register and self.head_count == 0

    @property
    def evaluations(self) -> int:
        return self.by_qr + self.by_email

    @property
    def cancelled_by_delegate(self) -> int:
        return self.delegate_in_time + self.delegate_late + self.delegate_unknown


class ModuleLine(NamedTuple):
    title: str
    completions: int


class WantedLine(NamedTuple):
    """A course, and how many people were on its list at the end of the period."""

    title: str
    people: int


class EpisodeLine(NamedTuple):
    title: str
    published_on: date


class ListenLine(NamedTuple):
    episode: str
    source: str
    listens: int


@dataclass
class Facts:
    """Everything counted for one period. ``events`` are without forums, which stand apart."""

    events: list[EventLine] = field(default_factory=list)
    forums: list[EventLine] = field(default_factory=list)
    people: int = 0
    organisations: int = 0
    wanted: list[WantedLine] = field(default_factory=list)
    modules: list[ModuleLine] = field(default_factory=list)
    completers: int = 0
    episodes: list[EpisodeLine] = field(default_factory=list)
    listens: list[ListenLine] = field(default_factory=list)


def gather(question: Question) -> tuple[Facts, Facts]:
    """The facts of the question's period and of the period before."""
    lines = _event_lines(question)
    _count_attendances(question, lines)
    _count_head_counts(question, lines)
    _count_bookings(question, lines)
    _count_evaluations(question, lines)
    _count_follow_ups(question, lines)
    now, before = Facts(), Facts()
    for line in lines.values():
        facts = now if question.period.holds(line.starts_on) else before
        (facts.forums if line.kind == EventKind.FORUM else facts.events).append(line)
    _count_people(question, now, before)
    _count_wanted(question, now, before)
    _count_modules(question, now, before)
    _count_podcasts(question, now, before)
    return now, before


def _event_lines(question: Question) -> dict[UUID, EventLine]:
    closed = Register.objects.filter(session=OuterRef("pk"), state=RegisterState.CLOSED)
    not_closed = Session.objects.filter(event=OuterRef("pk")).exclude(Exists(closed))
    rows = (
        question.events()
        .annotate(has_open_register=Exists(not_closed))
        .order_by("starts_on", "public_title_now", "id")
        .values_list("id", "public_title_now", "course_title", "kind", "starts_on", "ends_on", "status", "has_open_register")
    )
    return {
        id_: EventLine(id_, title, course, kind, starts_on, status == EventStatus.CANCELLED, has_open, ends_on < question.today)
        for id_, title, course, kind, starts_on, ends_on, status, has_open in rows
    }


def attendances(question: Question) -> QuerySet[Attendance]:
    """The rows behind attendances, attended or not, of this period and the one before: forums too."""
    held = question.events().exclude(status=EventStatus.CANCELLED)
    return Attendance.objects.filter(question.affiliation(), date__range=question.with_previous(), event__in=held.values("pk"))


def _times(outcome: str) -> Count:
    return Count("pk", filter=Q(outcome=outcome))


def _count_attendances(question: Question, lines: dict[UUID, EventLine]) -> None:
    """By event, and at the same time by sector and by whose borough the organisation is in."""
    hosts: dict[UUID, dict[UUID, str]] = {}
    lead: dict[UUID, UUID] = {}
    found = EventHost.objects.filter(event__in=question.events().values("pk"))
    for event, host, name, lead_host in found.values_list("event", "partnership", "partnership__short_name", "event__lead_host"):
        hosts.setdefault(event, {})[host] = name
        lead[event] = lead_host
    rows = (
        attendances(question)
        .values_list("event", "organisation_state", "sector__name", "borough__partnership")
        .annotate(attended=_times(Outcome.ATTENDED), part=_times(Outcome.PART_ATTENDED), missed=_times(Outcome.DID_NOT_ATTEND))
        .order_by()
    )
    for event, state, sector, borough_of, attended, part, missed in rows:
        line, of_event = lines[event], hosts[event]
        line.attended += attended
        line.part += part
        line.missed += missed
        line.sectors[_sector(state, sector)] += attended
        counts_for = borough_of if borough_of in of_event else lead[event]
        if counts_for == question.partnership.pk:
            line.own += attended
        if len(of_event) > 1:
            outside = f"{OUT_OF_AREA}, counted for {of_event[lead[event]]} as lead host"
            line.hosts[of_event.get(borough_of, outside)] += attended


def _sector(state: str, name: str | None) -> str:
    if state == OrganisationState.UNMATCHED:
        return NOT_MATCHED
    return NO_ORGANISATION if state == OrganisationState.NONE else str(name)


def _count_head_counts(question: Question, lines: dict[UUID, EventLine]) -> None:
    found = HeadCount.objects.filter(event__in=question.events().exclude(status=EventStatus.CANCELLED).values("pk"))
    if question.sector == NOT_MATCHED:
        found = found.none()
    elif question.sector == NO_ORGANISATION:
        found = found.filter(organisation__isnull=True)
    elif question.sector:
        found = found.filter(organisation__sector__name=question.sector)
    _fill(lines, found.values("event").annotate(head_count=Sum("count")).order_by())


def _fill(lines: dict[UUID, EventLine], rows: Iterable[Any]) -> None:
    """Write what was counted by event into the events' lines, under the counts' own names."""
    for row in rows:
        line = lines[row.pop("event")]
        for name, number in row.items():
            setattr(line, name, number)


def _count_bookings(question: Question, lines: dict[UUID, EventLine]) -> None:
    """Cancellations and people never placed. Who only left the waiting list had no place to cancel."""
    had_no_place = BookingChange.objects.filter(
        booking=OuterRef("pk"),
        to_status=BookingStatus.CANCELLED,
        from_status__in=[BookingStatus.WAITING, BookingStatus.REQUESTED, BookingStatus.AWAITING_APPROVAL],
    )
    delegate = Q(cancelled_by=CancelledBy.DELEGATE)
    ended = Booking.objects.filter(
        question.affiliation(),
        Q(status__in=NEVER_PLACED)
        | Q(status=BookingStatus.CANCELLED, cancelled_by__in=[CancelledBy.DELEGATE, CancelledBy.MANAGER]) & ~Exists(had_no_place),
        event__in=question.events().values("pk"),
    )
    rows = ended.values("event").annotate(
        delegate_in_time=Count("pk", filter=delegate & Q(cancelled_in_time=True)),
        delegate_late=Count("pk", filter=delegate & Q(cancelled_in_time=False)),
        delegate_unknown=Count("pk", filter=delegate & Q(cancelled_in_time__isnull=True)),
        cancelled_by_manager=Count("pk", filter=Q(cancelled_by=CancelledBy.MANAGER)),
        never_placed=Count("pk", filter=Q(status__in=NEVER_PLACED)),
    )
    _fill(lines, rows.order_by())


def _count_evaluations(question: Question, lines: dict[UUID, EventLine]) -> None:
    """Responses by channel, answers by what they say, and confidence of those who gave it before and after."""
    events = question.events().values("pk")
    channels = Response.objects.filter(form__event__in=events).values(event=F("form__event"))
    _fill(
        lines,
        channels.annotate(by_qr=Count("pk", filter=Q(channel="qr")), by_email=Count("pk", filter=Q(channel="email"))).order_by(),
    )
    answers = Answer.objects.filter(response__form__event__in=events)
    overall, apply = Q(question__key="overall") & ~Q(choice=""), Q(question__key="apply") & ~Q(choice="")
    by_event = answers.values(event=F("response__form__event"))
    rows = by_event.annotate(
        rated=Count("pk", filter=overall),
        rated_good=Count("pk", filter=overall & Q(choice__in=GOOD)),
        asked_to_apply=Count("pk", filter=apply),
        likely=Count("pk", filter=apply & Q(choice__in=LIKELY)),
    )
    _fill(lines, rows.order_by())
    before = Answer.objects.filter(response=OuterRef("response"), question__key="confidence_before").values("number")[:1]
    pairs: Any = answers.filter(question__key="confidence_after", number__isnull=False).annotate(
        earlier=Subquery(before, output_field=IntegerField())
    )
    compared = (
        pairs.filter(earlier__isnull=False)
        .values(event=F("response__form__event"))
        .annotate(compared=Count("pk"), rose=Count("pk", filter=Q(number__gt=F("earlier"))))
    )
    _fill(lines, compared.order_by())


def _count_follow_ups(question: Question, lines: dict[UUID, EventLine]) -> None:
    events = question.events().values("pk")
    sent = FollowUp.objects.asked().filter(event__in=events).values("event")
    _fill(lines, sent.annotate(sent=Count("pk"), answered=Count("pk", filter=Q(answered_on__isnull=False))).order_by())
    given = FollowUpAnswer.objects.filter(follow_up__event__in=events, question__key="changed_practice").exclude(choice="")
    by_event = given.values(event=F("follow_up__event"))
    _fill(lines, by_event.annotate(asked_changed=Count("pk"), changed=Count("pk", filter=Q(choice__in=CHANGED))).order_by())


def _count_people(question: Question, now: Facts, before: Facts) -> None:
    """Distinct people and matched organisations among the attendances of each period."""
    period, previous = question.period, question.period.previous()
    this = Q(date__range=(period.starts_on, period.ends_on))
    last = Q(date__range=(previous.starts_on, previous.ends_on))
    found = trained(question).aggregate(
        people_now=Count("person", distinct=True, filter=this),
        people_before=Count("person", distinct=True, filter=last),
        organisations_now=Count("organisation", distinct=True, filter=this),
        organisations_before=Count("organisation", distinct=True, filter=last),
    )
    now.people, now.organisations = found["people_now"], found["organisations_now"]
    before.people, before.organisations = found["people_before"], found["organisations_before"]


def trained(question: Question) -> QuerySet[Attendance]:
    """The attendances themselves: attended in full, forums left out, this period and the one before."""
    return attendances(question).filter(outcome=Outcome.ATTENDED).exclude(event_kind=EventKind.FORUM)


def completed_attempts(question: Question) -> QuerySet[Attempt]:
    found = Attempt.objects.filter(module__partnership=question.partnership, completed_on__range=question.with_previous())
    return found.filter(module__theme__name=question.theme) if question.theme else found


def _count_wanted(question: Question, now: Facts, before: Facts) -> None:
    """Who was on the list of a course as each period ended; nobody's sector is kept there, so there is no cut by it."""
    found = Interest.objects.filter(course__partnership=question.partnership)
    if question.course:
        found = found.filter(course__title=question.course)
    if question.theme:
        found = found.filter(course__theme__name=question.theme)
    in_this, in_last = (
        Count("pk", filter=Q(asked_at__lt=end) & (Q(ended_at__isnull=True) | Q(ended_at__gte=end)))
        for end in (_end_of(question.period), _end_of(question.period.previous()))
    )
    rows = found.order_by().values_list("course", "course__title").annotate(now=in_this, before=in_last)
    for _, title, people_now, people_before in rows.order_by("course__title", "course"):
        now.wanted += [WantedLine(title, people_now)] if people_now else []
        before.wanted += [WantedLine(title, people_before)] if people_before else []


def _end_of(period: Period) -> datetime:
    """Midnight in London after its last day."""
    return london_instant(datetime.combine(period.ends_on + timedelta(days=1), time.min))


def _count_modules(question: Question, now: Facts, before: Facts) -> None:
    this = Q(completed_on__gte=question.period.starts_on)
    completed = completed_attempts(question)
    people_now, people_before = (Count("person", distinct=True, filter=when) for when in (this, ~this))
    rows = completed.values_list("module", "module__title").annotate(now=people_now, before=people_before)
    for _, title, in_this, in_last in rows.order_by("module__title", "module"):
        now.modules += [ModuleLine(title, in_this)] if in_this else []
        before.modules += [ModuleLine(title, in_last)] if in_last else []
    found = completed.aggregate(now=people_now, before=people_before)
    now.completers, before.completers = found["now"], found["before"]


def _count_podcasts(question: Question, now: Facts, before: Facts) -> None:
    hosted = Q(series__partnership=question.partnership)
    episodes = Episode.objects.filter(hosted, published_on__range=question.with_previous())
    counted = ListenCount.objects.filter(episode__series__partnership=question.partnership, date__range=question.with_previous())
    if question.theme:
        episodes = episodes.filter(theme__name=question.theme)
        counted = counted.filter(episode__theme__name=question.theme)
    for title, published_on in episodes.order_by("published_on", "title").values_list("title", "published_on"):
        facts = now if question.period.holds(published_on) else before
        facts.episodes.append(EpisodeLine(title, published_on))
    this = Q(date__gte=question.period.starts_on)
    rows = counted.values_list("episode", "episode__title", "source").annotate(
        now=Sum("count", filter=this, default=0), before=Sum("count", filter=~this, default=0)
    )
    for _, title, source, in_this, in_last in rows.order_by("episode__title", "source", "episode"):
        now.listens += [ListenLine(title, source, in_this)] if in_this else []
        before.listens += [ListenLine(title, source, in_last)] if in_last else []


def days_with_figures(partnership: Partnership) -> tuple[date, date] | None:
    """The first and the last day of an event with an attendance that this partnership hosts; None where there is none."""
    hosted = EventHost.objects.filter(partnership=partnership).values("event")
    found = Attendance.objects.filter(event__in=hosted, outcome=Outcome.ATTENDED).aggregate(first=Min("date"), last=Max("date"))
    return (found["first"], found["last"]) if found["first"] else None


def course_titles(partnership: Partnership) -> list[str]:
    """What attendances by course can be asked for, of the events this partnership hosts."""
    hosted = EventHost.objects.filter(partnership=partnership).values("event")
    events = Event.objects.filter(pk__in=hosted).exclude(status=EventStatus.DRAFT).annotate(title_now=course_title())
    return list(events.values_list("title_now", flat=True).distinct().order_by("title_now"))
