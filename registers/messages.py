"""Letters after an event: about a register that nobody has closed, having been there or not. Pure: builds letters.

A letter about absence blames nobody: a register can be wrong, and people are kept away by what their work is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.urls import reverse

from bookings.messages import letters
from bookings.messages.letters import Letter, about, fill_in, to_manager, to_person
from bookings.messages.planned import typed_lines
from bookings.messages.texts.values import (
    BOOKED,
    END,
    HELLO,
    HELLO_SOMEBODY,
    MANAGER,
    NAME,
    NOTE,
    PERSON,
    TRAINER,
    WHEN,
)
from bookings.models import Booking
from core import wording
from events.models import Event, Session
from notifications.rendering import typed
from notifications.texts import Standard, Value, paragraphs
from people.models import Person
from records.models import Certificate

ATTENDED = "Whoever attended"

DID_NOT_ATTEND = Standard(
    kind=letters.DID_NOT_ATTEND,
    to=BOOKED,
    when="Two working days after the register was closed, or when you release it.",
    subject="We missed you: {event}",
    body=paragraphs(
        HELLO,
        "You had a place at {event} on {day}, and the register does not show that you were there.",
        "Were you there? Then the register is wrong, and we are glad to put it right: write to {team_email}.",
        "{note}",
        "Did something come up? That happens, and you need not say what it was. Find another date here:\n{link:others}",
        END,
    ),
    values={**PERSON, **NOTE},
    links={"others": "The course’s other dates, or the programme"},
    required=["team_email", "note"],
)
ABSENCE_TO_MANAGER = Standard(
    kind=letters.ABSENCE_TO_MANAGER,
    to=MANAGER,
    when="Together with the letter to the person, where your settings say so.",
    subject="{name} was not on the register: {event}",
    body=paragraphs(
        HELLO_SOMEBODY,
        "{name} had a place at {event} on {day} and named you as their manager. The register does not show that they were there.",
        "Is that wrong? Write to {team_email}, and we put it right. Otherwise there is nothing to do, unless they need another "
        "date.",
        END,
    ),
    values=NAME,
    links={},
    required=["name", "team_email"],
)
REGISTER_NOT_TAKEN = Standard(
    kind=letters.REGISTER_NOT_TAKEN,
    to=TRAINER,
    when="The next working day after a session whose register nobody has closed.",
    subject="Register not taken: {event}",
    body=paragraphs(
        HELLO,
        "The register of {event} on {register_day} is not closed yet. Nobody's attendance counts before it is.",
        "Take it and close it here, also on a phone:",
        "{sessions}:\n{link:register}",
        "Has somebody else got the list, or did it not take place? Write to {team_email}.",
        END,
    ),
    values=PERSON
    | {
        "register_day": Value("The day of the register", "Tuesday 26 January 2027"),
        "sessions": Value("The sessions whose registers are open, one a line", WHEN, in_subject=False),
    },
    links={"register": "The register or, where several are open, the list of their registers"},
    required=["link:register"],
)
CERTIFICATE_READY = Standard(
    kind=letters.CERTIFICATE_READY,
    to=ATTENDED,
    when="Two working days after the last register was closed, or when your settings say.",
    subject="Your certificate: {event}",
    body=paragraphs(
        HELLO,
        "You attended {event} on {day}. Your certificate is ready to look at, print or save:\n{link:certificate}",
        "It asks you to sign in with this e-mail address. Its code lets an employer or an inspector check that it holds.",
        "{note}",
        "Is something on it not right? Write to {team_email}.",
        END,
    ),
    values={**PERSON, **NOTE},
    links={"certificate": "Their certificate’s page, which prints on one sheet"},
    required=["link:certificate", "note"],
)
TEXTS = {text.kind: text for text in (DID_NOT_ATTEND, ABSENCE_TO_MANAGER, REGISTER_NOT_TAKEN, CERTIFICATE_READY)}


def did_not_attend(booking: Booking, *, note: str = "") -> Letter:
    event, others = booking.event, reverse("catalogue")
    if not event.is_closed and event.course is not None and event.course.is_in_catalogue:
        others = reverse("course", args=[event.course.pk])
    return to_person(booking, DID_NOT_ATTEND, note=typed_lines(note), links={"others": others})


def did_not_attend_to_manager(booking: Booking) -> Letter:
    return replace(to_manager(booking, ABSENCE_TO_MANAGER), kind=letters.DID_NOT_ATTEND)


def register_not_taken(sessions: Sequence[Session], day: date, trainer: Person) -> Letter:
    """``sessions`` of one event on that day, none of whose registers is closed; they know their event."""
    values = {
        "forename": typed(trainer.forename),
        **about(sessions[0].event),
        "register_day": wording.day(day),
        "sessions": "\n".join(wording.span(one.starts_at, one.ends_at) for one in sessions),
    }
    path = reverse("register", args=[sessions[0].pk]) if len(sessions) == 1 else reverse("registers_today")
    return fill_in(REGISTER_NOT_TAKEN, values, links={"register": path})


def certificate_ready(event: Event, person: Person, certificate: Certificate | None, *, note: str = "") -> Letter:
    """``certificate`` None: as it would read before there is one, its link leading to their learning."""
    values = {"forename": typed(person.forename), **about(event), "note": typed_lines(note)}
    path = reverse("certificate", args=[certificate.pk]) if certificate else reverse("my_learning")
    return fill_in(CERTIFICATE_READY, values, links={"certificate": path})
