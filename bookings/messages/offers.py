"""Letters about a place that is offered, because the start is too near to confirm somebody without asking."""

from __future__ import annotations

from django.urls import reverse

from bookings.messages.letters import Letter, can_cost, day_and_time, other_places, to_person
from bookings.messages.texts import moving as texts
from bookings.models import Booking


def offered(booking: Booking, *, others: list[Booking]) -> Letter:
    """``others``: places that they have at other dates of the course."""
    assert booking.offered_until is not None  # noqa: S101 - the constraint says so; tells the type checker
    until = day_and_time(booking.offered_until)
    return to_person(booking, texts.OFFERED, until=until, cost=can_cost(booking), other_place=other_places(others))


def offer_lapsed(booking: Booking, *, with_the_start: bool) -> Letter:
    """``with_the_start``: they had until the event began."""
    what_became, come_after_all = "Others can have it now.", "Do you want to come after all? Book again here, if places are left:"
    if with_the_start:
        what_became = "The event has begun, so nobody else gets it."
        come_after_all = "Its page names the other dates, where there are any:"
    return to_person(
        booking,
        texts.OFFER_LAPSED,
        what_became=what_became,
        come_after_all=come_after_all,
        links={"event": reverse("event", args=[booking.event_id])},
    )
