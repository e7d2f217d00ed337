"""How we write dates, times and numbers in English, on pages and in mails alike."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from core.clock import LONDON


def _local(value: date | datetime) -> date:
    return value.astimezone(LONDON) if isinstance(value, datetime) else value


def day(value: date | datetime) -> str:
    """Tuesday 12 January 2027."""
    local = _local(value)
    return f"{local:%A} {local.day} {local:%B %Y}"


def short_day(value: date | datetime) -> str:
    """12 Jan 2027."""
    local = _local(value)
    return f"{local.day} {local:%b %Y}"


def clock(value: datetime) -> str:
    """9.30am, 4pm, midday or midnight, London time."""
    local = value.astimezone(LONDON)
    if (local.hour, local.minute) == (12, 0):
        return "midday"
    if (local.hour, local.minute) == (0, 0):
        return "midnight"
    hour = local.hour % 12 or 12
    minutes = f".{local.minute:02d}" if local.minute else ""
    return f"{hour}{minutes}{'am' if local.hour < 12 else 'pm'}"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """Tuesday 12 January 2027, 9.30am to 4pm."""
    if _local(starts_at).strftime("%Y%m%d") == _local(ends_at).strftime("%Y%m%d"):
        return f"{day(starts_at)}, {clock(starts_at)} to {clock(ends_at)}"
    return f"{day(starts_at)}, {clock(starts_at)} to {day(ends_at)}, {clock(ends_at)}"


def count(number: int, one: str, many: str | None = None) -> str:
    """1 place, 2 places, 1,204 places."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def every(months: int) -> str:
    """every month, every 18 months, every year, every 3 years."""
    number, unit = (months // 12, "year") if months % 12 == 0 else (months, "month")
    return f"every {unit}" if number == 1 else f"every {count(number, unit)}"


def lasting(length: timedelta) -> str:
    """12 seconds, 5 minutes, 3 hours, 2 days: in its largest whole unit."""
    seconds = max(0, int(length.total_seconds()))
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return count(seconds // size, unit)
    return count(seconds, "second")


def pounds(amount: Decimal) -> str:
    """£75, £37.50, £1,204; a credit is -£75."""
    pence = f"{abs(amount):,.2f}"
    return f"{'-' if amount < 0 else ''}£{pence.removesuffix('.00')}"
