"""What the office's menu needs to know of booking."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from bookings.charging.reading import shows_charges


def charging(request: HttpRequest) -> dict[str, Any]:
    """``shows_charges``: whether anything about money shows in the partnership at hand. Asked only where a page does."""
    partnership: Any = getattr(request, "partnership", None)
    return {"shows_charges": SimpleLazyObject(lambda: bool(partnership) and shows_charges(partnership))}
