"""Prepares the database, then runs the site and the worker together until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections


class Command(BaseCommand):
    help = "Migrate, load the demonstration when the database is empty, and run the site and the worker. Ctrl-C stops both."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--empty", action="store_true", help="leave an empty database empty, also in the demonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        if settings.STATIC_COLLECTED:
            call_command("collectstatic", verbosity=0, interactive=False)
        if settings.DEMO and not options["empty"] and "load_demo" in get_commands():
            call_command("load_demo", stdout=self.stdout)
        connections.close_all()
        port = os.environ.get("PORT", "8000")
        self.stdout.write(f"Turnout runs on {settings.SITE_URL} · Ctrl-C stops it.")
        self.stdout.flush()
        server = f"gunicorn config.wsgi --bind 127.0.0.1:{port} --workers 2 --threads 4 --worker-class gthread"
        self.run_together(
            [sys.executable, "-m", *server.split(), "--log-level", "warning", "--graceful-timeout", "10"],
            [sys.executable, "manage.py", "worker"],
        )

    def run_together(self, *commands: list[str]) -> None:
        """Run the commands until one ends or a signal comes, then stop the others. Exits with the first one's status."""
        running = [subprocess.Popen(command, cwd=settings.BASE_DIR) for command in commands]  # noqa: S603 - our own commands

        def stop(*_: Any) -> None:
            for process in running:
                process.terminate()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        pid, status = os.wait()
        stop()
        for process in running:
            if process.pid != pid:
                process.wait()
        sys.exit(os.waitstatus_to_exitcode(status))
