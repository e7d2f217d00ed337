"""Texts about a manager's approval, to the manager and to the person."""

from __future__ import annotations

from bookings.messages import letters
from bookings.messages.texts.values import (
    BOOKED,
    BOOKING_LINK,
    CATALOGUE_LINK,
    COST,
    END,
    EVENT_LINK,
    HELLO,
    HELLO_SOMEBODY,
    MANAGER,
    NAME,
    NOT_SPARED,
    NUMBER,
    PERSON,
    UNTIL_WHEN,
    WHEN_LINE,
    WHERE_LINE,
)
from notifications.texts import Standard, Value, paragraphs

ASKING = {
    **NAME,
    **UNTIL_WHEN,
    "held": Value("That a place is held, or that they wait", "A place is held for them until then."),
}
APPROVE_LINK = {"approve": "The page where this manager approves or declines, without an account"}
HOW_TO_ANSWER = [
    WHEN_LINE,
    WHERE_LINE,
    "Approve or decline here. The page asks you to press a button; you need no account:\n{link:approve}",
    "If nobody answers by {until}, the request lapses. {held}",
    "This link is for you alone: whoever has it can answer in your name.",
    END,
]
APPROVAL_ASKED = Standard(
    kind=letters.APPROVAL_ASKED,
    to=MANAGER,
    when="At once when a booking needs approval.",
    subject="{name} asks to attend: {event}",
    body=paragraphs(HELLO_SOMEBODY, "{asked}", *HOW_TO_ANSWER),
    values=ASKING
    | {
        "asked": Value(
            "Who asks for what",
            "{name} has asked for a place at {event} and names you as their manager. It needs your approval.",
        )
    },
    links=APPROVE_LINK,
    required=["asked", "until", "link:approve"],
)
APPROVAL_REMINDER = Standard(
    kind=letters.APPROVAL_REMINDER,
    to=MANAGER,
    when="When half of the time to answer is over, to the manager and the deputy.",
    subject="Approval is still open: {name}, {event}",
    body=paragraphs(HELLO_SOMEBODY, "{asked}", *HOW_TO_ANSWER),
    values=ASKING | {"asked": Value("Who waits for what", "{name} still waits for your answer about {event}.")},
    links=APPROVE_LINK,
    required=["asked", "until", "link:approve"],
)
APPROVAL_WAITED_FOR = Standard(
    kind=letters.APPROVAL_WAITED_FOR,
    to=BOOKED,
    when="At once when a booking needs approval.",
    subject="We have asked your manager: {event}",
    body=paragraphs(
        HELLO,
        "{needs_approval} We have written to {manager_email}.",
        WHEN_LINE,
        WHERE_LINE,
        "What happens next: they have until {until}. {held} We write to you as soon as they answer. {cost}",
        "See how it stands, or take your request back, here:\n{link:booking}",
        END,
    ),
    values={
        **PERSON,
        **UNTIL_WHEN,
        "needs_approval": Value("What needs approval", "Your booking at {event} needs your manager's approval."),
        "manager_email": Value("The manager’s address, as they gave it", "head@school.example"),
        "held": Value("That a place is held, or that they wait", "A place is held for you until then."),
        **COST,
    },
    links=BOOKING_LINK,
    required=["until", "link:booking"],
)
APPROVED_AND_WAITING = Standard(
    kind=letters.APPROVED_AND_WAITING,
    to=BOOKED,
    when="At once when the manager approves and the event is full.",
    subject="Approved, and on the waiting list: {event}",
    body=paragraphs(
        HELLO,
        "Your manager approves. {event} is full: you are number {number} on its waiting list.",
        "You can see where you are in the queue, or leave it, here:\n{link:booking}",
        END,
    ),
    values={**PERSON, **NUMBER},
    links=BOOKING_LINK,
    required=["link:booking"],
)
APPROVAL_DECLINED = Standard(
    kind=letters.APPROVAL_DECLINED,
    to=BOOKED,
    when="At once when the manager, or an officer for them, does not approve.",
    subject="Not approved: {event}",
    body=paragraphs(
        HELLO,
        "{who} not approved your place at {event}.",
        "{why}",
        "Talk to them if you did not expect this. Other dates are in the programme:\n{link:catalogue}",
        END,
    ),
    values={
        **PERSON,
        "who": Value("Who decided", "Your manager has"),
        "why": Value("The reason they gave. Empty where they gave none", "Why: We can't spare two that day."),
    },
    links=CATALOGUE_LINK,
)
APPROVAL_LAPSED = Standard(
    kind=letters.APPROVAL_LAPSED,
    to=BOOKED,
    when="When nobody has approved in time.",
    subject="No approval came: {event}",
    body=paragraphs(
        HELLO,
        "Nobody approved your place at {event} in time, so it is no longer held for you. Nothing counts against you.",
        "{what_now}\n{link:event}",
        END,
    ),
    values={
        **PERSON,
        "what_now": Value(
            "What can be done now: book again or, once the event has begun, look for another date",
            "Talk to your manager, then book again here, if places are left:",
        ),
    },
    links=EVENT_LINK,
)
MANAGER_BOOKED = Standard(
    kind=letters.MANAGER_BOOKED,
    to=MANAGER,
    when="At once when a place is sure, where the event tells managers.",
    subject="{name} is booked: {event}",
    body=paragraphs(
        HELLO_SOMEBODY,
        "{name} has a place at {event} and you are named as their manager. This is for your diary: there is nothing to do.",
        WHEN_LINE,
        WHERE_LINE,
        "{not_spared}",
        END,
    ),
    values=NAME | NOT_SPARED,
    links={},
    required=["name"],
)
MANAGER_MOVED = Standard(
    kind=letters.MANAGER_MOVED,
    to=MANAGER,
    when="At once when an event gets other times, to managers who had a message about a booking of it.",
    subject="Other times: {event}, for {name}",
    body=paragraphs(HELLO_SOMEBODY, "{event} has other times. {stands}", WHEN_LINE, WHERE_LINE, "{not_spared}", END),
    values=NAME
    | NOT_SPARED
    | {
        "stands": Value("How the booking stands", "{name} still has a place. This is for your diary: there is nothing to do."),
    },
    links={},
    required=["stands"],
)
MANAGER_ENDED = Standard(
    kind=letters.MANAGER_ENDED,
    to=MANAGER,
    when="At once when a booking ends that the manager had heard of.",
    subject="{headline}: {event}",
    body=paragraphs(
        HELLO_SOMEBODY,
        "{what_ended}",
        "Did you not expect this? Talk to them, or write to {team_email}.",
        END,
    ),
    values={
        **NAME,
        "headline": Value("What it is, in a few words", "{name} is no longer booked"),
        "what_ended": Value(
            "What ended and how",
            "{name} no longer has a place at {event} on {day}: cancelled by the delegate.",
        ),
    },
    links={},
    required=["what_ended"],
)

TEXTS = [
    APPROVAL_WAITED_FOR,
    APPROVED_AND_WAITING,
    APPROVAL_DECLINED,
    APPROVAL_LAPSED,
    APPROVAL_ASKED,
    APPROVAL_REMINDER,
    MANAGER_BOOKED,
    MANAGER_MOVED,
    MANAGER_ENDED,
]
