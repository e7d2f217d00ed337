"""Whether the vendored files are the ones that were written down."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

FOLDERS = ("static/vendor", "tests/vendor")


def faults(folder: Path) -> list[str]:
    """What differs between the files of the folder and its VENDORED.toml: changed, missing, or in no list."""
    packages = tomllib.loads((folder / "VENDORED.toml").read_text(encoding="utf-8"))
    found = []
    listed = {folder / "VENDORED.toml"}
    for name, package in packages.items():
        for file, expected in package["sha256"].items():
            path = folder / name / package["version"] / file
            listed.add(path)
            if not path.is_file():
                found.append(f"{path} is missing")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
                found.append(f"{path} has changed")
    found += [f"{path} is in no list" for path in sorted(folder.rglob("*")) if path.is_file() and path not in listed]
    return found


class Command(BaseCommand):
    help = "Compare the vendored files with the sums in VENDORED.toml."

    def handle(self, *args: Any, **options: Any) -> None:
        found = [fault for folder in FOLDERS for fault in faults(settings.BASE_DIR / folder)]
        if found:
            raise CommandError("\n".join(found) + "\nscript/vendor makes them again.")
        self.stdout.write("The vendored files are as written down.")
