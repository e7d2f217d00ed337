"""Who guesses codes and secret addresses.

A whole hall shares one address on the venue's network and sends within two minutes, and a calendar service fetches for thousands,
so an address is never limited while what it asks for is right. Guessing is what stands out: an address with many wrong ones in a
minute waits for the next one.
"""

from __future__ import annotations

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

WRONG_A_MINUTE = 60


def _key(request: HttpRequest, what: str) -> str:
    """The address under a keyed hash. It is read as sign-in reads it, so one setting of trusted proxies serves both."""
    try:
        address = get_adapter().get_client_ip(request)
    except PermissionDenied:
        address = "unknown"
    return f"wrong-{what}-{salted_hmac('core.guessing', address, algorithm='sha256').hexdigest()[:32]}"


def _count(key: str, at: datetime) -> int:
    minute, wrong = cache.get(key, (0, 0))
    return wrong if minute == int(at.timestamp() // 60) else 0


def note_wrong(request: HttpRequest, what: str, at: datetime) -> None:
    """``what`` names the kind of code. Counted loosely: of two at the very same moment one may be missed."""
    key = _key(request, what)
    cache.set(key, (int(at.timestamp() // 60), _count(key, at) + 1), timeout=120)


def guesses_too_much(request: HttpRequest, what: str, at: datetime) -> bool:
    return _count(_key(request, what), at) >= WRONG_A_MINUTE
