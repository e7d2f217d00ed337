"""Letters about getting a place, waiting for one, losing it, and events that change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.urls import reverse

from bookings.messages.letters import (
    CANCELLED,
    CHANGED,
    CONFIRMED,
    EVENT_CANCELLED,
    NOT_A_CANCELLATION,
    NOT_PLACED,
    PROMOTED,
    REQUEST_LAPSED,
    REQUESTED,
    RESCHEDULED,
    SESSION_TAKEN_OUT,
    WAITING,
    Letter,
    title,
    what_next,
    what_next_until_sure,
    when_and_where,
    write,
)
from bookings.models import Booking, BookingStatus, BookingTerms, CancelledBy
from core import wording
from events import queries as event_queries
from events.models import Session
from notifications.rendering import typed


class CancelledLetter(Protocol):
    """Writes the letter that ends a booking; ``was`` is the status that it had."""

    def __call__(self, booking: Booking, *, was: str) -> Letter: ...


def confirmed(booking: Booking) -> Letter:
    return write(
        booking,
        CONFIRMED,
        f"Place booked: {title(booking.event)}",
        f"Your place at {title(booking.event)} is booked.{_by_a_colleague(booking)}",
        *when_and_where(booking.event),
        *what_next(),
    )


def requested(booking: Booking, *, terms: BookingTerms) -> Letter:
    """A tentative event: no calendar entry until it is sure to take place."""
    return write(
        booking,
        REQUESTED,
        f"Place asked for: {title(booking.event)}",
        f"We have kept a place for you at {title(booking.event)}. It takes place once "
        f"{wording.count(terms.minimum or 0, 'person has', 'people have')} booked.{_by_a_colleague(booking)}",
        *when_and_where(booking.event, with_link=False),
        *what_next_until_sure(),
    )


def _by_a_colleague(booking: Booking) -> str:
    """Who of their agency booked for them, so that nobody wonders."""
    booker = booking.booked_by
    if booker is None or booker.pk == booking.person_id or booking.organisation_id is None:
        return ""
    is_colleague = booker.organisation_id == booking.organisation_id
    return f" {typed(booker.name)} of your agency booked it for you." if is_colleague else ""


def promoted(booking: Booking) -> Letter:
    return write(
        booking,
        PROMOTED,
        f"You have a place: {title(booking.event)}",
        f"A place at {title(booking.event)} has become free. You were next on the waiting list, so it is yours.",
        *when_and_where(booking.event),
        *what_next(),
    )


def waiting(booking: Booking, *, place_in_queue: int) -> Letter:
    """No calendar entry: they have no place yet."""
    return write(
        booking,
        WAITING,
        f"On the waiting list: {title(booking.event)}",
        f"{title(booking.event)} is full. You are number {place_in_queue} on its waiting list.{_by_a_colleague(booking)}",
        *when_and_where(booking.event, with_link=False),
        "What happens next: when a place becomes free it goes to the first in line, and we write to you at once. "
        "If none becomes free before the event starts, you have no place, and nothing counts against you.",
        "You can see where you are in the queue, or leave it, here:\n{link:booking}",
    )


def not_placed(booking: Booking) -> Letter:
    """The event has begun, and they still wait."""
    event = booking.event
    others, links = _other_dates(booking)
    return write(
        booking,
        NOT_PLACED,
        f"No place became free: {title(event)}",
        f"You were on the waiting list of {title(event)} on {wording.day(event.starts_on)}. No place became free, so you have no "
        "place and are off the list. Nothing counts against you.",
        *others,
        links=links,
    )


def request_lapsed(booking: Booking) -> Letter:
    """A tentative event that did not become firm."""
    event = booking.event
    others, links = _other_dates(booking)
    return write(
        booking,
        REQUEST_LAPSED,
        f"Not going ahead: {title(event)}",
        f"You asked for a place at {title(event)} on {wording.day(event.starts_on)}. Too few people booked, so your request has "
        "ended and no place is kept for you. Nothing counts against you.",
        *others,
        links=links,
    )


def _other_dates(booking: Booking) -> tuple[list[str], dict[str, str]]:
    """What to do instead, and the links for it. The course of a closed event is not named."""
    paragraphs, links = ["Other dates are in the programme:\n{link:catalogue}"], {"catalogue": reverse("catalogue")}
    course = None if booking.event.is_closed else booking.event.course
    if course is not None and course.is_in_catalogue:
        paragraphs = ["Look at the other dates of this course. If it has none, say there that you want one:\n{link:course}"]
        links = {"course": reverse("course", args=[course.pk])}
    return paragraphs, links


def cancelled(booking: Booking, *, was: str) -> Letter:
    """Somebody gave this one booking back, or an organiser took it."""
    was_waiting = was == BookingStatus.WAITING
    event, links = booking.event, {"event": reverse("event", args=[booking.event_id])}
    by_others: dict[str, str] = {
        CancelledBy.ORGANISER: "The organisers have",
        CancelledBy.MANAGER: "As your manager asked, we have",
    }
    if was_waiting and booking.cancelled_by in by_others:
        what = f"{by_others[booking.cancelled_by]} taken you off the waiting list of {title(event)}."
    elif was_waiting:
        what = f"You have left the waiting list of {title(event)}. You will hear no more about it."
    elif booking.cancelled_by == CancelledBy.ORGANISER:
        what = f"The organisers have cancelled your place at {title(event)}."
    elif booking.cancelled_by == CancelledBy.MANAGER:
        what = f"Your place at {title(event)} is cancelled, as your manager asked. If somebody waits, it goes to them at once."
    else:
        what = f"Your place at {title(event)} is cancelled. If somebody waits, it goes to them at once."
    off_the_list = "Taken off the waiting list" if booking.cancelled_by in by_others else "Left the waiting list"
    return write(
        booking,
        CANCELLED,
        f"{off_the_list if was_waiting else 'Place cancelled'}: {title(event)}",
        what,
        *_out_of_the_calendar(was),
        f"Did you not expect this? Write to {typed(event.lead_host.team_email)}. To book again, go to the event:\n{{link:event}}",
        links=links,
    )


def event_cancelled(booking: Booking, *, was: str) -> Letter:
    event = booking.event
    return write(
        booking,
        EVENT_CANCELLED,
        f"Cancelled: {title(event)}",
        f"{title(event)} on {wording.day(event.starts_on)} will not take place. The organisers have cancelled it.",
        f"Why: {typed(event.cancelled_reason)}",
        *_out_of_the_calendar(was),
        "You need do nothing, and nothing counts against you. Other dates are in the programme:\n{link:catalogue}",
        links={"catalogue": reverse("catalogue")},
        version=event.version,
    )


def _out_of_the_calendar(was: str) -> list[str]:
    """Only a place that was sure stands in anybody's calendar."""
    gone = "The calendar update that comes with this message takes the event out of your calendar."
    return [gone] if was == BookingStatus.CONFIRMED else []


def rescheduled(booking: Booking) -> Letter:
    return _changed(booking, RESCHEDULED, "New date or time", f"{title(booking.event)} has moved. These are its times now.")


def changed(booking: Booking) -> Letter:
    what = f"The details of {title(booking.event)} have changed. This is how they are now."
    return _changed(booking, CHANGED, "Changed", what)


def session_taken_out(booking: Booking, *, sessions: Sequence[Session]) -> Letter:
    """``sessions`` are no longer part of the event; the letter about the others is another one."""
    times = "\n".join(wording.span(session.starts_at, session.ends_at) for session in sessions)
    return write(
        booking,
        SESSION_TAKEN_OUT,
        f"Shorter than planned: {title(booking.event)}",
        f"This part of {title(booking.event)} will not take place:",
        times,
        "The calendar update that comes with this message takes it out of your calendar. Your place at the rest stays yours.",
        version=booking.event.version,
    )


def further_entry(booking: Booking, letter: Letter, session: Session) -> Letter:
    """Goes with the calendar entry of each session after the first, because a message can carry one: ``letter`` says the rest."""
    part, time = typed(event_queries.session_title(booking.event, session)), wording.span(session.starts_at, session.ends_at)
    what = f"This message brings your calendar up to date for one more part of {title(booking.event)}:"
    explained = f"All about it is in our message “{letter.subject}”."
    return write(booking, letter.kind, f"Calendar: {part}", what, time, explained, version=letter.version)


def _changed(booking: Booking, kind: str, in_front: str, what: str) -> Letter:
    event, is_sure = booking.event, booking.status == BookingStatus.CONFIRMED
    if booking.queue_number is not None:
        stays = ["You are still on the waiting list. You can leave it here:\n{link:booking}"]
    elif not is_sure:
        stays = ["How your booking stands does not change. See it, or give it back, here:\n{link:booking}"]
    else:
        stays = [
            "Your place stays yours. The calendar update that comes with this message changes the entry in your calendar.",
            "Can't come now? Cancel your place, so that somebody else can have it:\n{link:booking}",
            NOT_A_CANCELLATION,
        ]
    times_and_place = when_and_where(event, with_link=is_sure)
    return write(booking, kind, f"{in_front}: {title(event)}", what, *times_and_place, *stays, version=event.version)
