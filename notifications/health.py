"""What /readyz asks of the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.health import Check, longest_wait
from notifications.queries import outbox


def oldest_message(*, at: datetime) -> Check:
    """Bad when a message that should have left is too old. Messages that only their recipient's server puts off don't count."""
    state = outbox(at=at)
    age = state.age_of_oldest(at) or timedelta()
    return Check(age <= longest_wait(), {"seconds_late": int(age.total_seconds()), "waiting": state.due})
