"""Courses without a date and sessions of a service's own: who may ask, and who is to be told of which event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from bookings import policies
from bookings.models import SESSION_REQUEST_STATES, BookingTerms, Interest, SessionRequest, SessionRequestStatus
from core.clock import london_date
from core.refusals import Refused
from core.text import one_line
from courses.models import Course
from events.models import Event, EventQuerySet, EventStatus
from events.queries import starts_at
from people.models import Grant, Partnership, Person
from people.policies import can

MOST_OPEN_REQUESTS = 20
UNTOLD = Q(status=SessionRequestStatus.PLANNED, answered_at=None)  # planned, and who asked has not heard of it


def dates_of(course: Course, *, at: datetime) -> EventQuerySet:
    """The dates of a course that anybody can find in the programme."""
    return Event.objects.listed().filter(course=course, starts_on__gt=london_date(at))


def check_can_want(course: Course, *, person: Person, by: Person | None, at: datetime) -> None:
    """Raises Refused unless the person, or an officer for them, asks for a course of the catalogue that has no date."""
    check_is_theirs(person, by=by, partnership=course.partnership)
    if not course.is_in_catalogue:
        raise Refused("This course is not held any more. Look for another one in the programme.", code="not_in_catalogue")
    if dates_of(course, at=at).exists():
        raise Refused("This course has a date now. Book it, or join its waiting list.", code="has_a_date")


def check_is_theirs(person: Person, *, by: Person | None, partnership: Partnership) -> None:
    if by is not None and by.pk != person.pk and not may_plan(by, partnership):
        raise Refused("Only this person, or an officer of the partnership, can do this.", code="not_allowed")


def may_plan(by: Person, partnership: Partnership) -> bool:
    return can(Grant.objects.in_force().filter(person=by), "manage_events", partnership)


def check_may_plan(by: Person, *, partnership: Partnership) -> None:
    if not may_plan(by, partnership):
        raise Refused("Only an officer of the partnership can answer a request for a session.", code="not_allowed")


def check_can_ask(partnership: Partnership, by: Person, *, subject: str, people: int, when: str, course: Course | None) -> None:
    """Raises Refused for a request that nobody could plan by."""
    if not subject:
        raise Refused("Say what the session is about, or choose a course.", code="no_subject", field="subject")
    if not 1 <= people <= 1000:
        raise Refused("Say for how many people: from 1 to 1,000.", code="no_people", field="people")
    if not when:
        raise Refused("Say when it would suit you.", code="no_time", field="wanted_when")
    if course is not None and course.partnership_id != partnership.pk:
        raise Refused("Choose a course of this partnership.", code="other_partnership", field="course")
    mine = SessionRequest.objects.filter(asked_by=by, partnership=partnership, status=SessionRequestStatus.ASKED)
    if mine.count() >= MOST_OPEN_REQUESTS:
        raise Refused(
            f"You have {MOST_OPEN_REQUESTS} requests that nobody has answered yet. Write to {partnership.team_email}.",
            code="too_many",
        )


def check_step(request: SessionRequest, to_status: str) -> None:
    """Raises Refused for a request that has been answered by somebody else in the meantime."""
    if request.is_being_planned and to_status == SessionRequestStatus.WITHDRAWN:
        team = request.partnership.team_email
        raise Refused(f"The training team works on this request already. Write to {team} to withdraw it.", code="answered")
    if not SESSION_REQUEST_STATES.allows(request.status, to_status):
        raise _answered(request)


def check_is_not_planned(request: SessionRequest) -> None:
    """Raises Refused for a planned one: that ends only by calling its event off."""
    if request.status == SessionRequestStatus.PLANNED:
        raise _answered(request)


def _answered(request: SessionRequest) -> Refused:
    how = str(request.get_status_display()).lower()
    return Refused(f"This request is {how} already. Load the page again to see how it stands.", code="answered")


def checked_reason(reason: str) -> str:
    said = one_line(reason)[:300]
    if not said:
        raise Refused("Say why not: whoever asked reads it.", code="no_reason", field="reason")
    return said


def events_to_tell_of(at: datetime) -> list[Event]:
    """Dates that those who want the course have not heard of yet and can book now."""
    untold = BookingTerms.objects.filter(Q(opens_at__isnull=True) | Q(opens_at__lte=at), interest_told_at=None)
    wanted = Interest.objects.open().filter(course=OuterRef("course"))
    soon = Event.objects.listed().filter(starts_on__gte=london_date(at), pk__in=untold.values("event_id"))
    return list(soon.filter(Exists(wanted)).order_by("starts_on", "pk"))


def can_be_told_of(event: Event, terms: BookingTerms, *, at: datetime) -> bool:
    """Whether somebody could book it at this moment, and it is not one of the events that nothing is written about."""
    if event.status != EventStatus.PUBLISHED or event.is_closed or event.course_id is None:
        return False
    if event.messages_from is not None and london_date(at) < event.messages_from:
        return False
    return policies.refusal_to_book(event=event, terms=terms, person=None, at=at) is None and starts_at(event) > at


def sessions_to_tell_of(at: datetime) -> list[SessionRequest]:
    """Sessions that a service asked for, whose event everybody it is for can see, and that nobody has told them of."""
    speaks = Q(event__messages_from=None) | Q(event__messages_from__lte=london_date(at))
    found = SessionRequest.objects.filter(UNTOLD, speaks, event__status=EventStatus.PUBLISHED)
    return list(found.order_by("asked_at", "pk"))


def sessions_told_of(events: Iterable[Event]) -> QuerySet[SessionRequest]:
    """The requests that became one of these events, whose askers have been written to that they did."""
    told = SessionRequest.objects.filter(event__in=events, status=SessionRequestStatus.PLANNED, answered_at__isnull=False)
    return told.select_related("partnership", "asked_by").order_by("pk")


def open_requests(partnership: Partnership) -> QuerySet[SessionRequest]:
    """The requests for a session that nobody has answered, the oldest first, ready to show."""
    asked = SessionRequest.objects.filter(partnership=partnership, status=SessionRequestStatus.ASKED)
    return asked.select_related("partnership", "organisation", "course", "asked_by")


def wanted_courses(partnership: Partnership) -> Any:
    """Each course that somebody wants: how many, how many organisations they come from, and since when. Most wanted first."""
    open_ones = Interest.objects.open().filter(course__partnership=partnership)
    return (
        open_ones.order_by()
        .values("course_id", title=F("course__title"))
        .annotate(people=Count("pk"), organisations=Count("person__organisation", distinct=True), since=Min("asked_at"))
        .order_by("-people", "title", "course_id")
    )


def who_wants(partnership: Partnership, course: Course | None = None) -> QuerySet[Interest]:
    """Who wants which course, by course and then by when they asked, ready to show."""
    found = Interest.objects.open().filter(course__partnership=partnership)
    if course is not None:
        found = found.filter(course=course)
    related = ("course", "person__organisation", "person__sector", "person__borough")
    return found.select_related(*related).order_by("course__title", "asked_at", "pk")
