from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.tools.smtp_sink import SmtpSink, smtp_sink


@pytest.fixture
def sink(settings: Settings) -> Iterator[SmtpSink]:
    """A real mail server that the product sends to."""
    with smtp_sink() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.SITE_URL = "https://learning.riverside.example"
        settings.DEFAULT_FROM_EMAIL = "Turnout <learning@riverside.example>"
        yield running
