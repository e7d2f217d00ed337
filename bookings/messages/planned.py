"""Letters that leave before an event because its day comes near. Pure: builds letters, sends none.

No "tomorrow" and no "in two weeks": a letter may wait in the outbox for a mail server, and a partnership may choose other days.
"""

from __future__ import annotations

from bookings.messages.letters import (
    FIRST_REMINDER,
    JOINING_INSTRUCTIONS,
    LAST_REMINDER,
    NOT_A_CANCELLATION,
    Letter,
    title,
    when_and_where,
    write,
)
from bookings.models import Booking
from core import wording
from core.text import many_lines
from notifications.rendering import typed

CAN_NOT_COME = "Can't come? Cancel your place now, so that somebody else can have it:\n{link:booking}"


def first_reminder(booking: Booking, *, note: str = "") -> Letter:
    event = booking.event
    return write(
        booking,
        FIRST_REMINDER,
        f"Coming up: {title(event)}, {wording.day(event.starts_on)}",
        f"You have a place at {title(event)}. This is to remind you.",
        *when_and_where(event),
        *paragraphs_of(note),
        "What happens next: keep the time free. There is nothing to confirm.",
        CAN_NOT_COME,
        NOT_A_CANCELLATION,
    )


def last_reminder(booking: Booking, *, note: str = "") -> Letter:
    event = booking.event
    return write(
        booking,
        LAST_REMINDER,
        f"Reminder: {title(event)}, {wording.day(event.starts_on)}",
        f"We expect you at {title(event)}.",
        *when_and_where(event),
        *paragraphs_of(note),
        "Something came up? Cancel your place, even now, so that we know:\n{link:booking}",
        NOT_A_CANCELLATION,
    )


def joining_instructions(booking: Booking, *, note: str = "") -> Letter:
    event = booking.event
    return write(
        booking,
        JOINING_INSTRUCTIONS,
        f"Joining instructions: {title(event)}",
        f"This is how to take part in {title(event)}.",
        *when_and_where(event),
        *paragraphs_of(note),
        f"What happens next: {_what_next(booking)}",
        CAN_NOT_COME,
        NOT_A_CANCELLATION,
    )


def _what_next(booking: Booking) -> str:
    if booking.event.joining_link:
        return "open the link a few minutes before the start, with your own name, so that we can mark you as present."
    return "come a few minutes before the start. Your name is on the register; there is nothing to print."


def manager_copy(booking: Booking, letter: Letter) -> Letter:
    """For the manager's diary, without the joining link, which is the person's own."""
    name, event = typed(booking.person.name), booking.event
    return write(
        booking,
        letter.kind,
        f"{name}: {title(event)}, {wording.day(event.starts_on)}",
        f"{name} has a place at {title(event)} and named you as their manager. We have just written to them about it. This is "
        "for your diary: there is nothing to do.",
        *when_and_where(event, with_link=False),
        f"Can they not be spared? Ask them to give the place back, or write to {typed(event.lead_host.team_email)}.",
        to_manager=True,
    )


def paragraphs_of(note: str) -> list[str]:
    """What officers add for one event: lines stay lines, and nothing in it can pass for a link of ours."""
    lines = [typed(line) for line in many_lines(note).splitlines()]
    return [text] if (text := "\n".join(lines).strip()) else []
