"""The demonstration's mail: into a folder, and onto a page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from core import mailbox
from core.mailbox import FolderBackend
from notifications.calendar import CalendarEntry, cancellation, invitation

pytestmark = pytest.mark.django_db

ENTRY = "Neglect <1>, Tuesday 1 June 2027, 9.30am to 3.30pm, Town Hall, Room 2"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DEMO = True
    settings.MAILBOX_DIR = tmp_path / "mail"
    return settings.MAILBOX_DIR


def put(subject: str = "Hello", text: str = "Your code is 123456.", calendar: str = "") -> str:
    message = EmailMultiAlternatives(subject, text, "us@riverside.example", ["sam@school.example"])
    if calendar:
        message.attach_alternative(calendar, "text/calendar; method=REQUEST")
    assert FolderBackend().send_messages([message]) == 1
    return mailbox.names()[0]


def entry(sequence: int = 0) -> CalendarEntry:
    starts_at = datetime(2027, 6, 1, 8, 30, tzinfo=UTC)
    return CalendarEntry(
        uid="1@riverside.example",
        sequence=sequence,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=6),
        summary="Neglect <1>",
        description="",
        location="Town Hall, Room 2",
        organiser_name="Riverside",
        organiser_address="training@riverside.example",
        attendee_address="sam@school.example",
        changed_at=starts_at,
    )


def test_files_sort_in_the_order_they_were_sent(at: datetime, folder: Path) -> None:
    with time_machine.travel(at, tick=False):
        FolderBackend().send_messages(
            [EmailMessage(f"Number {n}", "", "us@riverside.example", ["a@b.example"]) for n in range(12)]
        )
    found = [mailbox.read(name) for name in mailbox.names()]
    assert [letter.subject for letter in found if letter] == [f"Number {n}" for n in range(11, -1, -1)]
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_the_newest_comes_first_and_pages_follow(client: Client) -> None:
    for number in range(27):
        put(f"Number {number}")
    page = client.get(reverse("mailbox"))
    assert [letter.subject for letter in page.context["letters"]] == [f"Number {n}" for n in range(26, 1, -1)]
    page = client.get(reverse("mailbox"), {"page": 2})
    assert [letter.subject for letter in page.context["letters"]] == ["Number 1", "Number 0"]


def test_an_empty_mailbox_says_how_a_message_gets_there(client: Client) -> None:
    assert "No messages yet" in client.get(reverse("mailbox")).content.decode()


def test_a_letter_shows_its_text_with_links_and_nothing_it_says_is_drawn(client: Client) -> None:
    name = put("<script>alert(1)</script>", "Hello <img src=x>\n\nhttps://riverside.example/a?b=1&c=2")
    html = client.get(reverse("mailbox_letter", args=[name])).content.decode()
    assert "<script>alert" not in html
    assert "Hello &lt;img src=x&gt;" in html
    assert 'href="https://riverside.example/a?b=1&amp;c=2"' in html
    assert "sam@school.example" in html


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (invitation(entry()), "Put into the calendar: Neglect <1>, Tuesday 1 June 2027, 9.30am to 3.30pm, Town Hall, Room 2"),
        (invitation(entry(1)), "Change: Neglect <1>, Tuesday 1 June 2027, 9.30am to 3.30pm, Town Hall, Room 2"),
        (
            cancellation(entry(2)),
            "Take out of the calendar: Neglect <1>, Tuesday 1 June 2027, 9.30am to 3.30pm, Town Hall, Room 2",
        ),
        ("no calendar at all", "A calendar file that can't be read."),
    ],
)
def test_a_calendar_entry_is_told_in_words_and_can_be_downloaded(client: Client, calendar: str, words: str) -> None:
    name = put(calendar=calendar)
    page = client.get(reverse("mailbox_letter", args=[name]))
    assert page.context["letter"].calendar_entries == [words]
    file = client.get(reverse("mailbox_invite", args=[name]))
    assert (file.headers["Content-Type"], file.content.decode().strip()) == ("text/calendar; charset=utf-8", calendar.strip())


def test_a_whole_day_is_told_as_a_day() -> None:
    event = ["BEGIN:VEVENT", "UID:1", "SUMMARY:Day", "DTSTART;VALUE=DATE:20270601", "END:VEVENT"]
    text = "\r\n".join(["BEGIN:VCALENDAR", *event, "END:VCALENDAR", ""])
    assert mailbox.in_words(text) == [f"Put into the calendar: Day, {mailbox.day(date(2027, 6, 1))}"]


@pytest.mark.parametrize("name", ["..", "x.eml", "../settings.py", ".hidden", "20270111T090000.000000Z-000000-00000000.eml"])
def test_only_files_of_the_mailbox_are_read(client: Client, name: str) -> None:
    put()
    assert mailbox.read(name) is None
    assert client.get(f"/mailbox/{name}/").status_code == 404


def test_a_letter_without_a_calendar_has_nothing_to_download(client: Client) -> None:
    assert client.get(reverse("mailbox_invite", args=[put()])).status_code == 404


def test_outside_the_demonstration_there_is_no_mailbox(client: Client, settings: Settings) -> None:
    name = put(calendar=invitation(entry()))
    settings.DEMO = False
    paths = [reverse("mailbox"), reverse("mailbox_letter", args=[name]), reverse("mailbox_invite", args=[name])]
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]
