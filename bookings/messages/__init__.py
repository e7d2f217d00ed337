"""What we write to people about their bookings. Pure: builds letters, sends none."""

from bookings.messages.calendar import calendar_entry
from bookings.messages.giving_back import NOT_A_CANCELLATION
from bookings.messages.letters import CALENDAR_METHODS, KINDS, Letter
from bookings.messages.places import (
    CancelledLetter,
    cancelled,
    changed,
    confirmed,
    event_cancelled,
    further_entry,
    not_placed,
    promoted,
    request_lapsed,
    requested,
    rescheduled,
    session_taken_out,
    waiting,
)

__all__ = [
    "CALENDAR_METHODS",
    "KINDS",
    "NOT_A_CANCELLATION",
    "CancelledLetter",
    "Letter",
    "calendar_entry",
    "cancelled",
    "changed",
    "confirmed",
    "event_cancelled",
    "further_entry",
    "not_placed",
    "promoted",
    "request_lapsed",
    "requested",
    "rescheduled",
    "session_taken_out",
    "waiting",
]
