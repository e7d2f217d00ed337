"""Answers an invitation as a calendar program does (RFC 6047)."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from django.core.mail import EmailMultiAlternatives
from icalendar import Calendar


def answer_to(invitation: EmailMultiAlternatives, answer: str) -> bytes:
    """The reply to the invitation in this e-mail: ACCEPTED, TENTATIVE or DECLINED."""
    sent: EmailMessage = invitation.message()
    text = next(part for part in sent.walk() if part.get_content_type() == "text/calendar").get_payload(decode=True)
    calendar = Calendar.from_ical(text)
    calendar["METHOD"] = "REPLY"
    entry = calendar.walk("VEVENT")[0]
    entry["ATTENDEE"].params["PARTSTAT"] = answer
    reply = MIMEMultipart("alternative")
    reply["To"] = str(entry["ORGANIZER"]).removeprefix("mailto:")
    reply["Subject"] = f"{answer.capitalize()}: {entry['SUMMARY']}"
    reply.attach(MIMEText("", "plain"))
    part = MIMEText(calendar.to_ical().decode(), "calendar")
    part.replace_header("Content-Type", 'text/calendar; method=REPLY; charset="utf-8"')
    reply.attach(part)
    return reply.as_bytes()
