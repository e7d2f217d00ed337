"""Places and who claims them."""

from bookings.models.bookings import (
    BOOKING_STATES,
    HOLDING_A_PLACE,
    LIVE,
    NEVER_PLACED,
    Booking,
    BookingChange,
    BookingQuerySet,
    BookingStatus,
    CancelledBy,
    Invitation,
)
from bookings.models.terms import BookingTerms, InvitedPerson

__all__ = [
    "BOOKING_STATES",
    "HOLDING_A_PLACE",
    "LIVE",
    "NEVER_PLACED",
    "Booking",
    "BookingChange",
    "BookingQuerySet",
    "BookingStatus",
    "BookingTerms",
    "CancelledBy",
    "Invitation",
    "InvitedPerson",
]
