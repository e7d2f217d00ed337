"""What every test stands on: no network, a clock to ask, and which database it runs on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection

MONDAY_MORNING = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)


@pytest.fixture
def at() -> datetime:
    """Monday 11 January 2027, 9am in London: the moment tests happen at unless they say otherwise."""
    return MONDAY_MORNING


@pytest.fixture(autouse=True, scope="session")
def only_this_machine() -> Iterator[None]:
    """Nothing in a test reaches another machine."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            if host not in ("127.0.0.1", "::1", "localhost"):
                raise RuntimeError(f"a test tried to reach {host}")
        real_connect(self, address)  # type: ignore[arg-type]

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real_connect  # type: ignore[method-assign]


@pytest.fixture
def is_sqlite() -> bool:
    return connection.vendor == "sqlite"
