"""What the worker does for core when the clock says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.models import IdempotencyKey

ANSWERS_KEPT_FOR = timedelta(hours=48)


def forget_old_answers(at: datetime) -> int:
    """A request that comes again after two days is a new one. Returns how many answers were deleted."""
    return IdempotencyKey.objects.filter(made_at__lte=at - ANSWERS_KEPT_FOR).delete()[0]
