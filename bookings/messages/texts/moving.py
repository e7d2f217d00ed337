"""Texts about places that are offered, pass to a colleague or move to another date."""

from __future__ import annotations

from bookings.messages import letters
from bookings.messages.texts.values import (
    BOOKED,
    BOOKING_LINK,
    COST,
    DECLINING,
    END,
    EVENT_LINK,
    GIVE_BACK,
    HELLO,
    JOINING,
    OTHER_PLACE,
    PERSON,
    UNTIL_WHEN,
    WHEN_LINE,
    WHERE_LINE,
)
from notifications.texts import Standard, Value, paragraphs

OFFERED = Standard(
    kind=letters.OFFERED,
    to=BOOKED,
    when="When a place becomes free so late that we ask before we confirm it.",
    subject="A place is yours if you want it: {event}",
    body=paragraphs(
        HELLO,
        "A place at {event} has become free, and you are next on the waiting list. Say by {until} whether you take it. {cost}",
        WHEN_LINE,
        WHERE_LINE,
        "{other_place}",
        "Take it or turn it down here:\n{link:booking}",
        "If we hear nothing by {until}, others can have the place. Nothing counts against you.",
        END,
    ),
    values={**PERSON, **UNTIL_WHEN, **COST, **OTHER_PLACE},
    links=BOOKING_LINK,
    required=["until", "link:booking"],
)
OFFER_LAPSED = Standard(
    kind=letters.OFFER_LAPSED,
    to=BOOKED,
    when="When nobody answered the offer in time.",
    subject="Your time to take the place is over: {event}",
    body=paragraphs(
        HELLO,
        "We offered you a place at {event} and did not hear from you in time. {what_became} Nothing counts against you.",
        "{come_after_all}\n{link:event}",
        END,
    ),
    values={
        **PERSON,
        "what_became": Value("What became of the place", "Others can have it now."),
        "come_after_all": Value(
            "Stands before the link to the event: that they can book again or, once it has begun, where other dates are",
            "Do you want to come after all? Book again here, if places are left:",
        ),
    },
    links=EVENT_LINK,
)
SUBSTITUTED = Standard(
    kind=letters.SUBSTITUTED,
    to=BOOKED,
    when="At once when somebody passes their place on, to them.",
    subject="Your place goes to a colleague: {event}",
    body=paragraphs(
        HELLO,
        "{passed_on}",
        "The calendar update that comes with this message takes the event out of your calendar. Nothing counts against you.",
        "Did you not expect this? Write to {team_email}.",
        END,
    ),
    values={
        **PERSON,
        "passed_on": Value("Who takes the place", "Ada Obi takes your place at {event} on {day}."),
    },
    links={},
    required=["passed_on"],
)
WHERE_IT_STANDS = {
    **PERSON,
    **JOINING,
    **GIVE_BACK,
    **DECLINING,
    "what_next": Value(
        "What happens next",
        "What happens next: accept the calendar invitation that comes with this message, and come. There is nothing to print.",
    ),
}
AS_IT_STANDS = [
    WHEN_LINE,
    WHERE_LINE,
    "{joining}",
    "{what_next}",
    "{cannot_come}\n{link:booking}",
    "{declining}",
    END,
]
SUBSTITUTE = Standard(
    kind=letters.SUBSTITUTE,
    to=BOOKED,
    when="At once when somebody takes over a colleague’s place, to them, with the calendar invitation.",
    subject="You have a place: {event}",
    body=paragraphs(HELLO, "You take the place of {colleague} at {event}.", *AS_IT_STANDS),
    values=WHERE_IT_STANDS | {"colleague": Value("Whose place it was", "Ada Obi")},
    links=BOOKING_LINK,
    required=["declining", "link:booking"],
)
PASSED_ON_ANSWERED = Standard(
    kind=letters.PASSED_ON_ANSWERED,
    to=BOOKED,
    when="At once when the manager of the colleague answers, or nobody has approved in time, to whoever passed the place on.",
    subject="About the place you passed on: {event}",
    body=paragraphs(
        HELLO,
        "{answered}",
        WHEN_LINE,
        WHERE_LINE,
        "{what_now}",
        "See how it stands here:\n{link:booking}",
        END,
    ),
    values={
        **PERSON,
        "answered": Value("Who answered what", "The manager of Ada Obi has approved: Ada Obi comes to {event} instead of you."),
        "what_now": Value(
            "What it means for whoever passed the place on",
            "There is nothing left to do for you.",
        ),
    },
    links=BOOKING_LINK,
    required=["answered"],
)
MOVED_FROM = Standard(
    kind=letters.MOVED_FROM,
    to=BOOKED,
    when="At once when somebody moves to another date, with the calendar update for the old one.",
    subject="No longer on {day}: {event}",
    body=paragraphs(
        HELLO,
        "Your place at {event} has moved from {day} to {new_day}. Another message brings the new date.",
        "The calendar update that comes with this message takes the old date out of your calendar.",
        END,
    ),
    values=PERSON | {"new_day": Value("The new date", "Tuesday 9 March 2027")},
    links={},
    required=["new_day"],
)
MOVED_TO = Standard(
    kind=letters.MOVED_TO,
    to=BOOKED,
    when="At once when somebody moves to another date, with the calendar invitation for the new one.",
    subject="Your new date: {event}",
    body=paragraphs(HELLO, "Your place has moved from {old_day} to this date.", *AS_IT_STANDS),
    values=WHERE_IT_STANDS | {"old_day": Value("The date they had before", "Tuesday 12 January 2027")},
    links=BOOKING_LINK,
    required=["when", "declining", "link:booking"],
)

TEXTS = [OFFERED, OFFER_LAPSED, SUBSTITUTED, SUBSTITUTE, PASSED_ON_ANSWERED, MOVED_FROM, MOVED_TO]
