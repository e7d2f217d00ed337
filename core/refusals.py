"""When the answer is no, and a person will read why."""

from __future__ import annotations


class Refused(Exception):
    """A rule says no. ``str(refusal)`` is a sentence for the person: what is the matter and what to do.

    ``code`` names the rule for the API and for tests; ``field`` names the form field it belongs to, if one does.
    """

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
