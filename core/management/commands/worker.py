"""Does what is due: sends messages, promotes from waiting lists, runs imports."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.worker import Worker

PAGES_COME_FIRST = 10  # of Unix's niceness: when both want the processor, whoever waits for a page gets most of it
OWN_SESSION = Path("/proc/self/autogroup")


def give_way() -> None:
    """Let pages have the processor first.

    Linux may share it out between sessions before it looks at niceness, which then counts inside a session alone
    (sched(7), autogroups). A worker that leads a session of its own, as the one that ``manage.py start`` starts, gives way as
    a session too.
    """
    os.nice(PAGES_COME_FIRST)
    if os.getsid(0) == os.getpid() and OWN_SESSION.exists():
        with suppress(OSError):  # a container may not let it be written: the niceness is all then
            OWN_SESSION.write_text(str(PAGES_COME_FIRST))


class Command(BaseCommand):
    help = "Do what is due, every few seconds or every minute, until stopped (Ctrl-C or SIGTERM). Any number of workers may run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="go round once and end")
        parser.add_argument("--every", type=float, default=2, metavar="SECONDS", help="the pause between rounds (2)")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(every=options["every"])
        if options["once"]:
            worker.go_round()
            return
        give_way()
        worker.stop_on_signals()
        worker.run()
