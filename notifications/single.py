"""One message while it waits: held back, let go, and said in other words than the rest of its kind."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from core import audit
from core.refusals import Refused
from notifications import texts
from notifications.keys import key_before
from notifications.models import Message, MessageState
from notifications.operations import check_is_newest_entry
from notifications.own_texts import put_into
from people.models import Person

BEING_SENT = "This message is being sent at this moment, so nothing about it can be changed. Look again in five minutes."


@transaction.atomic
def hold(*, message: Message, by: Person, at: datetime) -> Message:
    """It does not leave until somebody lets it go. What takes its reason away withdraws it as it would any that waits.

    Raises Refused: not_waiting, being_sent.
    """
    message = _waiting(message, at=at)
    if message.held_at is None:
        message.held_at = at
        message.save(update_fields=["held_at"])
        audit.record(action="message held back", about=message, by=by, at=at)
    return message


@transaction.atomic
def release(*, message: Message, by: Person, at: datetime) -> Message:
    """It leaves at its time; at once where that has passed, with the full five days to try.

    Raises Refused: not_waiting, being_sent, newer_entry.
    """
    message = _waiting(message, at=at)
    if message.held_at is not None:
        check_is_newest_entry(message)
        message.held_at = None
        message.due_at = message.next_attempt_at = max(at, message.due_at)
        message.save(update_fields=["held_at", "due_at", "next_attempt_at"])
        audit.record(action="message let go", about=message, by=by, at=at)
    return message


@transaction.atomic
def reword(*, message: Message, subject: str, text: str, read: str, by: Person, at: datetime) -> Message:
    """This one message says so, whatever the others of its kind say. Its links stay the ones that it has.

    ``read``: when it had been changed as the officer read it, as ``version_of`` says it. Raises Refused: not_waiting,
    being_sent, changed_meanwhile, and those of ``checked``.
    """
    message = _waiting(message, at=at)
    put_into([message])
    if read != version_of(message):
        raise Refused(
            "Somebody else has changed this message while you wrote. Yours is not saved: open the page again to see theirs.",
            code="changed_meanwhile",
        )
    subject, text = checked(message, subject=subject, text=text)
    changes: dict[str, list[str]] = {}
    if subject != message.subject:
        changes["subject"] = []
    if text != message.text:
        changes["text"] = []
    if changes:
        message.subject, message.text, message.edited_at = subject, text, at
        message.save(update_fields=["subject", "text", "edited_at"])
        audit.record(action="message changed", about=message, by=by, at=at, changes=changes)
    return message


def version_of(message: Message) -> str:
    return message.edited_at.isoformat() if message.edited_at else ""


def checked(message: Message, *, subject: str, text: str) -> tuple[str, str]:
    """What an officer wrote for this message, as it is kept: ``message`` says what it would say now.

    Raises Refused: empty, too_long, unknown_placeholder, unbalanced, missing_placeholder.
    """
    subject, text = texts.cleaned(subject, text)
    links = sorted(texts.placeholders(message.text))
    texts.check(subject, [], field="subject")
    texts.check(text, links, required=links, field="body")
    return subject, text


def keep_held(drafts: Iterable[Message | None]) -> None:
    """Hold those drafts whose forerunner was held back when it was withdrawn to be written anew. One query.

    A forerunner had the same key; or it is about the same thing, of the same kind and for the same person, or like this one for
    nobody we know (a manager): a letter about an event that moved to another day has another key.
    """
    new = [draft for draft in drafts if draft is not None]
    before = Message.objects.filter(about__in={draft.about for draft in new}, kind__in={draft.kind for draft in new})
    read = ("dedupe_key", "about", "kind", "person", "state", "held_at")
    in_order = list(before.order_by("created_at", "pk").only(*read)) if new else []  # the newest counts
    by_key = {key_before(one): one for one in in_order}
    by_reader = {(one.about, one.kind, one.person_id): one for one in in_order}
    for draft in new:
        last = by_key.get(draft.dedupe_key) or by_reader.get((draft.about, draft.kind, draft.person_id))
        draft.held_at = last.held_at if last is not None and last.state == MessageState.WITHDRAWN else None


def _waiting(message: Message, *, at: datetime) -> Message:
    """The row, locked. A worker that claimed it may have given it to the mail server already."""
    message = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if message.state != MessageState.WAITING:
        raise Refused(
            f"This message does not wait any more: {message.get_state_display().lower()}. Load the page again.",
            code="not_waiting",
        )
    if message.lease_until is not None and message.lease_until > at:
        raise Refused(BEING_SENT, code="being_sent")
    return message
