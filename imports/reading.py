"""From files to lines: what stands in each cell, and on which line of which file.

Files come from spreadsheets: UTF-8 with or without a byte-order mark, or Windows-1252; any line ends; cells over several lines.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FILES: dict[str, tuple[str, ...]] = {
    "organisations.csv": ("Organisation", "Sector", "Borough", "Partner agency", "Also known as"),
    "courses.csv": ("Course code", "Title", "Level", "Theme", "Format", "Hours", "Refresh every (months)"),
    "events.csv": (
        "Event ref",
        "Course code",
        "Title",
        "Type",
        "Format",
        "Starts",
        "Ends",
        "Venue",
        "Capacity",
        "Trainers",
        "Hosted by",
        "Outcome",
        "Cost (£)",
    ),
    "bookings.csv": (
        "Booking ref",
        "Event ref",
        "Forename",
        "Surname",
        "Email",
        "Organisation",
        "Job role",
        "Booked on",
        "Status",
        "Cancelled on",
        "Cancelled by",
    ),
    "evaluations.csv": (
        "Event ref",
        "Submitted",
        "Channel",
        "Overall",
        "Confidence before (1-5)",
        "Confidence after (1-5)",
        "Apply the learning",
        "Comments",
    ),
    "followups.csv": ("Event ref", "Email", "Sent on", "Answered on", "Changed practice", "Example"),
    "elearning.csv": ("Module", "Email", "Started", "Completed", "Score"),
    "podcasts.csv": ("Episode", "Published", "Minutes"),
    "listens.csv": ("Episode", "Date", "Source", "Views"),
}
LONGEST_CELL = 131_072  # the csv module's own limit


class Unreadable(Exception):
    """Files that can't be read at all: nothing is written. ``problems`` are sentences, each naming its file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that is not taken: where it stands, which cell is the matter, and what to do about it."""

    file: str
    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        return f"{place}, {self.column}: {self.reason}" if self.column else f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file. ``number`` is the line it begins on, the header being line 1."""

    number: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class SourceFile:
    name: str
    sha256: str
    lines: list[Line] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def read_folder(folder: Path) -> dict[str, SourceFile]:
    """Every file of the export. Raises Unreadable, naming every file and column that is missing."""
    problems, files = [], {}
    for name, columns in FILES.items():
        try:
            files[name] = read_file(name, (folder / name).read_bytes(), columns)
        except Unreadable as unreadable:
            problems += unreadable.problems
        except FileNotFoundError:
            problems.append(f"{name} is missing.")
        except OSError as error:
            problems.append(f"{name} can't be opened: {error.strerror}.")
    if problems:
        raise Unreadable(problems)
    return files


def read_file(name: str, content: bytes, columns: tuple[str, ...]) -> SourceFile:
    """The lines of one file. Raises Unreadable where it is not text or a column is missing."""
    file = SourceFile(name=name, sha256=hashlib.sha256(content).hexdigest())
    reader = csv.reader(io.StringIO(_text(name, content), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise Unreadable([f"{name}: the first line can't be read ({error})."]) from error
    missing = [column for column in columns if column not in header]
    if missing:
        names = ", ".join(f"“{column}”" for column in missing)
        columns_are = "columns are" if len(missing) > 1 else "column is"
        raise Unreadable([f"{name}: {len(missing)} {columns_are} missing: {names}."])
    for found in _rows(name, reader):
        if isinstance(found, Refusal):
            file.refusals.append(found)
            continue
        number, cells = found
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            reach = _reach(number, reader.line_num)
            reason = f"the line has {len(cells)} cells where the first line names {len(header)} columns{reach}"
            file.refusals.append(Refusal(name, number, "", ",".join(cells)[:200], reason))
            continue
        file.lines.append(Line(number, dict(zip(header, cells, strict=True))))
    return file


def _text(name: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable([f"{name} is not a text file: save it from the spreadsheet as “CSV UTF-8”."])


def _rows(name: str, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]] | Refusal]:
    """Each row with the line it begins on; a row whose quotation marks don't match is refused, and the next line is tried."""
    while True:
        begins = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            yield begins, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field larger" in str(error):
                reason = f"a cell has more than {LONGEST_CELL:,} characters"
            else:
                reason = 'the quotation marks don\'t match: a cell that holds one is written “"a ""quoted"" word"”'
            reached = reader.line_num  # type: ignore[attr-defined]
            yield Refusal(name, begins, "", "", f"{reason}{_reach(begins, reached)}")


def _reach(first: int, last: int) -> str:
    return f"; it reaches to line {last}" if last > first else ""
