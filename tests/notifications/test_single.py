"""One message that waits: held back, let go, said in other words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.models import AuditEntry
from core.refusals import Refused
from notifications.bounces import mark_bounced
from notifications.delivery import Delivery
from notifications.due import give_up_on_bounced
from notifications.health import oldest_message
from notifications.models import Message, MessageQuerySet, MessageState
from notifications.operations import draft_message, withdraw, withdraw_to_write_again, write_messages
from notifications.own_texts import put_into
from notifications.queries import outbox
from notifications.single import hold, keep_held, release, reword
from people.models import Person
from tests.factories.notifications import MessageFactory
from tests.factories.people import PartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db
AGO = timedelta(days=6)


@pytest.fixture
def by() -> Person:
    return officer()


def waiting(at: datetime, **fields: Any) -> Message:
    message = MessageFactory(created_at=at, **fields)
    assert isinstance(message, Message)
    return message


def refused(act: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as refusal:
        act(**arguments)
    return str(refusal.value.code)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_what_is_held_back_does_not_leave_until_it_is_let_go(at: datetime, by: Person) -> None:
    message = waiting(at)
    hold(message=message, by=by, at=at)
    assert Delivery(at).send_batch() == 0
    release(message=message, by=by, at=at)
    assert Delivery(at).send_batch() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_without_the_guard_it_would_leave(at: datetime, by: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(message=waiting(at), by=by, at=at)
    unguarded = lambda self, at: self.waiting().filter(next_attempt_at__lte=at).order_by("created_at", "id")  # noqa: E731
    monkeypatch.setattr(MessageQuerySet, "due", unguarded)
    assert Delivery(at).send_batch() == 1


def test_what_is_held_back_is_not_late_and_not_given_up(at: datetime, by: Person) -> None:
    message = waiting(at - AGO)
    assert oldest_message(at=at).is_good is False
    hold(message=message, by=by, at=at)
    mark_bounced(address=message.to_address, reason="550 nobody", at=at)
    state = outbox(at=at)
    assert (oldest_message(at=at).is_good, state.due, state.planned, state.paused, state.held) == (True, 0, 0, 0, 1)
    assert give_up_on_bounced(at) == 0


def test_a_calendar_entry_that_has_changed_since_is_not_let_go(at: datetime, by: Person) -> None:
    entry = {"about": "booking:7", "person": PersonFactory(), "calendar": "BEGIN:VCALENDAR"}
    old, out = (waiting(at - AGO, **entry, calendar_method=method) for method in ("REQUEST", "CANCEL"))
    newer = waiting(at, **entry, calendar_method="REQUEST", state=MessageState.SENT, sent_at=at)
    for message in (old, out):
        hold(message=message, by=by, at=at)
    assert refused(release, message=old, by=by, at=at) == "newer_entry"
    assert not release(message=out, by=by, at=at).is_held
    Message.objects.filter(pk=newer.pk).update(state=MessageState.WITHDRAWN, sent_at=None)
    assert not release(message=old, by=by, at=at).is_held


def test_what_is_let_go_late_has_five_new_days_and_what_is_early_keeps_its_time(at: datetime, by: Person) -> None:
    late, early = waiting(at - AGO), waiting(at, due_at=at + AGO)
    for message, due_at in ((late, at), (early, at + AGO)):
        hold(message=message, by=by, at=at)
        release(message=message, by=by, at=at)
        message.refresh_from_db()
        assert (message.held_at, message.due_at, message.next_attempt_at) == (None, due_at, due_at)


def test_what_is_held_back_is_withdrawn_when_its_reason_goes(at: datetime, by: Person) -> None:
    message = hold(message=waiting(at), by=by, at=at)
    assert withdraw(about=message.about, at=at) == 1
    message.refresh_from_db()
    assert (message.state, message.standing) == (MessageState.WITHDRAWN, "withdrawn")
    assert refused(release, message=message, by=by, at=at) == "not_waiting"


@pytest.mark.both_databases
def test_a_letter_that_is_written_anew_stays_held_back(at: datetime, by: Person) -> None:
    person = PersonFactory()
    first = waiting(at, dedupe_key="planned:1:joining:2027-01-26", about="booking:1", kind="joining", person=person)
    hold(message=first, by=by, at=at)

    def write_anew() -> Message:
        withdraw_to_write_again(about=["booking:1"], kinds=["joining"], at=at)
        later = at + timedelta(minutes=Message.objects.count())
        keys = [first.dedupe_key, f"{first.dedupe_key}:manager"]
        fields: Any = {"partnership": PartnershipFactory(), "kind": "joining", "about": "booking:1", "happened_on": None}
        drafts = [
            draft_message(**fields, dedupe_key=key, person=whose, to_address="a@b.example", subject="S", text="T", at=later)
            for key, whose in zip(keys, (person, None), strict=True)
        ]
        keep_held(drafts)
        write_messages(drafts)
        assert Message.objects.get(dedupe_key=keys[1]).held_at is None
        return Message.objects.get(dedupe_key=keys[0])

    again = write_anew()
    assert (again.pk != first.pk, again.standing) == (True, "held")
    release(message=again, by=by, at=at)
    assert write_anew().standing == "waiting"


def test_a_letter_that_is_written_anew_to_another_reader_stays_held_back(at: datetime, by: Person) -> None:
    """Who booked reads it for somebody without an address, who has one by now."""
    booker, person = PersonFactory(), PersonFactory()
    first = waiting(at, dedupe_key="planned:1:joining", about="booking:1", kind="joining", person=booker)
    hold(message=first, by=by, at=at)
    withdraw_to_write_again(about=["booking:1"], kinds=["joining"], at=at)
    fields: Any = {"partnership": PartnershipFactory(), "kind": "joining", "about": "booking:1", "happened_on": None}
    draft = draft_message(
        **fields, dedupe_key=first.dedupe_key, person=person, to_address="a@b.example", subject="S", text="T", at=at
    )
    keep_held([draft])
    assert draft is not None
    assert draft.held_at == at


def test_one_message_is_said_in_other_words_and_keeps_its_links(at: datetime, by: Person) -> None:
    message = waiting(at, text="Old.\n\n{link:booking}", links={"booking": "/bookings/1/"}, text_kind="booking_confirmed")
    reword(message=message, subject="Booked,\nreally", text="By the back door.\n\n{link:booking}", read="", by=by, at=at)
    message.refresh_from_db()
    put_into([message])
    assert (message.subject, message.text, message.edited_at) == (
        "Booked, really",
        "By the back door.\n\n{link:booking}",
        at,
    )
    entry = AuditEntry.objects.get(action="message changed")
    assert (entry.object_id, entry.changes) == (str(message.pk), {"subject": [], "text": []})


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("S", "No link any more", "missing_placeholder"),
        ("S", "{link:booking} {link:stranger}", "unknown_placeholder"),
        ("S", "{link:booking} {forename}", "unknown_placeholder"),
        ("{link:booking}", "{link:booking}", "unknown_placeholder"),
        ("S", "{link:booking} {", "unbalanced"),
        ("", "{link:booking}", "empty"),
        ("S", "x" * 10_001, "too_long"),
    ],
)
def test_a_change_that_loses_or_invents_a_link_is_refused(at: datetime, by: Person, subject: str, text: str, code: str) -> None:
    message = waiting(at, text="{link:booking}", links={"booking": "/bookings/1/", "stranger": "/events/"})
    assert refused(reword, message=message, subject=subject, text=text, read="", by=by, at=at) == code


def test_two_officers_who_change_it_at_once_do_not_overwrite_each_other(at: datetime, by: Person) -> None:
    message = waiting(at)
    reword(message=message, subject="One", text="One", read="", by=by, at=at)
    assert refused(reword, message=message, subject="Two", text="Two", read="", by=by, at=at) == "changed_meanwhile"


@pytest.mark.both_databases
def test_what_is_being_sent_at_this_moment_is_neither_held_nor_changed(at: datetime, by: Person) -> None:
    message = waiting(at, lease_until=at + timedelta(seconds=1), leased_by="worker")
    words: Any = {"subject": "S", "text": "T", "read": ""}
    assert refused(hold, message=message, by=by, at=at) == "being_sent"
    assert refused(reword, message=message, by=by, at=at, **words) == "being_sent"
    later = at + timedelta(seconds=1)  # its worker died
    assert reword(message=message, by=by, at=later, **words).text == "T"


@pytest.mark.parametrize("state", ["failed", "withdrawn"])
def test_what_does_not_wait_is_neither_held_nor_changed(at: datetime, by: Person, state: str) -> None:
    message = waiting(at, state=state)
    assert refused(hold, message=message, by=by, at=at) == "not_waiting"
    assert refused(reword, message=message, subject="S", text="T", read="", by=by, at=at) == "not_waiting"
