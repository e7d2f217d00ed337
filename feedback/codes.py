"""The code a QR picture leads to: 60 random bits in Crockford's base 32, read leniently, drawn in capitals.

Capitals, figures and ``:/.`` fit the QR standard's dense mode, so the picture has fewer and larger squares. The address works in
both cases, so the whole of it may be written in capitals.
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
    """The code somebody typed from a poster: any case, with or without hyphens, O for 0, I and L for 1."""
    return typed.upper().translate(MISREAD)


def short_address(code: str) -> str:
    """What stands beside the picture for whoever can't scan it: learning.example/e/7K3Q-D9XM-2PTV."""
    site = settings.SITE_URL.split("://", 1)[-1]
    grouped = "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))
    return f"{site}{reverse('evaluation', args=[grouped]).rstrip('/')}"


def picture_text(code: str) -> str:
    """What the QR picture holds. A site under a path keeps its case: only our own part of the address is known to ignore it."""
    address = f"{settings.SITE_URL}{reverse('evaluation', args=[code])}"
    return address if urlsplit(settings.SITE_URL).path else address.upper()
