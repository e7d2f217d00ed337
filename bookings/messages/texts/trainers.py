"""Texts to those who teach an event that is called off, moves or changes."""

from __future__ import annotations

from bookings.messages import letters
from bookings.messages.texts.values import END, HELLO, JOINING, PERSON, TRAINER, WHEN_LINE, WHERE_LINE
from notifications.texts import Standard, Value, paragraphs

TRAINER_CANCELLED = Standard(
    kind=letters.TRAINER_CANCELLED,
    to=TRAINER,
    when="At once when you cancel an event that they teach.",
    subject="Cancelled: {event}, {day}",
    body=paragraphs(
        HELLO,
        "{event} on {day}, which you were to teach, will not take place.",
        "Why: {reason}",
        "We write to everybody who booked. Questions? Write to {team_email}.",
        END,
    ),
    values=PERSON | {"reason": Value("The reason that you gave", "Too few people booked.")},
    links={},
)
AS_IT_IS_NOW = [
    WHEN_LINE,
    WHERE_LINE,
    "{joining}",
    "We write to everybody who booked. Can't you make it? Write to {team_email} at once.",
    "Its registers are with yours, here:\n{link:registers}",
    END,
]
CHANGES = {**PERSON, **JOINING}
REGISTERS_LINK = {"registers": "The list of their registers"}
TRAINER_RESCHEDULED = Standard(
    kind=letters.TRAINER_RESCHEDULED,
    to=TRAINER,
    when="At once when an event that they teach moves to another day or time.",
    subject="New date or time: {event}",
    body=paragraphs(HELLO, "{event}, which you teach, has moved. This is when and where it is now.", *AS_IT_IS_NOW),
    values=CHANGES,
    links=REGISTERS_LINK,
    required=["when"],
)
TRAINER_CHANGED = Standard(
    kind=letters.TRAINER_CHANGED,
    to=TRAINER,
    when="At once when the title, place or link of an event that they teach changes.",
    subject="Changed: {event}",
    body=paragraphs(HELLO, "The details of {event}, which you teach, have changed. This is how they are now.", *AS_IT_IS_NOW),
    values=CHANGES,
    links=REGISTERS_LINK,
    required=["when", "where"],
)

TEXTS = [TRAINER_CANCELLED, TRAINER_RESCHEDULED, TRAINER_CHANGED]
