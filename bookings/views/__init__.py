"""The pages of booking, a file a subject."""

from bookings.views.approvals import approve
from bookings.views.cancelling import cancel_booking
from bookings.views.making import book
from bookings.views.showing import booking, booking_calendar

__all__ = ["approve", "book", "booking", "booking_calendar", "cancel_booking"]
