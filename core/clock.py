"""The clock, read once at the edge, and the two calendars it is turned into."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """This moment. Only views, commands and the worker call it; everything below them takes ``at=``."""
    return timezone.now()


def london_date(instant: datetime) -> date:
    """The day it is in London at that instant."""
    return instant.astimezone(LONDON).date()


def london_instant(wall: datetime) -> datetime:
    """The UTC instant of a London wall-clock time without a zone.

    In October an hour stands twice: the first is meant. In March an hour does not exist: raises ValueError, naming the time.
    """
    instant = wall.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    if instant.astimezone(LONDON).replace(tzinfo=None) != wall:
        raise ValueError(f"{wall:%d/%m/%Y %H:%M} does not exist in London: the clocks go forward over it")
    return instant
