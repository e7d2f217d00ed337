"""Events that take bookings: made, resized, changed, moved and cancelled here, so that bookings follow at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

import events.operations as event_operations
from bookings import messages, policies
from bookings.models import HOLDING_A_PLACE, Booking, BookingTerms, CancelledBy, InvitedPerson
from bookings.operations import lock, telling
from bookings.operations.cancelling import end
from bookings.operations.places import fill_places
from core import audit
from core.refusals import Refused
from events.models import Event, EventStatus
from events.operations import SessionTimes
from people.models import Person

TERMS = ("booking_limit", "opens_at", "closes_at", "has_waiting_list")


@transaction.atomic
def create_bookable_event(
    *,
    places: int | None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    has_waiting_list: bool = True,
    invited: Iterable[str] = (),
    **event_fields: Any,
) -> Event:
    """A draft event (events.operations.create_event takes ``event_fields``) with its terms.

    ``places`` None takes the number of places of its venue's room. ``invited`` are the addresses that may book a closed event.
    Raises Refused as create_event does, and without a number of places or with a closing before the opening.
    """
    event = event_operations.create_event(**event_fields)
    if places is None:
        places = event.venue.room_places if event.venue else None
    if places is None:
        raise Refused("Give the number of places: 1 or more.", code="no_places", field="booking_limit")
    policies.check_terms(booking_limit=places, opens_at=opens_at, closes_at=closes_at)
    BookingTerms.objects.create(
        event=event, booking_limit=places, opens_at=opens_at, closes_at=closes_at, has_waiting_list=has_waiting_list
    )
    _set_invited(event, invited)
    return event


@transaction.atomic
def change_terms(*, event: Event, by: Person | None, at: datetime, **changed: Any) -> BookingTerms:
    """Change any of ``booking_limit``, ``opens_at``, ``closes_at``, ``has_waiting_list`` and ``invited`` (the whole list of
    addresses).

    A raised limit goes to those who wait at once. Somebody who waits goes on waiting when the waiting list is closed to others.
    Raises Refused for a limit below the number of people who hold a place, and TypeError for any other name.
    """
    unknown = set(changed) - {*TERMS, "invited"}
    if unknown:
        raise TypeError(f"change_terms does not change {', '.join(sorted(unknown))}")
    terms = lock.lock_terms(event.pk)
    if terms is None:
        raise Refused("This event takes no bookings here.", code="not_bookable")
    event = lock.read_event(event.pk)
    changes: dict[str, list[Any]] = {}
    for name in TERMS:
        before = getattr(terms, name)
        if name in changed and before != changed[name]:
            changes[name] = [value if isinstance(value, int) else str(value or "") for value in (before, changed[name])]
            setattr(terms, name, changed[name])
    taken = lock.count_claims(event.pk).taken if "booking_limit" in changes else 0
    policies.check_terms(booking_limit=terms.booking_limit, opens_at=terms.opens_at, closes_at=terms.closes_at, taken=taken)
    if "invited" in changed and _set_invited(event, changed["invited"]):
        changes["invited"] = []
    if changes:
        terms.save(update_fields=TERMS)
        audit.record(action="booking terms changed", about=event, by=by, at=at, changes=changes)
    fill_places(terms, event, at=at)
    return terms


@transaction.atomic
def cancel_bookable_event(*, event: Event, reason: str, by: Person | None, at: datetime) -> Event:
    """Call the event off: every live booking ends as cancelled by the organiser, and everybody is told why."""
    lock.lock_terms(event.pk)
    event_operations.cancel_event(event=event, reason=reason, by=by, at=at)
    for booking in _live_bookings(lock.read_event(event.pk)):
        letter = messages.event_cancelled
        end(booking, cancelled_by=CancelledBy.ORGANISER, by=by, at=at, reason="The event was cancelled.", letter=letter)
    return event


@transaction.atomic
def reschedule_bookable_event(*, event: Event, sessions: Sequence[SessionTimes], by: Person | None, at: datetime) -> Event:
    """Give the event other times (events.operations.reschedule_event) and tell everybody who holds a place or waits for one."""
    lock.lock_terms(event.pk)
    if _move(event, sessions, by=by, at=at):
        _tell_everybody(event, messages.rescheduled, at=at)
    return event


@transaction.atomic
def change_bookable_event(
    *, event: Event, sessions: Sequence[SessionTimes] | None = None, by: Person | None, at: datetime, **changed: Any
) -> Event:
    """Change the event (events.operations.change_event) and, with ``sessions``, its times.

    Everybody who booked gets one letter about all of it when a calendar must hear of it.
    """
    lock.lock_terms(event.pk)
    before = lock.read_event(event.pk).version
    event_operations.change_event(event=event, by=by, at=at, **changed)
    has_moved = sessions is not None and _move(event, sessions, by=by, at=at)
    if event.version != before:
        _tell_everybody(event, messages.rescheduled if has_moved else messages.changed, at=at)
    return event


def _move(event: Event, sessions: Sequence[SessionTimes], *, by: Person | None, at: datetime) -> bool:
    """Give the event other times, and take sessions that go out of people's calendars. Whether a calendar must hear of it."""
    before = lock.read_event(event.pk)
    surplus = list(before.sessions.all())[len(sessions) :]
    for booking in _live_bookings(before) if surplus else []:
        # Before the sessions go: their calendar entries go with them.
        telling.uninvite(booking, messages.session_taken_out(booking, sessions=surplus), at=at, sessions=surplus)
    event_operations.reschedule_event(event=event, sessions=sessions, by=by, at=at)
    return event.version != before.version


def _live_bookings(event: Event) -> list[Booking]:
    """Everybody who holds a place or waits, in the order they booked, knowing the event as it is now."""
    bookings = list(Booking.objects.live().filter(event=event).select_related("person", "booked_by"))
    for booking in bookings:
        booking.event = event
    return bookings


def _tell_everybody(event: Event, letter: Callable[[Booking], messages.Letter], *, at: datetime) -> None:
    if event.status != EventStatus.PUBLISHED:
        return
    for booking in _live_bookings(lock.read_event(event.pk)):
        if booking.status in HOLDING_A_PLACE:
            telling.update(booking, letter(booking), at=at)
        else:
            telling.tell(booking, letter(booking), at=at)


def _set_invited(event: Event, addresses: Iterable[str]) -> bool:
    """Make these the invited addresses; returns whether anything changed."""
    wanted = {address.strip().lower() for address in addresses} - {""}
    present = set(InvitedPerson.objects.filter(event=event).values_list("address", flat=True))
    InvitedPerson.objects.filter(event=event, address__in=present - wanted).delete()
    InvitedPerson.objects.bulk_create(InvitedPerson(event=event, address=address) for address in sorted(wanted - present))
    return wanted != present
