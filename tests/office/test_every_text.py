"""What holds for the text of every kind of message: it can be filled, says no more than its reader may know, and stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser

import pytest

from bookings.messages import KINDS
from bookings.messages.texts.values import BOOKED, MANAGER, TRAINER
from core.text import many_lines
from notifications.models import Message
from notifications.rendering import as_email
from notifications.texts import Standard, checked, fill, fill_subject, placeholders
from office.texts import TEXTS
from people.models import Partnership

STANDARDS = pytest.mark.parametrize("standard", TEXTS.values(), ids=list(TEXTS))
HOSTILE = [
    "<script>alert(1)</script>",
    "</td></tr></table><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "https://a.example/\"><b onclick='x'>",
    "javascript:alert(1)",
    "{link:booking}",
    "{link:approve}",
    "{forename.__class__.__init__.__globals__}",
    "{{ partnership.team_email }}",
    "{% debug %}",
    "{signed:bookings.approval:1}",
    "%(name)s %s ${name}",
    "\r\nBcc: everybody@school.example",
    "\nSubject: Other\n\nOther",
    "x\0y",
    "x\u2028Bcc: y@school.example",
    "x\u202egnp.exe",
    "{" * 50,
    "}" * 50,
]
HEADERS = {"From", "Message-ID", "Date", "Auto-Submitted", "X-Auto-Response-Suppress"}
LEAVING = {"List-Unsubscribe", "List-Unsubscribe-Post"}


def partnership() -> Partnership:
    return Partnership(name="Riverside", team_email="training@riverside.example", primary_colour="#0f4c5c")


def filled(standard: Standard, value: str) -> Message:
    """The message as it would be with this value everywhere."""
    values = dict.fromkeys(standard.values, value)
    return Message(
        partnership=partnership(),
        to_address="sam@school.example",
        subject=fill_subject(standard.subject, values),
        text=many_lines(fill(standard.body, values, standard.links)),
        links=dict.fromkeys(standard.links, "/somewhere/"),
    )


def test_every_kind_of_message_has_a_text_and_every_text_a_name() -> None:
    assert set(TEXTS) == set(KINDS)


@STANDARDS
def test_a_standard_text_would_pass_as_an_officers_own(standard: Standard) -> None:
    assert checked(standard, subject=standard.subject, body=standard.body) == (standard.subject, standard.body)


@STANDARDS
def test_it_speaks_of_the_event_to_the_person_and_says_who_writes(standard: Standard) -> None:
    assert standard.body.startswith(("Hello {forename},\n", "Hello,\n"))
    assert standard.body.endswith("\n{partnership}")
    assert (standard.to.strip(), standard.when[-1]) == (standard.to, ".")


@STANDARDS
def test_its_examples_leave_nothing_open(standard: Standard) -> None:
    values = standard.examples()
    said = fill_subject(standard.subject, values) + fill(standard.body, values, standard.links)
    assert placeholders(said) <= {f"link:{name}" for name in standard.links}
    assert all(values.values())


def test_only_who_may_know_it_can_read_it() -> None:
    def readers(name: str) -> set[str]:
        return {standard.to for standard in TEXTS.values() if name in standard.values}

    assert {name: readers(name) for name in ("name", "manager_email", "colleague", "passed_on", "booked_by", "joining")} == {
        "name": {MANAGER},
        "manager_email": {BOOKED},
        "colleague": {BOOKED},
        "passed_on": {BOOKED},
        "booked_by": {BOOKED},
        "joining": {BOOKED, TRAINER},
    }
    for standard in TEXTS.values():
        if standard.to == MANAGER:
            assert standard.values.keys() & {"forename", "joining", "note", "declining"} == set()


def test_no_text_can_name_a_need_a_phone_or_a_home() -> None:
    names = {name for standard in TEXTS.values() for name in standard.values}
    for word in ("need", "phone", "diet", "access", "address", "birth", "role", "cost_code", "invoice"):
        assert [name for name in names if word in name and name != "needs_approval"] == []


@STANDARDS
def test_whatever_stands_in_its_values_stays_text(standard: Standard, at: datetime) -> None:
    for value in HOSTILE:
        message = filled(standard, value)
        assert placeholders(message.text) <= {f"link:{name}" for name in standard.links}
        email = as_email(message, at=at)
        assert email.to == ["sam@school.example"]
        assert "\n" not in email.subject
        assert "\r" not in email.subject
        assert set(email.extra_headers) == HEADERS | (LEAVING if "stop" in standard.links else set())
        built = email.message()
        assert (built.get_all("To"), built.get_all("Bcc"), built.get_all("Cc")) == (["sam@school.example"], None, None)
        assert len(built.get_all("From", [])) == 1
        html = str(email.alternatives[0].content)
        assert list(dangerous(html)) == []
        assert set(links(html)) <= {"https://a.example/", *OURS}


OURS = {"http://127.0.0.1:8000/somewhere/", "mailto:training@riverside.example"}


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "b", "iframe", "form", "svg"):
            self.found.append(tag)
        self.found.extend(f"{tag} {name}" for name, _ in attrs if name.startswith("on"))


def dangerous(html: str) -> Iterator[str]:
    """Any tag or attribute in it that our own template does not have."""
    reader = Reader()
    reader.feed(html)
    yield from reader.found


def links(html: str) -> Iterator[str]:
    yield from re.findall(r'href="([^"]*)"', html)


def test_the_reader_of_html_finds_what_it_looks_for() -> None:
    assert list(dangerous('<p><script>x</script><a onclick="x" href="y">z</a></p>')) == ["script", "a onclick"]
    assert list(links('<a href="javascript:x">')) == ["javascript:x"]
