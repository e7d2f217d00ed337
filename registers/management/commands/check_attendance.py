"""Recompute attendance from the marks and name each stored row, credit and certificate that differs. Writes nothing."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from events.models import Event
from records.models import Certificate, Credit, SourceKind
from registers.models import Attendance, Register
from registers.queries import attendance_differences, certificate_differences, credit_differences


class Command(BaseCommand):
    help = "Recomputes attendance from the marks and names what is stored and differs. Exit code 1 where anything does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--event", type=uuid.UUID, help="only this event")

    def handle(self, *args: Any, **options: Any) -> None:
        credited = Credit.objects.filter(source_kind=SourceKind.ATTENDANCE).values("source_uuid")
        events = Event.objects.select_related("course").filter(
            Q(pk__in=Register.objects.values("session__event"))
            | Q(pk__in=Attendance.objects.values("event"))
            | Q(pk__in=credited)
            | Q(pk__in=Certificate.objects.values("source_uuid"))
        )
        if options["event"]:
            events = events.filter(pk=options["event"])
            if not events:
                raise CommandError("No event of that id has a register.", returncode=2)
        checked = differences = 0
        for event in events.iterator(chunk_size=100):
            checked += 1
            for difference in [*attendance_differences(event), *credit_differences(event), *certificate_differences(event)]:
                differences += 1
                self.stdout.write(f"event {event.pk} {difference}")
        self.stdout.write(f"{checked} events checked, {differences} differences")
        if differences:
            raise CommandError("Attendance is not what the marks say.", returncode=1)
