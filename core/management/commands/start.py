"""Prepares the database, then runs the site and the worker together until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

WORKER_COMMAND = [sys.executable, "manage.py", "worker"]


def server_command(port: int | str) -> list[str]:
    """The web server as it runs in production; benchmarks measure this one."""
    return [sys.executable, "-m", "gunicorn", "-c", "config/web_server.py", "--bind", f"127.0.0.1:{port}", "config.wsgi"]


def check_is_free(port: int) -> None:
    """Raises CommandError, naming what to do, where something listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(f"Port {port} is in use already. Choose another: PORT={port + 1} script/server") from error


class Command(BaseCommand):
    help = "Migrate, load the demonstration when the database is empty, and run the site and the worker. Ctrl-C stops both."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--empty", action="store_true", help="leave an empty database empty, also in the demonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        port = os.environ.get("PORT", "8000")
        check_is_free(int(port))
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        if settings.STATIC_COLLECTED:
            call_command("collectstatic", verbosity=0, interactive=False)
        if settings.DEMO and not options["empty"] and "load_demo" in get_commands():
            call_command("load_demo", stdout=self.stdout)
        connections.close_all()
        self.stdout.write(f"Turnout runs on {settings.SITE_URL} · Ctrl-C stops it.")
        self.stdout.flush()
        self.run_together(server_command(port), WORKER_COMMAND)

    def run_together(self, *commands: list[str]) -> None:
        """Run the commands until one ends or a signal comes, then stop the others. Exits with the first one's status.

        Each has a session of its own, so that Ctrl-C reaches only us and each is asked to stop once.
        """
        running = [
            subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603 - our own commands
            for command in commands
        ]

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
