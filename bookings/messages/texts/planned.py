"""Texts of letters that leave before an event because its day comes near."""

from __future__ import annotations

from bookings.messages import letters
from bookings.messages.texts.values import (
    BOOKED,
    BOOKING_LINK,
    DECLINING,
    END,
    GIVE_BACK,
    HELLO,
    HELLO_SOMEBODY,
    JOINING,
    MANAGER,
    NAME,
    NOT_SPARED,
    NOTE,
    PERSON,
    WHEN_LINE,
    WHERE_LINE,
)
from notifications.texts import Standard, Value, paragraphs

BEFORE = {**PERSON, **JOINING, **GIVE_BACK, **DECLINING, **NOTE}
CAN_NOT_COME = "{cannot_come}\n{link:booking}"

FIRST_REMINDER = Standard(
    kind=letters.FIRST_REMINDER,
    to=BOOKED,
    when="Two weeks before the event, or when your settings say.",
    subject="Coming up: {event}, {day}",
    body=paragraphs(
        HELLO,
        "You have a place at {event}. This is to remind you.",
        WHEN_LINE,
        WHERE_LINE,
        "{joining}",
        "{note}",
        "What happens next: keep the time free. There is nothing to confirm.",
        CAN_NOT_COME,
        "{declining}",
        END,
    ),
    values=BEFORE,
    links=BOOKING_LINK,
    required=["when", "note", "declining", "link:booking"],
)
JOINING_INSTRUCTIONS = Standard(
    kind=letters.JOINING_INSTRUCTIONS,
    to=BOOKED,
    when="Five days before the event, or when your settings say. It waits while the link or the room is missing.",
    subject="Joining instructions: {event}",
    body=paragraphs(
        HELLO,
        "This is how to take part in {event}.",
        WHEN_LINE,
        WHERE_LINE,
        "{joining}",
        "{note}",
        "What happens next: {what_next}",
        CAN_NOT_COME,
        "{declining}",
        END,
    ),
    values=BEFORE
    | {
        "what_next": Value(
            "How to arrive: in the room, or online",
            "come a few minutes before the start. Your name is on the register; there is nothing to print.",
        )
    },
    links=BOOKING_LINK,
    required=["when", "where", "joining", "note", "declining", "link:booking"],
)
LAST_REMINDER = Standard(
    kind=letters.LAST_REMINDER,
    to=BOOKED,
    when="The day before the event, or when your settings say.",
    subject="Reminder: {event}, {day}",
    body=paragraphs(
        HELLO,
        "We expect you at {event}.",
        WHEN_LINE,
        WHERE_LINE,
        "{joining}",
        "{note}",
        CAN_NOT_COME,
        "{declining}",
        END,
    ),
    values=BEFORE,
    links=BOOKING_LINK,
    required=["when", "where", "joining", "note", "declining", "link:booking"],
)
PLANNED_TO_MANAGER = Standard(
    kind=letters.PLANNED_TO_MANAGER,
    to=MANAGER,
    when="Together with a reminder or joining instructions, where your settings say that managers get a copy.",
    subject="{name}: {event}, {day}",
    body=paragraphs(
        HELLO_SOMEBODY,
        "{name} has a place at {event}, and you are named as their manager. We have just written to them about it. "
        "This is for your diary: there is nothing to do.",
        WHEN_LINE,
        WHERE_LINE,
        "{not_spared}",
        END,
    ),
    values=NAME | NOT_SPARED,
    links={},
    required=["name"],
)

TEXTS = [FIRST_REMINDER, JOINING_INSTRUCTIONS, LAST_REMINDER, PLANNED_TO_MANAGER]
