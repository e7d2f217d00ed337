"""What letters and calendars say to who can't come: how they give the place back or, by some policies, who does it for them."""

from __future__ import annotations

from bookings.models import Booking
from notifications.rendering import typed

CANT_COME = "Can't come? Cancel your place, so that somebody else can have it:"
CANT_COME_NOW = "Can't come? Cancel your place now, so that somebody else can have it:"
CANT_COME_SINCE_THEN = "Can't come now? Cancel your place, so that somebody else can have it:"
SOMETHING_CAME_UP = "Something came up? Cancel your place, even now, so that we know:"
MAY_COST = "It may cost something, and your booking's page says whether, and what:"
NOT_A_CANCELLATION = "Declining the calendar invitation does not cancel your place: only the link above does."
DECLINING_CANCELS_NOTHING = "Declining the calendar invitation does not cancel your place."


def giving_back(booking: Booking, usual: str = CANT_COME, *, warns: bool = False) -> dict[str, str]:
    """For a place that is sure: ``usual`` unless a manager has to cancel it, and that declining the invitation does not.

    ``warns``: where the booking accepted a policy on charges, that cancelling may cost something.
    """
    costs = warns and booking.policy_version_id is not None
    if not booking.only_a_manager_cancels:
        cannot_come = f"{usual.removesuffix(':')}. {MAY_COST}" if costs else usual
        return {"cannot_come": cannot_come, "declining": NOT_A_CANCELLATION}
    question = usual.partition("?")[0]
    return {
        "cannot_come": f"{question}? {by_manager(booking)} {MAY_COST if costs else 'Your booking is here:'}",
        "declining": DECLINING_CANCELS_NOTHING,
    }


def not_spared(booking: Booking) -> str:
    """To the manager, who may need them elsewhere."""
    team = typed(booking.event.lead_host.team_email)
    if booking.only_a_manager_cancels:
        return f"Can they not be spared? Write to {team}: by the rules of this booking only a manager can cancel it."
    return f"Can they not be spared? Ask them to give the place back, or write to {team}."


def in_an_invitation(booking: Booking) -> str:
    how = by_manager(booking) if booking.only_a_manager_cancels else "Cancel it on the website, under My learning."
    return f"Declining this invitation does not cancel your place. {how}"


def in_a_calendar(booking: Booking) -> str:
    """Without a link: an entry leads to the website only by its words."""
    if booking.only_a_manager_cancels:
        return f"Can't come? {by_manager(booking)}"
    return "Can't come? Cancel your place on the website, under My learning."


def by_manager(booking: Booking) -> str:
    """Who cancels a place that the person can't cancel themselves, and to whom they write."""
    team = typed(booking.event.lead_host.team_email)
    if booking.manager_email:
        return f"Only your manager can cancel this place: ask them to write to {team}."
    return f"Only a manager can cancel this place, and your booking names none: write to {team}."
