"""Does what is due: sends messages, promotes from waiting lists, runs imports."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.worker import Worker

PAGES_COME_FIRST = 10  # of Unix's niceness: when both want the processor, whoever waits for a page gets most of it


class Command(BaseCommand):
    help = "Do what is due, every few seconds, until stopped (Ctrl-C or SIGTERM). Any number of workers may run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="go round once and end")
        parser.add_argument("--every", type=float, default=2, metavar="SECONDS", help="the pause between rounds (2)")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(every=options["every"])
        if options["once"]:
            worker.go_round()
            return
        os.nice(PAGES_COME_FIRST)
        worker.stop_on_signals()
        worker.run()
