"""Everything that can happen to places and bookings.

Places are decided in one spot: an operation locks the terms' row (lock.py), reads what it decides on after that, and writes in
the same transaction. Nothing else may insert a live booking or let somebody off the waiting list.
"""

from bookings.operations.cancelling import cancel_booking
from bookings.operations.events import (
    cancel_bookable_event,
    change_bookable_event,
    change_terms,
    create_bookable_event,
    reschedule_bookable_event,
)
from bookings.operations.places import book_place, end_waiting, promote_waiting

__all__ = [
    "book_place",
    "cancel_bookable_event",
    "cancel_booking",
    "change_bookable_event",
    "change_terms",
    "create_bookable_event",
    "end_waiting",
    "promote_waiting",
    "reschedule_bookable_event",
]
