"""One text becomes a plain and an HTML part, and no text that a person typed becomes anything else."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.template.loader import render_to_string
from pytest_django import Settings

from notifications.due import send_waiting_messages
from notifications.rendering import as_email, html_paragraphs, typed
from tests.factories.notifications import MessageFactory
from tests.factories.people import PartnershipFactory
from tests.tools.smtp_sink import SmtpSink

HOSTILE = [
    "\r",
    "\n",
    "\r\nBcc: everybody@school.example",
    "\0",
    "\u2028",
    "\u2029",
    "\x85",
    "\x1b[31m",
    "%0d%0aBcc: x@y.example",
]
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Séance\r\nEND:VCALENDAR\r\n"


def sent(message_fields: dict[str, object], at: datetime, sink: SmtpSink) -> EmailMessage:
    MessageFactory(**message_fields)
    assert send_waiting_messages(at) == 1
    return sink.messages[0].email


@pytest.mark.django_db
def test_links_are_made_absolute_when_sending(at: datetime, sink: SmtpSink) -> None:
    sent({"text": "Your booking:\n{link:booking}\n\nUntil then.", "links": {"booking": "/bookings/1/?a=1&b=2"}}, at, sink)
    address = "https://learning.riverside.example/bookings/1/?a=1&b=2"
    assert sink.messages[0].text == f"Your booking:\n{address}\n\nUntil then."
    escaped = address.replace("&", "&amp;")
    assert f'Your booking:<br>\n<a style="color:#1d70b8;" href="{escaped}">{escaped}</a></p>' in sink.messages[0].html


@pytest.mark.django_db
def test_the_partnership_sends_and_its_team_is_answered(at: datetime, sink: SmtpSink) -> None:
    email = sent({}, at, sink)
    assert email["From"] == "Riverside Safeguarding Children Partnership <learning@riverside.example>"
    assert email["Reply-To"] == "Riverside Safeguarding Children Partnership <training@riverside.example>"
    assert email["Auto-Submitted"] == "auto-generated"
    assert sink.messages[0].sender == "learning@riverside.example"


@pytest.mark.django_db
def test_the_parts_stand_in_the_order_that_mail_programs_expect(at: datetime, sink: SmtpSink) -> None:
    email = sent({"calendar": CALENDAR, "calendar_method": "REQUEST"}, at, sink)
    assert [p.get_content_type() for p in email.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_a_calendar_entry_goes_along_as_a_part_and_as_a_file(at: datetime, sink: SmtpSink, method: str) -> None:
    text = CALENDAR.replace("REQUEST", method)
    email = sent({"calendar": text, "calendar_method": method}, at, sink)
    calendar = next(p for p in email.walk() if p.get_content_type() == "text/calendar")
    assert (calendar.get_param("method"), calendar.get_param("charset")) == (method, "utf-8")
    assert calendar.get_content().replace("\r\n", "\n").strip() == text.replace("\r\n", "\n").strip()
    file = next(p for p in email.walk() if p.get_content_type() == "application/ics")
    assert (file.get_filename(), file.get_content()) == ("invite.ics", text.encode())


@pytest.mark.django_db
@pytest.mark.parametrize("bad", HOSTILE)
def test_no_header_can_be_added_through_a_subject_or_a_name(at: datetime, sink: SmtpSink, settings: Settings, bad: str) -> None:
    partnership = PartnershipFactory(name=f"Riverside{bad}".replace("\0", "\x01"))  # PostgreSQL holds no NUL
    email = sent({"partnership": partnership, "subject": f"Booked{bad}".replace("\0", "\x01")}, at, sink)
    ours = ["Message-ID", "Date", "Auto-Submitted", "X-Auto-Response-Suppress"]
    assert sorted(email.keys()) == sorted(["Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", *ours])
    assert "\n" not in str(email["Subject"])
    assert sink.messages[0].to == [email["To"]]


@pytest.mark.django_db
def test_a_subject_beyond_ascii_arrives_as_it_is(at: datetime, sink: SmtpSink) -> None:
    assert sent({"subject": "Réservé : Zoë’s café – 日本"}, at, sink)["Subject"] == "Réservé : Zoë’s café – 日本"


def test_html_in_a_text_is_shown_not_drawn() -> None:
    text = '<script>alert(1)</script> <img src=x onerror=alert(1)>\n\nSee https://a.example/?q="><b>x, (https://b.example/c).'
    assert html_paragraphs(text).split(">", 1)[1].replace("&#x27;", "'").count("<script") == 0
    html = html_paragraphs(text)
    assert "<img" not in html
    assert '<a style="color:#1d70b8;" href="https://a.example/?q=">https://a.example/?q=</a>&quot;&gt;&lt;b&gt;x' in html
    assert '(<a style="color:#1d70b8;" href="https://b.example/c">https://b.example/c</a>).' in html


def test_javascript_and_other_schemes_are_no_links() -> None:
    assert "<a " not in html_paragraphs("javascript:alert(1) data:text/html,x ftp://a.example www.a.example")


def test_what_people_typed_can_not_pass_for_our_link() -> None:
    assert typed("Sam {link:booking}\r\nOkafor") == "Sam (link:booking) Okafor"


@pytest.mark.django_db
def test_the_html_names_the_partnership_and_its_colour(at: datetime) -> None:
    partnership = PartnershipFactory(name="A & B <Partnership>", primary_colour="#123456")
    html = str(as_email(MessageFactory(partnership=partnership), at=at).alternatives[0].content)
    assert "A &amp; B &lt;Partnership&gt;" in html
    assert "background-color:#123456" in html


@pytest.mark.parametrize("hostile", ["<b>&\"'", "{{ subject }}", "{before}"])
def test_the_html_is_what_its_template_draws(at: datetime, hostile: str) -> None:
    """Drawn once for a partnership, filled for each message."""
    for phone in ("", "01234 567890"):
        partnership = PartnershipFactory.build(name=f"Riverside {hostile}", team_phone=phone)
        for number in range(2):
            message = MessageFactory.build(
                partnership=partnership, subject=f"Booked {number} {hostile}", text=f"{number} {hostile}"
            )
            context = {"partnership": partnership, "subject": message.subject, "paragraphs": html_paragraphs(message.text)}
            assert as_email(message, at=at).alternatives[0].content == render_to_string("email/base.html", context)


def test_the_html_is_laid_out_as_outlook_on_windows_needs_it(at: datetime) -> None:
    """Word draws there: it reads width attributes and inline styles, and no style sheet, float, position or max-width."""
    html = str(as_email(MessageFactory.build(text="Hello\n\nhttps://a.example/" + "x" * 300), at=at).alternatives[0].content)
    assert html.startswith('<!DOCTYPE html>\n<html lang="en-GB"')
    assert "<title>Booked: Introduction to neglect</title>" in html
    for word in ("<style", "<div", "class=", "float", "position", "flex", "<img"):
        assert word not in html
    assert html.count("<table") == html.count('<table role="presentation"') == html.count("</table>")
    assert (html.count('width="600"'), html.count("max-width:600px")) == (1, 1)
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->") == 3


def test_the_boundaries_are_new_each_time_and_part_the_message(at: datetime, db: None) -> None:
    message = MessageFactory(calendar=CALENDAR, calendar_method="REQUEST", text="--=\n\n--=00--")
    drawn = [message_from_bytes(as_email(message, at=at).message().as_bytes(), policy=policy.default) for _ in range(2)]
    boundaries = {part.get_boundary() for email in drawn for part in email.walk() if part.is_multipart()}
    assert (len(boundaries), all(len(boundary) >= 23 for boundary in boundaries)) == (4, True)
    for email in drawn:
        assert email.get_body(("plain",)).get_content().startswith("--=\n\n--=00--")
        assert [part.get_filename() for part in email.iter_attachments()] == ["invite.ics"]
