"""A partnership's own texts: changing them, going back to the standard, and putting them into what waits to be sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from core import audit
from core.refusals import Refused
from core.text import many_lines
from notifications import texts
from notifications.models import Message, MessageState, OwnText
from notifications.operations import draft_message, write_messages
from notifications.rendering import typed
from people.models import Grant, Partnership, Person
from people.policies import can

UNSENT = (MessageState.WAITING, MessageState.FAILED)
Texts = dict[tuple[object, str], OwnText]


def own_text(partnership: Partnership, kind: str) -> OwnText | None:
    return OwnText.objects.filter(partnership=partnership, kind=kind).select_related("changed_by").first()


def put_into(messages: Iterable[Message]) -> set[object]:
    """Make unsent messages say what they would say if they left now: in memory, nothing is written. One query.

    One that an officer has changed by itself stays as it is.

    Returns the ids of those that say something of the partnership's own.
    """
    unsent = [message for message in messages if message.text_kind and message.state in UNSENT and not message.edited_at]
    kinds = {message.text_kind for message in unsent}
    found = OwnText.objects.filter(partnership__in={m.partnership_id for m in unsent}, kind__in=kinds) if unsent else []
    own = {(one.partnership_id, one.kind): one for one in found}
    return {message.pk for message in unsent if _put(own.get((message.partnership_id, message.text_kind)), message)}


def _put(own: OwnText | None, message: Message) -> bool:
    """A message that lacks a value, because it was written before the text could name it, keeps the standard text."""
    if own is None:
        return False
    names = {name for name in texts.placeholders(own.subject + own.body) if not name.startswith("link:")}
    if not names <= message.values.keys():
        return False
    message.subject = texts.fill_subject(own.subject, message.values)
    message.text = many_lines(texts.fill(own.body, message.values, message.links))
    return True


THIS_IS_A_TEST = "This is a test: names and times in it are made up, and nothing comes with it."
NO_ENTRY = "The real message brings a calendar entry. It is left out here, so that nothing made up stands in your calendar."
TEST = "test_of_a_text"
LINK_IN_WORDS = "(link: {})"


def in_words(text: str, links: Mapping[str, str]) -> str:
    """Filled text for somebody who must not follow its links: each as what it leads to."""
    for name, leads_to in links.items():
        text = text.replace(f"{{link:{name}}}", LINK_IN_WORDS.format(leads_to[0].lower() + leads_to[1:]))
    return text


@transaction.atomic
def change_text(
    *,
    partnership: Partnership,
    standard: texts.Standard,
    subject: str,
    body: str,
    by: Person,
    at: datetime,
    read: str | None = None,
) -> OwnText | None:
    """Say this in place of the standard text, in every message of the kind that leaves from now on. None for the standard itself.

    ``read``: when the text that was changed had been written, as ``OwnText.changed_at.isoformat()``, or empty for the standard;
    None to overwrite whatever is there. Raises Refused: not_allowed, changed_meanwhile, and those of texts.checked.
    """
    _check_may(by, partnership)
    # Two officers who save at once: one of them waits, and is told.
    Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)
    before = own_text(partnership, standard.kind)
    if read is not None and read != (before.changed_at.isoformat() if before else ""):
        raise Refused(
            "Somebody else has changed this text while you wrote. Yours is below, not saved: open the page again to see theirs.",
            code="changed_meanwhile",
        )
    subject, body = texts.checked(standard, subject=subject, body=body)
    if (subject, body) == (standard.subject, standard.body):
        restore_text(partnership=partnership, kind=standard.kind, by=by, at=at)
        return None
    own, _ = OwnText.objects.update_or_create(
        id=OwnText.number(partnership, standard.kind),
        defaults={
            "partnership": partnership,
            "kind": standard.kind,
            "subject": subject,
            "body": body,
            "changed_at": at,
            "changed_by": by,
        },
    )
    changes = {"kind": [standard.kind if before else None, standard.kind]}
    changes |= {name: [] for name in ("subject", "body") if getattr(before, name, None) != getattr(own, name)}
    audit.record(action="text changed", about=own, by=by, at=at, changes=changes)
    return own


@transaction.atomic
def restore_text(*, partnership: Partnership, kind: str, by: Person, at: datetime) -> bool:
    """Say the standard text again. Returns whether there was one of their own. Raises Refused: not_allowed."""
    _check_may(by, partnership)
    own = OwnText.objects.select_for_update().filter(partnership=partnership, kind=kind).first()
    if own is None:
        return False
    audit.record(action="standard text restored", about=own, by=by, at=at, changes={"kind": [kind, None]})
    own.delete()
    return True


@transaction.atomic
def send_test(
    *,
    partnership: Partnership,
    standard: texts.Standard,
    subject: str,
    body: str,
    by: Person,
    at: datetime,
    has_entry: bool = False,
) -> str:
    """Send whoever asks this text with examples in it, whether it is saved or not. Returns the address.

    ``has_entry``: whether real messages of the kind bring a calendar entry; the test says that it leaves it out.

    Nobody's data are in it and no link leads anywhere. Raises Refused: not_allowed, no_address, and those of texts.checked.
    """
    _check_may(by, partnership)
    subject, body = texts.checked(standard, subject=subject, body=body)
    ours = {"partnership": typed(partnership.name), "team_email": typed(partnership.team_email)}
    address, values = by.main_address(), standard.examples(ours)
    if not address:
        raise Refused("You have no e-mail address here that it could be sent to.", code="no_address")
    first = f"{THIS_IS_A_TEST} {NO_ENTRY}" if has_entry else THIS_IS_A_TEST
    draft = draft_message(
        partnership=partnership,
        kind=TEST,
        about=f"text:{standard.kind}",
        dedupe_key=f"{TEST}:{uuid.uuid4()}",
        to_address=address,
        subject=f"Test: {texts.fill_subject(subject, values)}",
        text=f"{first}\n\n{in_words(texts.fill(body, values, standard.links), standard.links)}",
        person=by,
        happened_on=None,
        at=at,
    )
    write_messages([draft])
    return address


def _check_may(by: Person, partnership: Partnership) -> None:
    if not can(Grant.objects.in_force().filter(person=by), "manage_partnership", partnership):
        raise Refused("Only an officer of the partnership can change its texts.", code="not_allowed")
