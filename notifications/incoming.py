"""What comes back by e-mail: bounces of our messages, and answers of calendars to our invitations. Pure: reads, decides nothing.

Bounces go to the envelope's sender, which names the message (RFC 3464 and VERP); calendars answer the organiser (RFC 5546). Both
are ours when settings.REPLIES_ADDRESS is set, so that none of them reaches the team's inbox.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from uuid import UUID

from django.conf import settings
from icalendar import Calendar

from core.text import one_line

TO_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
RECIPIENT_FIELDS = ("Original-Recipient", "Final-Recipient")
REASON_LENGTH = 200
MOST_BYTES = 200_000
MOST_BYTES_OF_HEADERS = 16_000


@dataclass(frozen=True)
class Bounce:
    """A server gave one of our messages back. ``status`` is its code by RFC 3463, as in 5.1.1.

    ``recipients``: the addresses that it names, in lower case, which may be where ours forwards to.
    """

    message_id: UUID
    status: str
    reason: str
    recipients: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class CalendarReply:
    """A calendar's answer to an invitation: ``uid`` is the invitation's, ``answer`` as in DECLINED."""

    uid: str
    answer: str


def envelope_sender(message_id: UUID) -> str:
    """Where the message's bounces go, or an empty text where nobody reads them."""
    name, at, domain = settings.REPLIES_ADDRESS.partition("@")
    return f"{name}+{message_id.hex}@{domain}" if at else ""


def read(raw: bytes) -> Bounce | CalendarReply | None:
    """What an e-mail is to us; None for anything else. May raise anything for what is no e-mail.

    Long headers are read by nobody: taking them apart costs the square of their length.
    """
    if len(raw) > MOST_BYTES or len(re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]) > MOST_BYTES_OF_HEADERS:
        return None
    email: EmailMessage = message_from_bytes(raw, policy=policy.default)  # type: ignore[assignment]
    if email.get_content_type() == "multipart/report":
        return _bounce(email)
    for part in email.walk():
        if part.get_content_type() == "text/calendar":
            return _calendar_reply(part)
    return None


def _bounce(email: EmailMessage) -> Bounce | None:
    message_id = _message_named_by(email)
    if message_id is None:
        return None
    for part in email.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in part.get_payload():  # the report's own fields, then those of each recipient
            if isinstance(fields, EmailMessage) and str(fields.get("Action", "")).strip().lower() == "failed":
                status = re.match(r"[45]\.\d{1,3}\.\d{1,3}", str(fields.get("Status", "")).strip())
                said = str(fields.get("Diagnostic-Code", "")).partition(";")[2] or str(fields.get("Status", ""))
                return Bounce(message_id, status.group() if status else "", _without_addresses(said), _recipients(fields))
    return None


def _recipients(fields: EmailMessage) -> frozenset[str]:
    """What RFC 3464 (2.3.1, 2.3.2) says of the recipient: the address that we wrote to, where known, and the one it led to."""
    named = (str(fields.get(name, "")).partition(";")[2] for name in RECIPIENT_FIELDS)
    addresses = {one_line(address[:REASON_LENGTH]).strip("<> ").lower() for address in named}
    return frozenset(address for address in addresses if "@" in address)


def _message_named_by(email: EmailMessage) -> UUID | None:
    """Which of our messages it is about: only who had it knows its number, so that nobody else's word counts."""
    ours = re.escape(settings.REPLIES_ADDRESS.partition("@")[0])
    addresses = [address for _, address in getaddresses([str(email[name]) for name in TO_HEADERS if email[name]])]
    for address in addresses:
        named = re.fullmatch(rf"{ours}\+([0-9a-f]{{32}})@.+", address.lower())
        if named:
            return UUID(named[1])
    return None


def _without_addresses(text: str) -> str:
    return re.sub(r"[^\s<>]+@[^\s<>]+", "[address]", one_line(text[: 5 * REASON_LENGTH]))[:REASON_LENGTH].strip()


def _calendar_reply(part: EmailMessage) -> CalendarReply | None:
    try:
        calendar = Calendar.from_ical(part.get_content())
    except (ValueError, LookupError):
        return None
    if str(calendar.get("METHOD", "")).upper() != "REPLY":
        return None
    for entry in calendar.walk("VEVENT"):
        attendees = entry.get("ATTENDEE", [])
        attendee = attendees[0] if isinstance(attendees, list) and attendees else attendees
        answer = str(attendee.params.get("PARTSTAT", "")).upper() if attendee else ""
        return CalendarReply(one_line(str(entry.get("UID", "")))[:200], answer)
    return None
