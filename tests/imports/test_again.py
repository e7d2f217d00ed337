"""Importing again, in another order, with bad rows, in a dry run, and killed half-way."""

from __future__ import annotations

import csv
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from bookings.models import Booking
from elearning.models import Attempt
from feedback.models import Response
from imports.models import Batch, BatchState, RefusedLine
from notifications.models import Message
from people.models import Person
from podcasts.models import ListenCount
from registers.models import Attendance
from tests.imports import exports
from tests.imports.exports import booking, small_export, spoilt
from tests.legacy import IMPORTED_AT, RIVERSIDE, import_folder

pytestmark = pytest.mark.django_db
ROOMS = ("people", "courses", "events", "bookings", "registers", "feedback", "elearning", "records", "podcasts", "notifications")


def rows_of_every_table() -> Counter[str]:
    return Counter(
        {model._meta.label: model._base_manager.count() for room in ROOMS for model in apps.get_app_config(room).get_models()}
    )


def test_a_dry_run_says_what_it_would_do_and_writes_nothing_but_its_report(tmp_path: Path) -> None:
    folder = exports.write(tmp_path, spoilt("bookings.csv", 3, Event_ref="E9"))
    batch = import_folder(folder, is_dry_run=True)
    assert batch.state == BatchState.CHECKED
    assert rows_of_every_table().total() == 0
    assert (Batch.objects.count(), RefusedLine.objects.count()) == (1, 1)
    assert batch.counts == import_folder(folder).counts


def test_lines_in_another_order_change_nothing(tmp_path: Path) -> None:
    rows = small_export()
    rows["evaluations.csv"] *= 3
    rows["listens.csv"] *= 2
    rows["bookings.csv"].append(booking("B1", "ann@oak.example", "Attended"))
    import_folder(exports.write(tmp_path / "first", rows))
    before = rows_of_every_table()
    assert (Response.objects.count(), ListenCount.objects.get().count) == (3, 6)
    for lines in rows.values():
        random.Random(7).shuffle(lines)
    batch = import_folder(exports.write(tmp_path / "second", rows))
    assert {name: counts["new"] for name, counts in batch.counts.items() if counts["new"]} == {}
    assert rows_of_every_table() == before
    assert ListenCount.objects.get().count == 6


def test_only_what_a_later_export_adds_is_new(tmp_path: Path) -> None:
    rows = small_export()
    import_folder(exports.write(tmp_path / "first", rows))
    rows["bookings.csv"].append(booking("B5", "fay@oak.example", "Attended"))
    rows["evaluations.csv"].append(dict(rows["evaluations.csv"][0]))
    rows["elearning.csv"].append(rows["elearning.csv"][0] | {"Started": "02/11/2026 10:00", "Completed": ""})
    batch = import_folder(exports.write(tmp_path / "second", rows))
    assert {name: counts["new"] for name, counts in batch.counts.items() if counts["new"]} == {
        "bookings.csv": 1,
        "evaluations.csv": 1,
        "elearning.csv": 1,
    }
    assert (Attendance.objects.count(), Response.objects.count(), Attempt.objects.count()) == (3, 2, 2)


def test_a_name_somebody_corrected_here_stays_when_the_file_comes_again(tmp_path: Path) -> None:
    folder = exports.write(tmp_path, small_export())
    import_folder(folder)
    Person.objects.filter(forename="Ann").update(surname="Okafor-Reed")
    import_folder(folder)
    assert Person.objects.get(forename="Ann").surname == "Okafor-Reed"


@pytest.mark.both_databases
def test_one_line_in_ten_spoilt_leaves_the_other_nine(tmp_path: Path) -> None:
    """Every tenth booking names an event that is not there; put right and sent again, everything is as if it had been right."""
    folder = tmp_path / "riverside"
    shutil.copytree(RIVERSIDE, folder)
    good = (folder / "bookings.csv").read_text(encoding="utf-8-sig")
    lines = list(csv.reader(good.splitlines()))
    for line in lines[10::10]:
        line[1] = "E99999"
    with (folder / "bookings.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows(lines)
    spoilt_lines = len(lines[10::10])
    first = import_folder(folder)
    bad = first.refused_lines.filter(file="bookings.csv", column="Event ref")
    assert bad.count() + first.counts["bookings.csv"]["duplicates"] >= spoilt_lines - 1
    assert set(bad.values_list("reason", flat=True)) == {"there is no event E99999 in events.csv"}
    (folder / "bookings.csv").write_text(good, encoding="utf-8-sig")
    import_folder(folder, at=IMPORTED_AT + timedelta(days=1))
    assert (Booking.objects.count(), Attendance.objects.count(), Person.objects.count()) == (8640, 8294, 1858)
    assert Message.objects.count() == 0


def test_the_command_ends_with_the_status_of_its_run(tmp_path: Path) -> None:
    good, bad, none = tmp_path / "good", tmp_path / "bad", tmp_path / "none"
    exports.write(bad, spoilt("bookings.csv", 3, Event_ref="E9"))
    exports.write(good, small_export())
    none.mkdir()
    with pytest.raises(SystemExit) as some_refused:
        call_command("import_legacy", str(bad))
    with pytest.raises(SystemExit) as nothing_written:
        call_command("import_legacy", str(none))
    call_command("import_legacy", str(good))
    assert (some_refused.value.code, nothing_written.value.code) == (1, 2)


def test_an_import_killed_while_it_writes_has_written_nothing(tmp_path: Path, django_db_setup: None) -> None:
    """Killed once rows of the import lie in the write-ahead log; started again, it gives what it would have given."""
    environment = os.environ | {"VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}
    manage = [sys.executable, "manage.py"]
    if "MIGRATED_SQLITE" in os.environ:
        shutil.copy(os.environ["MIGRATED_SQLITE"], tmp_path / "db.sqlite3")
    subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True)
    log = tmp_path / "db.sqlite3-wal"
    process = subprocess.Popen([*manage, "import_legacy", str(RIVERSIDE)], env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None and not (log.exists() and log.stat().st_size > 1_000_000):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL

    def counted(table: str) -> int:
        with sqlite3.connect(tmp_path / "db.sqlite3") as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - names of ours

    tables = ("people_person", "people_organisation", "bookings_booking", "imports_sourcekey", "core_auditentry")
    assert [counted(table) for table in tables] == [0] * len(tables)
    again = subprocess.run([*manage, "import_legacy", str(RIVERSIDE)], env=environment, capture_output=True, check=False)
    assert (again.returncode, counted("bookings_booking"), counted("people_person")) == (0, 8640, 1858)
