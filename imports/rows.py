"""What a line of each file says, once every one of its cells has been read. Whether it fits the other files: imports/planning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from bookings.models import CancelledBy
from core.clock import london_date
from courses.models import MOST_REFRESH_MONTHS, Format
from events.models import EventKind
from events.past import PastTrainer
from feedback.models import Channel
from imports.cells import Cells
from imports.reading import Refusal, SourceFile

DELIVERED, CANCELLED_EVENT, NOT_TAKEN = "delivered", "cancelled", "not_taken"
ATTENDED, DID_NOT_ATTEND, BOOKED, WAITING, CANCELLED = "attended", "did_not_attend", "booked", "waiting", "cancelled"

YES_NO = {"Yes": True, "No": False}
FORMATS = {label: value for value, label in Format.choices}
KINDS = {label: value for value, label in EventKind.choices}
OUTCOMES = {"Delivered": DELIVERED, "Cancelled by organiser": CANCELLED_EVENT, "Register not taken": NOT_TAKEN}
STATUSES = {
    "Attended": ATTENDED,
    "Did not attend": DID_NOT_ATTEND,
    "Booked": BOOKED,
    "Waiting list": WAITING,
    "Cancelled": CANCELLED,
}
CANCELLERS = {label: value for value, label in CancelledBy.choices}
CHANNELS = {"QR": Channel.QR.value, "Email": Channel.EMAIL.value}
RATINGS = {"Poor": "poor", "Fair": "fair", "Good": "good", "Excellent": "excellent"}
LIKELY = {"Likely": "likely", "Unsure": "unsure", "Unlikely": "unlikely"}
CHANGED = {"Yes": "yes", "Not yet": "not_yet", "No": "no"}

EXTERNAL = "external:"
LONGEST_COMMENT = 10_000
LONGEST_REF = 60

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    line: int
    name: str
    sector: str
    borough: str
    is_partner_agency: bool
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CourseRow:
    line: int
    code: str
    title: str
    level: str
    theme: str
    format: str
    hours: Decimal | None
    refresh_months: int | None


@dataclass(frozen=True, slots=True)
class EventRow:
    line: int
    ref: str
    course_code: str
    title: str
    kind: str
    format: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    capacity: int
    trainers: tuple[PastTrainer, ...]
    hosts: tuple[str, ...]
    outcome: str
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class BookingRow:
    line: int
    ref: str
    event_ref: str
    forename: str
    surname: str
    address: str
    organisation: str
    job_role: str
    booked_at: datetime
    status: str
    cancelled_at: datetime | None
    cancelled_by: str


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    line: int
    event_ref: str
    submitted_at: datetime
    day: date
    channel: str
    answers: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    line: int
    event_ref: str
    address: str
    sent_on: date
    answered_on: date | None
    answers: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class AttemptRow:
    line: int
    module: str
    address: str
    started_at: datetime
    completed_at: datetime | None
    score: int | None


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    line: int
    title: str
    published_on: date
    minutes: int


@dataclass(frozen=True, slots=True)
class ListenRow:
    line: int
    episode: str
    day: date
    source: str
    views: int


@dataclass(slots=True)
class Export:
    """Every line that could be read by itself, and every line that could not."""

    organisations: list[OrganisationRow]
    courses: list[CourseRow]
    events: list[EventRow]
    bookings: list[BookingRow]
    evaluations: list[EvaluationRow]
    follow_ups: list[FollowUpRow]
    attempts: list[AttemptRow]
    episodes: list[EpisodeRow]
    listens: list[ListenRow]
    refusals: list[Refusal]
    unread_events: dict[str, int]


def read_export(files: dict[str, SourceFile]) -> Export:
    """``unread_events`` maps the ref of each event whose line was refused to that line."""
    refusals = [refusal for file in files.values() for refusal in file.refusals]
    unread: dict[str, int] = {}

    def rows(name: str, read: Callable[[Cells], Row]) -> list[Row]:
        found = []
        for line in files[name].lines:
            cells = Cells(name, line)
            row = read(cells)
            if cells.refusals:
                refusals.extend(cells.refusals)
                if name == "events.csv":
                    unread.setdefault(line.cells["Event ref"].strip(), line.number)
            else:
                found.append(row)
        return found

    return Export(
        organisations=rows("organisations.csv", _organisation),
        courses=rows("courses.csv", _course),
        events=rows("events.csv", _event),
        bookings=rows("bookings.csv", _booking),
        evaluations=rows("evaluations.csv", _evaluation),
        follow_ups=rows("followups.csv", _follow_up),
        attempts=rows("elearning.csv", _attempt),
        episodes=rows("podcasts.csv", _episode),
        listens=rows("listens.csv", _listen),
        refusals=refusals,
        unread_events=unread,
    )


def _organisation(cells: Cells) -> OrganisationRow:
    return OrganisationRow(
        line=cells.line.number,
        name=cells.text("Organisation", 160),
        sector=cells.text("Sector", 80),
        borough=cells.text("Borough", 80, required=False),
        is_partner_agency=cells.choice("Partner agency", YES_NO),
        aliases=_parts(cells, "Also known as", 200),
    )


def _course(cells: Cells) -> CourseRow:
    return CourseRow(
        line=cells.line.number,
        code=cells.text("Course code", 20),
        title=cells.text("Title", 160),
        level=cells.text("Level", 80, required=False),
        theme=cells.text("Theme", 80, required=False),
        format=cells.choice("Format", FORMATS),
        hours=cells.amount("Hours", 999),
        refresh_months=cells.number("Refresh every (months)", 1, MOST_REFRESH_MONTHS, required=False),
    )


def _event(cells: Cells) -> EventRow:
    row = EventRow(
        line=cells.line.number,
        ref=cells.text("Event ref", LONGEST_REF),
        course_code=cells.text("Course code", 20, required=False),
        title=cells.text("Title", 160),
        kind=cells.choice("Type", KINDS),
        format=cells.choice("Format", FORMATS),
        starts_at=cells.moment("Starts", needs_time=True),
        ends_at=cells.moment("Ends", needs_time=True),
        venue=cells.text("Venue", 120, required=False),
        capacity=cells.number("Capacity", 0, 100_000),
        trainers=tuple(_trainer(name) for name in _parts(cells, "Trainers", 120)),
        hosts=_parts(cells, "Hosted by", 40),
        outcome=cells.choice("Outcome", OUTCOMES),
        cost=cells.amount("Cost (£)", 9_999_999),
    )
    if not row.hosts:
        cells.refuse("Hosted by", "it is empty; an event needs the partnership that ran it")
    if not cells.refusals and row.ends_at <= row.starts_at:
        cells.refuse("Ends", "the event ends before it starts" if row.ends_at < row.starts_at else "the event ends as it starts")
    return row


def _trainer(name: str) -> PastTrainer:
    """ "External: Harbour" names an outside body and nobody of it, so the body's name stands for the trainer's."""
    if name.casefold().startswith(EXTERNAL):
        body = name[len(EXTERNAL) :].strip() or "Outside body"
        return PastTrainer(name=body, outside_body=body)
    return PastTrainer(name=name)


def _booking(cells: Cells) -> BookingRow:
    row = BookingRow(
        line=cells.line.number,
        ref=cells.text("Booking ref", LONGEST_REF),
        event_ref=cells.text("Event ref", LONGEST_REF),
        forename=cells.text("Forename", 80, required=False),
        surname=cells.text("Surname", 80, required=False),
        address=cells.address("Email"),
        organisation=cells.text("Organisation", 200, required=False),
        job_role=cells.text("Job role", 120, required=False),
        booked_at=cells.moment("Booked on"),
        status=cells.choice("Status", STATUSES),
        cancelled_at=cells.moment("Cancelled on", required=False),
        cancelled_by=cells.choice("Cancelled by", CANCELLERS, required=False) or "",
    )
    if not cells.refusals:
        _check_cancellation(cells, row)
    return row


def _check_cancellation(cells: Cells, row: BookingRow) -> None:
    if row.status == CANCELLED and not row.cancelled_by:
        cells.refuse("Cancelled by", "the booking was cancelled, but it does not say by whom")
    if row.status == CANCELLED and row.cancelled_at is None:
        cells.refuse("Cancelled on", "the booking was cancelled, but it does not say when")
    if row.status != CANCELLED and (row.cancelled_at or row.cancelled_by):
        status = cells.line.cells["Status"].strip()
        cells.refuse("Status", f"the line says when or by whom it was cancelled, but its status is “{status}”")
    if row.cancelled_at and row.cancelled_at < row.booked_at:
        cells.refuse("Cancelled on", "it was cancelled before it was booked")


def _evaluation(cells: Cells) -> EvaluationRow:
    answers = {
        "overall": cells.choice("Overall", RATINGS, required=False),
        "confidence_before": cells.number("Confidence before (1-5)", 1, 5, required=False),
        "confidence_after": cells.number("Confidence after (1-5)", 1, 5, required=False),
        "apply": cells.choice("Apply the learning", LIKELY, required=False),
        "comment": cells.prose("Comments", LONGEST_COMMENT) or None,
    }
    submitted_at = cells.moment("Submitted")
    return EvaluationRow(
        line=cells.line.number,
        event_ref=cells.text("Event ref", LONGEST_REF),
        submitted_at=submitted_at,
        day=london_date(submitted_at) if submitted_at else None,  # type: ignore[arg-type]
        channel=cells.choice("Channel", CHANNELS),
        answers={key: value for key, value in answers.items() if value is not None},
    )


def _follow_up(cells: Cells) -> FollowUpRow:
    answers = {
        "changed_practice": cells.choice("Changed practice", CHANGED, required=False),
        "example": cells.prose("Example", LONGEST_COMMENT) or None,
    }
    row = FollowUpRow(
        line=cells.line.number,
        event_ref=cells.text("Event ref", LONGEST_REF),
        address=cells.address("Email"),
        sent_on=cells.day("Sent on"),
        answered_on=cells.day("Answered on", required=False),
        answers={key: value for key, value in answers.items() if value is not None},
    )
    if not cells.refusals:
        if row.answered_on and row.answered_on < row.sent_on:
            cells.refuse("Answered on", "it was answered before it was sent")
        if row.answers and not row.answered_on:
            cells.refuse("Answered on", "there is an answer, but not the day it came")
    return row


def _attempt(cells: Cells) -> AttemptRow:
    row = AttemptRow(
        line=cells.line.number,
        module=cells.text("Module", 160),
        address=cells.address("Email"),
        started_at=cells.moment("Started"),
        completed_at=cells.moment("Completed", required=False),
        score=cells.number("Score", 0, 100, required=False),
    )
    if not cells.refusals and row.completed_at and row.completed_at < row.started_at:
        cells.refuse("Completed", "it was completed before it was started")
    return row


def _episode(cells: Cells) -> EpisodeRow:
    return EpisodeRow(
        line=cells.line.number,
        title=cells.text("Episode", 160),
        published_on=cells.day("Published"),
        minutes=cells.number("Minutes", 1, 1_000),
    )


def _listen(cells: Cells) -> ListenRow:
    return ListenRow(
        line=cells.line.number,
        episode=cells.text("Episode", 160),
        day=cells.day("Date"),
        source=cells.text("Source", 40),
        views=cells.number("Views", 0, 10_000_000),
    )


def _parts(cells: Cells, column: str, longest: int) -> tuple[str, ...]:
    """What stands between semicolons, each once."""
    parts: Any = dict.fromkeys(part.strip() for part in cells.text(column, 2_000, required=False).split(";"))
    for part in parts:
        if len(part) > longest:
            cells.refuse(column, f"“{part[:60]}…” has {len(part):,} characters; shorten it to {longest:,} or fewer")
    return tuple(part for part in parts if part)
