"""Everything that can happen to places and bookings.

Places are decided in one spot: an operation locks the terms' row (lock.py), reads what it decides on after that, and writes in
the same transaction. Nothing else may insert a live booking or let somebody off the waiting list.
"""

from bookings.operations.cancelling import cancel_booking
from bookings.operations.charges import (
    approve_charges,
    excuse_charges,
    list_for_finance,
    restore_charge,
    reverse_charge,
)
from bookings.operations.charging import publish_policy, record_billing_details, set_payer_class, switch_charges
from bookings.operations.drafting import (
    add_extra_charge,
    draft_absence,
    draft_fee,
    draft_late_cancellation,
    draft_unbooked_arrival,
    undo_absence,
)
from bookings.operations.events import (
    cancel_bookable_event,
    change_bookable_event,
    change_terms,
    create_bookable_event,
    reschedule_bookable_event,
)
from bookings.operations.places import book_place, end_waiting, promote_waiting

__all__ = [
    "add_extra_charge",
    "approve_charges",
    "book_place",
    "cancel_bookable_event",
    "cancel_booking",
    "change_bookable_event",
    "change_terms",
    "create_bookable_event",
    "draft_absence",
    "draft_fee",
    "draft_late_cancellation",
    "draft_unbooked_arrival",
    "end_waiting",
    "excuse_charges",
    "list_for_finance",
    "promote_waiting",
    "publish_policy",
    "record_billing_details",
    "reschedule_bookable_event",
    "restore_charge",
    "reverse_charge",
    "set_payer_class",
    "switch_charges",
    "undo_absence",
]
