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


class InFlight(Refused):
    """The same request is being done at this moment. Asking again in a second gives its answer."""

    def __init__(self) -> None:
        super().__init__(
            "A request with this Idempotency-Key is being done at this moment. Send it again in a second to get its answer.",
            code="in_flight",
        )


class KeyReused(Refused):
    """The key belongs to another request."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for a request with another body. Use a new key for each thing you want done.",
            code="key_reused",
        )
