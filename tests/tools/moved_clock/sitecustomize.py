"""Python loads this first where its folder stands in PYTHONPATH: Django's clock then runs ahead by what a file says.

The product asks Django for the time in one place (core.clock.now), so that its whole day moves with it. And its worker does not
give way: beside a test run that fills every core it would hardly get to work, and a page would wait for a letter in vain.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

real_now = timezone.now
OFFSET = Path(os.environ["MOVED_CLOCK"])


def moved_now() -> datetime:
    return real_now() + timedelta(seconds=float(OFFSET.read_text()))


timezone.now = moved_now
os.getsid = lambda pid: -1  # nobody's session is its own: none gives way as one
os.nice = lambda by: 0
