"""Letters about a place that is offered, because the start is too near to confirm somebody without asking."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import OFFER_LAPSED, OFFERED, Letter, title, when_and_where, write
from bookings.models import Booking
from core import wording


def offered(booking: Booking) -> Letter:
    assert booking.offered_until is not None  # noqa: S101 - the constraint says so; tells the type checker
    until = f"{wording.clock(booking.offered_until)} on {wording.day(booking.offered_until)}"
    return write(
        booking,
        OFFERED,
        f"A place is yours if you want it: {title(booking.event)}",
        f"A place at {title(booking.event)} has become free, and you are next on the waiting list. Say by {until} whether you "
        "take it.",
        *when_and_where(booking.event, with_link=False),
        "Take it or turn it down here:\n{link:booking}",
        f"If we hear nothing by {until}, the place goes to the next in line. Nothing counts against you.",
    )


def offer_lapsed(booking: Booking) -> Letter:
    return write(
        booking,
        OFFER_LAPSED,
        f"The place went to somebody else: {title(booking.event)}",
        f"We offered you a place at {title(booking.event)} and did not hear from you in time, so it went to the next in line. "
        "Nothing counts against you.",
        "Do you want to come after all? Book again here, if places are left:\n{link:event}",
        links={"event": reverse("event", args=[booking.event_id])},
    )
