"""Writing to people whose learning is to be refreshed (bookings/refreshing.py says when, what and to whom)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import refreshing
from bookings.messages.letters import REFRESHER_DUE
from bookings.messages.refreshing import refresher_due
from notifications.models import Message
from notifications.operations import draft_message, withdraw_to_write_again, write_messages
from notifications.single import keep_held
from people.models import addresses_at_hand
from records.models import Credit

AT_ONE_TICK = 200


@transaction.atomic
def send_refreshers(*, at: datetime) -> int:
    """Write to those whose day comes near and who have not heard of it, so many at a time. Returns how many were written."""
    found = refreshing.unwritten(at).select_related("person", "course__partnership")
    left = list(found.prefetch_related(addresses_at_hand("person__"))[:AT_ONE_TICK])
    drafts = [_draft(credit, at=at) for credit in left]
    keep_held(drafts)
    write_messages(drafts)
    return len(left)


@transaction.atomic
def withdraw_refreshers(*, about: list[str], at: datetime) -> int:
    """Take back what waits about these credits: its reason has gone, or its days are others by now and it is written anew."""
    return withdraw_to_write_again(about=about, kinds=[REFRESHER_DUE], at=at)


def _draft(credit: Credit, *, at: datetime) -> Message | None:
    person, course = credit.person, credit.course
    assert course is not None  # noqa: S101 - only those with a course are looked for; tells the type checker
    letter = refresher_due(person, course, learned_on=credit.earned_on, refresh_by=refreshing.by_when(credit))
    return draft_message(
        partnership=course.partnership,
        kind=letter.kind,
        about=refreshing.about(credit.pk),
        dedupe_key=refreshing.message_key(credit),
        to_address=person.main_address(),
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=person,
        happened_on=credit.earned_on,
        at=at,
    )
