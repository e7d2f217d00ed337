"""What can happen to a message: put in the outbox, withdrawn, sent again. Delivery itself is in delivery.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from core import audit
from core.refusals import Refused
from core.text import many_lines, one_line
from notifications.calendar import to_another_address
from notifications.keys import withdraw_and_free_key
from notifications.models import MESSAGE_STATES, BouncedAddress, Message, MessageState
from notifications.queries import SENT_AGAIN
from notifications.rendering import check_links
from people.models import Partnership, Person

NO_ADDRESS = "This is not an e-mail address."


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= Message._meta.get_field("to_address").max_length  # type: ignore[operator]


def write_messages(drafts: Iterable[Message | None]) -> None:
    """Write drafts into the outbox, in the caller's transaction. The worker sends them once that has committed.

    One whose ``dedupe_key`` is taken is left out. All in one statement: somebody may be waiting for a lock that the caller holds.
    """
    Message.objects.bulk_create(
        [draft for draft in drafts if draft is not None],
        # The row that is there stays as it is. Ignoring every conflict would, on SQLite, lose a message that breaks another rule.
        update_conflicts=True,
        unique_fields=["dedupe_key"],
        update_fields=["dedupe_key"],
    )


def draft_message(
    *,
    partnership: Partnership,
    kind: str,
    about: str,
    dedupe_key: str,
    to_address: str,
    subject: str,
    text: str,
    links: dict[str, str] | None = None,
    text_kind: str = "",
    values: dict[str, str] | None = None,
    person: Person | None = None,
    calendar: str = "",
    calendar_method: str = "",
    happened_on: date | None,
    at: datetime,
    due_at: datetime | None = None,
) -> Message | None:
    """One message, not written yet: see write_messages.

    ``happened_on`` is the London day of what it tells of: no message about a day before ``partnership.messages_from``, and none
    when that is empty, so imported history is silent. None for a test, which tells of nothing. No message without an address.
    What is no address at all becomes a failed message that officers see. ``dedupe_key`` is one for each thing, kind and version.

    ``links`` maps the name in each ``{link:name}`` of the text to a path of this site. Raises ValueError for a placeholder
    without a path and for a path that is not one of ours. What people typed goes through ``rendering.typed`` first. Line breaks
    and control characters in the subject become spaces. ``text_kind`` and ``values``: which text it is and what filled it, so
    that a partnership's own text can stand in its place; without them it stays as it is.
    """
    check_links(text, links or {})
    to_address = one_line(to_address).lower()
    if not to_address or (happened_on is not None and _is_silent_about(happened_on, partnership)):
        return None
    due_at = due_at or at
    can_be_sent = _is_address(to_address)
    return Message(
        dedupe_key=dedupe_key,
        partnership=partnership,
        person=person,
        kind=kind,
        about=about,
        to_address=to_address[:254],
        subject=one_line(subject)[:200],
        text=many_lines(text),
        links=links or {},
        text_kind=text_kind,
        values=values or {},
        calendar=calendar,
        calendar_method=calendar_method,
        state=MessageState.WAITING if can_be_sent else MessageState.FAILED,
        last_error="" if can_be_sent else NO_ADDRESS,
        created_at=at,
        due_at=due_at,
        next_attempt_at=due_at,
    )


def _is_silent_about(day: date, partnership: Partnership) -> bool:
    return partnership.messages_from is None or day < partnership.messages_from


@transaction.atomic
def withdraw(*, about: str, at: datetime, kinds: list[str] | None = None) -> int:
    """Withdraw what waits or failed about a thing whose reason has gone, of these kinds only if given. Returns how many.

    The worker looks again while it sends: a withdrawn message is not sent, unless the mail server was taking it within the same
    fifth of a second; then it becomes "sent", which is what happened.
    """
    unsent = Message.objects.unsent().filter(about=about)
    if kinds is not None:
        unsent = unsent.filter(kind__in=kinds)
    return unsent.update(state=MessageState.WITHDRAWN)


@transaction.atomic
def withdraw_to_write_again(*, about: Collection[str], kinds: Sequence[str], at: datetime, but: Collection[str] = ()) -> int:
    """Withdraw what waits about these things, and give its ``dedupe_key`` back so that it may be written anew; how many.

    ``but``: not what has one of these keys.
    """
    unsent = Message.objects.unsent().filter(about__in=list(about), kind__in=list(kinds)).exclude(dedupe_key__in=list(but))
    return withdraw_and_free_key(unsent) if about else 0


@transaction.atomic
def write_to_another(*, about: str, kinds: Sequence[str], key_ends: str, to_address: str, at: datetime) -> int:
    """What waits or failed under keys that end so goes to this address instead, to nobody if it is empty; how many messages.

    It says what it said, under the same key, and what is held back stays so. What had left by then stays the only one.
    """
    found = Message.objects.unsent().filter(about=about, kind__in=list(kinds), dedupe_key__endswith=key_ends)
    unsent = list(found.select_related("partnership"))
    withdraw_and_free_key(found.filter(pk__in=[one.pk for one in unsent]))
    write_messages(_to_another(one, to_address, at=at) for one in unsent)
    return len(unsent)


def _to_another(message: Message, to_address: str, *, at: datetime) -> Message | None:
    draft = draft_message(
        partnership=message.partnership,
        kind=message.kind,
        about=message.about,
        dedupe_key=message.dedupe_key,
        to_address=to_address,
        subject=message.subject,
        text=message.text,
        links=message.links,
        text_kind=message.text_kind,
        values=message.values,
        happened_on=None,  # nobody was silent about it when it was first written
        at=at,
        due_at=max(at, message.due_at),
    )
    if draft is not None:
        draft.held_at, draft.edited_at = message.held_at, message.edited_at
    return draft


@transaction.atomic
def withdraw_kinds(
    *, partnership: Partnership, kinds: Sequence[str], at: datetime, key_ends: str = "", but_about: Collection[str] = ()
) -> int:
    """The same for all of these kinds that the partnership is about to send, but about some things; how many."""
    unsent = Message.objects.unsent().filter(partnership=partnership, kind__in=list(kinds), dedupe_key__endswith=key_ends)
    return withdraw_and_free_key(unsent.exclude(about__in=list(but_about)))


def readdressed(message: Message, address: str) -> dict[str, str]:
    """The fields of a message that goes to another address of its person, its calendar entry with it."""
    calendar = to_another_address(message.calendar, address) if message.calendar else ""
    return {"to_address": address, "calendar": calendar}


def check_is_newest_entry(message: Message) -> None:
    """Raises Refused (newer_entry) where a newer message has changed the calendar entry that this one makes or changes.

    What takes an entry out of a calendar is never overtaken: that entry does not come back.
    """
    newer = Message.objects.filter(about=message.about, person=message.person, created_at__gt=message.created_at)
    is_entry = message.calendar_method == "REQUEST"
    if is_entry and newer.exclude(calendar="").exclude(state=MessageState.WITHDRAWN).exists():
        raise Refused(
            "A newer message has changed or ended this calendar entry since, so this one does not leave any more. See the newer "
            "one: it can be sent again if it came back.",
            code="newer_entry",
        )


def check_can_leave_again(message: Message) -> None:
    """Whether the outbox takes a message that failed or came back again.

    Raises Refused: not_failed in any other state, newer_entry, no_address, bounced.
    """
    if message.state != MessageState.FAILED and not message.has_come_back:
        raise Refused(
            "This message neither failed nor came back, so there is nothing to send again. Load the page again to see its state.",
            code="not_failed",
        )
    check_is_newest_entry(message)
    address = message.address_of_now()
    if not _is_address(address):
        raise Refused(f"{NO_ADDRESS} Change the person's address first.", code="no_address")
    if BouncedAddress.objects.filter(address=address).exists():
        raise Refused(
            "Messages to this address come back. Change the person's address, or say that it works again, first.", code="bounced"
        )


@transaction.atomic
def resend(*, message: Message, by: Person, at: datetime) -> Message:
    """Put a message that failed or came back into the outbox again, with five new days and the same Message-ID.

    To the person's address of now, where the one it had is theirs no more. Raises Refused as check_can_leave_again.
    """
    message = Message.objects.select_for_update().get(pk=message.pk)
    before, address = message.state, message.address_of_now()
    changes: dict[str, list[str]] = {"state": [before, MessageState.WAITING.value]}
    check_can_leave_again(message)
    MESSAGE_STATES.check(before, MessageState.WAITING)
    if address != message.to_address:
        changes["to_address"] = []
        for name, value in readdressed(message, address).items():
            setattr(message, name, value)
    message.state, message.sent_at = MessageState.WAITING, None
    message.attempts = 0
    message.put_off = False
    message.last_error = ""
    message.due_at = message.next_attempt_at = at
    message.lease_until = None
    message.save()
    audit.record(action=SENT_AGAIN, about=message, by=by, at=at, changes=changes)
    return message
