"""From a row of the outbox to an e-mail: one text, drawn plain and as simple HTML, and the calendar entry with it. Pure."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage as StandardMessage
from email.message import Message as PlainMessage
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from html import escape
from itertools import starmap
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import MIMEMixin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core import personal_links
from core.text import linked, one_line
from notifications import wire
from notifications.incoming import envelope_sender
from notifications.models import Message
from notifications.texts import NO_BRACES
from people.models import Partnership

PARAGRAPH = (
    '<p style="margin:0 0 16px 0;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:24px;color:#0b0c0c;">{}</p>'
)
LINK_STYLE = SafeString(' style="color:#1d70b8;"')
PLACEHOLDER = re.compile(r"\{link:([^{}]*)\}")
SHOWN = ("name", "primary_colour", "team_phone", "team_email")  # what email/base.html says of the partnership
BETWEEN_PARAGRAPHS = re.compile(r"\n\s*\n")


class Read(MIMEMixin, PlainMessage):  # type: ignore[misc, type-arg]
    """A written e-mail as an object."""


class OutboxEmail(EmailMultiAlternatives):
    """Django's e-mail, written by wire.py. It has a text, an HTML part and headers with its sender in ``From``."""

    def as_bytes(self) -> bytes:
        """What the mail server is given."""
        addressed = {"Subject": self.subject, "From": "", "To": ", ".join(self.to), "Reply-To": ", ".join(self.reply_to)}
        headers = b"".join(starmap(wire.header, (addressed | self.extra_headers).items()))
        texts = [wire.text_part("text/plain", str(self.body))]
        texts += [wire.text_part(content_type, str(text)) for text, content_type in self.alternatives]
        if not self.attachments:
            return wire.multipart("alternative", texts, headers)
        files = [wire.file_part(content_type, name, content) for name, content, content_type in self.attachments]
        return wire.multipart("mixed", [wire.multipart("alternative", texts), *files], headers)

    def message(self, *, policy: Any = None) -> StandardMessage:
        return message_from_bytes(self.as_bytes(), Read, policy=compat32)  # type: ignore[return-value, type-var]


def typed(text: str) -> str:
    """What a person typed, made fit for a message: on one line, and unable to pass for a placeholder of ours."""
    return one_line(text).translate(NO_BRACES)


def check_links(text: str, links: Mapping[str, str]) -> None:
    """Raise ValueError unless every placeholder has a path and every path stays on this site."""
    unknown = sorted(set(PLACEHOLDER.findall(text)) - set(links))
    if unknown:
        raise ValueError(f"no path for the links {unknown}")
    elsewhere = sorted(name for name, path in links.items() if not re.match(r"/(?![/\\])", path) or one_line(path) != path)
    if elsewhere:
        raise ValueError(f"not a path of this site: {elsewhere}")


def full_text(message: Message) -> str:
    """The text as it is sent, with its links made absolute and personal ones signed: for the recipient's eyes only."""
    return PLACEHOLDER.sub(lambda found: settings.SITE_URL + personal_links.fill(message.links[found.group(1)]), message.text)


def shown_text(message: Message) -> str:
    """The same for a page of ours: nobody else may act in the recipient's name, so personal links are left out."""
    return PLACEHOLDER.sub(lambda found: _shown_link(message.links[found.group(1)]), message.text)


def _shown_link(path: str) -> str:
    if personal_links.is_personal(path):
        return "(a personal link, which only the message itself holds)"
    return settings.SITE_URL + path


def html_paragraphs(text: str) -> SafeString:
    """The text's paragraphs as HTML, escaped, with links. Styles stand inline: mail programs read no others."""
    paragraphs = [part.strip("\n") for part in BETWEEN_PARAGRAPHS.split(text) if part.strip()]
    drawn = [linked(paragraph, attributes=LINK_STYLE).replace("\n", "<br>\n") for paragraph in paragraphs]
    return mark_safe("\n".join([PARAGRAPH.format(one) for one in drawn]))  # noqa: S308 - linked() escapes


def message_id(message: Message) -> str:
    """The same for every attempt, so that a mailbox that got a message twice can tell."""
    return f"<{message.pk}@{urlsplit(settings.SITE_URL).hostname}>"


def sender_of(partnership: Partnership) -> str:
    """The address that the partnership's messages come from: its own, or ours."""
    return partnership.sender_address or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _leaving(message: Message) -> dict[str, str]:
    """Mail programs' own button that stops letters of this kind (RFC 2369, 8058): it posts to the link called "stop"."""
    if "stop" not in message.links:
        return {}
    address = settings.SITE_URL + personal_links.fill(message.links["stop"])
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


@lru_cache(maxsize=64)
def _shell(*shown: str) -> tuple[str, str, str]:
    """The HTML of a partnership's e-mails before their subject, between that and their text, and after it. Drawn once."""
    subject, paragraphs = secrets.token_hex(), secrets.token_hex()
    context = {"subject": subject, "paragraphs": paragraphs, "partnership": dict(zip(SHOWN, shown, strict=True))}
    before, rest = render_to_string("email/base.html", context).split(subject)
    between, after = rest.split(paragraphs)
    return before, between, after


@lru_cache(maxsize=64)
def _named(name: str, address: str) -> str:
    return formataddr((one_line(name), address))


def as_email(message: Message, *, at: datetime) -> OutboxEmail:
    """The e-mail of a message, as sent at that moment. Reads the message's partnership."""
    partnership = message.partnership
    text, sender = full_text(message), sender_of(partnership)
    email = OutboxEmail(
        subject=one_line(message.subject),
        body=text,
        from_email=envelope_sender(message.pk) or sender,
        to=[message.to_address],
        reply_to=[_named(partnership.name, partnership.team_email)],
        headers={
            "From": _named(partnership.name, sender),
            "Message-ID": message_id(message),
            "Date": format_datetime(at),
            "Auto-Submitted": "auto-generated",  # no holiday replies to the team's inbox
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            **_leaving(message),
        },
    )
    before, between, after = _shell(*(getattr(partnership, name) for name in SHOWN))
    email.attach_alternative(f"{before}{escape(message.subject)}{between}{html_paragraphs(text)}{after}", "text/html")
    if message.calendar:
        method = message.calendar_method
        email.attach_alternative(message.calendar, f'text/calendar; method="{method}"')  # with charset="utf-8" behind it
        email.attach("invite.ics", message.calendar.encode(), "application/ics")
    return email
