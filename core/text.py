"""Text that people typed, made safe for a header, a file or a page."""

from __future__ import annotations

import re
from html import escape

from django.utils.safestring import SafeString, mark_safe

LINE_BREAKS = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
# Control characters (PostgreSQL refuses NUL), halves of characters, and marks that turn the direction of a text for the eye.
HIDDEN = r"\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069"
IS_HIDDEN = re.compile(f"[{HIDDEN}]")
IS_HIDDEN_IN_A_TEXT = re.compile(rf"(?![\n\t])[{HIDDEN}]")
ADDRESSES = re.compile(r"https?://[^\s<>\"']+")
NO_ATTRIBUTES = SafeString()
AFTER_ADDRESS = ".,;:!?)]}"  # ends a sentence, not the address in it


def many_lines(text: str) -> str:
    """The text with plain line breaks and tabs, and without control characters."""
    return IS_HIDDEN_IN_A_TEXT.sub("", LINE_BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """The text on one line, without control characters: what may stand in a header, a calendar property or a file name."""
    return " ".join(IS_HIDDEN.sub(" ", LINE_BREAKS.sub(" ", text)).split())


def linked(text: str, *, attributes: SafeString = NO_ATTRIBUTES) -> SafeString:
    """The text escaped for HTML, with its http and https addresses made into links. ``attributes`` go into each link."""
    parts, end = [], 0
    for found in ADDRESSES.finditer(text):
        address = found.group().rstrip(AFTER_ADDRESS)
        parts += [escape(text[end : found.start()]), f'<a{attributes} href="{escape(address)}">{escape(address)}</a>']
        end = found.start() + len(address)
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308 - every part is escaped above
