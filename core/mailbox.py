"""Mail into a folder, for the demonstration: no mail server, and a page where anybody reads what was sent."""

from __future__ import annotations

import itertools
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage as ReadMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from icalendar import Calendar

from core.clock import now
from core.wording import day, span

NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-\d{6}-[0-9a-f]{8}\.eml")
ORDER = itertools.count()  # two mails of one process in one microsecond
HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID")


class FolderBackend(BaseEmailBackend):
    """Writes each message as one file into settings.MAILBOX_DIR. A file is whole as soon as it is seen."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAILBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{now():%Y%m%dT%H%M%S.%fZ}-{next(ORDER) % 1_000_000:06d}-{secrets.token_hex(4)}.eml"
            unfinished = folder / f".{name}"
            with unfinished.open("xb") as file:
                file.write(message.message().as_bytes())
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(folder / name)
        return len(email_messages)


@dataclass(frozen=True)
class Letter:
    """One mail of the folder."""

    name: str
    headers: dict[str, str]
    sent_at: datetime | None
    text: str
    calendar: str

    @property
    def subject(self) -> str:
        return self.headers.get("Subject", "") or "No subject"

    @property
    def to(self) -> str:
        return self.headers.get("To", "")

    @property
    def calendar_entries(self) -> list[str]:
        """What the calendar file asks for, in words: one line an entry."""
        return in_words(self.calendar) if self.calendar else []


def names() -> list[str]:
    """The folder's mails by name, newest first."""
    folder = Path(settings.MAILBOX_DIR)
    if not folder.is_dir():
        return []
    return sorted((entry.name for entry in os.scandir(folder) if NAME.fullmatch(entry.name)), reverse=True)


def read(name: str) -> Letter | None:
    """The mail of that name; None for one that is not there and for a name that is none of ours."""
    file = Path(settings.MAILBOX_DIR) / name
    if not NAME.fullmatch(name) or not file.is_file():
        return None
    message: ReadMessage = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    return Letter(
        name=name,
        headers={header: str(message[header]) for header in HEADERS if message[header]},
        sent_at=parsedate_to_datetime(str(message["Date"])) if message["Date"] else None,
        text=_part(message, "text/plain"),
        calendar=_part(message, "text/calendar"),
    )


def _part(message: ReadMessage, content_type: str) -> str:
    found = (part for part in message.walk() if part.get_content_type() == content_type)
    return next((str(part.get_content()).replace("\r\n", "\n") for part in found), "")


def in_words(calendar: str) -> list[str]:
    try:
        parsed = Calendar.from_ical(calendar)
    except ValueError:
        return ["A calendar file that can't be read."]
    is_cancelled = str(parsed.get("METHOD", "")) == "CANCEL"
    lines = []
    for event in parsed.walk("VEVENT"):
        verb = "Take out of the calendar" if is_cancelled else "Change" if event.get("SEQUENCE", 0) else "Put into the calendar"
        place = f", {event['LOCATION']}" if event.get("LOCATION") else ""
        starts, ends = event.decoded("DTSTART"), event.decoded("DTEND", event.decoded("DTSTART"))
        lines.append(f"{verb}: {event.get('SUMMARY', 'no title')}, {_times(starts, ends)}{place}")
    return lines


def _times(starts: date, ends: date) -> str:
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        return span(starts.astimezone(UTC), ends.astimezone(UTC))
    return day(starts)
