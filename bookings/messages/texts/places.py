"""Texts about getting a place, waiting for one, losing it, and events that change."""

from __future__ import annotations

from bookings.messages import letters
from bookings.messages.texts.values import (
    BOOKED,
    BOOKED_BY,
    BOOKING_LINK,
    CALENDAR,
    CATALOGUE_LINK,
    COST,
    DECLINING,
    END,
    EVENT_LINK,
    GIVE_BACK,
    HELLO,
    JOINING,
    NUMBER,
    OTHER_DATES,
    OTHER_PLACE,
    PERSON,
    WHEN,
    WHEN_LINE,
    WHERE_LINE,
)
from notifications.texts import Standard, Value, paragraphs

CONFIRMED = Standard(
    kind=letters.CONFIRMED,
    to=BOOKED,
    when="At once when a place is booked that is sure, with the calendar invitation.",
    subject="Place booked: {event}",
    body=paragraphs(
        HELLO,
        "Your place at {event} is booked. {booked_by}",
        WHEN_LINE,
        WHERE_LINE,
        "{joining}",
        "What happens next: accept the calendar invitation that comes with this message, and come. There is nothing to print.",
        "{cannot_come}\n{link:booking}",
        "{declining}",
        END,
    ),
    values={**PERSON, **BOOKED_BY, **JOINING, **GIVE_BACK, **DECLINING},
    links=BOOKING_LINK,
    required=["declining", "link:booking"],
)
REQUESTED = Standard(
    kind=letters.REQUESTED,
    to=BOOKED,
    when="At once when a place is booked at an event that takes place only once enough people have booked.",
    subject="Place asked for: {event}",
    body=paragraphs(
        HELLO,
        "We have kept a place for you at {event}. It takes place once {enough} booked. {booked_by}",
        WHEN_LINE,
        WHERE_LINE,
        "What happens next: as soon as enough people have booked we confirm your place and send you a calendar invitation. "
        "Until then keep the date free.",
        "Can't come after all? Give your place back here:\n{link:booking}",
        END,
    ),
    values={**PERSON, **BOOKED_BY, "enough": Value("How many have to book", "6 people have")},
    links=BOOKING_LINK,
    required=["link:booking"],
)
WAITING = Standard(
    kind=letters.WAITING,
    to=BOOKED,
    when="At once when somebody joins the waiting list.",
    subject="On the waiting list: {event}",
    body=paragraphs(
        HELLO,
        "{event} is full. You are number {number} on its waiting list. {booked_by}",
        WHEN_LINE,
        WHERE_LINE,
        "What happens next: {when_free} "
        "If none becomes free before the event starts, you have no place, and nothing counts against you.",
        "You can see where you are in the queue, or leave it, here:\n{link:booking}",
        END,
    ),
    values={
        **PERSON,
        **BOOKED_BY,
        **NUMBER,
        "when_free": Value(
            "What becomes of a free place",
            "When a place becomes free it goes to the first in line, and we write to them at once. "
            "After 9.30am on Friday 22 January 2027 we offer it, and there are 4 working hours to take it, "
            "at most until the start.",
        ),
    },
    links=BOOKING_LINK,
    required=["link:booking"],
)
PROMOTED = Standard(
    kind=letters.PROMOTED,
    to=BOOKED,
    when="At once when somebody moves up from the waiting list, with the calendar invitation.",
    subject="You have a place: {event}",
    body=paragraphs(
        HELLO,
        "A place at {event} has become free. You were next on the waiting list, so it is yours.",
        WHEN_LINE,
        WHERE_LINE,
        "{other_place}",
        "{joining}",
        "What happens next: accept the calendar invitation that comes with this message, and come. There is nothing to print. "
        "{cost}",
        "{cannot_come}\n{link:booking}",
        "{declining}",
        END,
    ),
    values={**PERSON, **JOINING, **COST, **OTHER_PLACE, **GIVE_BACK, **DECLINING},
    links=BOOKING_LINK,
    required=["declining", "link:booking"],
)
NOT_PLACED = Standard(
    kind=letters.NOT_PLACED,
    to=BOOKED,
    when="When an event begins, to those who still wait.",
    subject="No place in time: {event}",
    body=paragraphs(
        HELLO,
        "You were on the waiting list of {event} on {day}. No place came to you in time, so you have none and are off the list. "
        "Nothing counts against you.",
        "{other_dates}\n{link:other_dates}",
        END,
    ),
    values={**PERSON, **OTHER_DATES},
    links={"other_dates": "The course’s page, or the programme"},
)
REQUEST_LAPSED = Standard(
    kind=letters.REQUEST_LAPSED,
    to=BOOKED,
    when="When too few people booked and the event does not go ahead.",
    subject="Not going ahead: {event}",
    body=paragraphs(
        HELLO,
        "You asked for a place at {event} on {day}. Too few people booked, so your request has ended and no place is kept for "
        "you. Nothing counts against you.",
        "{other_dates}\n{link:other_dates}",
        END,
    ),
    values={**PERSON, **OTHER_DATES},
    links={"other_dates": "The course’s page, or the programme"},
)
CANCELLED = Standard(
    kind=letters.CANCELLED,
    to=BOOKED,
    when="At once when one booking is cancelled, by whomever, with the calendar update.",
    subject="{ended}: {event}",
    body=paragraphs(
        HELLO,
        "{what_ended} {late}",
        WHEN_LINE,
        "{calendar}",
        "Did you not expect this? Write to {team_email}. To book again, go to the event:\n{link:event}",
        END,
    ),
    values={
        **PERSON,
        **CALENDAR,
        "ended": Value("What ended, in three words", "Place cancelled"),
        "what_ended": Value(
            "What ended and who ended it",
            "Your place at {event} is cancelled. If somebody waits, it goes on to them.",
        ),
        "late": Value(
            "What it costs that they cancelled late. Empty where it costs nothing",
            "This was late, so £30 is drafted as a charge: an officer checks it before anything is sent to anybody.",
        ),
    },
    links=EVENT_LINK,
    required=["what_ended"],
)
EVENT_CANCELLED = Standard(
    kind=letters.EVENT_CANCELLED,
    to=BOOKED,
    when="At once when you cancel an event, with the calendar update.",
    subject="Cancelled: {event}",
    body=paragraphs(
        HELLO,
        "{event} on {day} will not take place. The organisers have cancelled it.",
        "Why: {reason}",
        "{calendar}",
        "You need do nothing, and nothing counts against you. Other dates are in the programme:\n{link:catalogue}",
        END,
    ),
    values={**PERSON, **CALENDAR, "reason": Value("The reason that you gave", "The trainer is ill.")},
    links=CATALOGUE_LINK,
)
SESSION_TAKEN_OUT = Standard(
    kind=letters.SESSION_TAKEN_OUT,
    to=BOOKED,
    when="At once when a session is taken out of an event, with the calendar update.",
    subject="Shorter than planned: {event}",
    body=paragraphs(
        HELLO,
        "This part of {event} will not take place:",
        "{sessions}",
        "The calendar update that comes with this message takes it out of your calendar. Your place at the rest stays yours.",
        END,
    ),
    values={**PERSON, "sessions": Value("The times that were taken out, one a line", WHEN, in_subject=False)},
    links={},
    required=["sessions"],
)
FURTHER_ENTRY = Standard(
    kind=letters.FURTHER_ENTRY,
    to=BOOKED,
    when="Beside another message, for each session after the first: an e-mail can bring one calendar entry.",
    subject="Calendar: {part}",
    body=paragraphs(
        HELLO,
        "{what}",
        "{time}",
        "All about it is in our message about {event} that comes with this one.",
        END,
    ),
    values={
        **PERSON,
        "part": Value("The event and which part of it", "{event}: session 2 of 2"),
        "what": Value(
            "What becomes of that part in their calendar",
            "This message puts one more part of {event} into your calendar, or brings it up to date:",
        ),
        "time": Value("When that part is", WHEN),
    },
    links={},
)
CHANGES = {
    **PERSON,
    **JOINING,
    **DECLINING,
    **GIVE_BACK,
    "stays_yours": Value(
        "For who has a place: that it stays theirs. Empty for others",
        "Your place stays yours. The calendar update that comes with this message changes the entry in your calendar.",
    ),
}
AS_IT_IS_NOW = [
    WHEN_LINE,
    WHERE_LINE,
    "{joining}",
    "{stays_yours}",
    "{cannot_come}\n{link:booking}",
    "{declining}",
    END,
]
RESCHEDULED = Standard(
    kind=letters.RESCHEDULED,
    to=BOOKED,
    when="At once when an event moves to another day or time, with the calendar update.",
    subject="New date or time: {event}",
    body=paragraphs(HELLO, "{event} has moved. This is when and where it is now.", *AS_IT_IS_NOW),
    values=CHANGES,
    links=BOOKING_LINK,
    required=["when", "declining", "link:booking"],
)
CHANGED = Standard(
    kind=letters.CHANGED,
    to=BOOKED,
    when="At once when an event’s title, place or link changes, with the calendar update.",
    subject="Changed: {event}",
    body=paragraphs(HELLO, "The details of {event} have changed. This is how they are now.", *AS_IT_IS_NOW),
    values=CHANGES,
    links=BOOKING_LINK,
    required=["when", "where", "declining", "link:booking"],
)

DECLINED_IN_THE_CALENDAR = Standard(
    kind=letters.DECLINED_IN_THE_CALENDAR,
    to=BOOKED,
    when="When somebody’s calendar declines the invitation and its answer reaches us. Once.",
    subject="Do you want to cancel your place? {event}",
    body=paragraphs(
        HELLO,
        "Your calendar declined the invitation to {event}. That has not cancelled your place: it is still yours.",
        WHEN_LINE,
        "{cannot_come}\n{link:booking}",
        "Coming after all? You need do nothing.",
        "Nobody has read what you may have written with your answer: write that to {team_email}.",
        END,
    ),
    values=PERSON | GIVE_BACK,
    links=BOOKING_LINK,
    required=["link:booking"],
)
TEXTS = [
    CONFIRMED,
    REQUESTED,
    WAITING,
    PROMOTED,
    NOT_PLACED,
    REQUEST_LAPSED,
    CANCELLED,
    EVENT_CANCELLED,
    RESCHEDULED,
    CHANGED,
    SESSION_TAKEN_OUT,
    FURTHER_ENTRY,
    DECLINED_IN_THE_CALENDAR,
]
