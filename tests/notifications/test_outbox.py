"""What is written into the outbox, and what is not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEntry
from core.refusals import Refused
from notifications.models import Message, MessageState
from notifications.operations import draft_message, resend, withdraw, write_messages
from tests.factories.notifications import MessageFactory
from tests.factories.people import PartnershipFactory, officer

pytestmark = pytest.mark.django_db


def queue(at: datetime, **changed: Any) -> Message | None:
    fields: dict[str, Any] = {
        "partnership": PartnershipFactory(),
        "kind": "booking_confirmed",
        "about": "booking:1",
        "dedupe_key": "booking:1:confirmed:0",
        "to_address": "sam@school.example",
        "subject": "Booked",
        "text": "You have a place.\n\n{link:booking}",
        "links": {"booking": "/bookings/1/"},
        "happened_on": date(2027, 1, 11),
    }
    fields |= changed
    write_messages([draft_message(**fields, at=at)])
    return Message.objects.filter(dedupe_key=fields["dedupe_key"]).first()


def test_a_message_is_due_at_once(at: datetime) -> None:
    message = queue(at)
    assert message is not None
    assert (message.state, message.created_at, message.due_at, message.next_attempt_at) == (MessageState.WAITING, at, at, at)


def test_a_message_can_be_due_later(at: datetime) -> None:
    later = at + timedelta(days=2)
    message = queue(at, due_at=later)
    assert message is not None
    assert (message.due_at, message.next_attempt_at) == (later, later)


@pytest.mark.both_databases
def test_the_second_message_of_a_pair_is_not_written(at: datetime) -> None:
    first = queue(at)
    queue(at, subject="Booked again")
    assert [m.subject for m in Message.objects.all()] == ["Booked"]
    assert first is not None


def test_nothing_is_written_about_what_happened_before_the_partnerships_day(at: datetime) -> None:
    partnership = PartnershipFactory(messages_from=date(2027, 1, 11))
    assert queue(at, partnership=partnership, happened_on=date(2027, 1, 10)) is None
    assert Message.objects.count() == 0
    assert queue(at, partnership=partnership, happened_on=date(2027, 1, 11)) is not None


def test_nothing_is_written_for_a_partnership_that_sends_nothing(at: datetime) -> None:
    assert queue(at, partnership=PartnershipFactory(messages_from=None)) is None
    assert Message.objects.count() == 0


@pytest.mark.parametrize("address", ["", "  ", "\r\n"])
def test_nothing_is_written_to_somebody_without_an_address(at: datetime, address: str) -> None:
    assert queue(at, to_address=address) is None


@pytest.mark.parametrize(
    "address", ["no address", "sam@school", "a@b.example\r\nBcc: c@d.example", "x" * 300 + "@school.example"]
)
def test_an_address_that_is_none_is_shown_as_failed(at: datetime, address: str) -> None:
    message = queue(at, to_address=address)
    assert message is not None
    assert (message.state, message.last_error) == (MessageState.FAILED, "This is not an e-mail address.")


def test_a_placeholder_without_a_path_raises(at: datetime) -> None:
    with pytest.raises(ValueError, match="manager"):
        queue(at, text="{link:booking} {link:manager}")
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "bookings/1/", "/a\r\nb"]
)
def test_a_link_leads_to_this_site_only(at: datetime, path: str) -> None:
    with pytest.raises(ValueError, match="booking"):
        queue(at, links={"booking": path})


@pytest.mark.both_databases
@pytest.mark.parametrize("mark", ["\r", "\n", "\r\n", "\0", "\u2028", "\u2029", "\x85", "\x1b", "\u202e"])
def test_control_characters_do_not_reach_the_subject(at: datetime, mark: str) -> None:
    message = queue(at, subject=f"Booked{mark}Bcc: everybody@school.example", text=f"One{mark}two")
    assert message is not None
    message.refresh_from_db()
    assert message.subject == "Booked Bcc: everybody@school.example"
    assert message.text in ("One\ntwo", "Onetwo")


def test_what_waits_or_failed_is_withdrawn_when_its_reason_has_gone(at: datetime) -> None:
    waiting = MessageFactory(about="booking:7")
    failed = MessageFactory(about="booking:7", state=MessageState.FAILED)
    sent = MessageFactory(about="booking:7", state=MessageState.SENT, sent_at=at)
    other = MessageFactory(about="booking:8")
    assert withdraw(about="booking:7", at=at) == 2
    states = {m.pk: m.state for m in Message.objects.all()}
    assert states == {waiting.pk: "withdrawn", failed.pk: "withdrawn", sent.pk: "sent", other.pk: "waiting"}


def test_only_the_kinds_named_are_withdrawn(at: datetime) -> None:
    MessageFactory(about="booking:7", kind="reminder")
    MessageFactory(about="booking:7", kind="booking_confirmed")
    assert withdraw(about="booking:7", at=at, kinds=["reminder"]) == 1
    assert list(Message.objects.waiting().values_list("kind", flat=True)) == ["booking_confirmed"]


@pytest.mark.both_databases
def test_an_officer_sends_a_failed_message_again(at: datetime) -> None:
    message = MessageFactory(state=MessageState.FAILED, attempts=40, last_error="550 No such user")
    person = officer()
    resend(message=message, by=person, at=at)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.due_at, message.next_attempt_at) == (MessageState.WAITING, 0, at, at)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.changes) == ("message sent again", person.pk, {"state": ["failed", "waiting"]})


@pytest.mark.parametrize("state", ["waiting", "withdrawn", "sent"])
def test_only_what_failed_or_came_back_is_sent_again(at: datetime, state: str) -> None:
    message = MessageFactory(state=state, sent_at=at if state == "sent" else None)
    with pytest.raises(Refused) as refused:
        resend(message=message, by=officer(), at=at)
    assert refused.value.code == "not_failed"


def test_what_has_no_address_is_not_sent_again(at: datetime) -> None:
    message = MessageFactory(state=MessageState.FAILED, to_address="nobody")
    with pytest.raises(Refused) as refused:
        resend(message=message, by=officer(), at=at)
    assert refused.value.code == "no_address"


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "fields",
    [
        {"state": "sent"},
        {"state": "waiting", "sent_at": datetime.fromisoformat("2027-01-11T09:00:00+00:00")},
        {"state": "lost"},
        {"calendar": "BEGIN:VCALENDAR"},
        {"calendar": "BEGIN:VCALENDAR", "calendar_method": "PUBLISH"},
    ],
)
def test_the_database_refuses_a_state_without_sense(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MessageFactory(**fields)
