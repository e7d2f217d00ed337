"""A real mail server on this machine that keeps what it is sent and answers as it is told.

with smtp_sink() as sink:
    sink.answer("rcpt", "451 4.7.1 Come back later")   # the next RCPT is answered so, the one after that as usual
    sink.answer("data", DROP)                          # the next message: connection dropped after DATA, not kept
    sink.answer("data", KEEP_AND_DROP)                 # kept, but the sender never hears so
    sink.answer("data", KEEP_AND_HOLD)                 # kept, and the sender waits for an answer that never comes
    ... send to 127.0.0.1, port sink.port ...
    sink.messages[0].to, sink.messages[0].email["Subject"]
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

DROP = "drop"
KEEP_AND_DROP = "keep and drop"
KEEP_AND_HOLD = "keep and hold"
OK = "250 OK"
logging.getLogger("mail.log").setLevel(logging.WARNING)  # it tells every line of every dialogue


@dataclass(frozen=True)
class Received:
    sender: str
    to: list[str]
    raw: bytes

    @property
    def email(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        """The plain part, with plain line breaks."""
        return self.part("text/plain").replace("\r\n", "\n")

    @property
    def html(self) -> str:
        return self.part("text/html").replace("\r\n", "\n")

    @property
    def calendar(self) -> str:
        """The iCalendar text that goes with it, or an empty text."""
        return self.part("text/calendar")

    def part(self, content_type: str) -> str:
        """The first part of that type, or an empty text."""
        found = (part for part in self.email.walk() if part.get_content_type() == content_type)
        return next((part.get_content() for part in found), "")


class SmtpSink:
    """Use ``smtp_sink()``. ``connections`` counts how often somebody came; ``messages`` is what was kept, in order.

    ``kept_unheard`` counts those of which the sender never heard that they were kept.
    """

    def __init__(self) -> None:
        self.messages: list[Received] = []
        self.connections = 0
        self.kept_unheard = 0
        self.port = 0
        self._answers: dict[str, deque[str]] = defaultdict(deque)
        self._loop = asyncio.new_event_loop()

    def answer(self, stage: str, *answers: str) -> None:
        """What to say the next times at "connect", "mail", "rcpt" or "data"; an empty text means as usual."""
        self._answers[stage].extend(answers)

    def forget_answers(self) -> None:
        """From now on, everything is taken as usual."""
        self._answers.clear()

    def wait_for(self, count: int, *, seconds: float = 10) -> list[Received]:
        """The messages, once there are so many. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while len(self.messages) < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self.messages)} of {count} messages came")
            time.sleep(0.02)
        return self.messages

    def to(self, address: str) -> list[Received]:
        return [message for message in self.messages if address in message.to]

    def _next(self, stage: str) -> str:
        return self._answers[stage].popleft() if self._answers[stage] else ""

    def _say(self, server: SMTP, answer: str) -> str:
        """421 is followed by closing the connection, as mail servers do."""
        if answer.startswith("421"):
            self._loop.call_later(0.02, server.transport.close)
        return answer

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = self._next("mail") or OK
        if answer == OK:
            envelope.mail_from = address
        return self._say(server, answer)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = self._next("rcpt") or OK
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return self._say(server, answer)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._next("data") or OK
        if answer in (OK, KEEP_AND_DROP, KEEP_AND_HOLD):
            assert isinstance(envelope.content, bytes)
            self.messages.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content))
        self.kept_unheard += answer in (KEEP_AND_DROP, KEEP_AND_HOLD)
        if answer in (DROP, KEEP_AND_DROP):
            server.transport.abort()
        if answer == KEEP_AND_HOLD:
            await asyncio.sleep(3600)
        return self._say(server, answer)

    def _session(self) -> asyncio.Protocol:
        self.connections += 1
        answer = self._next("connect")
        return Refusing(answer) if answer else SMTP(self, enable_SMTPUTF8=True, loop=self._loop)

    def _serve(self, is_up: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(self._session, "127.0.0.1", self.port))
        self.port = server.sockets[0].getsockname()[1]
        is_up.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()


class Refusing(asyncio.Protocol):
    """Answers a newcomer with one line and closes the door."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def connection_made(self, transport: Any) -> None:
        if self.answer != DROP:
            transport.write(f"{self.answer}\r\n".encode())
        transport.close()


@contextmanager
def smtp_sink(port: int = 0) -> Iterator[SmtpSink]:
    """A running sink on 127.0.0.1, on any free port unless one is given."""
    sink = SmtpSink()
    sink.port = port
    is_up = threading.Event()
    thread = threading.Thread(target=sink._serve, args=(is_up,), name="smtp-sink", daemon=True)
    thread.start()
    if not is_up.wait(5):
        raise RuntimeError("the mail sink did not come up")
    try:
        yield sink
    finally:
        sink._loop.call_soon_threadsafe(sink._loop.stop)
        thread.join(5)
