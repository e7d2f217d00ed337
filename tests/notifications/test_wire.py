"""What is written by hand is byte for byte what the library writes, whatever stands in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import compat32
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import forbid_multi_line_headers, sanitize_address
from hypothesis import given
from hypothesis import strategies as st

from notifications import wire
from notifications.rendering import OutboxEmail, as_email
from tests.factories.notifications import MessageFactory
from tests.factories.people import PartnershipFactory

AT = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
ODD = ["x" * 1200, "é" * 700, "=" * 998, "From here on", ".", "--", "", "\r", "\n", "\r\n", "\n\n", "\f", "\x85", "\u2028"]
TEXTS = st.lists(st.sampled_from(ODD) | st.text(max_size=40), min_size=1, max_size=8).map("".join).filter(bool)
NAMES = st.sampled_from(["Subject", "From", "To", "Reply-To", "Message-ID", "List-Unsubscribe"])
ENCODED = st.sampled_from(["=?utf-8?q?x?=", " x", "x ", "a  b"])
VALUES = st.text(st.characters(codec="ascii"), max_size=120) | st.text(max_size=120) | ENCODED
PLAIN = st.from_regex(wire.PLAIN_ADDRESS, fullmatch=True)
OURS = ["Message-ID", "Date", "Auto-Submitted", "X-Auto-Response-Suppress"]


def or_refused(work: Callable[..., Any], *arguments: str) -> Any:
    """What it comes to, None for what it refuses."""
    try:
        return work(*arguments)
    except Exception:  # of many kinds: delivery refuses the message for any
        return None


def header_of_the_library(name: str, value: str) -> bytes:
    return compat32.clone(linesep="\r\n").fold_binary(*forbid_multi_line_headers(name, value, "utf-8"))


def address_of_the_library(text: str) -> str:
    return sanitize_address(text, "utf-8")


@given(NAMES, VALUES)
def test_a_header_is_written_as_the_library_writes_it(name: str, value: str) -> None:
    assert or_refused(wire.header, name, value) == or_refused(header_of_the_library, name, value)


@pytest.mark.parametrize("value", ["", "x" * 67, "x" * 69, "x" * 70, "A long name " * 20, "Séance", "a\nb", "a\r\nBcc: b"])
def test_so_are_short_and_long_ones_and_one_of_several_lines_is_refused(value: str) -> None:
    header = or_refused(wire.header, "Subject", value)
    assert (header, header is None) == (or_refused(header_of_the_library, "Subject", value), "\n" in value)


@given(st.from_regex(wire.PLAIN_ADDRESS, fullmatch=True) | st.emails() | st.text(max_size=20) | st.text("a.b@-\r<>", max_size=20))
def test_an_address_is_what_the_library_makes_of_it(text: str) -> None:
    assert or_refused(wire.address, text) == or_refused(address_of_the_library, text)


@pytest.mark.parametrize("text", ["zoë@school.example", "a b@school.example", '"a b"@school.example', "sam@bücher.example"])
def test_so_is_one_that_is_not_plain(text: str) -> None:
    assert or_refused(wire.address, text) == or_refused(address_of_the_library, text)


@given(text=TEXTS, subject=st.text(max_size=120), name=st.text(max_size=60), calendar=TEXTS | st.just(""))
def test_a_whole_email_is_written_as_the_library_writes_it(text: str, subject: str, name: str, calendar: str) -> None:
    message: Any = MessageFactory.build(
        partnership=PartnershipFactory.build(name=name),
        subject=subject,
        text=text.replace("{", "("),
        calendar=calendar,
        calendar_method="REQUEST" if calendar else "",
    )
    email = as_email(message, at=AT)
    ours = email.as_bytes()
    read = message_from_bytes(ours)
    assert ours == written_by_the_library(email, [str(part.get_boundary()) for part in read.walk() if part.is_multipart()])
    assert sorted(read.keys()) == sorted(["Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", *OURS])


def written_by_the_library(email: OutboxEmail, boundaries: list[str]) -> bytes:
    drawn: Any = EmailMultiAlternatives.message(email)
    for part in drawn.walk():
        if part.is_multipart():
            part.set_boundary(boundaries.pop(0))
    written: bytes = drawn.as_bytes(linesep="\r\n")
    return written
