"""Who may do what to places and bookings, and when. A refusal is the sentence a person reads."""

from bookings.policies.acting import (
    can_see_needs,
    check_may_act_for,
    check_may_act_on,
    check_may_see_needs,
    check_may_set_aside,
    grants_to_lead_training_of,
    leads_training_of,
    may_act_for_others,
)
from bookings.policies.approving import (
    check_is_open,
    check_manager,
    check_may_answer,
    needs_approval,
)
from bookings.policies.booking import (
    check_can_book,
    check_has_room,
    is_invited,
    refusal_to_book,
)
from bookings.policies.giving_back import (
    can_cancel,
    check_can_cancel,
    check_can_move,
    check_can_pass_on,
    check_may_be_substituted,
    check_may_cancel_as,
    check_may_cancel_oneself,
    check_may_move_now,
    check_may_move_unasked,
    check_may_take_over,
)
from bookings.policies.holding import (
    check_can_hold,
    check_may_hold,
    check_may_name,
    last_day_to_hold,
)
from bookings.policies.states import (
    check_has_not_started,
    check_has_started,
    check_takes_bookings,
)
from bookings.policies.terms import (
    check_can_be_tentative,
    check_can_go_ahead,
    check_course_terms,
    check_settings,
    check_terms,
)

__all__ = [
    "can_cancel",
    "can_see_needs",
    "check_can_be_tentative",
    "check_can_book",
    "check_can_cancel",
    "check_can_go_ahead",
    "check_can_hold",
    "check_can_move",
    "check_can_pass_on",
    "check_course_terms",
    "check_has_not_started",
    "check_has_room",
    "check_has_started",
    "check_is_open",
    "check_manager",
    "check_may_act_for",
    "check_may_act_on",
    "check_may_answer",
    "check_may_be_substituted",
    "check_may_cancel_as",
    "check_may_cancel_oneself",
    "check_may_hold",
    "check_may_move_now",
    "check_may_move_unasked",
    "check_may_name",
    "check_may_see_needs",
    "check_may_set_aside",
    "check_may_take_over",
    "check_settings",
    "check_takes_bookings",
    "check_terms",
    "grants_to_lead_training_of",
    "is_invited",
    "last_day_to_hold",
    "leads_training_of",
    "may_act_for_others",
    "needs_approval",
    "refusal_to_book",
]
