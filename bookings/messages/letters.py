"""What every letter about a booking is made of. Pure: builds letters, sends none.

Letters are forwarded and calendars are shared, so both say the event's public title. The links in them lead to pages that ask for
a sign-in, but for a manager's: that one is derived when the message is sent (core/personal_links.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from bookings.models import Booking
from core import wording
from events import queries as event_queries
from events.models import Event
from notifications.rendering import typed
from notifications.texts import Standard, fill, fill_subject
from people.models import Partnership

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
PASSED_ON_ANSWERED = "place_passed_on_answered"
MOVED_FROM = "booking_moved_from"
MOVED_TO = "booking_moved_to"
MANAGER_BOOKED = "manager_told_of_booking"
MANAGER_MOVED = "manager_told_of_move"
MANAGER_ENDED = "manager_told_of_end"
EVENT_CANCELLED = "event_cancelled"
RESCHEDULED = "event_rescheduled"
CHANGED = "event_changed"
SESSION_TAKEN_OUT = "session_taken_out"
COURSE_HAS_DATE = "course_has_date"
SESSION_PLANNED = "session_planned"
SESSION_CHANGED = "session_changed"
SESSION_DECLINED = "session_declined"
NAMES_NEEDED = "held_places_need_names"
CALL_FOR_PLACES = "call_for_places"
DIGEST = "programme_digest"
DECLINED_IN_THE_CALENDAR = "invitation_declined"
CHARGE_APPROVED = "charge_approved"
CHARGE_TAKEN_BACK = "charge_taken_back"
FIRST_REMINDER = "first_reminder"
LAST_REMINDER = "last_reminder"
JOINING_INSTRUCTIONS = "joining_instructions"
DID_NOT_ATTEND = "did_not_attend"
REGISTER_NOT_TAKEN = "register_not_taken"
EVALUATION_ASKED = "evaluation_asked"
EVALUATION_REMINDER = "evaluation_reminder"
CERTIFICATE_READY = "certificate_ready"
REFRESHER_DUE = "refresher_due"
FOLLOW_UP = "follow_up"
TRAINER_CANCELLED = "trainer_event_cancelled"
TRAINER_RESCHEDULED = "trainer_event_moved"
TRAINER_CHANGED = "trainer_event_changed"

# What says how an event is now: a newer one says all of it.
EVENT_CHANGES = (CHANGED, RESCHEDULED)
TRAINER_EVENT_CHANGES = (TRAINER_CHANGED, TRAINER_RESCHEDULED)

# Texts of messages whose kind has another text too: for another recipient, or for one more session.
CHARGE_TO_PAYER = "charge_approved_to_payer"
CREDIT_TO_PAYER = "charge_taken_back_to_payer"
FURTHER_ENTRY = "further_calendar_entry"
PLANNED_TO_MANAGER = "planned_letter_to_manager"
ABSENCE_TO_MANAGER = "did_not_attend_to_manager"

# What officers see as the kind of a message, and of a text.
KINDS = {
    CONFIRMED: "Place booked",
    REQUESTED: "Place asked for",
    WAITING: "Waiting list joined",
    NOT_PLACED: "No place in time",
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
    PASSED_ON_ANSWERED: "Answer about a place passed on",
    MOVED_FROM: "Moved to another date",
    MOVED_TO: "Place at another date",
    MANAGER_BOOKED: "Manager told of a booking",
    MANAGER_MOVED: "Manager told: event moved",
    MANAGER_ENDED: "Manager told of an end",
    EVENT_CANCELLED: "Event cancelled",
    RESCHEDULED: "Event moved",
    CHANGED: "Event changed",
    SESSION_TAKEN_OUT: "Session taken out",
    COURSE_HAS_DATE: "Date for a course they want",
    SESSION_PLANNED: "Session they asked for is planned",
    SESSION_CHANGED: "Session they asked for has changed",
    SESSION_DECLINED: "Session they asked for is declined",
    NAMES_NEEDED: "Names needed for held places",
    CALL_FOR_PLACES: "Places left",
    DIGEST: "The programme",
    DECLINED_IN_THE_CALENDAR: "Calendar invitation declined",
    CHARGE_APPROVED: "Charge",
    CHARGE_TAKEN_BACK: "Charge taken back",
    FIRST_REMINDER: "First reminder",
    LAST_REMINDER: "Last reminder",
    JOINING_INSTRUCTIONS: "Joining instructions",
    DID_NOT_ATTEND: "Did not attend",
    REGISTER_NOT_TAKEN: "Register not taken",
    EVALUATION_ASKED: "Evaluation asked",
    EVALUATION_REMINDER: "Evaluation reminder",
    CERTIFICATE_READY: "Certificate ready",
    REFRESHER_DUE: "Refresher due",
    FOLLOW_UP: "Follow-up",
    TRAINER_CANCELLED: "Trainer told: event cancelled",
    TRAINER_RESCHEDULED: "Trainer told: event moved",
    TRAINER_CHANGED: "Trainer told: event changed",
    CHARGE_TO_PAYER: "Charge, to who pays",
    CREDIT_TO_PAYER: "Charge taken back, to who pays",
    FURTHER_ENTRY: "Calendar entry of a further session",
    PLANNED_TO_MANAGER: "Manager’s copy of reminders and joining instructions",
    ABSENCE_TO_MANAGER: "Did not attend, to the manager",
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


@dataclass(frozen=True)
class Letter:
    """One letter about one booking. ``version`` tells apart two of a kind: of the booking, or of the event where that changed.

    ``text_kind`` names the text that it says, where one kind of message has several, and ``values`` what filled it.
    """

    kind: str
    subject: str
    text: str
    links: dict[str, str]
    version: int
    text_kind: str = ""
    values: dict[str, str] = field(default_factory=dict)


def fill_in(
    standard: Standard, values: dict[str, str], *, links: dict[str, str] | None = None, version: int = 0, kind: str = ""
) -> Letter:
    """The standard text with these values, which what people typed went into through ``typed``.

    ``kind``: of the message, where that is not the text's own. Raises ValueError unless the values are those that the text's
    kind says: an officer's own text may name any of them, and its recipient may read no other.
    """
    if values.keys() != standard.values.keys():
        raise ValueError(f"{standard.kind} has other values: {sorted(values.keys() ^ standard.values.keys())}")
    links = links or {}
    subject, text = fill_subject(standard.subject, values), fill(standard.body, values, links)
    return Letter(kind or standard.kind, subject, text, links, version, standard.kind, values)


def to_person(
    booking: Booking,
    standard: Standard,
    *,
    links: dict[str, str] | None = None,
    version: int | None = None,
    further: Mapping[str, str] | None = None,
    **values: str,
) -> Letter:
    """A letter to whoever is booked, with what every such letter can say and the values of this kind."""
    links = links or {}
    if "booking" in standard.links:
        links["booking"] = reverse("booking", args=[booking.pk])
    said = {"forename": typed(booking.person.forename), **about(booking.event), **values, **(further or {})}
    return fill_in(standard, said, links=links, version=booking.version if version is None else version)


def to_manager(
    booking: Booking, standard: Standard, *, links: dict[str, str] | None = None, version: int | None = None, **values: str
) -> Letter:
    """The same to somebody whose name we don't know, about the person who is booked."""
    said = {"name": typed(booking.person.name), **about(booking.event), **values}
    return fill_in(standard, said, links=links, version=booking.version if version is None else version)


def title(event: Event) -> str:
    return typed(event.public_title)


def about(event: Event) -> dict[str, str]:
    """What everybody may read of an event, by the names it has in texts. Never the joining link."""
    spans = [wording.span(session.starts_at, session.ends_at) for session in event.sessions.all()]
    day = wording.day(event.starts_on)
    return {
        "event": title(event),
        "day": day,
        "when": "\n".join(spans) or day,
        "where": typed(event_queries.where(event)),
        **of(event.lead_host),
    }


def of(partnership: Partnership) -> dict[str, str]:
    return {"partnership": typed(partnership.name), "team_email": typed(partnership.team_email)}


def joining(event: Event) -> str:
    """For who has a place."""
    if event.joining_link:
        return f"Join with this link:\n{typed(event.joining_link)}"
    return "We send you the link to join before the event." if event_queries.where(event) == "Online" else ""


def can_cost(booking: Booking) -> str:
    """That it can cost something, by the policy that the booking accepted. Empty where nothing is charged."""
    if booking.policy_version_id is None:
        return ""
    return "Coming, cancelling late or not coming may cost something: your booking’s page says whether, and what."


def other_places(others: Sequence[Booking]) -> str:
    """That they have places at other dates of the course too, where they have any."""
    if not others:
        return ""
    days = " and ".join(f"on {wording.day(other.event.starts_on)}" for other in others)
    if len(others) == 1:
        return f"You also have a place {days}, at another date of this course. Give back the one that you don’t need."
    return f"You also have places {days}, at other dates of this course. Give back those that you don’t need."


def day_and_time(moment: datetime) -> str:
    return f"{wording.clock(moment)} on {wording.day(moment)}"
