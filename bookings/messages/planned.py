"""Letters that leave before an event because its day comes near. Pure: builds letters, sends none.

No "tomorrow" and no "in two weeks": a letter may wait in the outbox for a mail server, and a partnership may choose other days.
"""

from __future__ import annotations

from dataclasses import replace

from bookings.messages.giving_back import CANT_COME_NOW, SOMETHING_CAME_UP, giving_back, not_spared
from bookings.messages.letters import Letter, joining, to_manager, to_person
from bookings.messages.texts import planned as texts
from bookings.models import Booking
from core.text import many_lines
from notifications.rendering import typed
from notifications.texts import Standard


def first_reminder(booking: Booking, *, note: str = "") -> Letter:
    return _before(booking, texts.FIRST_REMINDER, note)


def last_reminder(booking: Booking, *, note: str = "") -> Letter:
    return _before(booking, texts.LAST_REMINDER, note, cannot_come=SOMETHING_CAME_UP)


def joining_instructions(booking: Booking, *, note: str = "") -> Letter:
    what_next = "come a few minutes before the start. Your name is on the register; there is nothing to print."
    if booking.event.joining_link:
        what_next = "open the link a few minutes before the start, with your own name, so that we can mark you as present."
    return _before(booking, texts.JOINING_INSTRUCTIONS, note, what_next=what_next)


def _before(booking: Booking, standard: Standard, note: str, *, cannot_come: str = CANT_COME_NOW, **values: str) -> Letter:
    said = {"joining": joining(booking.event), "note": typed_lines(note), **giving_back(booking, cannot_come, warns=True)}
    return to_person(booking, standard, further=said | values)


def manager_copy(booking: Booking, letter: Letter) -> Letter:
    """For the manager's diary, without the joining link, which is the person's own."""
    return replace(to_manager(booking, texts.PLANNED_TO_MANAGER, not_spared=not_spared(booking)), kind=letter.kind)


def typed_lines(note: str) -> str:
    """What officers add for one event: lines stay lines, and nothing in it can pass for a placeholder of ours."""
    return "\n".join(typed(line) for line in many_lines(note).splitlines()).strip()
