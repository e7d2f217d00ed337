"""The product for servers whose processes are killed: everything is loaded before they fork, so that a new one is there at once.

With DYING=0.2 one request in five that changes something kills its own process: half of them in the middle of their transaction,
half after its commit and before anybody has heard. Whatever the other threads of the process were doing dies wherever it was.
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

from django.urls import get_resolver

from config.wsgi import application
from core.api import answers
from core.idempotency import Answer, Work

__all__ = ["application"]

SHARE = float(os.environ.get("DYING", "0"))
real_once = answers.once


def die(point: str) -> None:
    with Path(os.environ["VAR_DIR"], "died").open("a") as died:
        died.write(f"{point}\n")
    os.kill(os.getpid(), signal.SIGKILL)


def once_or_never(*, work: Work, **asked: Any) -> Answer:
    lot = random.random()

    def work_or_die() -> Answer:
        answer = work()
        if lot < SHARE / 2:
            die("before the commit")
        return answer

    answer = real_once(work=work_or_die, **asked)
    if not answer.is_repeated and lot >= 1 - SHARE / 2:
        die("after the commit")
    return answer


if SHARE:
    answers.once = once_or_never
assert get_resolver().url_patterns  # what a first request would load
