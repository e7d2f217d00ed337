"""Everything that can happen to places and bookings.

Places are decided in one spot: an operation locks the terms' row (lock.py), reads what it decides on after that, and writes in
the same transaction. Nothing else may insert a live booking or let somebody off the waiting list.
"""

from bookings.operations.approvals import (
    approve_booking,
    ask_somebody_else,
    decline_booking,
    lapse_request,
    remind_approver,
)
from bookings.operations.calendars import make_calendar_address, note_read, stop_calendar_address
from bookings.operations.calling import call_for_places
from bookings.operations.cancelling import cancel_booking, cancel_bookings
from bookings.operations.charges import (
    approve_charges,
    excuse_charges,
    list_for_finance,
    restore_charge,
    reverse_charge,
    say_letter_is_posted,
    send_letter_by_mail,
)
from bookings.operations.charging import (
    Billing,
    change_bill,
    publish_policy,
    record_billing_details,
    set_course_cost,
    set_payer_class,
    switch_charges,
)
from bookings.operations.colleagues import Colleague, Newcomers, Outcome, book_colleagues
from bookings.operations.conditions import copy_conditions, set_conditions
from bookings.operations.course_terms import set_course_terms
from bookings.operations.demand import (
    ask_for_session,
    decline_session,
    end_met_interests,
    plan_session,
    reconsider_session,
    stop_wanting,
    tell_interested,
    tell_of_planned_session,
    want_course,
    withdraw_session,
)
from bookings.operations.digests import send_digest, withdraw_unwanted
from bookings.operations.drafting import (
    add_extra_charge,
    draft_absence,
    draft_fee,
    draft_late_cancellation,
    draft_unbooked_arrival,
    undo_absence,
    work_out_again,
)
from bookings.operations.ending import end_requests, end_waiting
from bookings.operations.events import (
    cancel_bookable_event,
    change_bookable_event,
    change_terms,
    create_bookable_event,
    go_ahead,
)
from bookings.operations.filling import place_by_hand, promote_waiting
from bookings.operations.holding import hold_places, release_hold, remind_of_hold
from bookings.operations.managers import correct_manager
from bookings.operations.message_settings import change_message_settings
from bookings.operations.needs import forget_needs, record_needs
from bookings.operations.offers import accept_offer, decline_offer, lapse_offers
from bookings.operations.partnership import change_booking_settings
from bookings.operations.places import ReadBefore, book_place
from bookings.operations.planned import (
    change_planned,
    hold_back,
    hold_back_from,
    let_go,
    let_go_to,
    send_planned,
    send_planned_now,
    withdraw_overtaken,
)
from bookings.operations.queueing import set_priority
from bookings.operations.refreshing import send_refreshers, withdraw_refreshers
from bookings.operations.series import copy_events, give_joining_links
from bookings.operations.single import hold_message, send_message_again
from bookings.operations.standing_in import Newcomer, substitute_by_address
from bookings.operations.swapping import substitute, transfer
from bookings.operations.venues import change_bookable_venue

__all__ = [
    "Billing",
    "Colleague",
    "Newcomer",
    "Newcomers",
    "Outcome",
    "ReadBefore",
    "accept_offer",
    "add_extra_charge",
    "approve_booking",
    "approve_charges",
    "ask_for_session",
    "ask_somebody_else",
    "book_colleagues",
    "book_place",
    "call_for_places",
    "cancel_bookable_event",
    "cancel_booking",
    "cancel_bookings",
    "change_bill",
    "change_bookable_event",
    "change_bookable_venue",
    "change_booking_settings",
    "change_message_settings",
    "change_planned",
    "change_terms",
    "copy_conditions",
    "copy_events",
    "correct_manager",
    "create_bookable_event",
    "decline_booking",
    "decline_offer",
    "decline_session",
    "draft_absence",
    "draft_fee",
    "draft_late_cancellation",
    "draft_unbooked_arrival",
    "end_met_interests",
    "end_requests",
    "end_waiting",
    "excuse_charges",
    "forget_needs",
    "give_joining_links",
    "go_ahead",
    "hold_back",
    "hold_back_from",
    "hold_message",
    "hold_places",
    "lapse_offers",
    "lapse_request",
    "let_go",
    "let_go_to",
    "list_for_finance",
    "make_calendar_address",
    "note_read",
    "place_by_hand",
    "plan_session",
    "promote_waiting",
    "publish_policy",
    "reconsider_session",
    "record_billing_details",
    "record_needs",
    "release_hold",
    "remind_approver",
    "remind_of_hold",
    "restore_charge",
    "reverse_charge",
    "say_letter_is_posted",
    "send_digest",
    "send_letter_by_mail",
    "send_message_again",
    "send_planned",
    "send_planned_now",
    "send_refreshers",
    "set_conditions",
    "set_course_cost",
    "set_course_terms",
    "set_payer_class",
    "set_priority",
    "stop_calendar_address",
    "stop_wanting",
    "substitute",
    "substitute_by_address",
    "switch_charges",
    "tell_interested",
    "tell_of_planned_session",
    "transfer",
    "undo_absence",
    "want_course",
    "withdraw_overtaken",
    "withdraw_refreshers",
    "withdraw_session",
    "withdraw_unwanted",
    "work_out_again",
]
