"""What people want that has no date: courses, and sessions of a service's own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch

from bookings import demand
from bookings.conditions import Checker
from bookings.messages import Letter
from bookings.messages import demand as letters
from bookings.messages.letters import SESSION_CHANGED, SESSION_PLANNED
from bookings.models import SESSION_REQUEST_STATES, Booking, Interest, SessionRequest, SessionRequestStatus
from bookings.operations import lock
from core import audit
from core.clock import london_date
from core.refusals import Refused
from core.text import one_line
from courses.models import Course
from events.models import Event, EventStatus
from events.queries import ends_at, starts_at
from notifications.operations import draft_message, withdraw, withdraw_to_write_again, write_messages
from people.models import Partnership, Person


@transaction.atomic
def want_course(*, course: Course, person: Person, by: Person | None, at: datetime) -> Interest:
    """Put a person on the list of those who want a course that has no date; whoever is on it already stays as they are.

    Raises Refused: not_allowed, not_in_catalogue, has_a_date.
    """
    demand.check_can_want(course, person=person, by=by, at=at)
    interest, is_new = Interest.objects.get_or_create(course=course, person=person, ended_at=None, defaults={"asked_at": at})
    if is_new:
        audit.record(action="course wanted", about=interest, by=by, at=at)
    return interest


@transaction.atomic
def stop_wanting(*, course: Course, person: Person, by: Person | None, at: datetime) -> bool:
    """Take a person off the list; returns whether they were on it."""
    demand.check_is_theirs(person, by=by, partnership=course.partnership)
    interest = Interest.objects.select_for_update().filter(course=course, person=person, ended_at=None).first()
    if interest is None:
        return False
    interest.ended_at = at
    interest.save(update_fields=["ended_at"])
    audit.record(action="course wanted no more", about=interest, by=by, at=at)
    return True


@transaction.atomic
def end_met_interests(*, at: datetime) -> int:
    """Take those off the lists who have booked the course since they asked; returns how many."""
    theirs = Booking.objects.live().filter(person=OuterRef("person"), event__course=OuterRef("course"))
    booked = theirs.filter(booked_at__gte=OuterRef("asked_at"))
    return Interest.objects.open().filter(Exists(booked)).update(ended_at=at, has_booked=True)


@transaction.atomic
def tell_interested(*, event: Event, at: datetime) -> int:
    """Write to everybody who wants the event's course and may book it; returns to how many. Once for each event.

    The list itself is whoever was on it at that moment: nobody is told of a date that was there when they asked.
    """
    terms, event = lock.lock_bookable(event.pk), lock.read_event(event.pk)
    if terms.interest_told_at is not None or not demand.can_be_told_of(event, terms, at=at):
        return 0
    with_address = Prefetch("person", Person.objects.with_address())
    interests = list(
        Interest.objects.open().filter(course=event.course_id).select_related("course").prefetch_related(with_address)
    )
    checker = Checker(event, [interest.person for interest in interests])
    told = 0
    for interest in interests:
        if any(checker.broken(interest.person)):
            continue
        letter = letters.course_has_date(interest, event)
        address = interest.person.address or ""  # type: ignore[attr-defined]
        told += bool(address)
        about = f"interest:{interest.pk}"
        _tell(interest.person, address, event.lead_host, letter, about=about, part=str(event.pk), at=at)
    terms.interest_told_at = at
    terms.save(update_fields=["interest_told_at"])
    audit.record(action="interested people told", about=event, by=None, at=at, changes={"told": [0, told]})
    return told


@transaction.atomic
def ask_for_session(
    *,
    partnership: Partnership,
    subject: str,
    people: int,
    wanted_when: str,
    place: str = "",
    note: str = "",
    course: Course | None = None,
    by: Person,
    at: datetime,
) -> SessionRequest:
    """A service asks for a session of its own, in the name of ``by``'s organisation. The same asked twice is one request.

    Raises Refused: no_subject, no_people, no_time, other_partnership, too_many.
    """
    subject = one_line(subject) or (course.title if course else "")
    said = {"wanted_when": one_line(wanted_when)[:200], "place": one_line(place)[:200], "note": one_line(note)[:500]}
    demand.check_can_ask(partnership, by, subject=subject, people=people, when=said["wanted_when"], course=course)
    same = {"partnership": partnership, "asked_by": by, "subject": subject[:160], "course": course, "people": people, **said}
    present = SessionRequest.objects.filter(**same, status=SessionRequestStatus.ASKED).first()
    if present is not None:
        return present
    whose = {"organisation_id": by.organisation_id, "organisation_text": by.organisation_text}
    request = SessionRequest.objects.create(**same, **whose, asked_at=at)
    audit.record(action="session asked for", about=request, by=by, at=at, changes={"status": ["", request.status]})
    return request


@transaction.atomic
def withdraw_session(*, request: SessionRequest, by: Person, at: datetime) -> SessionRequest:
    """Whoever asked takes the request back. Raises Refused: not_allowed, answered."""
    request = _lock(request)
    demand.check_is_theirs(request.asked_by, by=by, partnership=request.partnership)
    return _step(request, SessionRequestStatus.WITHDRAWN, action="session request withdrawn", by=by, at=at)


@transaction.atomic
def plan_session(*, request: SessionRequest, event: Event, by: Person, at: datetime) -> SessionRequest:
    """Say which event the request has become. Who asked is told once it is published. Raises Refused: not_allowed, answered."""
    request = _lock(request)
    demand.check_may_plan(by, partnership=request.partnership)
    if event.lead_host_id != request.partnership_id:
        raise Refused("This event is another partnership's. Make one of your own for the request.", code="not_allowed")
    return _step(request, SessionRequestStatus.PLANNED, event=event, action="session request planned", by=by, at=at)


@transaction.atomic
def tell_of_planned_session(*, request: SessionRequest, at: datetime) -> bool:
    """Tell who asked of the event, once it is published; returns whether they were told now.

    One that is published only after it was held, to carry its head count, is nobody's news. The event is held, so that nobody
    moves it meanwhile.
    """
    if request.event_id is None:
        return False
    lock.lock_terms(request.event_id)
    lock.lock_event(request.event_id)  # an event that takes no bookings has no terms
    event, request = lock.read_event(request.event_id), _lock(request)
    if not request.is_being_planned or request.event_id != event.pk:
        return False
    if event.status != EventStatus.PUBLISHED:
        return False
    request.answered_at = at
    request.save(update_fields=["answered_at"])
    audit.record(action="session request answered", about=request, by=None, at=at)
    is_to_come = starts_at(event) > at
    if is_to_come:
        _answer(request, letters.session_planned(request, event), at=at)
    return is_to_come


def session_changed(event: Event, *, at: datetime) -> None:
    """The event of a session that a service asked for changes: whoever was told of it and has not booked reads how it is now.

    What waits and says how it was before leaves no more.
    """
    if ends_at(event) <= at or (event.messages_from is not None and london_date(at) < event.messages_from):
        return
    requests = list(demand.sessions_told_of([event]))
    withdraw_to_write_again(about=[request.about for request in requests], kinds=[SESSION_CHANGED], at=at)
    for request in requests:
        if not Booking.objects.live().filter(event=event, person=request.asked_by).exists():
            _answer(request, letters.session_changed(request, event), at=at)


def session_called_off(event: Event, *, reason: str, by: Person | None, at: datetime) -> None:
    """The event of a session that a service asked for is called off.

    Whoever was written to that it is planned reads why it is not, booked or not, and an officer may open their request again. For
    whoever was not, it is open as if it had never been planned.
    """
    planned = SessionRequest.objects.filter(status=SessionRequestStatus.PLANNED, event=event).order_by("pk")
    for request in map(_lock, planned):
        if request.status != SessionRequestStatus.PLANNED or request.event_id != event.pk:
            continue
        if request.is_being_planned:
            _step(request, SessionRequestStatus.ASKED, action="session request opened again", by=by, at=at)
            continue
        request.answer = demand.checked_reason(reason)
        _step(request, SessionRequestStatus.DECLINED, action="session called off", by=by, at=at)
        withdraw(about=request.about, kinds=[SESSION_PLANNED, SESSION_CHANGED], at=at)
        _answer(request, letters.session_declined(request, called_off=event), at=at)


@transaction.atomic
def decline_session(*, request: SessionRequest, reason: str, by: Person, at: datetime) -> SessionRequest:
    """Say no, with a reason that who asked will read. Raises Refused: not_allowed, answered, no_reason."""
    request = _lock(request)
    demand.check_may_plan(by, partnership=request.partnership)
    demand.check_is_not_planned(request)
    request.answer = demand.checked_reason(reason)
    _step(request, SessionRequestStatus.DECLINED, action="session request declined", by=by, at=at)
    _answer(request, letters.session_declined(request), at=at)
    return request


@transaction.atomic
def reconsider_session(*, request: SessionRequest, by: Person, at: datetime) -> SessionRequest:
    """Open a declined request again, so that it can be planned. Raises Refused: not_allowed, answered."""
    request = _lock(request)
    demand.check_may_plan(by, partnership=request.partnership)
    demand.check_is_not_planned(request)
    return _step(request, SessionRequestStatus.ASKED, action="session request opened again", by=by, at=at)


def _lock(request: SessionRequest) -> SessionRequest:
    SessionRequest.objects.select_for_update(no_key=True).filter(pk=request.pk).first()
    return SessionRequest.objects.select_related("partnership", "asked_by", "course").get(pk=request.pk)


def _step(
    request: SessionRequest,
    to_status: SessionRequestStatus,
    *,
    action: str,
    by: Person | None,
    at: datetime,
    event: Event | None = None,
) -> SessionRequest:
    demand.check_step(request, to_status)
    SESSION_REQUEST_STATES.check(request.status, to_status)
    changes: dict[str, list[str]] = {"status": [request.status, str(to_status)]}
    if request.event_id or event:
        changes["event"] = [str(pk) if pk else "" for pk in (request.event_id, event and event.pk)]
    request.status, request.answered_at, request.event = to_status, at, event
    if to_status == SessionRequestStatus.PLANNED:
        request.answered_at = None
    elif to_status == SessionRequestStatus.ASKED:
        request.answered_at, request.answer = None, ""
    request.save(update_fields=["status", "answered_at", "answer", "event"])
    audit.record(action=action, about=request, by=by, at=at, changes=changes)
    return request


def _answer(request: SessionRequest, letter: Letter, *, at: datetime) -> None:
    asker = request.asked_by
    _tell(asker, asker.main_address(), request.partnership, letter, about=request.about, part=at.isoformat(), at=at)


def _tell(person: Person, address: str, partnership: Partnership, letter: Letter, *, about: str, part: str, at: datetime) -> None:
    draft = draft_message(
        partnership=partnership,
        kind=letter.kind,
        about=about,
        dedupe_key=f"{about}:{letter.kind}:{part}",
        to_address=address,
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=person,
        happened_on=london_date(at),
        at=at,
    )
    write_messages([draft])
