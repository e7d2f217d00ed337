"""Template filters that every page uses: how we write dates, times and numbers."""

from __future__ import annotations

from datetime import date, datetime

from django import template

from core import wording

register = template.Library()


@register.filter
def day(value: date | datetime | None) -> str:
    """Tuesday 12 January 2027."""
    return wording.day(value) if value else ""


@register.filter
def short_day(value: date | datetime | None) -> str:
    """12 Jan 2027."""
    return wording.short_day(value) if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """9.30am, midday, London time."""
    return wording.clock(value) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """12 Jan 2027, 9.30am."""
    return f"{wording.short_day(value)}, {wording.clock(value)}" if value else ""
