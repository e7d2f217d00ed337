"""Codes that are printed: 60 random bits in Crockford's base 32, read leniently, drawn in capitals.

Capitals, figures and ``:/.`` fit the QR standard's dense mode, so the picture has fewer and larger squares. The address of a code
works in both cases (its room gives it twice), so the whole of it may be written in capitals. ``address`` is that address's name.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(typed: str) -> str:
    """The code somebody typed from paper: any case, with or without hyphens, O for 0, I and L for 1."""
    return typed.upper().translate(MISREAD)


def can_be_a_code(text: str) -> bool:
    """Whether what was read is a code at all, whether there is one of it or not."""
    return len(text) == LENGTH and set(text) <= set(ALPHABET)


def in_groups(code: str) -> str:
    """As people read and type it: 7K3Q-D9XM-2PTV."""
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))


def short_address(address: str, code: str) -> str:
    """What stands beside the picture for whoever can't scan it: learning.example/e/7K3Q-D9XM-2PTV."""
    site = settings.SITE_URL.split("://", 1)[-1]
    return f"{site}{reverse(address, args=[in_groups(code)]).rstrip('/')}"


def picture_text(address: str, code: str) -> str:
    """What the QR picture holds. A site under a path keeps its case: only our own part of the address is known to ignore it."""
    whole = f"{settings.SITE_URL}{reverse(address, args=[code])}"
    return whole if urlsplit(settings.SITE_URL).path else whole.upper()
