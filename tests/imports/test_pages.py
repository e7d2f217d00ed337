"""An officer sends the files, the worker checks them, the officer has them brought over."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from core.models import AuditEntry
from imports import uploads
from imports.due import run_waiting_batches
from imports.models import Batch, BatchState
from imports.operations import start_batch
from people.models import Partnership, Person
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PartnershipFactory, officer, subgroup_member
from tests.imports import exports
from tests.imports.exports import Rows, as_csv, small_export, spoilt

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Path(settings.MEDIA_ROOT)


@pytest.fixture(autouse=True)
def now_is_at(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def partnership() -> Partnership:
    return PartnershipFactory()


@pytest.fixture
def olivia(partnership: Partnership, client: Client) -> Person:
    person = officer()
    client.force_login(person)
    return person


def sent(rows: Rows) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, as_csv(name, lines).encode()) for name, lines in rows.items()]


def send(client: Client, files: list[SimpleUploadedFile]) -> Any:
    return client.post(reverse("import_new"), {"exported": files})


def problem(response: Any) -> str:
    assert response.status_code == 200
    assert Batch.objects.count() == 0
    [error] = response.context["form"].errors["exported"]
    return str(error)


def test_files_are_checked_first_and_brought_over_when_asked(client: Client, olivia: Person, at: datetime, media: Path) -> None:
    response = send(client, sent(spoilt("bookings.csv", 3, Event_ref="E9")))
    checked = Batch.objects.get()
    assert response.headers["Location"] == reverse("import_batch", args=[checked.pk])
    waiting = client.get(response.headers["Location"])
    assert (waiting.status_code, waiting.headers["Refresh"]) == (200, "2")

    assert run_waiting_batches(at) == 1
    checked.refresh_from_db()
    assert (checked.state, Booking.objects.count()) == (BatchState.CHECKED, 0)
    report = client.get(reverse("import_batch", args=[checked.pk]))
    assert "There is no event E9 in events.csv" in report.content.decode()
    assert "Refresh" not in report.headers
    assert b"Bring it over" in report.content

    address = reverse("import_bring_over", args=[checked.pk])
    first, second = client.post(address), client.post(address)
    assert first.headers["Location"] == second.headers["Location"]
    done = Batch.objects.get(is_dry_run=False)
    assert run_waiting_batches(at) == 1
    done.refresh_from_db()
    assert (done.state, Booking.objects.count(), done.started_by) == (BatchState.DONE, 3, olivia)
    assert client.get(reverse("import_batch", args=[done.pk])).status_code == 200
    assert list((media / "imports").iterdir()) == []
    actions = AuditEntry.objects.filter(object_id=str(done.pk)).values_list("action", flat=True)
    assert {"import asked for", "import brought over", "import files deleted"} <= set(actions)


def test_files_that_hold_nothing_new_are_not_offered(client: Client, olivia: Person, at: datetime) -> None:
    send(client, sent(small_export()))
    run_waiting_batches(at)
    first = Batch.objects.get()
    assert b"Bring it over" in client.get(reverse("import_batch", args=[first.pk])).content
    client.post(reverse("import_bring_over", args=[first.pk]))
    run_waiting_batches(at)
    send(client, sent(small_export()))
    run_waiting_batches(at)
    again = Batch.objects.filter(is_dry_run=True).exclude(pk=first.pk).get()
    page = client.get(reverse("import_batch", args=[again.pk])).content.decode()
    assert ("Nothing in these files is new" in page, "Bring it over" in page) == (True, False)


def test_the_refused_lines_can_be_downloaded(client: Client, olivia: Person, at: datetime) -> None:
    send(client, sent(spoilt("bookings.csv", 3, Event_ref='=HYPERLINK("x")')))
    run_waiting_batches(at)
    response = client.get(reverse("import_refused_csv", args=[Batch.objects.get().pk]))
    lines = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert lines[1] == [
        "bookings.csv",
        "3",
        "Event ref",
        '\'=HYPERLINK("x")',
        'there is no event =HYPERLINK("x") in events.csv',
    ]


def test_a_zip_with_a_folder_in_it_is_unpacked(client: Client, olivia: Person, at: datetime) -> None:
    packed = exports.zipped(small_export(), **{"__MACOSX/export/._bookings.csv": b"x", "export/.DS_Store": b"x"})
    send(client, [SimpleUploadedFile("Export.ZIP", packed)])
    run_waiting_batches(at)
    assert Batch.objects.get().counts["bookings.csv"]["new"] == 4


def test_a_missing_file_is_named(client: Client, olivia: Person) -> None:
    rows = small_export()
    del rows["listens.csv"], rows["podcasts.csv"]
    assert problem(send(client, sent(rows))) == "podcasts.csv, listens.csv are missing. Send all nine files together."


def test_no_file_at_all_is_asked_for(client: Client, olivia: Person) -> None:
    assert problem(client.post(reverse("import_new"), {})) == "Choose the files of the export"


def test_a_file_nobody_knows_is_refused(client: Client, olivia: Person) -> None:
    response = send(client, [*sent(small_export()), SimpleUploadedFile("payroll.xlsx", b"x")])
    assert problem(response).startswith("payroll.xlsx is not a file of the export.")


def test_the_same_file_twice_is_refused(client: Client, olivia: Person) -> None:
    again = SimpleUploadedFile("BOOKINGS.csv", b"x")
    assert problem(send(client, [*sent(small_export()), again])) == "bookings.csv is there twice. Send each file once."


def test_a_zip_is_measured_by_what_it_unpacks_to(client: Client, olivia: Person, monkeypatch: Any) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 100_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bookings.csv", b"0" * 5_000_000)
    response = send(client, [SimpleUploadedFile("export.zip", bomb.getvalue())])
    assert problem(response).startswith("bookings.csv is larger than")


@pytest.mark.parametrize("content", [b"not a zip", b"PK\x03\x04 cut off"])
def test_a_broken_zip_is_refused(client: Client, olivia: Person, content: bytes) -> None:
    response = send(client, [SimpleUploadedFile("export.zip", content)])
    assert problem(response) == "export.zip can't be unpacked. Make it again, or send the files themselves."


def test_names_in_a_zip_never_lead_out_of_its_folder(client: Client, olivia: Person, media: Path) -> None:
    send(client, [SimpleUploadedFile("export.zip", exports.zipped(small_export(), below="../../../"))])
    [folder] = (media / "imports").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == sorted(small_export())


def test_a_file_without_a_column_fails_and_says_so(client: Client, olivia: Person, at: datetime) -> None:
    rows = sent(small_export())
    rows[-1] = SimpleUploadedFile("listens.csv", b"Episode,Date\r\n")
    send(client, rows)
    run_waiting_batches(at)
    batch = Batch.objects.get()
    assert (batch.state, batch.error) == (BatchState.FAILED, "listens.csv: 2 columns are missing: “Source”, “Views”.")
    assert "2 columns are missing" in client.get(reverse("import_batch", args=[batch.pk])).content.decode()


def test_nobody_without_the_permission_sees_imports(client: Client, partnership: Partnership) -> None:
    client.force_login(subgroup_member())
    assert client.get(reverse("import_new")).status_code == 403


def test_another_partnerships_import_is_not_there(client: Client, olivia: Person, at: datetime) -> None:
    send(client, sent(small_export()))
    other = GrantFactory(partnership=OtherPartnershipFactory()).person
    client.force_login(other)
    [batch] = Batch.objects.all()
    for name in ("import_batch", "import_refused_csv"):
        assert client.get(reverse(name, args=[batch.pk])).status_code == 404
    assert client.post(reverse("import_bring_over", args=[batch.pk])).status_code == 404


def test_a_batch_whose_worker_died_is_run_by_the_next(client: Client, olivia: Person, at: datetime) -> None:
    send(client, sent(small_export()))
    Batch.objects.update(state=BatchState.RUNNING, lease_until=at + timedelta(minutes=5), leased_by="dead", attempts=1)
    assert run_waiting_batches(at) == 0
    assert run_waiting_batches(at + timedelta(minutes=6)) == 1
    assert Batch.objects.get().state == BatchState.CHECKED


def test_a_batch_that_took_three_workers_with_it_is_given_up(client: Client, olivia: Person, at: datetime) -> None:
    send(client, sent(small_export()))
    Batch.objects.update(state=BatchState.RUNNING, lease_until=at, attempts=3)
    run_waiting_batches(at)
    batch = Batch.objects.get()
    assert (batch.state, batch.error) == (
        BatchState.FAILED,
        "It was stopped before it ended, and nothing was written. Start it again.",
    )


def test_files_that_nobody_brings_over_are_deleted_after_a_week(
    client: Client, olivia: Person, at: datetime, media: Path
) -> None:
    send(client, sent(small_export()))
    run_waiting_batches(at)
    Batch.objects.update(started_at=at - timedelta(days=8))
    run_waiting_batches(at)
    assert list((media / "imports").iterdir()) == []
    response = client.post(reverse("import_bring_over", args=[Batch.objects.get().pk]), follow=True)
    assert "These files are not kept any more. Send them again." in response.content.decode()


def test_a_folder_of_the_command_line_is_never_deleted(tmp_path: Path, at: datetime, partnership: Partnership) -> None:
    folder = exports.write(tmp_path / "mine", small_export())
    start_batch(partnership=partnership, folder=folder, is_dry_run=False, by=None, at=at)
    run_waiting_batches(at)
    run_waiting_batches(at + timedelta(days=30))
    assert Batch.objects.get().state == BatchState.DONE
    assert sorted(path.name for path in folder.iterdir()) == sorted(small_export())


def test_the_list_of_imports_takes_the_same_queries_for_one_and_for_three(
    client: Client, olivia: Person, at: datetime, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(3):
        start_batch(partnership=PartnershipFactory(), folder="", is_dry_run=True, by=olivia, at=at, state=BatchState.CHECKED)
        with django_assert_num_queries(7):
            assert client.get(reverse("import_new")).context["page"].paginator.count == number + 1


def test_a_report_takes_the_same_queries_for_one_refused_line_and_for_three(
    client: Client, olivia: Person, at: datetime, django_assert_num_queries: Callable[..., Any]
) -> None:
    for line in (2, 3, 4):
        rows = small_export()
        for number in range(2, line + 1):
            rows["bookings.csv"][number - 2]["Status"] = "Maybe"
        address = send(client, sent(rows)).headers["Location"]
        run_waiting_batches(at)
        with django_assert_num_queries(9):
            assert client.get(address).context["page"].paginator.count == line
