"""Events that take bookings: made, resized, changed, moved and cancelled here, so that bookings follow at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

import events.operations as event_operations
from bookings import messages, policies
from bookings.messages import trainers as to_trainers
from bookings.messages.letters import CALL_FOR_PLACES, EVENT_CHANGES
from bookings.models import (
    FOR_EVERYBODY,
    QUEUE_RULES,
    Booking,
    BookingSettings,
    BookingStatus,
    BookingTerms,
    CancelledBy,
    Charge,
    ChargeKind,
    CourseTerms,
    InvitedPerson,
    PlannedKind,
)
from bookings.operations import lock, telling
from bookings.operations.cancelling import end
from bookings.operations.demand import session_called_off, session_changed
from bookings.operations.drafting import take_back_of
from bookings.operations.filling import fill_places, firm_up
from bookings.operations.managers import tell_managers_of_the_move
from bookings.operations.planned import plan_again
from bookings.operations.teaching import tell_trainers
from bookings.planned import about_session
from bookings.sectors import about
from core import audit
from core.refusals import Refused
from events.models import Event, EventStatus
from events.operations import SessionTimes
from events.queries import ends_at
from notifications.operations import withdraw, withdraw_to_write_again
from people.models import Person

TERMS = ("booking_limit", "opens_at", "closes_at", "has_waiting_list", "minimum", "fee", *QUEUE_RULES)


@transaction.atomic
def create_bookable_event(
    *,
    places: int | None,
    terms: dict[str, Any] | None = None,
    invited: Iterable[str] = (),
    **event_fields: Any,
) -> Event:
    """A draft event (events.operations.create_event takes ``event_fields``) with its terms.

    ``terms`` holds any of TERMS but the number of places; what it does not say comes from the course (CourseTerms), then from the
    partnership (BookingSettings). ``places`` None takes the course's number, then that of the venue's room. ``invited`` are the
    addresses that may book a closed event. Raises Refused as create_event does, without a number of places, and for terms that
    can't hold.
    """
    event = event_operations.create_event(**event_fields)
    given = {**_usual_terms(event), **(terms or {})}
    if places is None:
        places = given.pop("places") or (event.venue.room_places if event.venue else None)
    given.pop("places", None)
    if places is None:
        raise Refused("Give the number of places: 1 or more.", code="no_places", field="booking_limit")
    if "minimum" not in (terms or {}) and given["minimum"] is not None and given["minimum"] > places:
        given["minimum"] = None  # the course's, which can't be met here
    new = BookingTerms(event=event, booking_limit=places, **given)
    policies.check_terms(new)
    new.save()
    _set_invited(event, invited)
    return event


def _usual_terms(event: Event) -> dict[str, Any]:
    """What the course and the partnership say of an event that says nothing."""
    settings = BookingSettings.of(event.lead_host)
    usual: dict[str, Any] = {name: getattr(settings, name) for name in QUEUE_RULES} | {"places": None, "minimum": None}
    course = CourseTerms.objects.filter(course=event.course).first() if event.course else None
    if course is not None:
        usual |= {"places": course.places, "minimum": course.minimum}
        usual["manager_role"] = course.manager_role or usual["manager_role"]
    return usual


@transaction.atomic
def change_terms(*, event: Event, by: Person | None, at: datetime, **changed: Any) -> BookingTerms:
    """Change any of TERMS above and ``invited`` (the whole list of addresses).

    A raised limit goes to those who wait at once, a lowered minimum confirms the requests that meet it. Somebody who waits goes
    on waiting when the waiting list is closed to others. Raises Refused for a limit below the number of places that are taken or
    held, for a minimum where somebody is confirmed, and TypeError for any other name.
    """
    unknown = set(changed) - {*TERMS, "invited"}
    if unknown:
        raise TypeError(f"change_terms does not change {', '.join(sorted(unknown))}")
    terms = lock.lock_bookable(event.pk)
    event = lock.read_event(event.pk)
    changes: dict[str, list[Any]] = {}
    for name in TERMS:
        before = getattr(terms, name)
        if name in changed and before != changed[name]:
            changes[name] = [value if isinstance(value, int) else str(value or "") for value in (before, changed[name])]
            setattr(terms, name, changed[name])
    claims = lock.count_claims(terms) if "booking_limit" in changes else None
    policies.check_terms(terms, taken=claims.taken if claims else 0, kept=claims.kept if claims else 0)
    if "minimum" in changes:
        policies.check_can_be_tentative(terms)
    if "invited" in changed and _set_invited(event, changed["invited"]):
        changes["invited"] = []
    if changes:
        terms.revision += 1
        terms.save(update_fields=[*TERMS, "revision"])
        audit.record(action="booking terms changed", about=event, by=by, at=at, changes=changes)
    firm_up(terms, event, at=at, anyway="minimum" in changes and terms.minimum is None)
    fill_places(terms, event, at=at)
    return terms


@transaction.atomic
def go_ahead(*, event: Event, by: Person | None, at: datetime) -> list[Booking]:
    """A tentative event takes place, whether its minimum is met or not: every request is confirmed. Returns those confirmed.

    Raises Refused: not_bookable, not_tentative, not_published.
    """
    terms, event = lock.lock_bookable(event.pk), lock.read_event(event.pk)
    policies.check_can_go_ahead(terms, event)
    confirmed = firm_up(terms, event, at=at, anyway=True)
    audit.record(action="tentative event goes ahead", about=event, by=by, at=at, changes={"confirmed": [0, len(confirmed)]})
    return confirmed


@transaction.atomic
def cancel_bookable_event(*, event: Event, reason: str, by: Person | None, at: datetime, nobody_came: bool = False) -> Event:
    """Call the event off: every live booking ends as cancelled by the organiser, and everybody is told why.

    One that is over only where ``nobody_came``, which registers.operations.call_off_afterwards sees to.
    """
    terms = lock.lock_terms(event.pk)
    lock.raise_revision(Event.objects.filter(pk=event.pk))
    event_operations.cancel_event(event=event, reason=reason, by=by, at=at, nobody_came=nobody_came)
    cancelled = lock.read_event(event.pk)
    if cancelled.changed_at is not None:  # a draft is nobody's news
        tell_trainers(cancelled, to_trainers.cancelled, by=by, at=at)
    for booking in _live_bookings(cancelled):
        why, letter = "The event was cancelled.", messages.event_cancelled
        end(booking, terms=terms, cancelled_by=CancelledBy.ORGANISER, by=by, at=at, reason=why, letter=letter)
    _take_late_charges_back(event, at=at)
    session_called_off(cancelled, reason=reason, by=by, at=at)
    withdraw(about=about(event), kinds=[CALL_FOR_PLACES, *FOR_EVERYBODY], at=at)
    for session in cancelled.sessions.all():
        withdraw(about=about_session(session.pk), kinds=[PlannedKind.REGISTER], at=at)
    return event


def _take_late_charges_back(event: Event, *, at: datetime) -> None:
    """Who cancelled late kept nobody from a place: the event that they missed did not take place."""
    charged = Charge.objects.filter(event=event, kind=ChargeKind.LATE_CANCELLATION).values("booking_id")
    for booking in Booking.objects.filter(pk__in=charged).order_by("pk"):
        take_back_of(booking, ChargeKind.LATE_CANCELLATION, reason="The event was called off.", at=at)


@transaction.atomic
def change_bookable_event(
    *, event: Event, sessions: Sequence[SessionTimes] | None = None, by: Person | None, at: datetime, **changed: Any
) -> Event:
    """Change the event (events.operations.change_event) and, with ``sessions``, its times.

    Everybody who booked gets one letter about all of it when a calendar must hear of it.
    """
    terms = lock.lock_terms(event.pk)
    lock.raise_revision(Event.objects.filter(pk=event.pk))
    before = lock.read_event(event.pk)
    event_operations.change_event(event=event, by=by, at=at, **changed)
    if sessions is not None:
        _move(event, sessions, by=by, at=at)
    if event.version != before.version:
        after = lock.read_event(event.pk)
        has_moved = _times(after) != _times(before)
        told = tell_everybody(after, messages.rescheduled if has_moved else messages.changed, at=at)
        if has_moved and ends_at(after) > at:
            tell_managers_of_the_move(told, terms, at=at)
        if event.status == EventStatus.PUBLISHED:
            tell_trainers(after, to_trainers.rescheduled if has_moved else to_trainers.changed, by=by, at=at)
    return event


def _times(event: Event) -> list[tuple[datetime, datetime]]:
    return [(session.starts_at, session.ends_at) for session in event.sessions.all()]


def _move(event: Event, sessions: Sequence[SessionTimes], *, by: Person | None, at: datetime) -> None:
    """Give the event other times or titles of its sessions, and take those that go out of people's calendars."""
    before = lock.read_event(event.pk)
    surplus = list(before.sessions.all())[len(sessions) :]
    for booking in _live_bookings(before) if surplus else []:
        # Before the sessions go: their calendar entries go with them.
        telling.uninvite(booking, messages.session_taken_out(booking, sessions=surplus), at=at, sessions=surplus)
    event_operations.reschedule_event(event=event, sessions=sessions, by=by, at=at)


def _live_bookings(event: Event) -> list[Booking]:
    """Everybody who holds a place or waits, in the order they booked, knowing the event as it is now."""
    bookings = list(Booking.objects.live().filter(event=event).to_write_to())
    for booking in bookings:
        booking.event = event
    return bookings


def tell_everybody(event: Event, letter: Callable[[Booking], messages.Letter], *, at: datetime) -> list[Booking]:
    """The letter for everybody who holds a place or waits, with a new calendar entry where that is sure, and a word to whoever
    asked for the session. None about a draft. Returns the bookings, which know the event as it is now.

    What waits and says how the event was before leaves no more: to an address that bounces, or held back by an officer.
    """
    if event.status != EventStatus.PUBLISHED:
        return []
    event = lock.read_event(event.pk)
    bookings = _live_bookings(event)
    plan_again(bookings, at=at)
    withdraw_to_write_again(about=[booking.about for booking in bookings], kinds=EVENT_CHANGES, at=at)
    for booking in bookings:
        if booking.status == BookingStatus.CONFIRMED:
            telling.update(booking, letter(booking), at=at)
        else:
            telling.tell(booking, letter(booking), at=at)
    session_changed(event, at=at)
    return bookings


def _set_invited(event: Event, addresses: Iterable[str]) -> bool:
    """Make these the invited addresses; returns whether anything changed."""
    wanted = {address.strip().lower() for address in addresses} - {""}
    present = set(InvitedPerson.objects.filter(event=event).values_list("address", flat=True))
    InvitedPerson.objects.filter(event=event, address__in=present - wanted).delete()
    InvitedPerson.objects.bulk_create(InvitedPerson(event=event, address=address) for address in sorted(wanted - present))
    return wanted != present
