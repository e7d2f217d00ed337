"""What booking costs. Policies are plain values here (policy.py), their deadlines (notice.py) and amounts (amounts.py) are pure;
reading.py fetches what counts for an event, a person or a booking."""

from bookings.charging.amounts import (
    Cancelling,
    Cost,
    Occasion,
    Tier,
    arriving_unbooked,
    attending,
    cancelling,
    late_tiers,
    not_coming,
)
from bookings.charging.checks import check_policy
from bookings.charging.notice import notice_deadline, notice_given, until
from bookings.charging.policy import COMMONEST, Policy, RateLine, flat

__all__ = [
    "COMMONEST",
    "Cancelling",
    "Cost",
    "Occasion",
    "Policy",
    "RateLine",
    "Tier",
    "arriving_unbooked",
    "attending",
    "cancelling",
    "check_policy",
    "flat",
    "late_tiers",
    "not_coming",
    "notice_deadline",
    "notice_given",
    "until",
]
