"""What every letter about a booking is made of. Pure: builds letters, sends none.

Letters are forwarded and calendars are shared, so both say the event's public title. The links in them lead to pages that ask for
a sign-in, but for a manager's: that one is derived when the message is sent (core/personal_links.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from bookings.models import Booking, Invitation
from core import wording
from events import queries as event_queries
from events.models import Event
from notifications.calendar import CalendarEntry
from notifications.rendering import typed

CONFIRMED = "booking_confirmed"
REQUESTED = "place_requested"
WAITING = "waiting_list_joined"
NOT_PLACED = "not_placed"
REQUEST_LAPSED = "request_lapsed"
PROMOTED = "place_from_waiting_list"
OFFERED = "place_offered"
OFFER_LAPSED = "place_offer_lapsed"
APPROVAL_ASKED = "approval_asked"
APPROVAL_REMINDER = "approval_reminder"
APPROVAL_WAITED_FOR = "approval_waited_for"
APPROVED_AND_WAITING = "approved_and_waiting"
APPROVAL_DECLINED = "approval_declined"
APPROVAL_LAPSED = "approval_lapsed"
CANCELLED = "booking_cancelled"
SUBSTITUTED = "place_passed_on"
SUBSTITUTE = "place_taken_over"
MOVED_FROM = "booking_moved_from"
MOVED_TO = "booking_moved_to"
MANAGER_BOOKED = "manager_told_of_booking"
MANAGER_ENDED = "manager_told_of_end"
EVENT_CANCELLED = "event_cancelled"
RESCHEDULED = "event_rescheduled"
CHANGED = "event_changed"
SESSION_TAKEN_OUT = "session_taken_out"
COURSE_HAS_DATE = "course_has_date"
SESSION_PLANNED = "session_planned"
SESSION_DECLINED = "session_declined"
NAMES_NEEDED = "held_places_need_names"
CALL_FOR_PLACES = "call_for_places"
CHARGE_APPROVED = "charge_approved"
CHARGE_TAKEN_BACK = "charge_taken_back"
FIRST_REMINDER = "first_reminder"
LAST_REMINDER = "last_reminder"
JOINING_INSTRUCTIONS = "joining_instructions"
DID_NOT_ATTEND = "did_not_attend"
REGISTER_NOT_TAKEN = "register_not_taken"
TRAINER_CANCELLED = "trainer_event_cancelled"
TRAINER_RESCHEDULED = "trainer_event_moved"
TRAINER_CHANGED = "trainer_event_changed"

# What officers see as the kind of a message.
KINDS = {
    CONFIRMED: "Place booked",
    REQUESTED: "Place asked for",
    WAITING: "Waiting list joined",
    NOT_PLACED: "No place became free",
    REQUEST_LAPSED: "Too few people booked",
    PROMOTED: "Place from the waiting list",
    OFFERED: "Place offered",
    OFFER_LAPSED: "Offer of a place lapsed",
    APPROVAL_ASKED: "Manager asked to approve",
    APPROVAL_REMINDER: "Manager reminded",
    APPROVAL_WAITED_FOR: "Waiting for approval",
    APPROVED_AND_WAITING: "Approved, on the waiting list",
    APPROVAL_DECLINED: "Not approved",
    APPROVAL_LAPSED: "Approval did not come",
    CANCELLED: "Booking cancelled",
    SUBSTITUTED: "Place passed to a colleague",
    SUBSTITUTE: "Place taken over",
    MOVED_FROM: "Moved to another date",
    MOVED_TO: "Place at another date",
    MANAGER_BOOKED: "Manager told of a booking",
    MANAGER_ENDED: "Manager told of an end",
    EVENT_CANCELLED: "Event cancelled",
    RESCHEDULED: "Event moved",
    CHANGED: "Event changed",
    SESSION_TAKEN_OUT: "Session taken out",
    COURSE_HAS_DATE: "Date for a course they want",
    SESSION_PLANNED: "Session they asked for is planned",
    SESSION_DECLINED: "Session they asked for is declined",
    NAMES_NEEDED: "Names needed for held places",
    CALL_FOR_PLACES: "Places left",
    CHARGE_APPROVED: "Charge",
    CHARGE_TAKEN_BACK: "Charge taken back",
    FIRST_REMINDER: "First reminder",
    LAST_REMINDER: "Last reminder",
    JOINING_INSTRUCTIONS: "Joining instructions",
    DID_NOT_ATTEND: "Did not attend",
    REGISTER_NOT_TAKEN: "Register not taken",
    TRAINER_CANCELLED: "Trainer told: event cancelled",
    TRAINER_RESCHEDULED: "Trainer told: event moved",
    TRAINER_CHANGED: "Trainer told: event changed",
}
# What a calendar entry does that goes with them.
CALENDAR_METHODS = {
    CONFIRMED: "REQUEST",
    PROMOTED: "REQUEST",
    SUBSTITUTE: "REQUEST",
    MOVED_TO: "REQUEST",
    RESCHEDULED: "REQUEST",
    CHANGED: "REQUEST",
    CANCELLED: "CANCEL",
    SUBSTITUTED: "CANCEL",
    MOVED_FROM: "CANCEL",
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


def write(
    booking: Booking,
    kind: str,
    subject: str,
    *paragraphs: str,
    links: dict[str, str] | None = None,
    version: int | None = None,
    to_manager: bool = False,
) -> Letter:
    """A letter to the person who is booked or, with ``to_manager``, to somebody whose name we don't know."""
    forename = "" if to_manager else typed(booking.person.forename)
    text = "\n\n".join([f"Hello {forename}," if forename else "Hello,", *paragraphs, typed(booking.event.lead_host.name)])
    links = links or {}
    if "{link:booking}" in text:
        links["booking"] = reverse("booking", args=[booking.pk])
    return Letter(kind, subject, text, links, booking.version if version is None else version)


def title(event: Event) -> str:
    return typed(event.public_title)


def when_and_where(event: Event, *, with_link: bool = True) -> list[str]:
    spans = [wording.span(session.starts_at, session.ends_at) for session in event.sessions.all()]
    paragraphs = ["When: " + ("\n".join(spans) or wording.day(event.starts_on)), f"Where: {typed(event_queries.where(event))}"]
    if with_link and event.joining_link:
        paragraphs.append(f"Join with this link:\n{typed(event.joining_link)}")
    elif with_link and event_queries.where(event) == "Online":
        paragraphs.append("We send you the link to join before the event.")
    return paragraphs


def what_next() -> list[str]:
    return [
        "What happens next: accept the calendar invitation that comes with this message, and come. There is nothing to print.",
        "Can't come? Cancel your place, so that somebody else can have it:\n{link:booking}",
        NOT_A_CANCELLATION,
    ]


def what_next_until_sure() -> list[str]:
    """For a place at a tentative event: it stands in no calendar yet."""
    return [
        "What happens next: as soon as enough people have booked we confirm your place and send you a calendar invitation. "
        "Until then keep the date free.",
        "Can't come after all? Give your place back here:\n{link:booking}",
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
