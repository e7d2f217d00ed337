"""Sending what waits in the outbox, so that a crash at any moment loses nothing.

A worker claims a few rows with a lease, sends them over one connection with no transaction open, and finishes each row in a
transaction of its own once the mail server has accepted it. A worker that dies between those two leaves the row to the next one:
the only way to send twice, always with the same Message-ID.
"""

from __future__ import annotations

import logging
import re
import secrets
import smtplib
import time
from contextlib import suppress
from datetime import datetime, timedelta
from traceback import extract_tb
from uuid import UUID

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db import transaction
from django.db.models import F

from core.leases import claim, free, worker_name
from core.text import one_line
from notifications import own_texts, wire
from notifications.bounces import mark_bounced
from notifications.keys import take_key_again
from notifications.models import Message, MessageState, to_a_bounced_address
from notifications.rendering import as_email

log = logging.getLogger(__name__)

BATCH = 50
LEASE_SECONDS = 300
LOOK_AGAIN_AFTER = timedelta(milliseconds=200)
LEAVE_FOR_OTHERS = timedelta(seconds=120)  # a row is not begun when its lease ends sooner
GIVE_UP_AFTER = timedelta(days=5)
ATTEMPTS_AT_LEAST = 10  # before giving up, however long the worker itself was away
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_OUTAGE_PAUSE = timedelta(minutes=5)
CLOSING = 421  # the server closes the connection
OUR_OWN_TROUBLE = frozenset({530, 534, 535, 538})  # the server wants us to sign in: says nothing about the message
SMTP_LINE_LIMIT = 200
STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
NOBODY_THERE = re.compile(r"\b(user|mailbox|recipient|address|unknown|no such|not found|moved)\b", re.IGNORECASE)
ABOUT_US = re.compile(r"relay|exceed|limit|too many|spam|block|denied|policy|sender|domain has", re.IGNORECASE)
SENT = (
    "UPDATE notifications_message SET state = 'sent', sent_at = %s, subject = %s, text = %s, lease_until = NULL, leased_by = '',"
    " put_off = false, last_error = '' WHERE id = %s AND state <> 'sent'"
)
NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


class Unreachable(Exception):
    """The mail server can't be spoken to: no message's fault."""


class Refusal(Exception):
    """This one message did not leave. ``is_final``: it never will. ``is_its_own``: the server took the trouble to say so.

    ``no_such_mailbox``: there is nobody at its address.
    """

    def __init__(self, reason: str, *, is_final: bool = False, is_its_own: bool = False, no_such_mailbox: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_its_own = is_its_own
        self.no_such_mailbox = no_such_mailbox


class Delivery:
    """One worker's round through the outbox, from the moment ``at`` on."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.began = time.monotonic()
        self.worker = f"{worker_name()[:50]}:{secrets.token_hex(4)}"

    def now(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.began)

    def send_batch(self) -> int:
        """Claim a few due messages, oldest first, and try each once. Returns how many were claimed."""
        with transaction.atomic(durable=True):  # raises inside a transaction: nothing may be sent from one
            due = Message.objects.due(self.now()).select_related("partnership")
            batch = claim(due, worker=self.worker, at=self.now(), seconds=LEASE_SECONDS, limit=BATCH)
        if not batch:
            return 0
        own_texts.put_into(batch)
        connection = get_connection()
        try:
            self.try_each(connection, batch)
        except Unreachable as outage:
            self.postpone_all(str(outage), attempts=batch[0].attempts)
        finally:
            close(connection)
        return len(batch)

    def try_each(self, connection: BaseEmailBackend, batch: list[Message]) -> None:
        """Nothing is begun that was withdrawn more than a moment ago: a slow server may take minutes for a batch."""
        looked_at, ours, left = self.now(), self.still_ours(batch), True
        for message in batch:
            if not left or self.now() >= looked_at + LOOK_AGAIN_AFTER:
                looked_at, ours = self.now(), self.still_ours(batch)
            if message.pk in ours:
                left = self.try_one(connection, message)

    def still_ours(self, batch: list[Message]) -> set[UUID]:
        """Which of them we still hold for long enough, nobody has withdrawn, and no answer of a server has paused."""
        long_enough = self.now() + LEAVE_FOR_OTHERS
        mine = Message.objects.waiting().filter(leased_by=self.worker, lease_until__gt=long_enough)
        free_to_go = mine.exclude(to_a_bounced_address()).filter(pk__in=[message.pk for message in batch])
        return set(free_to_go.values_list("pk", flat=True))

    def try_one(self, connection: BaseEmailBackend, message: Message) -> bool:
        """Whether it left. Raises Unreachable when no connection can be had; whatever else happens is written to the row."""
        try:
            hand_over(connection, message, at=self.now())
        except Refusal as refusal:
            close(connection)  # what state it is in, nobody knows: the next message gets a new one
            self.refused(message, refusal)
            return False
        self.sent(message)
        return True

    def sent(self, message: Message) -> None:
        """Whoever holds the lease by now, and even if withdrawn in that moment: it has left. What it said is kept."""
        if not mark_sent(message, at=self.now(), has_key=True):
            take_key_again(message, at=self.now())
            mark_sent(message, at=self.now(), has_key=False)

    @transaction.atomic(durable=True)
    def refused(self, message: Message, refusal: Refusal) -> None:
        """A message whose lease another worker has taken over is left to that one."""
        is_over = refusal.is_final or self.is_too_old(message)
        Message.objects.filter(pk=message.pk, leased_by=self.worker, state=MessageState.WAITING).update(
            state=MessageState.FAILED if is_over else MessageState.WAITING,
            next_attempt_at=self.now() + pause_after(message.attempts),
            lease_until=None,
            leased_by="",
            put_off=refusal.is_its_own,
            last_error=str(refusal),
        )
        if refusal.no_such_mailbox:
            mark_bounced(address=message.to_address, reason=str(refusal), at=self.now())
        log.info("message %s, attempt %s: %s", message.pk, message.attempts, refusal)

    def is_too_old(self, message: Message) -> bool:
        return message.attempts >= ATTEMPTS_AT_LEAST and message.due_at <= self.now() - GIVE_UP_AFTER

    @transaction.atomic(durable=True)
    def postpone_all(self, reason: str, *, attempts: int) -> None:
        """Nothing can leave: all that is due waits for one same moment, and then leaves in its order, oldest first."""
        now = self.now()
        others = free(Message.objects.due(now), at=now).values("pk")
        Message.objects.filter(pk__in=others).update(
            leased_by=self.worker, lease_until=now + timedelta(seconds=LEASE_SECONDS), attempts=F("attempts") + 1
        )
        held = Message.objects.filter(leased_by=self.worker, state=MessageState.WAITING)
        held.filter(attempts__gte=ATTEMPTS_AT_LEAST, due_at__lte=now - GIVE_UP_AFTER).update(
            state=MessageState.FAILED, lease_until=None, leased_by="", last_error=reason
        )
        waiting = held.update(
            next_attempt_at=now + min(pause_after(attempts), LONGEST_OUTAGE_PAUSE),
            lease_until=None,
            leased_by="",
            put_off=False,
            last_error=reason,
        )
        log.warning("%s messages wait: %s", waiting, reason)


def mark_sent(message: Message, *, at: datetime, has_key: bool) -> bool:
    """Whether it was not marked so before; ``has_key``: and still has the key it was claimed with. In plain SQL, because the
    worker does it after each message, and the ORM took a tenth of all its time to put this one statement together.
    """
    values = [
        Message.sent_at.field.get_db_prep_value(at, database),
        message.subject,
        message.text,
        Message.id.field.get_db_prep_value(message.pk, database),
        message.dedupe_key,
    ]
    with database.cursor() as cursor:
        if has_key:
            cursor.execute(f"{SENT} AND dedupe_key = %s", values)
        else:
            cursor.execute(SENT, values[:-1])
        return bool(cursor.rowcount)


def pause_after(attempts: int) -> timedelta:
    """One minute after the first attempt, twice as long after each further one, up to an hour."""
    return min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_PAUSE)


def hand_over(connection: BaseEmailBackend, message: Message, *, at: datetime) -> None:
    """Returns once the mail server has accepted it. Raises Refusal, or Unreachable when there is no speaking to the server."""
    try:
        connection.open()
    except OSError as error:  # SMTPException is one
        raise Unreachable(reason_of(error)) from error
    try:
        email = as_email(message, at=at)
        envelope, content = (wire.address(email.from_email), wire.address(message.to_address)), email.as_bytes()
    except Exception as error:  # one message that can't be drawn must not hold up the others
        where = extract_tb(error.__traceback__)[-1]
        # not the error's own text, which could name an address
        log.error("message %s can't be drawn: %s in %s:%s", message.pk, type(error).__name__, where.filename, where.lineno)
        raise Refusal(f"The message could not be made: {type(error).__name__}.", is_final=True) from error
    session = getattr(connection, "connection", None)
    try:
        if isinstance(session, smtplib.SMTP):
            session.sendmail(*envelope, content)  # as Django's own backend does with what it has drawn
        else:
            connection.send_messages([email])  # no mail server: the demonstration's folder
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable(reason_of(error)) from error
    except Exception as error:  # the mail service's client may raise anything
        code, text = answer_of(error)
        nobody = isinstance(error, smtplib.SMTPRecipientsRefused) and says_no_such_mailbox(code, text)
        raise Refusal(
            reason_of(error), is_final=is_final(error), is_its_own=code not in (0, CLOSING), no_such_mailbox=nobody
        ) from error


def answer_of(error: Exception) -> tuple[int, str]:
    """The server's code and text, or 0 and nothing where it gave none."""
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return 0, ""
    return int(code), text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def says_no_such_mailbox(code: int, text: str) -> bool:
    """Whether a server's answer is about the mailbox itself (RFC 3463: 5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10, 5.2.1).

    A refusal for what the message says, or for who we are, tells nothing of the address. Without such a code the words count: a
    server of our own that has had enough of us must not make everybody unreachable.
    """
    status = STATUS.search(text)
    if status:
        return status.group() in NO_SUCH_MAILBOX
    return code in (550, 551, 553) and NOBODY_THERE.search(text) is not None and ABOUT_US.search(text) is None


def is_final(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return True
    code, _ = answer_of(error)
    return 500 <= code <= 599 and code not in OUR_OWN_TROUBLE


def reason_of(error: Exception) -> str:
    """What an officer may read: the server's code and text without anybody's address, or what kind of failure it was."""
    code, text = answer_of(error)
    if code:
        without_addresses = re.sub(r"[^\s<>]+@[^\s<>]+", "[address]", one_line(text))
        return f"{code} {without_addresses[:SMTP_LINE_LIMIT]}".strip()
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "The mail server closed the connection."
    if isinstance(error, TimeoutError):
        return "The mail server did not answer in time."
    if isinstance(error, ConnectionRefusedError):
        return "The mail server can't be reached."
    return f"The mail server could not be used: {type(error).__name__}."


def close(connection: BaseEmailBackend) -> None:
    with suppress(OSError):
        connection.close()
