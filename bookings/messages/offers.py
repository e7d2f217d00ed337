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


def offer_lapsed(booking: Booking) -> Letter:
    return to_person(booking, texts.OFFER_LAPSED, links={"event": reverse("event", args=[booking.event_id])})
