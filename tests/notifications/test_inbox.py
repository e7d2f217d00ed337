"""Bounces and calendars' answers that reach the folder the worker reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from notifications import incoming
from notifications.due import send_waiting_messages
from notifications.inbox import AT_ONE_TICK, read_inbox
from notifications.models import BouncedAddress, Message, MessageState
from notifications.operations import resend
from tests.factories.notifications import MessageFactory
from tests.factories.people import PersonFactory, officer
from tests.tools.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db]

Deliver = Callable[[str], None]


def away(*_: Any) -> Any:
    raise OperationalError("the database is away")


@pytest.fixture
def deliver(tmp_path: Path, settings: Settings) -> Deliver:
    """Delivers a letter as a mail server would."""
    folder = Maildir(tmp_path / "replies")
    settings.REPLIES_FOLDER, settings.REPLIES_ADDRESS = str(tmp_path / "replies"), "replies@riverside.example"

    def deliver(letter: str) -> None:
        folder.add(letter.encode())

    return deliver


UNKNOWN = "550 5.1.1 <gone@school.example> unknown"


def bounce(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 <gone@school.example> unknown",
    named: str = "Final-Recipient: rfc822; somebody.else@school.example",
) -> str:
    return f"""From: MAILER-DAEMON@school.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.school.example

{named}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b--
"""


def envelope(message: Message) -> str:
    return incoming.envelope_sender(message.pk)


def sent(at: datetime) -> Message:
    return MessageFactory(to_address="gone@school.example", state=MessageState.SENT, sent_at=at)


def test_bounces_go_to_an_address_that_names_the_message(at: datetime, sink: SmtpSink, deliver: Deliver) -> None:
    message = MessageFactory()
    send_waiting_messages(at)
    received = sink.messages[0]
    assert received.sender == f"replies+{message.pk.hex}@riverside.example"
    assert "learning@riverside.example" in received.email["From"]


def test_without_an_address_for_replies_the_sender_is_the_envelopes(at: datetime, sink: SmtpSink, settings: Settings) -> None:
    settings.REPLIES_ADDRESS = ""
    MessageFactory()
    send_waiting_messages(at)
    assert sink.messages[0].sender == "learning@riverside.example"


def test_a_partnership_s_own_address_is_what_its_messages_come_from(at: datetime, sink: SmtpSink) -> None:
    message = MessageFactory(partnership__sender_address="learning@council.example")
    send_waiting_messages(at)
    received = sink.messages[0]
    assert (received.sender, "learning@council.example" in received.email["From"]) == ("learning@council.example", True)
    assert message.partnership.team_email in received.email["Reply-To"]


def test_a_bounce_marks_the_address_we_wrote_to_and_not_the_one_it_names(at: datetime, deliver: Deliver) -> None:
    message = sent(at)
    deliver(bounce(envelope(message)))
    assert read_inbox(at) == 1
    message.refresh_from_db()
    assert message.last_error == "It came back: 5.1.1 550 5.1.1 <[address]> unknown"
    assert [one.address for one in BouncedAddress.objects.all()] == ["gone@school.example"]
    assert read_inbox(at) == 0


OLD, NEW, ANOTHER = "old@school.example", "new@school.example", "another@school.example"
BY_SENDER, AT_THE_END = "Original-Recipient: rfc822; {}", "Final-Recipient: rfc822;<{}>"


def sent_again_elsewhere(at: datetime) -> Message:
    """It came back from an address that works no more, and an officer sent it to the one that the person has now."""
    there = {"to_address": OLD, "state": MessageState.SENT, "sent_at": at, "last_error": "It came back: mailbox full"}
    message = MessageFactory(person=PersonFactory(address=NEW), **there)
    resend(message=message, by=officer(), at=at)
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENT, sent_at=at)
    return message


@pytest.mark.both_databases
@pytest.mark.parametrize("field", [BY_SENDER, AT_THE_END])
@pytest.mark.parametrize("has_another_letter", [True, False])
def test_a_late_bounce_of_the_old_address_says_nothing_of_the_new_one(
    at: datetime, deliver: Deliver, field: str, has_another_letter: bool
) -> None:
    message = sent_again_elsewhere(at)
    if has_another_letter:
        MessageFactory(person=message.person, to_address=OLD)
    deliver(bounce(envelope(message), named=field.format(OLD.upper())))
    assert read_inbox(at) == 1
    message.refresh_from_db()
    assert (message.to_address, message.last_error) == (NEW, "")
    assert [one.address for one in BouncedAddress.objects.all()] == ([OLD] if has_another_letter else [])
    deliver(bounce(envelope(message), named=field.format(NEW)))
    read_inbox(at)
    message.refresh_from_db()
    assert message.has_come_back
    assert BouncedAddress.objects.filter(address=NEW).exists()


def test_a_bounce_names_nobody_elses_address(at: datetime, deliver: Deliver) -> None:
    message = sent(at)
    MessageFactory(person=PersonFactory(), to_address=ANOTHER)
    MessageFactory(about="booking:another", to_address=ANOTHER)
    deliver(bounce(envelope(message), named=AT_THE_END.format(ANOTHER)))
    read_inbox(at)
    assert [one.address for one in BouncedAddress.objects.all()] == [message.to_address]


def test_a_bounce_of_where_an_address_forwards_to_is_one_of_the_address(at: datetime, deliver: Deliver) -> None:
    message = sent(at)
    deliver(bounce(envelope(message), named=f"{BY_SENDER.format(message.to_address)}\n{AT_THE_END.format(ANOTHER)}"))
    read_inbox(at)
    assert [one.address for one in BouncedAddress.objects.all()] == [message.to_address]


def test_a_bounce_for_another_reason_is_told_and_pauses_nothing(at: datetime, deliver: Deliver) -> None:
    message = sent(at)
    deliver(bounce(envelope(message), status="5.2.2", said="552 Mailbox full"))
    read_inbox(at)
    message.refresh_from_db()
    assert (message.last_error, BouncedAddress.objects.count()) == ("It came back: 5.2.2 552 Mailbox full", 0)


@pytest.mark.parametrize("to", ["replies@riverside.example", "replies+00000000000000000000000000000000@riverside.example"])
def test_a_bounce_that_does_not_name_a_message_of_ours_changes_nothing(at: datetime, deliver: Deliver, to: str) -> None:
    sent(at)
    deliver(bounce(to))
    assert (read_inbox(at), BouncedAddress.objects.count()) == (1, 0)


def test_a_report_of_a_delay_is_no_bounce(at: datetime, deliver: Deliver) -> None:
    deliver(bounce(envelope(sent(at)), action="delayed", status="4.4.1"))
    assert (read_inbox(at), BouncedAddress.objects.count()) == (1, 0)


@pytest.mark.parametrize("raw", ["", "no mail at all", "Content-Type: multipart/report; boundary=b\n\n--b\n", "\x00\x00"])
def test_what_can_not_be_read_holds_up_nobody(at: datetime, deliver: Deliver, raw: str) -> None:
    message = sent(at)
    deliver(raw)
    deliver(bounce(envelope(message)))
    assert (read_inbox(at), BouncedAddress.objects.count()) == (2, 1)


HOSTILE = {
    "a long list of addresses": "To: " + ",".join(f"a{n}@b.example" for n in range(40_000)) + "\n\nHello",
    "a long diagnosis": bounce("replies+" + "0" * 32 + "@riverside.example", said="x" * 190_000),
    "words without an end": bounce("replies+" + "0" * 32 + "@riverside.example", said="\n".join(" a" * 40 for _ in range(2000))),
    "many parameters": "Content-Type: text/calendar; " + "; ".join(f"p{n}=1" for n in range(20_000)) + "\n\nBEGIN:VCALENDAR",
    "too much": "Subject: x\n\n" + "y" * 300_000,
}


@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_a_letter_made_to_keep_us_busy_does_not(kind: str, settings: Settings) -> None:
    settings.REPLIES_ADDRESS = "replies@riverside.example"
    began = time.process_time()
    with suppress(Exception):
        incoming.read(HOSTILE[kind].encode())
    assert time.process_time() - began < 10  # not how fast: it took minutes


def test_without_a_database_a_letter_stays_to_be_read(at: datetime, deliver: Deliver) -> None:
    deliver(bounce(envelope(sent(at))))
    with pytest.raises(OperationalError), connection.execute_wrapper(away):
        read_inbox(at)
    assert (read_inbox(at), BouncedAddress.objects.count()) == (1, 1)


def test_two_workers_may_read_the_same_letter(at: datetime, deliver: Deliver, settings: Settings) -> None:
    deliver(bounce(envelope(sent(at))))
    [file] = Path(settings.REPLIES_FOLDER, "new").iterdir()

    def other_worker(execute: Any, *asked: Any) -> Any:
        file.unlink(missing_ok=True)
        return execute(*asked)

    with connection.execute_wrapper(other_worker):
        assert read_inbox(at) == 1
    assert BouncedAddress.objects.count() == 1


def test_a_flood_is_read_in_parts(at: datetime, deliver: Deliver) -> None:
    letter = EmailMessage()
    letter["To"] = "replies@riverside.example"
    letter.set_content("I am away until Monday.")
    for _ in range(AT_ONE_TICK + 3):
        deliver(letter.as_string())
    assert [read_inbox(at), read_inbox(at), read_inbox(at)] == [AT_ONE_TICK, 3, 0]


def test_without_a_folder_nothing_is_read(at: datetime, settings: Settings) -> None:
    settings.REPLIES_FOLDER = ""
    assert read_inbox(at) == 0
