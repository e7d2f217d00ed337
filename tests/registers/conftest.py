from __future__ import annotations

from datetime import UTC, datetime

import pytest


@pytest.fixture
def morning() -> datetime:
    """Tuesday 26 January 2027, 9.40am in London: ten minutes into the first session of the factories' event."""
    return datetime(2027, 1, 26, 9, 40, tzinfo=UTC)
