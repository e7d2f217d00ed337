"""The mail folder that answers to our messages are delivered to, read by the worker.

The folder is a Maildir: whatever receives mail for REPLIES_ADDRESS delivers there. What was read is marked as seen and stays, so
that nothing is lost; reading it twice changes nothing.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from notifications import incoming
from notifications.bounces import mark_bounced
from notifications.delivery import says_no_such_mailbox
from notifications.models import Message, MessageState
from notifications.queries import was_sent_again_elsewhere

log = logging.getLogger(__name__)

AT_ONE_TICK = 50
SECONDS_AT_ONE_TICK = 5


def read_inbox(at: datetime) -> int:
    """Read what is new in settings.REPLIES_FOLDER. Returns how many letters were read; none where no folder is set."""
    if not settings.REPLIES_FOLDER:
        return 0
    new = sorted(Path(settings.REPLIES_FOLDER, "new").iterdir(), key=lambda file: (file.stat().st_mtime, file.name))
    read = 0
    began = time.monotonic()
    for file in new[:AT_ONE_TICK]:
        if time.monotonic() > began + SECONDS_AT_ONE_TICK:
            break
        act_on(letter_in(file), at=at)  # without a database it stays where it is, and is read at the next round
        with suppress(FileNotFoundError):  # another worker was quicker; reading it twice changed nothing
            file.rename(Path(settings.REPLIES_FOLDER, "cur", f"{file.name.partition(':')[0]}:2,S"))
        read += 1
    return read


def letter_in(file: Path) -> incoming.Bounce | incoming.CalendarReply | None:
    """What the file says, or None: one that can't be read must not hold up the others."""
    try:
        return incoming.read(file.read_bytes())
    except Exception:
        log.exception("a letter in the inbox could not be read")
        return None


def act_on(letter: incoming.Bounce | incoming.CalendarReply | None, *, at: datetime) -> None:
    """A bounce marks its address; a calendar's answer is heard by whoever invites (settings.ON_CALENDAR_REPLY)."""
    if isinstance(letter, incoming.Bounce):
        came_back(letter, at=at)
    elif letter is not None:
        for path in settings.ON_CALENDAR_REPLY:
            import_string(path)(uid=letter.uid, answer=letter.answer, at=at)


def came_back(bounce: incoming.Bounce, *, at: datetime) -> None:
    """The message says so from now on. Where there is nobody at its address, that is paused.

    A late report of an address that the message had before says nothing of the one it went to since: it pauses only its own.
    """
    message = Message.objects.filter(pk=bounce.message_id, state=MessageState.SENT).first()
    if message is None:
        return
    address = _address_meant(bounce, message)
    if address == message.to_address:
        message.last_error = f"It came back: {bounce.status} {bounce.reason}".strip()[:300]
        message.save(update_fields=["last_error"])
    if address and says_no_such_mailbox(0, bounce.status):
        mark_bounced(address=address, reason=f"{bounce.status} {bounce.reason}", at=at)


def _address_meant(bounce: incoming.Bounce, message: Message) -> str:
    """The address that a report is about: the message's, or another one that the same reader was written to; empty: unknown.

    A name that we never wrote to is where the message's address forwards to, unless the message had another address. Nobody
    else's address is ever meant: whoever has a message could pause it.
    """
    if not bounce.recipients or message.to_address in bounce.recipients:
        return message.to_address
    theirs = Q(person=message.person_id) if message.person_id else Q(person=None, about=message.about)
    others = Message.objects.filter(theirs, to_address__in=bounce.recipients)
    other = others.order_by("to_address").values_list("to_address", flat=True).first()
    return other or ("" if was_sent_again_elsewhere(message) else message.to_address)
