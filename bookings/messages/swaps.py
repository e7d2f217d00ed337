"""Letters about a place that goes to a colleague, or moves with its holder to another date."""

from __future__ import annotations

from bookings.messages.letters import (
    MOVED_FROM,
    MOVED_TO,
    SUBSTITUTE,
    SUBSTITUTED,
    Letter,
    title,
    what_next,
    what_next_until_sure,
    when_and_where,
    write,
)
from bookings.models import Booking, BookingStatus
from core import wording
from notifications.rendering import typed


def passed_on(booking: Booking, *, to: Booking) -> Letter:
    """Theirs is over either way: a place that the colleague's manager does not approve goes to the next in line."""
    name, what = typed(to.person.name), f"your place at {title(booking.event)} on {wording.day(booking.event.starts_on)}"
    sentence = f"{name} takes {what}."
    if to.status == BookingStatus.AWAITING_APPROVAL:
        sentence = (
            f"{what[0].upper()}{what[1:]} is passed on to {name}, whose manager we have asked to approve. You are no longer "
            "booked, whatever they answer: if they say no, the place goes to the next in line."
        )
    return write(
        booking,
        SUBSTITUTED,
        f"Your place goes to a colleague: {title(booking.event)}",
        sentence,
        "The calendar update that comes with this message takes the event out of your calendar. Nothing counts against you.",
        f"Did you not expect this? Write to {typed(booking.event.lead_host.team_email)}.",
    )


def taken_over(booking: Booking, *, after: Booking) -> Letter:
    return write(
        booking,
        SUBSTITUTE,
        f"You have a place: {title(booking.event)}",
        f"You take the place of {typed(after.person.name)} at {title(booking.event)}.",
        *_where_it_stands(booking),
    )


def moved_from(booking: Booking, *, to: Booking) -> Letter:
    return write(
        booking,
        MOVED_FROM,
        f"No longer on {wording.day(booking.event.starts_on)}: {title(booking.event)}",
        f"Your place at {title(booking.event)} has moved from {wording.day(booking.event.starts_on)} to "
        f"{wording.day(to.event.starts_on)}. Another message brings the new date.",
        "The calendar update that comes with this message takes the old date out of your calendar.",
    )


def moved_to(booking: Booking, *, after: Booking) -> Letter:
    return write(
        booking,
        MOVED_TO,
        f"Your new date: {title(booking.event)}",
        f"Your place has moved from {wording.day(after.event.starts_on)} to this date.",
        *_where_it_stands(booking),
    )


def _where_it_stands(booking: Booking) -> list[str]:
    is_sure = booking.status == BookingStatus.CONFIRMED
    return [*when_and_where(booking.event, with_link=is_sure), *(what_next() if is_sure else what_next_until_sure())]
