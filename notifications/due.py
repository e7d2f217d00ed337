"""What the worker does for the outbox at each tick."""

from __future__ import annotations

from datetime import datetime, timedelta

from notifications.delivery import Delivery

SECONDS_AT_A_TIME = timedelta(seconds=20)


def send_waiting_messages(at: datetime) -> int:
    """Send what is due, batch after batch, until nothing is left or the other due work should have its turn.

    Returns how many messages were tried. Raises RuntimeError inside a transaction.
    """
    delivery = Delivery(at)
    tried = 0
    while delivery.now() < at + SECONDS_AT_A_TIME:
        batch = delivery.send_batch()
        if not batch:
            break
        tried += batch
    return tried
