"""Letters about getting a place, waiting for one, losing it, and events that change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from django.urls import reverse

from bookings.messages.giving_back import CANT_COME_SINCE_THEN, giving_back
from bookings.messages.letters import (
    CALENDAR_METHODS,
    Letter,
    can_cost,
    joining,
    other_places,
    title,
    to_person,
)
from bookings.messages.texts import places as texts
from bookings.models import Booking, BookingStatus, BookingTerms, CancelledBy
from core import wording
from events import queries as event_queries
from events.models import Session
from notifications.rendering import typed
from notifications.texts import Standard

ASKED_FOR = (BookingStatus.AWAITING_APPROVAL, BookingStatus.REQUESTED)
CHECKED_FIRST = "an officer checks it before anything is sent to anybody."


class CancelledLetter(Protocol):
    """Writes the letter that ends a booking; ``was`` is the status that it had."""

    def __call__(self, booking: Booking, *, was: str) -> Letter: ...


def confirmed(booking: Booking) -> Letter:
    return to_person(
        booking,
        texts.CONFIRMED,
        booked_by=_by_whom_at_what_cost(booking),
        joining=joining(booking.event),
        further=giving_back(booking),
    )


def requested(booking: Booking, *, terms: BookingTerms) -> Letter:
    """A tentative event: no calendar entry until it is sure to take place."""
    enough = wording.count(terms.minimum or 0, "person has", "people have")
    return to_person(booking, texts.REQUESTED, enough=enough, booked_by=_by_whom_at_what_cost(booking))


def _by_whom_at_what_cost(booking: Booking) -> str:
    return " ".join(filter(None, [_by_a_colleague(booking), can_cost(booking)]))


def _by_a_colleague(booking: Booking) -> str:
    """Who of their agency booked for them, so that nobody wonders."""
    if booking.booked_by_id in (None, booking.person_id):
        return ""
    booker = booking.booked_by
    if booker is None or booking.organisation_id is None or booker.organisation_id != booking.organisation_id:
        return ""
    said = f"{typed(booker.name)} of your agency booked it for you."
    if not booking.manager_email:
        return said
    manager = f"Your manager in it is {typed(booking.manager_email)}"
    return f"{said} {manager}: if that is wrong, correct it on your booking’s page."


def promoted(booking: Booking, *, others: Sequence[Booking] = ()) -> Letter:
    """``others``: places that they have at other dates of the course."""
    return to_person(
        booking,
        texts.PROMOTED,
        joining=joining(booking.event),
        cost=can_cost(booking),
        other_place=other_places(others),
        further=giving_back(booking),
    )


def waiting(booking: Booking, *, place_in_queue: int, when_free: str) -> Letter:
    """No calendar entry: they have no place yet. ``when_free``: what becomes of a free place (bookings.queue.in_words)."""
    number, by = str(place_in_queue), _by_whom_at_what_cost(booking)
    return to_person(booking, texts.WAITING, number=number, booked_by=by, when_free=when_free)


def not_placed(booking: Booking) -> Letter:
    """The event has begun, and they still wait."""
    return _with_other_dates(booking, texts.NOT_PLACED)


def request_lapsed(booking: Booking) -> Letter:
    """A tentative event that did not become firm."""
    return _with_other_dates(booking, texts.REQUEST_LAPSED)


def _with_other_dates(booking: Booking, standard: Standard) -> Letter:
    """What to do instead, and the link for it. The course of a closed event is not named."""
    sentence, path = "Other dates are in the programme:", reverse("catalogue")
    course = None if booking.event.is_closed else booking.event.course
    if course is not None and course.is_in_catalogue:
        sentence = "Look at the other dates of this course. If it has none, say there that you want one:"
        path = reverse("course", args=[course.pk])
    return to_person(booking, standard, links={"other_dates": path}, other_dates=sentence)


def cancelled(booking: Booking, *, was: str, late: Decimal | None = None) -> Letter:
    """Somebody gave this one booking back, or an organiser took it. ``late``: what it costs, in pounds, that it was late."""
    was_waiting = was == BookingStatus.WAITING
    event = booking.event
    by_others: dict[str, str] = {
        CancelledBy.ORGANISER: "The organisers have",
        CancelledBy.MANAGER: "As your manager asked, we have",
    }
    if was_waiting and booking.cancelled_by in by_others:
        what = f"{by_others[booking.cancelled_by]} taken you off the waiting list of {title(event)}."
    elif was_waiting:
        what = f"You have left the waiting list of {title(event)}. You will hear no more about it."
    elif was in ASKED_FOR:
        by = by_others.get(booking.cancelled_by)
        what = f"{by} taken back your" if by else "You have taken back your"
        what = f"{what} request for a place at {title(event)}."
        what += " Your manager need not answer any more." if was == BookingStatus.AWAITING_APPROVAL else ""
    elif booking.cancelled_by == CancelledBy.ORGANISER:
        what = f"The organisers have cancelled your place at {title(event)}."
    elif booking.cancelled_by == CancelledBy.MANAGER:
        what = f"Your place at {title(event)} is cancelled, as your manager asked. If somebody waits, it goes on to them."
    else:
        what = f"Your place at {title(event)} is cancelled. If somebody waits, it goes on to them."
    off_the_list = "Taken off the waiting list" if booking.cancelled_by in by_others else "Left the waiting list"
    taken_back = "Request taken back" if was in ASKED_FOR else "Place cancelled"
    return to_person(
        booking,
        texts.CANCELLED,
        ended=off_the_list if was_waiting else taken_back,
        what_ended=what,
        late=f"This was late, so {wording.pounds(late)} is drafted as a charge: {CHECKED_FIRST}" if late else "",
        calendar=_out_of_the_calendar(was),
        links={"event": reverse("event", args=[booking.event_id])},
    )


def event_cancelled(booking: Booking, *, was: str) -> Letter:
    return to_person(
        booking,
        texts.EVENT_CANCELLED,
        reason=typed(booking.event.cancelled_reason),
        calendar=_out_of_the_calendar(was),
        links={"catalogue": reverse("catalogue")},
        version=booking.event.version,
    )


def _out_of_the_calendar(was: str) -> str:
    """Only a place that was sure stands in anybody's calendar."""
    gone = "The calendar update that comes with this message takes the event out of your calendar."
    return gone if was == BookingStatus.CONFIRMED else ""


def rescheduled(booking: Booking) -> Letter:
    return _changed(booking, texts.RESCHEDULED)


def changed(booking: Booking) -> Letter:
    return _changed(booking, texts.CHANGED)


def session_taken_out(booking: Booking, *, sessions: Sequence[Session]) -> Letter:
    """``sessions`` are no longer part of the event; the letter about the others is another one."""
    times = "\n".join(wording.span(session.starts_at, session.ends_at) for session in sessions)
    return to_person(booking, texts.SESSION_TAKEN_OUT, sessions=times, version=booking.event.version)


def further_entry(booking: Booking, letter: Letter, session: Session) -> Letter:
    """Goes with the calendar entry of each session after the first, because a message can carry one: ``letter`` says the rest."""
    part, time = typed(event_queries.session_title(booking.event, session)), wording.span(session.starts_at, session.ends_at)
    if CALENDAR_METHODS.get(letter.kind) == "CANCEL":
        what = f"This message takes one more part of {title(booking.event)} out of your calendar:"
    else:
        what = f"This message puts one more part of {title(booking.event)} into your calendar, or brings it up to date:"
    entry = to_person(booking, texts.FURTHER_ENTRY, part=part, time=time, what=what, version=letter.version)
    return replace(entry, kind=letter.kind)


def _changed(booking: Booking, standard: Standard) -> Letter:
    is_sure, stays = booking.status == BookingStatus.CONFIRMED, ""
    leave = {"cannot_come": "How your booking stands does not change. See it, or give it back, here:", "declining": ""}
    if booking.queue_number is not None:
        leave["cannot_come"] = "You are still on the waiting list. You can leave it here:"
    elif is_sure:
        stays = "Your place stays yours. The calendar update that comes with this message changes the entry in your calendar."
        leave = giving_back(booking, CANT_COME_SINCE_THEN)
    return to_person(
        booking,
        standard,
        joining=joining(booking.event) if is_sure else "",
        stays_yours=stays,
        further=leave,
        version=booking.event.version,
    )


def declined_in_the_calendar(booking: Booking) -> Letter:
    return to_person(booking, texts.DECLINED_IN_THE_CALENDAR, cannot_come=giving_back(booking)["cannot_come"])
