"""manage.py import_legacy FOLDER [--dry-run]: bring over the export of an older booking system."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from imports.models import BatchState
from imports.operations import run_batch, start_batch
from imports.report import text_report
from people.models import Partnership

SOME_REFUSED, NOTHING_WRITTEN = 1, 2


class Command(BaseCommand):
    help = (
        "Bring over the export of an older booking system: nine CSV files in one folder. Ends with 0 when every line was taken, "
        "with 1 when some were refused, with 2 when nothing was written. The same files again change nothing; nobody is sent "
        "anything."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check every line, write nothing but the report")
        parser.add_argument("--partnership", help="short name of the partnership whose export it is; the default one if left out")

    def handle(self, *args: Any, folder: Path, dry_run: bool, partnership: str | None, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.", returncode=NOTHING_WRITTEN)
        at = now()
        batch = start_batch(
            partnership=self._partnership(partnership),
            folder=folder.resolve(),
            is_dry_run=dry_run,
            by=None,
            at=at,
            state=BatchState.RUNNING,
        )
        batch = run_batch(batch=batch, at=at)
        for line in text_report(batch):
            self.stdout.write(line)
        if batch.state == BatchState.FAILED:
            sys.exit(NOTHING_WRITTEN)
        if batch.refused:
            sys.exit(SOME_REFUSED)

    def _partnership(self, short_name: str | None) -> Partnership | None:
        if short_name is None:
            return Partnership.objects.order_by("-is_default", "name").first()
        found = Partnership.objects.filter(short_name__iexact=short_name).first()
        if found is None:
            raise CommandError(f"There is no partnership {short_name}.", returncode=NOTHING_WRITTEN)
        return found
