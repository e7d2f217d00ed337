"""What we log names no secret address: whoever reads a log could open what it leads to."""

from __future__ import annotations

import logging
import re

SECRET = re.compile(r"(/(?:approve|hearing|calendar|follow-up|[eE]|[cC])/)[^\s'\"?#]+")


def without_secrets(text: str) -> str:
    """The text with what follows the first word of such an address left out."""
    return SECRET.sub(r"\1…", text)


class WithoutSecrets(logging.Filter):
    """Goes on a handler. Rewrites each record it lets through, its traceback too."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_secrets(record.getMessage()), None
        if record.exc_info:
            record.exc_text = without_secrets(record.exc_text or logging.Formatter().formatException(record.exc_info))
        return True
