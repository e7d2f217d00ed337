"""What we write to people about their bookings. Pure: builds letters, sends none.

Letters are forwarded and calendars are shared, so both say the event's public title, and nothing in them is a personal link but
the one to the booking page, which asks for a sign-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.urls import reverse

from bookings.models import Booking, CancelledBy, Invitation
from core import wording
from events import queries as event_queries
from events.models import Event, Session
from notifications.calendar import CalendarEntry
from notifications.rendering import typed

CONFIRMED = "booking_confirmed"
WAITING = "waiting_list_joined"
PROMOTED = "place_from_waiting_list"
CANCELLED = "booking_cancelled"
EVENT_CANCELLED = "event_cancelled"
RESCHEDULED = "event_rescheduled"
CHANGED = "event_changed"
SESSION_TAKEN_OUT = "session_taken_out"

# What officers see as the kind of a message.
KINDS = {
    CONFIRMED: "Place booked",
    WAITING: "Waiting list joined",
    PROMOTED: "Place from the waiting list",
    CANCELLED: "Booking cancelled",
    EVENT_CANCELLED: "Event cancelled",
    RESCHEDULED: "Event moved",
    CHANGED: "Event changed",
    SESSION_TAKEN_OUT: "Session taken out",
}
# What a calendar entry does that goes with them.
CALENDAR_METHODS = {
    CONFIRMED: "REQUEST",
    PROMOTED: "REQUEST",
    RESCHEDULED: "REQUEST",
    CHANGED: "REQUEST",
    CANCELLED: "CANCEL",
    EVENT_CANCELLED: "CANCEL",
    SESSION_TAKEN_OUT: "CANCEL",
}

NOT_A_CANCELLATION = "Declining the calendar invitation does not cancel your place: only the link above does."


@dataclass(frozen=True)
class Letter:
    """One letter about one booking. ``version`` tells apart two of a kind: of the booking, or of the event where that changed."""

    kind: str
    subject: str
    text: str
    links: dict[str, str]
    version: int


class CancelledLetter(Protocol):
    """Writes the letter that ends a booking; ``was_waiting``: it held no place."""

    def __call__(self, booking: Booking, *, was_waiting: bool) -> Letter: ...


def confirmed(booking: Booking) -> Letter:
    return _letter(
        booking,
        CONFIRMED,
        f"Place booked: {_title(booking.event)}",
        f"Your place at {_title(booking.event)} is booked.",
        *_when_and_where(booking.event),
        *_what_next(),
    )


def promoted(booking: Booking) -> Letter:
    return _letter(
        booking,
        PROMOTED,
        f"You have a place: {_title(booking.event)}",
        f"A place at {_title(booking.event)} has become free. You were next on the waiting list, so it is yours.",
        *_when_and_where(booking.event),
        *_what_next(),
    )


def waiting(booking: Booking, *, place_in_queue: int) -> Letter:
    """No calendar entry: they have no place yet."""
    return _letter(
        booking,
        WAITING,
        f"On the waiting list: {_title(booking.event)}",
        f"{_title(booking.event)} is full. You are number {place_in_queue} on its waiting list.",
        *_when_and_where(booking.event, with_link=False),
        "What happens next: when a place becomes free it goes to the first in line, and we write to you at once. "
        "If none becomes free before the event starts, you have no place, and nothing counts against you.",
        "You can see where you are in the queue, or leave it, here:\n{link:booking}",
    )


def cancelled(booking: Booking, *, was_waiting: bool) -> Letter:
    """Somebody gave this one booking back, or an organiser took it."""
    event, links = booking.event, {"event": reverse("event", args=[booking.event_id])}
    by_others: dict[str, str] = {
        CancelledBy.ORGANISER: "The organisers have",
        CancelledBy.MANAGER: "As your manager asked, we have",
    }
    if was_waiting and booking.cancelled_by in by_others:
        what = f"{by_others[booking.cancelled_by]} taken you off the waiting list of {_title(event)}."
    elif was_waiting:
        what = f"You have left the waiting list of {_title(event)}. You will hear no more about it."
    elif booking.cancelled_by == CancelledBy.ORGANISER:
        what = f"The organisers have cancelled your place at {_title(event)}."
    elif booking.cancelled_by == CancelledBy.MANAGER:
        what = f"Your place at {_title(event)} is cancelled, as your manager asked. If somebody waits, it goes to them at once."
    else:
        what = f"Your place at {_title(event)} is cancelled. If somebody waits, it goes to them at once."
    off_the_list = "Taken off the waiting list" if booking.cancelled_by in by_others else "Left the waiting list"
    return _letter(
        booking,
        CANCELLED,
        f"{off_the_list if was_waiting else 'Place cancelled'}: {_title(event)}",
        what,
        *([] if was_waiting else ["The calendar update that comes with this message takes the event out of your calendar."]),
        f"Did you not expect this? Write to {typed(event.lead_host.team_email)}. To book again, go to the event:\n{{link:event}}",
        links=links,
    )


def event_cancelled(booking: Booking, *, was_waiting: bool) -> Letter:
    event = booking.event
    return _letter(
        booking,
        EVENT_CANCELLED,
        f"Cancelled: {_title(event)}",
        f"{_title(event)} on {wording.day(event.starts_on)} will not take place. The organisers have cancelled it.",
        f"Why: {typed(event.cancelled_reason)}",
        *([] if was_waiting else ["The calendar update that comes with this message takes the event out of your calendar."]),
        "You need do nothing, and nothing counts against you. Other dates are in the programme:\n{link:catalogue}",
        links={"catalogue": reverse("catalogue")},
        version=event.version,
    )


def rescheduled(booking: Booking) -> Letter:
    return _changed(booking, RESCHEDULED, "New date or time", f"{_title(booking.event)} has moved. These are its times now.")


def changed(booking: Booking) -> Letter:
    what = f"The details of {_title(booking.event)} have changed. This is how they are now."
    return _changed(booking, CHANGED, "Changed", what)


def session_taken_out(booking: Booking, *, sessions: Sequence[Session]) -> Letter:
    """``sessions`` are no longer part of the event; the letter about the others is another one."""
    times = "\n".join(wording.span(session.starts_at, session.ends_at) for session in sessions)
    return _letter(
        booking,
        SESSION_TAKEN_OUT,
        f"Shorter than planned: {_title(booking.event)}",
        f"This part of {_title(booking.event)} will not take place:",
        times,
        "The calendar update that comes with this message takes it out of your calendar. Your place at the rest stays yours.",
        version=booking.event.version,
    )


def further_entry(booking: Booking, letter: Letter, session: Session) -> Letter:
    """Goes with the calendar entry of each session after the first, because a message can carry one: ``letter`` says the rest."""
    title, time = typed(event_queries.session_title(booking.event, session)), wording.span(session.starts_at, session.ends_at)
    what = f"This message brings your calendar up to date for one more part of {_title(booking.event)}:"
    explained = f"All about it is in our message “{letter.subject}”."
    return _letter(booking, letter.kind, f"Calendar: {title}", what, time, explained, version=letter.version)


def _changed(booking: Booking, kind: str, in_front: str, what: str) -> Letter:
    event = booking.event
    if booking.queue_number is not None:
        stays = ["You are still on the waiting list. You can leave it here:\n{link:booking}"]
    else:
        stays = [
            "Your place stays yours. The calendar update that comes with this message changes the entry in your calendar.",
            "Can't come now? Cancel your place, so that somebody else can have it:\n{link:booking}",
            NOT_A_CANCELLATION,
        ]
    times_and_place = _when_and_where(event, with_link=booking.queue_number is None)
    return _letter(booking, kind, f"{in_front}: {_title(event)}", what, *times_and_place, *stays, version=event.version)


def _letter(
    booking: Booking, kind: str, subject: str, *paragraphs: str, links: dict[str, str] | None = None, version: int | None = None
) -> Letter:
    forename = typed(booking.person.forename)
    text = "\n\n".join([f"Hello {forename}," if forename else "Hello,", *paragraphs, typed(booking.event.lead_host.name)])
    links = links or {}
    if "{link:booking}" in text:
        links["booking"] = reverse("booking", args=[booking.pk])
    return Letter(kind, subject, text, links, booking.version if version is None else version)


def _title(event: Event) -> str:
    return typed(event.public_title)


def _when_and_where(event: Event, *, with_link: bool = True) -> list[str]:
    spans = [wording.span(session.starts_at, session.ends_at) for session in event.sessions.all()]
    paragraphs = ["When: " + ("\n".join(spans) or wording.day(event.starts_on)), f"Where: {typed(event_queries.where(event))}"]
    if with_link and event.joining_link:
        paragraphs.append(f"Join with this link:\n{typed(event.joining_link)}")
    elif with_link and event_queries.where(event) == "Online":
        paragraphs.append("We send you the link to join before the event.")
    return paragraphs


def _what_next() -> list[str]:
    return [
        "What happens next: accept the calendar invitation that comes with this message, and come. There is nothing to print.",
        "Can't come? Cancel your place, so that somebody else can have it:\n{link:booking}",
        NOT_A_CANCELLATION,
    ]


def calendar_entry(booking: Booking, invitation: Invitation, *, attendee_address: str, at: datetime) -> CalendarEntry:
    """One session as it stands in the person's calendar."""
    event, session = booking.event, invitation.session
    description = [event.summary] if event.summary and not event.is_closed else []
    if event.joining_link:
        description.append(f"Join with this link:\n{event.joining_link}")
    description.append("Declining this invitation does not cancel your place. Cancel it on the website, under My learning.")
    return CalendarEntry(
        uid=invitation.uid,
        sequence=invitation.sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=event_queries.session_title(event, session),
        description="\n\n".join(description),
        location=event_queries.where(event),
        organiser_name=event.lead_host.name,
        organiser_address=event.lead_host.team_email,
        attendee_address=attendee_address,
        changed_at=at,
        is_cancelled=invitation.is_cancelled,
        url="" if event.is_closed else settings.SITE_URL + reverse("event", args=[event.pk]),
    )
