"""The product's addresses, with booking as it would be without its guard.

A race that is only seldom lost proves nothing, so the moment between counting the places and writing the booking is drawn out.
"""

import time
from typing import Any

from benchmarks.bookings_race import take_the_guard_off
from bookings.operations import lock
from config.urls import urlpatterns

__all__ = ["urlpatterns"]

count = lock.count_bookings


def count_and_dawdle(*asked: Any) -> Any:
    counts = count(*asked)
    time.sleep(0.02)
    return counts


lock.count_bookings = count_and_dawdle
take_the_guard_off()
