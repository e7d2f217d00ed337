"""A small export to spoil: one organisation, one course, one event of ten days ago in 2026, and a line of everything else."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from imports.reading import FILES

Rows = dict[str, list[dict[str, str]]]


def small_export() -> Rows:
    """One good line for each file, bookings apart, which have four."""
    return {
        "organisations.csv": [
            {
                "Organisation": "Oak Primary School",
                "Sector": "Primary schools",
                "Borough": "Riverside",
                "Partner agency": "Yes",
                "Also known as": "Oak Primary; Oak Pri. Sch.",
            }
        ],
        "courses.csv": [
            {
                "Course code": "NEG",
                "Title": "Recognising neglect",
                "Level": "Core",
                "Theme": "Neglect",
                "Format": "Classroom",
                "Hours": "7",
                "Refresh every (months)": "36",
            }
        ],
        "events.csv": [
            {
                "Event ref": "E1",
                "Course code": "NEG",
                "Title": "Recognising neglect",
                "Type": "Course",
                "Format": "Classroom",
                "Starts": "10/11/2026 09:30",
                "Ends": "10/11/2026 16:30",
                "Venue": "Civic Suite",
                "Capacity": "10",
                "Trainers": "A. Trainer; External: Harbour",
                "Hosted by": "Riverside",
                "Outcome": "Delivered",
                "Cost (£)": "£350.00",
            }
        ],
        "bookings.csv": [
            booking("B1", "ann@oak.example", "Attended"),
            booking("B2", "bo@oak.example", "Did not attend", Organisation=" oak  PRIMARY "),
            booking("B3", "cy@oak.example", "Waiting list", Organisation="The Old Rectory"),
            booking("B4", "di@oak.example", "Cancelled", **{"Cancelled on": "05/11/2026 12:00", "Cancelled by": "Delegate"}),
        ],
        "evaluations.csv": [
            {
                "Event ref": "E1",
                "Submitted": "10/11/2026 16:40",
                "Channel": "QR",
                "Overall": "Good",
                "Confidence before (1-5)": "2",
                "Confidence after (1-5)": "4",
                "Apply the learning": "Likely",
                "Comments": "Clear.",
            }
        ],
        "followups.csv": [
            {
                "Event ref": "E1",
                "Email": "ann@oak.example",
                "Sent on": "20/12/2026",
                "Answered on": "27/12/2026",
                "Changed practice": "Yes",
                "Example": "I ask what home is like.",
            }
        ],
        "elearning.csv": [
            {
                "Module": "Prevent",
                "Email": "eve@oak.example",
                "Started": "01/11/2026 10:00",
                "Completed": "01/11/2026 11:00",
                "Score": "90",
            }
        ],
        "podcasts.csv": [{"Episode": "Curiosity", "Published": "07/10/2026", "Minutes": "45"}],
        "listens.csv": [{"Episode": "Curiosity", "Date": "08/10/2026", "Source": "Website", "Views": "3"}],
    }


def booking(ref: str, address: str, status: str, **changed: str) -> dict[str, str]:
    row = {
        "Booking ref": ref,
        "Event ref": "E1",
        "Forename": address.split("@")[0].title(),
        "Surname": "Okafor",
        "Email": address,
        "Organisation": "Oak Primary School",
        "Job role": "Teacher",
        "Booked on": "01/10/2026 08:15",
        "Status": status,
        "Cancelled on": "",
        "Cancelled by": "",
    }
    return row | changed


def spoilt(file: str, line: int, **cells: str) -> Rows:
    """The small export with other cells on one line of a file; line 2 is the first below the header."""
    rows = small_export()
    columns = {
        column.replace(" ", "_").replace("(", "").replace(")", "").replace("-", "_").replace("£", "pounds"): column
        for column in FILES[file]
    }
    rows[file][line - 2] |= {columns[name]: value for name, value in cells.items()}
    return rows


def as_csv(name: str, rows: list[dict[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, FILES[name], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(folder: Path, rows: Rows, *, encoding: str = "utf-8-sig") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in rows.items():
        (folder / name).write_bytes(as_csv(name, lines).encode(encoding))
    return folder


def zipped(rows: Rows, *, below: str = "export/", **extra: Any) -> bytes:
    """A zip of the export, as somebody makes one of a folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, lines in rows.items():
            packed.writestr(below + name, as_csv(name, lines))
        for name, content in extra.items():
            packed.writestr(name, content)
    return out.getvalue()
