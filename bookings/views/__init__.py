"""The pages of booking, a file a subject."""

from bookings.views.answering import answer_offer, ask_somebody_else, booking_manager
from bookings.views.approvals import approve
from bookings.views.bill import booking_bill
from bookings.views.calendars import my_calendar, new_calendar_address, personal_calendar, stop_calendar_address
from bookings.views.cancelling import cancel_booking
from bookings.views.demand import ask_for_session, want_course, withdraw_session
from bookings.views.making import book
from bookings.views.needs import booking_needs, event_needs
from bookings.views.showing import booking, booking_calendar
from bookings.views.swapping import colleague, move

__all__ = [
    "answer_offer",
    "approve",
    "ask_for_session",
    "ask_somebody_else",
    "book",
    "booking",
    "booking_bill",
    "booking_calendar",
    "booking_manager",
    "booking_needs",
    "cancel_booking",
    "colleague",
    "event_needs",
    "move",
    "my_calendar",
    "new_calendar_address",
    "personal_calendar",
    "stop_calendar_address",
    "want_course",
    "withdraw_session",
]
