"""Links by which somebody acts without a sign-in, because a mail brought them.

Nothing of them is stored: a message holds a placeholder with the purpose and the value, the signature is made when the message is
sent and checked when the link comes back. The signature is an HMAC of 256 bits under SECRET_KEY, of one purpose only.
"""

from __future__ import annotations

import re

from django.core.signing import BadSignature, Signer

PLACEHOLDER = re.compile(r"\{signed:([a-z_.]+):([A-Za-z0-9_.\-]+)\}")


def placeholder(purpose: str, value: str) -> str:
    """What stands in a stored path. Raises ValueError for a purpose or value that no placeholder can hold."""
    text = f"{{signed:{purpose}:{value}}}"
    if not PLACEHOLDER.fullmatch(text):
        raise ValueError("a personal link's purpose and value are plain letters, digits, dots and dashes")
    return text


def fill(path: str) -> str:
    """The path as it is sent, each placeholder signed."""
    return PLACEHOLDER.sub(lambda found: _signer(found[1]).sign(found[2]), path)


def is_personal(path: str) -> bool:
    """Whether the path lets somebody act once it is filled, so that nobody else may see it."""
    return PLACEHOLDER.search(path) is not None


def read(purpose: str, token: str) -> str | None:
    """The value that was signed for this purpose; None for anything that we did not sign."""
    try:
        return str(_signer(purpose).unsign(token))
    except BadSignature:
        return None


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"personal link: {purpose}")
