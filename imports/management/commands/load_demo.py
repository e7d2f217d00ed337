"""manage.py load_demo: the demonstration partnership, with a programme ahead and people to sign in as."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.clock import now
from demo.load import load
from demo.people import who_can_sign_in


class Command(BaseCommand):
    help = "Load the demonstration: Riverside's export when the database is empty, then people and a programme ahead."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Set DEMO=1: made-up people do not belong into a partnership's own database.")
        for line in load(at=now()):
            self.stdout.write(line)
        people = who_can_sign_in()
        if people:
            self.stdout.write(f"Sign in at {settings.SITE_URL}/sign-in/ with one of these; the code arrives at /mailbox/:")
        for address, name, what in people:
            self.stdout.write(f"  {address:<34} {name}: {what}")
