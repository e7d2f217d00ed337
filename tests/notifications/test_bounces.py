"""Addresses that messages come back from."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from core.refusals import Refused
from notifications.bounces import bounced_among, bounced_of, count_bounced, mark_bounced, try_again
from notifications.calendar import invitation
from notifications.delivery import GIVE_UP_AFTER, says_no_such_mailbox
from notifications.due import COMES_BACK, give_up_on_bounced, send_waiting_messages, write_to_new_addresses
from notifications.models import BouncedAddress, Message, MessageState
from notifications.operations import resend
from notifications.queries import outbox
from tests.factories.notifications import MessageFactory
from tests.factories.people import PartnershipFactory, PersonFactory, officer
from tests.notifications.test_calendar import session_on
from tests.tools.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

GONE = "gone@school.example"
IN_THE_CALENDAR = invitation(session_on(date(2027, 1, 26), attendee_address=GONE))
BACK = {"last_error": "It came back: 5.1.1 unknown"}


@pytest.mark.parametrize("answer", ["550 5.1.1 Nobody of that name", "550 No such user here", "553 5.1.3 Bad address"])
def test_a_server_that_knows_nobody_there_pauses_what_waits_for_it(at: datetime, sink: SmtpSink, answer: str) -> None:
    first, second = MessageFactory(to_address=GONE), MessageFactory(to_address=GONE, created_at=at)
    sink.answer("rcpt", answer)
    send_waiting_messages(at)
    assert list(BouncedAddress.objects.values_list("address", flat=True)) == [GONE]
    for message in (first, second):
        message.refresh_from_db()
    assert (first.state, second.state) == (MessageState.FAILED, MessageState.WAITING)
    assert send_waiting_messages(at + timedelta(hours=2)) == 0
    assert (sink.messages, outbox(at=at).paused, outbox(at=at).due) == ([], 1, 0)


@pytest.mark.parametrize(
    ("stage", "answer"), [("rcpt", "550 5.7.1 Not from you"), ("rcpt", "552 5.2.2 Mailbox full"), ("data", "550 5.1.1 Odd place")]
)
def test_a_refusal_that_says_nothing_of_the_address_marks_nobody(at: datetime, sink: SmtpSink, stage: str, answer: str) -> None:
    MessageFactory(to_address=GONE)
    sink.answer(stage, answer)
    send_waiting_messages(at)
    assert BouncedAddress.objects.count() == 0


def test_without_the_mark_the_next_message_would_go_there(at: datetime, sink: SmtpSink) -> None:
    """The control."""
    MessageFactory(to_address=GONE)
    mark_bounced(address=GONE, reason="", at=at)
    assert send_waiting_messages(at) == 0
    BouncedAddress.objects.all().delete()
    assert send_waiting_messages(at) == 1


def test_trying_again_sends_what_waited(at: datetime, sink: SmtpSink) -> None:
    MessageFactory(to_address=GONE, next_attempt_at=at + timedelta(hours=1))
    bounced = mark_bounced(address="Gone@School.example", reason="5.1.1", at=at)
    assert try_again(bounced=bounced, by=officer(), at=at) == 1
    assert send_waiting_messages(at) == 1
    assert (len(sink.to(GONE)), bounced_among([GONE])) == (1, [])


def test_what_waits_for_an_address_is_given_up_after_five_days(at: datetime) -> None:
    old = MessageFactory(to_address=GONE, created_at=at - GIVE_UP_AFTER)
    MessageFactory(to_address=GONE, created_at=at)
    MessageFactory(created_at=at - GIVE_UP_AFTER)
    mark_bounced(address=GONE, reason="", at=at)
    assert give_up_on_bounced(at) == 1
    old.refresh_from_db()
    assert (old.state, old.last_error) == (MessageState.FAILED, COMES_BACK)
    assert give_up_on_bounced(at) == 0


def test_a_failed_message_goes_to_the_address_that_the_person_has_now(at: datetime) -> None:
    person = PersonFactory(address="new@school.example")
    message = MessageFactory(person=person, to_address=GONE, state=MessageState.FAILED)
    assert resend(message=message, by=officer(), at=at).to_address == "new@school.example"


@pytest.mark.both_databases
def test_what_came_back_is_sent_again_to_the_new_address(at: datetime, sink: SmtpSink) -> None:
    person = PersonFactory(address="new@school.example")
    entry = {"calendar": IN_THE_CALENDAR, "calendar_method": "REQUEST"}
    message = MessageFactory(person=person, to_address=GONE, state=MessageState.SENT, sent_at=at, **entry, **BACK)
    mark_bounced(address=GONE, reason="", at=at)
    assert list(Message.objects.came_back()) == [message]
    resend(message=message, by=officer(), at=at)
    assert (send_waiting_messages(at), len(sink.to("new@school.example"))) == (1, 1)
    message.refresh_from_db()
    assert (message.standing, message.last_error) == ("sent", "")
    assert ("mailto:new@school.example" in message.calendar, GONE in message.calendar) == (True, False)


@pytest.mark.both_databases
def test_what_waits_for_an_address_that_is_theirs_no_more_goes_to_the_new_one(at: datetime) -> None:
    person = PersonFactory(address="new@school.example")
    entry = {"calendar": IN_THE_CALENDAR, "calendar_method": "REQUEST"}
    moved, held = (MessageFactory(person=person, to_address=GONE, held_at=held_at, **entry) for held_at in (None, at))
    later = MessageFactory(person=person, to_address=GONE, due_at=at + timedelta(days=2))
    to_manager = MessageFactory(to_address=GONE)
    still_theirs = MessageFactory(person=PersonFactory(address="still@school.example"), to_address="still@school.example")
    for address in (GONE, "still@school.example"):
        mark_bounced(address=address, reason="", at=at)
    Message.objects.filter(pk=held.pk).update(lease_until=at + timedelta(minutes=1))
    assert write_to_new_addresses(at) == 2  # what a worker holds at this moment is left to it
    assert write_to_new_addresses(at + timedelta(minutes=1)) == 1
    assert write_to_new_addresses(at) == 0
    addresses = dict(Message.objects.values_list("pk", "to_address"))
    assert [addresses[one.pk] for one in (moved, held, later)] == ["new@school.example"] * 3
    assert "mailto:new@school.example" in Message.objects.get(pk=moved.pk).calendar
    assert [addresses[one.pk] for one in (to_manager, still_theirs)] == [GONE, "still@school.example"]
    later.refresh_from_db()
    assert later.next_attempt_at == at + timedelta(days=2)
    assert {message for _, message in bounced_of(moved.partnership)} == {still_theirs, to_manager}
    assert count_bounced(moved.partnership) == 2


def test_an_address_that_nobody_has_any_more_is_not_to_be_put_right(at: datetime) -> None:
    message = MessageFactory(person=PersonFactory(), to_address=GONE, state=MessageState.SENT, sent_at=at)
    mark_bounced(address=GONE, reason="", at=at)
    assert (bounced_of(message.partnership), count_bounced(message.partnership)) == ([], 0)


def test_an_old_calendar_entry_is_not_sent_again_after_a_newer_one(at: datetime) -> None:
    entry = {"about": "booking:7", "person": PersonFactory(), "calendar": IN_THE_CALENDAR, "calendar_method": "REQUEST"}
    old = MessageFactory(created_at=at - timedelta(days=1), state=MessageState.SENT, sent_at=at, **BACK, **entry)
    newer = MessageFactory(created_at=at, **entry)
    with pytest.raises(Refused) as refused:
        resend(message=old, by=officer(), at=at)
    assert refused.value.code == "newer_entry"
    Message.objects.filter(pk=newer.pk).update(state=MessageState.WITHDRAWN)
    assert resend(message=old, by=officer(), at=at).state == MessageState.WAITING


def test_what_takes_an_entry_out_of_a_calendar_is_sent_again_whatever_came_since(at: datetime) -> None:
    entry = {"about": "booking:7", "person": PersonFactory(), "calendar": IN_THE_CALENDAR}
    out = MessageFactory(created_at=at - timedelta(days=1), state=MessageState.FAILED, calendar_method="CANCEL", **entry)
    MessageFactory(created_at=at, calendar_method="REQUEST", **entry)
    assert resend(message=out, by=officer(), at=at).state == MessageState.WAITING


def test_nothing_is_sent_again_to_an_address_that_is_marked(at: datetime) -> None:
    message = MessageFactory(to_address=GONE, state=MessageState.FAILED)
    mark_bounced(address=GONE, reason="", at=at)
    with pytest.raises(Refused) as refused:
        resend(message=message, by=officer(), at=at)
    assert refused.value.code == "bounced"


def test_a_partnership_sees_the_addresses_that_it_wrote_to(at: datetime) -> None:
    ours = MessageFactory(to_address=GONE)
    elsewhere = PartnershipFactory(name="Elsewhere", short_name="Elsewhere", slug="elsewhere", is_default=False)
    theirs = MessageFactory(to_address="other@school.example", partnership=elsewhere)
    newest = MessageFactory(to_address=GONE, partnership=ours.partnership, created_at=at)
    for message in (ours, theirs):
        mark_bounced(address=message.to_address, reason="", at=at)
    assert [(one.address, message) for one, message in bounced_of(ours.partnership)] == [(GONE, newest)]


def test_what_has_not_left_is_not_the_last_message_there(at: datetime) -> None:
    sent = [
        MessageFactory(to_address=GONE, state=MessageState.SENT, sent_at=at - timedelta(days=days), created_at=created)
        for days, created in [(3, at - timedelta(days=5)), (2, at - timedelta(days=9))]
    ]
    MessageFactory(to_address=GONE, partnership=sent[0].partnership, created_at=at)
    mark_bounced(address=GONE, reason="", at=at)
    assert [message for _, message in bounced_of(sent[0].partnership)] == [sent[1]]


def test_an_address_stands_there_once_and_in_lower_case(at: datetime) -> None:
    mark_bounced(address=GONE, reason="first", at=at)
    assert mark_bounced(address=GONE.upper(), reason="second", at=at).reason == "first"
    with pytest.raises(IntegrityError), transaction.atomic():
        BouncedAddress.objects.create(address="Upper@school.example", bounced_at=at)
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("code", "text", "nobody"),
    [
        (550, "5.1.1 <x@y.example>: unknown", True),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        (550, "5.2.1 disabled", True),
        (550, "5.7.606 banned", False),
        (550, "5.4.1 Recipient address rejected: Access denied", False),
        (551, "moved", True),
        (550, "domain has exceeded the max emails per hour", False),
        (550, "Relaying denied", False),
        (550, "Recipient rejected: blocked by policy", False),
        (550, "OK", False),
        (554, "no", False),
    ],
)
def test_what_a_server_says_of_a_mailbox(code: int, text: str, nobody: bool) -> None:
    assert says_no_such_mailbox(code, text) is nobody
