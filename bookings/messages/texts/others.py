"""Texts about courses people want or are to refresh, sessions services ask for, places an agency holds, and places left."""

from __future__ import annotations

from bookings.messages import letters
from bookings.messages.texts.values import (
    ASKED,
    CATALOGUE_LINK,
    END,
    EVENT_LINK,
    FORENAME,
    HEARS,
    HELLO,
    LEAD,
    LEARNED,
    PARTNERSHIP,
    PERSON,
    WHEN_LINE,
    WHERE_LINE,
)
from notifications.texts import Standard, Value, paragraphs

COURSE = {"course": Value("The course’s title", "Recognising neglect")}
COURSE_HAS_DATE = Standard(
    kind=letters.COURSE_HAS_DATE,
    to=ASKED,
    when="When a course that they want gets a date.",
    subject="A date for {course}",
    body=paragraphs(
        HELLO,
        "You asked us to tell you when {course} has a date. It has one now.",
        WHEN_LINE,
        WHERE_LINE,
        "Places go to whoever books first. Book yours here:\n{link:event}",
        "Until you book you stay on the list of people who want it. You can leave it here:\n{link:course}",
        END,
    ),
    values=PERSON | COURSE,
    links=EVENT_LINK | {"course": "The page where they leave the list of those who want the course"},
    required=["link:event", "link:course"],
)
REFRESHER_DUE = Standard(
    kind=letters.REFRESHER_DUE,
    to=LEARNED,
    when="Some weeks before the day by which they are to refresh it, unless they have booked a date. Once for what they learned.",
    subject="Time to refresh {course}",
    body=paragraphs(
        HELLO,
        "You learned {course} on {learned_on}. It is to be refreshed {how_often}: the day for you is {refresh_by}.",
        "See its dates and book one here. Where it has none yet, the same page has a button, and we write to you once it has "
        "one:\n{link:course}",
        "Have you learned it somewhere else since? Tell {team_email}: it may count. We write about this once, and your record "
        "stays as it is.",
        END,
    ),
    values={
        **FORENAME,
        **PARTNERSHIP,
        **COURSE,
        "learned_on": Value("The day on which they learned it", "Tuesday 16 March 2024"),
        "refresh_by": Value("The day by which they are to refresh it", "Tuesday 16 March 2027"),
        "how_often": Value("How often the course is to be refreshed", "every 3 years"),
    },
    links={"course": "The course’s page, with its dates"},
    required=["course", "refresh_by", "link:course"],
)
SUBJECT = {"subject": Value("What they asked for, in their words", "Neglect, for our new health visitors")}
SESSION_PLANNED = Standard(
    kind=letters.SESSION_PLANNED,
    to=ASKED,
    when="When you publish the event that became of a session a service asked for.",
    subject="Your session is planned: {event}",
    body=paragraphs(
        HELLO,
        "You asked for a session of your own about “{subject}”. We have planned it.",
        WHEN_LINE,
        WHERE_LINE,
        "What happens next: nobody is booked yet. {who_can}",
        "See it here, book yourself and pass this link on to your colleagues, so that each of them books:\n{link:event}",
        "Does the date not suit you? Write to {team_email}.",
        END,
    ),
    values=PERSON
    | SUBJECT
    | {
        "who_can": Value(
            "Whom it is for. Empty where everybody can book it", "Only people of Riverside Primary School can book it."
        )
    },
    links={"event": "The event’s page. The paragraph drops out for a closed event"},
)
SESSION_CHANGED = Standard(
    kind=letters.SESSION_CHANGED,
    to=ASKED,
    when="At once when the event that became of a session a service asked for gets another time, place, title or link.",
    subject="Changed: your session {event}",
    body=paragraphs(
        HELLO,
        "The session of your own that you asked for has changed: “{subject}”. This is how it is now.",
        WHEN_LINE,
        WHERE_LINE,
        "Whoever is booked is told too. See it here:\n{link:event}",
        "Does it not suit you? Write to {team_email}.",
        END,
    ),
    values=PERSON | SUBJECT,
    links={"event": "The event’s page. The paragraph drops out for a closed event"},
    required=["when", "where"],
)
SESSION_DECLINED = Standard(
    kind=letters.SESSION_DECLINED,
    to=ASKED,
    when="When you decline a session that a service asked for, or call it off.",
    subject="We can’t hold the session you asked for: {subject}",
    body=paragraphs(
        HELLO,
        "You asked for a session of your own about “{subject}”. We are not able to hold it. {called_off}",
        "Why: {reason}",
        "What else there is stands in the programme:\n{link:catalogue}",
        "Do you want to talk about it? Write to {team_email}.",
        END,
    ),
    values=FORENAME
    | PARTNERSHIP
    | SUBJECT
    | {
        "called_off": Value(
            "That the session is off which they had heard of. Empty where there was none",
            "The one that we had planned for Tuesday 26 January 2027 is called off.",
        ),
        "reason": Value("The reason that you gave", "No trainer is free this term."),
    },
    links=CATALOGUE_LINK,
)
NAMES_NEEDED = Standard(
    kind=letters.NAMES_NEEDED,
    to=LEAD,
    when="A while before held places are given up that have no name.",
    subject="Names needed for {places}: {event}",
    body=paragraphs(
        HELLO,
        "{organisation} holds {places} without a name at {event}.",
        "When: {when_in_short}",
        "Give names by the end of {until_day}:\n{link:agency_event}",
        "What happens next: places without a name then go to those who wait, or become free for others. If you need fewer, give "
        "them back on the same page now.",
        END,
    ),
    values=PERSON
    | {
        "organisation": Value("The agency", "Riverside Primary School"),
        "places": Value("How many places have no name", "2 places"),
        "when_in_short": Value("The event’s times in one line", "Tuesday 26 January 2027, 9.30am to 4pm"),
        "until_day": Value("The day by which names are needed", "Friday 15 January 2027"),
    },
    links={"agency_event": "The page where they give names"},
    required=["until_day", "link:agency_event"],
)
STOP_LINK = {"stop": "The page where they stop these messages, without a sign-in"}
CALL_FOR_PLACES = Standard(
    kind=letters.CALL_FOR_PLACES,
    to=HEARS,
    when="When you write to sectors that nobody has booked from.",
    subject="Places left: {event}",
    body=paragraphs(
        HELLO,
        "{event} still has places, and we would like more people from {sector} to be there. Perhaps it is for you.",
        "{summary}",
        WHEN_LINE,
        WHERE_LINE,
        "Look at it and book here:\n{link:event}",
        "We write because you agreed to hear of places. To stop that, open this page and press the button:\n{link:stop}",
        END,
    ),
    values=PERSON
    | {
        "sector": Value("Their sector", "Early years"),
        "summary": Value("The event’s summary. Empty where it has none", "What neglect looks like, and what to do about it."),
    },
    links=EVENT_LINK | STOP_LINK,
    required=["link:event", "link:stop"],
)

DIGEST = Standard(
    kind=letters.DIGEST,
    to=HEARS,
    when="As often as you choose under “When messages leave”, while there is something to book.",
    subject="What is on: learning to book",
    body=paragraphs(
        HELLO,
        "This is what you can book now, by theme. Where an event is full, you can join its waiting list.",
        "{programme}",
        "All of it, with search and calendar:\n{link:catalogue}",
        "We write because you agreed to hear of learning. To stop that, open this page and press the button:\n{link:stop}",
        END,
    ),
    values={
        **FORENAME,
        **PARTNERSHIP,
        "programme": Value(
            "The events that can be booked, by theme, with their places and links",
            "NEGLECT\n\nRecognising neglect\nTuesday 26 January 2027, 9.30am to 4pm\nCivic Suite\n6 places left",
            in_subject=False,
        ),
    },
    links=CATALOGUE_LINK | STOP_LINK,
    required=["programme", "link:stop"],
)

TEXTS = [
    COURSE_HAS_DATE,
    REFRESHER_DUE,
    SESSION_PLANNED,
    SESSION_CHANGED,
    SESSION_DECLINED,
    NAMES_NEEDED,
    CALL_FOR_PLACES,
    DIGEST,
]
