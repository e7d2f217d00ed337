"""Reads the calendar entry of an e-mail as mail programs do, with two libraries that did not write it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import ics
import vobject
from django.core.mail import EmailMultiAlternatives

AGREED = ("uid", "status", "summary", "location", "starts_at", "ends_at")


@dataclass(frozen=True)
class Entry:
    """One entry, as everybody who read it understood it."""

    method: str
    uid: str
    sequence: int
    status: str
    summary: str
    location: str
    starts_at: datetime
    ends_at: datetime


def as_received(email: EmailMultiAlternatives) -> EmailMessage:
    return message_from_bytes(email.message().as_bytes(linesep="\r\n"), policy=policy.default)  # type: ignore[return-value]


def entry_of(email: EmailMessage) -> Entry:
    """The one entry. The part and the file must hold the same, the part's method must be the file's, and both libraries agree."""
    parts = {part.get_content_type(): part for part in email.walk()}
    text = parts["text/calendar"].get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert parts["application/ics"].get_payload(decode=True).decode() == text  # type: ignore[union-attr]
    seen, other = read_by_vobject(text), read_by_ics(text)
    differ = {name: (seen[name], other[name]) for name in AGREED if seen[name] != other[name]}
    methods = {seen["method"], other["method"], parts["text/calendar"].get_param("method")}
    assert not differ, differ
    assert len(methods) == 1, methods
    return Entry(**seen)


def read_by_vobject(text: str) -> dict[str, Any]:
    calendar = vobject.readOne(text)
    [event] = calendar.vevent_list
    return {
        "method": calendar.method.value,
        "uid": event.uid.value,
        "sequence": int(event.sequence.value),
        "status": event.status.value,
        "summary": event.summary.value,
        "location": event.location.value if hasattr(event, "location") else "",
        "starts_at": event.dtstart.value.astimezone(UTC),
        "ends_at": event.dtend.value.astimezone(UTC),
    }


def read_by_ics(text: str) -> dict[str, Any]:
    calendar = ics.Calendar(text)
    [event] = calendar.events
    return {
        "method": calendar.method,
        "uid": event.uid,
        "status": event.status,
        "summary": event.name,
        "location": event.location or "",
        "starts_at": event.begin.datetime.astimezone(UTC),
        "ends_at": event.end.datetime.astimezone(UTC),
    }


def names_by_ics(text: str) -> list[str]:
    """The names of the properties of its one entry, by the lower half of that library, which only takes lines apart."""
    container = ics.grammar.parse.calendar_string_to_containers(text)[0]
    [event] = [part for part in container if part.name == "VEVENT"]
    return sorted(line.name for line in event)


def names_by_vobject(text: str) -> list[str]:
    return sorted(line.name for line in vobject.readOne(text).vevent.lines())
