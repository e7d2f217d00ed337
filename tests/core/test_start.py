from __future__ import annotations

import socket

import pytest
from django.core.management import CommandError

from core.management.commands.start import check_is_free


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"PORT={port + 1} script/server"):
            check_is_free(port)
    check_is_free(port)
