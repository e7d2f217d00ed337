"""Text that people typed, made safe for a header, a file or a page."""

from __future__ import annotations

import re
import unicodedata

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LINE_BREAKS = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they can turn a text round for the eye
ADDRESSES = re.compile(r"https?://[^\s<>\"']+")
NO_ATTRIBUTES = SafeString()
AFTER_ADDRESS = ".,;:!?)]}"  # ends a sentence, not the address in it


def _is_hidden(character: str) -> bool:
    """Control characters (NUL among them, which PostgreSQL refuses), halves of characters, and marks that turn the direction."""
    return unicodedata.category(character) in ("Cc", "Cs") or character in DIRECTION_MARKS


def many_lines(text: str) -> str:
    """The text with plain line breaks and tabs, and without control characters."""
    lines = LINE_BREAKS.sub("\n", text)
    return "".join(c for c in lines if c in "\n\t" or not _is_hidden(c))


def one_line(text: str) -> str:
    """The text on one line, without control characters: what may stand in a header, a calendar property or a file name."""
    return " ".join("".join(" " if _is_hidden(c) else c for c in LINE_BREAKS.sub(" ", text)).split())


def linked(text: str, *, attributes: SafeString = NO_ATTRIBUTES) -> SafeString:
    """The text escaped for HTML, with its http and https addresses made into links. ``attributes`` go into each link."""
    parts, end = [], 0
    for found in ADDRESSES.finditer(text):
        address = found.group().rstrip(AFTER_ADDRESS)
        parts += [escape(text[end : found.start()]), f'<a{attributes} href="{escape(address)}">{escape(address)}</a>']
        end = found.start() + len(address)
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 - every part is escaped above
