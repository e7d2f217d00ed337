"""No log of ours holds an address that opens something."""

from __future__ import annotations

import logging
from io import StringIO

import pytest
from django.conf import settings

from core.logs import WithoutSecrets


def logged(*filters: logging.Filter) -> str:
    """What a handler with these filters writes of a request that fails."""
    handler = logging.StreamHandler(StringIO())
    for one in filters:
        handler.addFilter(one)
    try:
        raise LookupError("/hearing/letmein/")
    except LookupError as error:
        failed = (LookupError, error, error.__traceback__)
        handler.handle(
            logging.LogRecord("django.request", logging.ERROR, "", 1, "Broken: %s", ("/approve/letmein/?a=b",), failed)
        )
    return handler.stream.getvalue()


def test_a_secret_address_ends_after_its_first_word_in_the_message_and_in_the_traceback() -> None:
    written = logged(WithoutSecrets())
    assert ("letmein" in written, "Broken: /approve/…?a=b\n" in written, "LookupError: /hearing/…\n" in written) == (
        False, True, True,
    )  # fmt: skip


def test_without_the_filter_the_log_would_hold_it() -> None:
    assert logged().count("letmein") == 3


@pytest.mark.parametrize("path", ["/approve/", "/hearing/", "/calendar/", "/follow-up/", "/e/", "/E/", "/c/", "/C/"])
def test_every_kind_of_secret_address_is_known(path: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "Not Found: %s", (f"{path}letmein.ics",), None)
    assert (WithoutSecrets().filter(record), record.getMessage()) == (True, f"Not Found: {path}…")


def test_an_ordinary_address_stays_as_it_is() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "Not Found: %s", ("/events/calendar.ics",), None)
    assert (WithoutSecrets().filter(record), record.getMessage()) == (True, "Not Found: /events/calendar.ics")


def test_what_production_logs_with_has_the_filter() -> None:
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["secrets"]
