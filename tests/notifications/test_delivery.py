"""What a real mail server hears, and what the outbox makes of its answers."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta

import pytest
from django.core.mail import get_connection
from django.db import transaction
from pytest_django import Settings

from core.leases import claim
from notifications.delivery import ATTEMPTS_AT_LEAST, BATCH, GIVE_UP_AFTER, LEASE_SECONDS, Delivery, hand_over, pause_after
from notifications.due import send_waiting_messages
from notifications.models import Message, MessageState
from notifications.operations import withdraw, withdraw_to_write_again, write_messages
from tests.factories.notifications import MessageFactory
from tests.tools.smtp_sink import DROP, KEEP_AND_DROP, SmtpSink, smtp_sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MINUTE = timedelta(minutes=1)


def test_what_is_due_is_sent_once_oldest_first(at: datetime, sink: SmtpSink) -> None:
    second = MessageFactory(created_at=at - 2 * MINUTE)
    first = MessageFactory(created_at=at - 3 * MINUTE)
    later = MessageFactory(created_at=at - 4 * MINUTE, due_at=at + MINUTE)
    assert send_waiting_messages(at) == 2
    assert send_waiting_messages(at) == 0
    assert [m.to for m in sink.messages] == [[first.to_address], [second.to_address]]
    for message in (first, second, later):
        message.refresh_from_db()
    assert [m.state for m in (first, second, later)] == ["sent", "sent", "waiting"]
    assert at <= first.sent_at <= at + MINUTE
    assert (first.lease_until, first.leased_by) == (None, "")


def test_a_batch_takes_one_connection(at: datetime, sink: SmtpSink) -> None:
    MessageFactory.create_batch(BATCH + 1)
    assert send_waiting_messages(at) == BATCH + 1
    assert (len(sink.messages), sink.connections) == (BATCH + 1, 2)


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", ["421 4.3.2 Closing", "451 4.7.1 Come back later"])
def test_a_message_put_off_is_tried_again_after_a_pause(at: datetime, sink: SmtpSink, stage: str, answer: str) -> None:
    sink.answer(stage, answer)
    message = MessageFactory()
    other = MessageFactory(created_at=at)
    send_waiting_messages(at)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (MessageState.WAITING, 1, answer)
    assert message.put_off is (answer[:3] == "451")
    assert at + MINUTE <= message.next_attempt_at <= at + 2 * MINUTE
    assert [m.to for m in sink.messages] == [[other.to_address]]
    assert send_waiting_messages(at + MINUTE / 2) == 0
    assert send_waiting_messages(at + 2 * MINUTE) == 1
    assert [m.to for m in sink.messages] == [[other.to_address], [message.to_address]]


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
def test_a_final_no_fails_the_message_at_once_and_names_nobody(at: datetime, sink: SmtpSink, stage: str) -> None:
    sink.answer(stage, "550 5.1.1 <sam@school.example>: sam@school.example is unknown")
    message = MessageFactory(to_address="sam@school.example")
    send_waiting_messages(at)
    message.refresh_from_db()
    assert (message.state, message.last_error) == (MessageState.FAILED, "550 5.1.1 <[address]>: [address] is unknown")
    assert sink.messages == []


def test_a_server_that_wants_a_password_fails_no_message(at: datetime, sink: SmtpSink) -> None:
    sink.answer("mail", "530 5.7.0 Authentication required")
    message = MessageFactory()
    send_waiting_messages(at)
    message.refresh_from_db()
    assert message.state == MessageState.WAITING


def test_a_connection_dropped_after_the_data_is_tried_again_with_the_same_id(at: datetime, sink: SmtpSink) -> None:
    sink.answer("data", DROP, KEEP_AND_DROP)
    message = MessageFactory()
    send_waiting_messages(at)
    message.refresh_from_db()
    assert (message.state, message.last_error) == (MessageState.WAITING, "The mail server closed the connection.")
    assert sink.messages == []
    send_waiting_messages(at + 5 * MINUTE)
    send_waiting_messages(at + 60 * MINUTE)
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert [m.email["Message-ID"] for m in sink.messages] == [f"<{message.pk}@learning.riverside.example>"] * 2


@pytest.mark.parametrize("greeting", ["421 4.3.2 Too busy", DROP])
def test_an_outage_makes_everything_wait_and_then_leave_in_its_order(at: datetime, sink: SmtpSink, greeting: str) -> None:
    sink.answer("connect", greeting)
    messages = [MessageFactory(created_at=at - n * MINUTE) for n in range(BATCH + 5, 0, -1)]
    send_waiting_messages(at)
    assert sink.messages == []
    assert len({m.next_attempt_at for m in Message.objects.all()}) == 1
    assert {(m.state, m.attempts, m.put_off, m.leased_by) for m in Message.objects.all()} == {("waiting", 1, False, "")}
    assert sink.connections == 1
    send_waiting_messages(at + 2 * MINUTE)
    assert [m.to for m in sink.messages] == [[m.to_address] for m in messages]


def test_a_server_that_is_not_there_is_tried_for_five_days(at: datetime, sink: SmtpSink, settings: Settings) -> None:
    with smtp_sink() as gone:
        settings.EMAIL_PORT = gone.port
    message = MessageFactory(created_at=at)
    moment = at
    while message.state == MessageState.WAITING:
        send_waiting_messages(moment)
        message.refresh_from_db()
        moment = max(message.next_attempt_at, moment + timedelta(hours=3))
    assert message.last_error == "The mail server can't be reached."
    assert moment - at >= GIVE_UP_AFTER
    assert moment - at < GIVE_UP_AFTER + timedelta(hours=7)
    assert message.attempts > ATTEMPTS_AT_LEAST


def test_a_message_older_than_five_days_still_gets_its_attempts(at: datetime, sink: SmtpSink) -> None:
    sink.answer("rcpt", *["451 Later"] * ATTEMPTS_AT_LEAST)
    message = MessageFactory(created_at=at - timedelta(days=30))
    moment, tried = at, 0
    while message.state == MessageState.WAITING:
        tried += send_waiting_messages(moment)
        message.refresh_from_db()
        moment = message.next_attempt_at
    assert (message.state, tried) == (MessageState.FAILED, ATTEMPTS_AT_LEAST)
    assert message.last_error == "451 Later"


def test_pauses_grow_to_an_hour() -> None:
    assert [int(pause_after(n).total_seconds() / 60) for n in (1, 2, 3, 4, 5, 6, 7, 8, 500)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_withdrawn_message_is_not_sent(at: datetime, sink: SmtpSink) -> None:
    MessageFactory(about="booking:7")
    withdraw(about="booking:7", at=at)
    assert send_waiting_messages(at) == 0
    assert sink.messages == []


def test_a_message_withdrawn_after_it_was_claimed_is_not_sent(at: datetime, sink: SmtpSink) -> None:
    delivery = Delivery(at)
    MessageFactory(about="booking:7")
    claimed = claim(Message.objects.due(at).select_related("partnership"), worker=delivery.worker, at=at, seconds=300, limit=1)
    assert delivery.still_ours(claimed) == {claimed[0].pk}
    withdraw(about="booking:7", at=at)
    assert delivery.still_ours(claimed) == set()


def test_a_message_withdrawn_while_the_server_took_it_is_called_sent(at: datetime, sink: SmtpSink) -> None:
    delivery = Delivery(at)
    message = MessageFactory(about="booking:7")
    withdraw(about="booking:7", at=at)
    delivery.sent(message)
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def taken_while_it_is_written_again(at: datetime, *, again: bool) -> tuple[Message, Delivery]:
    """A message that a mail server takes while it is withdrawn to be written anew, and perhaps is."""
    delivery = Delivery(at)
    MessageFactory(about="booking:7", kind="a_note", dedupe_key="planned:7")
    [message] = claim(Message.objects.due(at), worker=delivery.worker, at=at, seconds=LEASE_SECONDS, limit=1)
    withdraw_to_write_again(about=["booking:7"], kinds=["a_note"], at=at)
    if again:
        write_messages(
            [MessageFactory.build(partnership=message.partnership, dedupe_key="planned:7", to_address="twin@school.example")]
        )
    return message, delivery


def state_of(key: str = "planned:7") -> list[str]:
    return list(Message.objects.filter(dedupe_key=key).values_list("state", flat=True))


@pytest.mark.parametrize("again", [False, True])
def test_what_left_while_it_was_to_be_written_again_leaves_once(at: datetime, sink: SmtpSink, again: bool) -> None:
    message, delivery = taken_while_it_is_written_again(at, again=again)
    delivery.sent(message)
    message.refresh_from_db()
    assert (message.state, message.dedupe_key) == (MessageState.SENT, "planned:7")
    twin = MessageFactory.build(partnership=message.partnership, dedupe_key="planned:7")
    write_messages([twin])
    assert send_waiting_messages(at) == 0
    assert Message.objects.exclude(state=MessageState.WITHDRAWN).count() == 1


def test_without_taking_its_key_again_the_twin_leaves_too(at: datetime, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard's control."""
    monkeypatch.setattr("notifications.delivery.take_key_again", lambda message, at: None)
    message, delivery = taken_while_it_is_written_again(at, again=True)
    delivery.sent(message)
    assert send_waiting_messages(at) == 1


@pytest.mark.parametrize("state", ["claimed", "sent"])
def test_a_twin_that_may_have_left_keeps_its_key(at: datetime, sink: SmtpSink, state: str) -> None:
    message, delivery = taken_while_it_is_written_again(at, again=True)
    if state == "claimed":
        claim(Message.objects.due(at), worker="another", at=at, seconds=LEASE_SECONDS, limit=1)
    else:
        send_waiting_messages(at)
    before = state_of()
    delivery.sent(message)
    message.refresh_from_db()
    assert (message.state, state_of()) == (MessageState.SENT, before)
    assert len(before) == 1


def test_what_a_dead_worker_had_claimed_is_sent_when_its_lease_has_run_out(at: datetime, sink: SmtpSink) -> None:
    MessageFactory()
    claim(Message.objects.due(at), worker="dead", at=at, seconds=LEASE_SECONDS, limit=BATCH)
    assert send_waiting_messages(at + timedelta(seconds=LEASE_SECONDS - 60)) == 0
    assert send_waiting_messages(at + timedelta(seconds=LEASE_SECONDS)) == 1
    assert send_waiting_messages(at + timedelta(seconds=3 * LEASE_SECONDS)) == 0
    assert len(sink.messages) == 1
    assert Message.objects.get().attempts == 2


def test_a_row_that_another_worker_took_over_is_left_to_it(at: datetime, sink: SmtpSink) -> None:
    slow, quick = Delivery(at), Delivery(at)
    message = MessageFactory()
    claim(Message.objects.due(at), worker=slow.worker, at=at - timedelta(hours=1), seconds=1, limit=1)
    claim(Message.objects.due(at), worker=quick.worker, at=at, seconds=LEASE_SECONDS, limit=1)
    assert (slow.still_ours([message]), quick.still_ours([message])) == (set(), {message.pk})


def test_a_message_that_can_not_be_made_fails_and_holds_up_nobody(
    at: datetime, sink: SmtpSink, caplog: pytest.LogCaptureFixture
) -> None:
    broken = MessageFactory(text="{link:gone}", created_at=at - MINUTE)
    good = MessageFactory(created_at=at)
    send_waiting_messages(at)
    broken.refresh_from_db()
    assert (broken.state, broken.last_error) == (MessageState.FAILED, "The message could not be made: KeyError.")
    (noted,) = (one for one in caplog.records if one.levelname == "ERROR")
    assert noted.getMessage().startswith(f"message {broken.pk} can't be drawn: KeyError in ")
    assert not noted.exc_info  # what is raised may name an address
    assert [m.to for m in sink.messages] == [[good.to_address]]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_from_inside_a_transaction(at: datetime, sink: SmtpSink) -> None:
    MessageFactory()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        send_waiting_messages(at)
    assert sink.messages == []


@pytest.mark.django_db(transaction=True)
def test_without_a_lease_two_workers_would_send_twice(at: datetime, sink: SmtpSink) -> None:
    """The guard's control: rows read without being claimed leave once for each worker."""
    MessageFactory()
    readers = [list(Message.objects.due(at).select_related("partnership")) for _ in range(2)]
    for rows in readers:
        with closing(get_connection()) as server:
            hand_over(server, rows[0], at=at)
    assert len(sink.messages) == 2
