"""The placeholders that several texts share. Each stands only in the texts whose recipient may read what it holds."""

from __future__ import annotations

from notifications.texts import Value

# Who a text goes to, as officers read it.
BOOKED = "Whoever booked, waits or was booked"
MANAGER = "The line manager, or the deputy they named"
PAYER = "Whoever gets the invoice"
LEAD = "The agency’s training lead"
TRAINER = "The event’s trainers"
ASKED = "Whoever asked for a course or a session"
HEARS = "Whoever agreed to hear of places"
LEARNED = "Whoever learned a course that is to be refreshed"

WHEN = "Tuesday 26 January 2027, 9.30am to 4pm"
UNTIL = "5pm on Friday 15 January 2027"
PARTNERSHIP = {
    "partnership": Value("The partnership’s name", "Riverside Safeguarding Children Partnership"),
    "team_email": Value("Your team’s e-mail address", "training@riverside.example"),
}
EVENT = {
    "event": Value("The event’s public title", "Recognising neglect"),
    "day": Value("The day it begins", "Tuesday 26 January 2027"),
    "when": Value("The times of every session, one a line", WHEN, in_subject=False),
    "where": Value("The venue with its address, or “Online”", "Civic Suite, 1 High Street, Riverside"),
    **PARTNERSHIP,
}
FORENAME = {"forename": Value("Their first name, if we know it", "Sam")}
PERSON = {**FORENAME, **EVENT}
NAME = {"name": Value("First name and surname of whoever books", "Sam Okafor"), **EVENT}
JOINING = {
    "joining": Value(
        "For an online event: the joining link, or that it follows. Empty for others and for who has no place",
        "Join with this link:\nhttps://meet.example/neglect",
        in_subject=False,
    )
}
BOOKED_BY = {
    "booked_by": Value(
        "Who of their agency booked for them, and whether it can cost something. Empty where neither is so",
        "Ada Obi of your agency booked it for you.",
    )
}
COST = {
    "cost": Value(
        "Whether it can cost something. Empty where it can’t",
        "Coming, cancelling late or not coming may cost something: your booking’s page says whether, and what.",
    )
}
OTHER_PLACE = {
    "other_place": Value(
        "That they have a place at another date of the course. Empty where they have none",
        "You also have a place on Tuesday 5 January 2027, at another date of this course. Give back the one that you don’t need.",
    )
}
DECLINING = {
    "declining": Value(
        "That declining the calendar invitation cancels nothing",
        "Declining the calendar invitation does not cancel your place: only the link above does.",
    )
}
GIVE_BACK = {
    "cannot_come": Value(
        "Stands before the link to the booking: that they can give the place back there or, where by your rules only a manager "
        "cancels, whom to ask",
        "Can't come? Cancel your place, so that somebody else can have it:",
    ),
}
NOT_SPARED = {
    "not_spared": Value(
        "What the manager does who can’t spare them",
        "Can they not be spared? Ask them to give the place back, or write to {team_email}.",
    )
}
CALENDAR = {
    "calendar": Value(
        "That the entry leaves their calendar. Empty where none stands in it",
        "The calendar update that comes with this message takes the event out of your calendar.",
    )
}
NOTE = {
    "note": Value(
        "What you add for one event, under its messages. Empty where you add nothing",
        "Park behind the hall, not in the street.",
        in_subject=False,
    )
}
UNTIL_WHEN = {"until": Value("Until when", UNTIL)}
NUMBER = {"number": Value("Their place in the queue", "3")}
OTHER_DATES = {
    "other_dates": Value(
        "Stands before the link to the course’s other dates, or to the programme", "Other dates are in the programme:"
    )
}

BOOKING_LINK = {"booking": "Their booking’s page, where they see and cancel it"}
EVENT_LINK = {"event": "The event’s page"}
CATALOGUE_LINK = {"catalogue": "The programme"}

HELLO = "Hello {forename},"
HELLO_SOMEBODY = "Hello,"
WHEN_LINE = "When: {when}"
WHERE_LINE = "Where: {where}"
END = "{partnership}"
