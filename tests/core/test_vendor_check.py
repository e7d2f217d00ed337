from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings

from core.management.commands.vendor_check import faults


def test_the_vendored_files_are_the_ones_written_down() -> None:
    assert [faults(settings.BASE_DIR / folder) for folder in ("static/vendor", "tests/vendor")] == [[], []]


def test_a_changed_a_missing_and_a_strange_file_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "vendor"
    shutil.copytree(settings.BASE_DIR / "static" / "vendor", folder)
    files = folder / "govuk-frontend" / "6.6.0"
    (files / "govuk-frontend.min.css").write_text("")
    (files / "govuk-frontend.min.js").unlink()
    (files / "more.js").write_text("")
    assert [fault.removeprefix(f"{files}/") for fault in faults(folder)] == [
        "govuk-frontend.min.css has changed",
        "govuk-frontend.min.js is missing",
        "more.js is in no list",
    ]


def test_no_brand_of_the_government_is_served() -> None:
    sheet = (settings.BASE_DIR / "static/vendor/govuk-frontend/6.6.0/govuk-frontend.min.css").read_text()
    assert [sheet.count(word) for word in ("GDS Transport", "@font-face", "crest", "crown", "sourceMappingURL")] == [0] * 5
