"""Template filters that every page uses: how we write dates, times and numbers."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from core import text, wording

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


@register.filter
def every_months(value: int) -> str:
    """36 → every 3 years."""
    return wording.every(value)


@register.filter
def pounds(value: Decimal | None) -> str:
    """£75, £37.50, -£75 for a credit."""
    return "" if value is None else wording.pounds(value)


@register.filter
def linked(value: str) -> SafeString:
    """Text that was sent, escaped, with its web addresses as links: {{ text|linked|linebreaks }}."""
    return text.linked(value, attributes=SafeString(' class="govuk-link govuk-!-text-break-word"'))


@register.filter
def humanise(value: str) -> str:
    """not_placed → Not placed."""
    return str(value).replace("_", " ").capitalize()


@register.filter(is_safe=True)
def webcal(value: str) -> str:
    """The same address under the scheme that calendar programs listen to."""
    return re.sub(r"^https?://", "webcal://", value)
