"""Every line that won't do is named with its file, line and reason, and stops no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from bookings.models import Booking
from core.models import AuditEntry
from imports.models import Batch, BatchState, SourceKey
from imports.report import refusal_of, text_report
from people.models import Organisation, Person
from tests.imports import exports
from tests.imports.exports import Rows, booking, small_export, spoilt
from tests.legacy import import_folder

pytestmark = pytest.mark.django_db


def refusals(batch: Batch) -> list[str]:
    return [str(refusal_of(row)) for row in batch.refused_lines.all()]


def import_rows(folder: Path, rows: Rows) -> Batch:
    return import_folder(exports.write(folder, rows))


def test_the_small_export_is_taken_whole(tmp_path: Path) -> None:
    batch = import_rows(tmp_path, small_export())
    assert refusals(batch) == []
    assert [counts["new"] for counts in batch.counts.values()] == [1, 1, 1, 4, 1, 1, 1, 1, 1]


SPOILT_CELLS = [
    ("bookings.csv", {"Event_ref": "E99999"}, "bookings.csv, line 2, Event ref: there is no event E99999 in events.csv"),
    ("bookings.csv", {"Booked_on": "31/02/2023"}, "bookings.csv, line 2, Booked on: there is no 31 February 2023"),
    (
        "bookings.csv",
        {"Booked_on": "01/02/23 10:00"},
        "bookings.csv, line 2, Booked on: the year has two figures, so it is ambiguous; write it as 31/12/2023",
    ),
    (
        "bookings.csv",
        {"Booked_on": "02/28/2023"},
        "bookings.csv, line 2, Booked on: there is no month 28; dates are day, month, year",
    ),
    ("bookings.csv", {"Booked_on": "2023-02-01"}, "bookings.csv, line 2, Booked on: it is not a date; write it as 31/12/2023"),
    ("bookings.csv", {"Booked_on": "01/02/2023 25:00"}, "bookings.csv, line 2, Booked on: there is no 25:00 on a clock"),
    (
        "bookings.csv",
        {"Booked_on": "01/02/0203"},
        "bookings.csv, line 2, Booked on: the year 203 can't be right; write it as 31/12/2023",
    ),
    ("bookings.csv", {"Booked_on": ""}, "bookings.csv, line 2, Booked on: it is empty"),
    ("bookings.csv", {"Email": "ann at oak"}, "bookings.csv, line 2, Email: it is not an e-mail address"),
    (
        "bookings.csv",
        {"Status": "Maybe"},
        "bookings.csv, line 2, Status: “Maybe” is not one of “Attended”, “Did not attend”, “Booked”, “Waiting list”, “Cancelled”",
    ),
    (
        "bookings.csv",
        {"Status": "Cancelled", "Cancelled_on": "11/11/2026 10:00", "Cancelled_by": "Delegate"},
        "bookings.csv, line 2, Cancelled on: it was cancelled after the event, which was over on 10/11/2026",
    ),
    (
        "bookings.csv",
        {"Status": "Cancelled", "Cancelled_on": "30/09/2026 10:00", "Cancelled_by": "Delegate"},
        "bookings.csv, line 2, Cancelled on: it was cancelled before it was booked",
    ),
    (
        "bookings.csv",
        {"Status": "Cancelled", "Cancelled_on": "05/10/2026"},
        "bookings.csv, line 2, Cancelled by: the booking was cancelled, but it does not say by whom",
    ),
    (
        "bookings.csv",
        {"Status": "Booked"},
        "bookings.csv, line 2, Status: the register of E1 was taken, so it must say who came and who did not",
    ),
    (
        "bookings.csv",
        {"Organisation": "x" * 201},
        "bookings.csv, line 2, Organisation: it has 201 characters; shorten it to 200 or fewer",
    ),
    (
        "events.csv",
        {"Starts": "28/03/2027 01:30"},
        "events.csv, line 2, Starts: 28/03/2027 01:30 does not exist in London: the clocks go forward over it",
    ),
    ("events.csv", {"Starts": "10/11/2026"}, "events.csv, line 2, Starts: it has no time; write it as 31/12/2023 09:30"),
    ("events.csv", {"Ends": "10/11/2026 09:00"}, "events.csv, line 2, Ends: the event ends before it starts"),
    ("events.csv", {"Course_code": "XYZ"}, "events.csv, line 2, Course code: there is no course XYZ in courses.csv"),
    ("events.csv", {"Capacity": "ten"}, "events.csv, line 2, Capacity: “ten” is not a whole number"),
    (
        "events.csv",
        {"Hosted_by": " ; "},
        "events.csv, line 2, Hosted by: it is empty; an event needs the partnership that ran it",
    ),
    (
        "events.csv",
        {"Starts": "10/11/2027 09:30", "Ends": "10/11/2027 16:30"},
        "events.csv, line 2, Outcome: the event is still to come, on 10/11/2027, so it can't have been delivered",
    ),
    ("organisations.csv", {"Partner_agency": "1"}, "organisations.csv, line 2, Partner agency: “1” is not one of “Yes”, “No”"),
    ("courses.csv", {"Hours": "seven"}, "courses.csv, line 2, Hours: “seven” is not an amount such as 350.00"),
    (
        "evaluations.csv",
        {"Confidence_before_1_5": "6"},
        "evaluations.csv, line 2, Confidence before (1-5): 6 is not between 1 and 5",
    ),
    ("evaluations.csv", {"Submitted": "09/11/2026 10:00"}, "evaluations.csv, line 2, Submitted: E1 had not begun then"),
    (
        "evaluations.csv",
        {"Comments": "=cmd" * 25_000},
        "evaluations.csv, line 2, Comments: it has 100,000 characters; shorten it to 10,000 or fewer",
    ),
    ("followups.csv", {"Answered_on": "01/12/2026"}, "followups.csv, line 2, Answered on: it was answered before it was sent"),
    (
        "followups.csv",
        {"Email": "nobody@oak.example"},
        "followups.csv, line 2, Email: nobody with this address booked E1 in bookings.csv",
    ),
    ("elearning.csv", {"Score": "101"}, "elearning.csv, line 2, Score: 101 is not between 0 and 100"),
    (
        "elearning.csv",
        {"Completed": "31/10/2026 11:00"},
        "elearning.csv, line 2, Completed: it was completed before it was started",
    ),
    ("listens.csv", {"Episode": "Silence"}, "listens.csv, line 2, Episode: there is no episode “Silence” in podcasts.csv"),
    ("listens.csv", {"Views": "-1"}, "listens.csv, line 2, Views: “-1” is not a whole number"),
]


@pytest.mark.parametrize(
    ("file", "cells", "reason"), SPOILT_CELLS, ids=[f"{row[0]} {next(iter(row[1]))}" for row in SPOILT_CELLS]
)
def test_a_cell_that_will_not_do_is_named(tmp_path: Path, file: str, cells: dict[str, str], reason: str) -> None:
    batch = import_rows(tmp_path, spoilt(file, 2, **cells))
    assert batch.state == BatchState.DONE
    assert reason in [refusal for refusal in refusals(batch) if refusal.startswith(f"{file}, line 2")]


def test_lines_that_speak_of_a_refused_event_say_where_it_was_refused(tmp_path: Path) -> None:
    batch = import_rows(tmp_path, spoilt("events.csv", 2, Capacity="ten"))
    reason = "Event ref: the event E1 was refused: see events.csv, line 2"
    assert refusals(batch) == [
        *(f"bookings.csv, line {line}, {reason}" for line in (2, 3, 4, 5)),
        f"evaluations.csv, line 2, {reason}",
        "events.csv, line 2, Capacity: “ten” is not a whole number",
        f"followups.csv, line 2, {reason}",
    ]


def test_every_cell_of_a_line_that_will_not_do_is_named(tmp_path: Path) -> None:
    batch = import_rows(tmp_path, spoilt("bookings.csv", 2, Email="x", Booked_on="y", Status="z"))
    assert {row.column for row in batch.refused_lines.filter(file="bookings.csv")} == {"Email", "Booked on", "Status"}
    assert batch.counts["bookings.csv"]["refused"] == 1


def test_a_refused_line_does_not_stop_the_others(tmp_path: Path) -> None:
    batch = import_rows(tmp_path, spoilt("bookings.csv", 3, Event_ref="E99999"))
    assert set(Booking.objects.values_list("status", flat=True)) == {"confirmed", "not_placed", "cancelled"}
    assert batch.counts["bookings.csv"]["new"] == 3


def test_one_ref_with_two_different_bookings_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    rows = small_export()
    rows["bookings.csv"].append(booking("B1", "zoe@oak.example", "Attended"))
    batch = import_rows(tmp_path, rows)
    assert refusals(batch) == ["bookings.csv, line 6, Booking ref: “B1” stands on line 2 too, and the two lines differ"]


def test_nobody_holds_two_places_at_one_event(tmp_path: Path) -> None:
    rows = small_export()
    rows["bookings.csv"].append(booking("B5", "ANN@oak.example ", "Attended"))
    batch = import_rows(tmp_path, rows)
    assert refusals(batch) == ["bookings.csv, line 6, Email: this person has a place at E1 on line 2; nobody holds two"]


def test_somebody_who_cancelled_and_booked_again_has_both_bookings(tmp_path: Path) -> None:
    rows = small_export()
    rows["bookings.csv"].append(booking("B5", "di@oak.example", "Attended"))
    batch = import_rows(tmp_path, rows)
    assert refusals(batch) == []
    assert Booking.objects.filter(person__forename="Di").count() == 2


def test_another_name_that_two_organisations_claim_stays_with_the_first(tmp_path: Path) -> None:
    rows = small_export()
    rows["organisations.csv"].append(
        rows["organisations.csv"][0] | {"Organisation": "Elm School", "Also known as": "oak primary"}
    )
    batch = import_rows(tmp_path, rows)
    assert refusals(batch) == [
        "organisations.csv, line 3, Also known as: “oak primary” already stands for Oak Primary School; "
        "the organisation itself was taken"
    ]
    assert Organisation.objects.count() == 2


def test_a_line_with_too_few_cells_is_refused(tmp_path: Path) -> None:
    folder = exports.write(tmp_path, small_export())
    with (folder / "podcasts.csv").open("a", newline="") as file:
        file.write("Half a line,01/01/2026\r\n\r\n")
    batch = import_folder(folder)
    assert refusals(batch) == ["podcasts.csv, line 3: the line has 2 cells where the first line names 3 columns"]


def test_a_quotation_mark_that_is_never_closed_says_how_far_it_reaches(tmp_path: Path) -> None:
    folder = exports.write(tmp_path, small_export())
    with (folder / "podcasts.csv").open("a", newline="") as file:
        file.write('"Never closed,01/01/2026,45\r\nAnother,01/01/2026,45\r\n')
    [refusal] = refusals(import_folder(folder))
    assert refusal.startswith("podcasts.csv, line 3: the quotation marks don't match")
    assert refusal.endswith("it reaches to line 4")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_survive_every_encoding_a_spreadsheet_writes(tmp_path: Path, encoding: str) -> None:
    rows = spoilt("bookings.csv", 2, Surname="Renée", Organisation="St. Brendan’s")
    import_folder(exports.write(tmp_path, rows, encoding=encoding))
    ann = Person.objects.get(forename="Ann")
    assert (ann.surname, ann.organisation_text) == ("Renée", "St. Brendan’s")


def test_a_missing_file_and_a_missing_column_are_named_and_nothing_is_written(tmp_path: Path) -> None:
    folder = exports.write(tmp_path, small_export())
    (folder / "listens.csv").unlink()
    (folder / "podcasts.csv").write_text("Episode,Minutes\r\nCuriosity,45\r\n")
    batch = import_folder(folder)
    assert list(text_report(batch)) == [
        "Nothing was written.",
        "podcasts.csv: 1 column is missing: “Published”.",
        "listens.csv is missing.",
    ]
    assert (Person.objects.count(), SourceKey.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    folder = exports.write(tmp_path, small_export())
    (folder / "podcasts.csv").write_bytes(b"PK\x03\x04\x81\x8d\x8f\x90\x9d")
    assert import_folder(folder).error == "podcasts.csv is not a text file: save it from the spreadsheet as “CSV UTF-8”."
