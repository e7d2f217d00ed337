"""A partnership's own texts: who changes them, which messages they reach, and what is kept of what left."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from core.refusals import Refused
from notifications.due import send_waiting_messages
from notifications.models import Message, OwnText
from notifications.own_texts import change_text, put_into, restore_text
from people.models import Role
from tests.factories.notifications import MessageFactory
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PartnershipFactory, officer, subgroup_member
from tests.notifications.test_texts import STANDARD
from tests.tools.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db

VALUES = {"event": "Neglect", "forename": "Sam", "when": "Monday"}
OURS = {"subject": "See you at {event}", "body": "Dear {forename}\n\nCome. {link:booking}"}


def own(at: datetime, **changed: object) -> OwnText:
    fields = {"partnership": PartnershipFactory(), "standard": STANDARD, "by": officer(), **OURS, **changed}
    return change_text(**fields, at=at)  # type: ignore[arg-type]


def message(**fields: object) -> Message:
    given = {
        "subject": "Booked: Neglect",
        "text": "Hello Sam",
        "text_kind": "booking_confirmed",
        "values": VALUES,
        "links": {"booking": "/bookings/1/"},
    }
    return MessageFactory(**given | fields)


@pytest.mark.both_databases
def test_what_leaves_says_it_in_the_partnerships_words_and_the_row_keeps_them(at: datetime, sink: SmtpSink) -> None:
    own(at)
    row = message()
    assert send_waiting_messages(at) == 1
    row.refresh_from_db()
    assert (row.subject, row.text) == ("See you at Neglect", "Dear Sam\n\nCome. {link:booking}")
    assert sink.messages[0].email["Subject"] == "See you at Neglect"
    assert sink.messages[0].text == "Dear Sam\n\nCome. https://learning.riverside.example/bookings/1/"
    assert "Dear Sam" in sink.messages[0].html


def test_without_a_text_of_their_own_the_standard_leaves_as_it_was_written(at: datetime, sink: SmtpSink) -> None:
    row = message()
    send_waiting_messages(at)
    row.refresh_from_db()
    assert (row.subject, row.text, sink.messages[0].text) == ("Booked: Neglect", "Hello Sam", "Hello Sam")


def test_a_text_changed_after_sending_leaves_what_was_sent_alone(at: datetime, sink: SmtpSink) -> None:
    row = message()
    send_waiting_messages(at)
    own(at)
    row.refresh_from_db()
    assert put_into([row]) == set()
    assert row.text == "Hello Sam"


def test_another_partnership_and_another_kind_keep_the_standard(at: datetime) -> None:
    own(at)
    theirs, other = message(partnership=OtherPartnershipFactory()), message(text_kind="event_cancelled")
    assert put_into([theirs, other]) == set()
    assert (theirs.text, other.text) == ("Hello Sam", "Hello Sam")


@pytest.mark.parametrize("values", [{}, {"event": "Neglect"}])
def test_a_message_that_lacks_a_value_keeps_the_standard(at: datetime, values: dict[str, str]) -> None:
    own(at)
    row = message(values=values)
    assert put_into([row]) == set()
    assert (row.subject, row.text) == ("Booked: Neglect", "Hello Sam")


def test_a_batch_reads_the_texts_once(at: datetime) -> None:
    own(at)
    rows = [message() for _ in range(5)]
    with CaptureQueriesContext(connection) as captured:
        assert put_into(rows) == {row.pk for row in rows}
    assert len(captured) == 1


@pytest.mark.both_databases
def test_changing_and_restoring_leave_a_trace_without_the_words(at: datetime) -> None:
    by, partnership = officer(), PartnershipFactory()
    first = own(at, by=by)
    own(at, by=by, subject="Other words for {event}")
    assert restore_text(partnership=partnership, kind="booking_confirmed", by=by, at=at) is True
    assert restore_text(partnership=partnership, kind="booking_confirmed", by=by, at=at) is False
    again = own(at, by=by)
    assert again.pk == first.pk
    entries = AuditEntry.objects.filter(object_id=str(first.pk)).order_by("pk")
    assert sorted((entry.action, tuple(sorted(entry.changes))) for entry in entries) == [
        ("standard text restored", ("kind",)),
        ("text changed", ("body", "kind", "subject")),
        ("text changed", ("body", "kind", "subject")),
        ("text changed", ("kind", "subject")),
    ]
    assert "words" not in str([entry.changes for entry in entries])


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(at: datetime) -> None:
    first = own(at, read="")
    own(at + timedelta(minutes=1), read=first.changed_at.isoformat())
    for read in ("", first.changed_at.isoformat()):
        with pytest.raises(Refused) as refused:
            own(at + timedelta(minutes=2), read=read, subject="Mine")
        assert refused.value.code == "changed_meanwhile"
    assert OwnText.objects.get().subject == "See you at {event}"


def test_only_an_officer_of_the_partnership_changes_its_texts(at: datetime) -> None:
    for by in (subgroup_member(), GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory()).person):
        with pytest.raises(Refused) as refused:
            own(at, by=by)
        assert refused.value.code == "not_allowed"
        with pytest.raises(Refused):
            restore_text(partnership=PartnershipFactory(), kind="booking_confirmed", by=by, at=at)
    assert OwnText.objects.count() == 0


def test_a_text_with_an_unknown_placeholder_is_not_kept(at: datetime) -> None:
    with pytest.raises(Refused):
        own(at, body="{forename.__class__} {link:booking}")
    assert OwnText.objects.count() == 0


@pytest.mark.both_databases
@pytest.mark.parametrize("fields", [{"subject": ""}, {"body": ""}, {"number": "other"}])
def test_the_database_keeps_one_text_for_a_kind_that_says_something(at: datetime, fields: dict[str, str]) -> None:
    partnership = PartnershipFactory()
    given = {"subject": "A", "body": "B"} | {name: fields[name] for name in fields if name != "number"}
    if "number" in fields:
        own(at)
    with pytest.raises(IntegrityError), transaction.atomic():
        OwnText.objects.create(
            id=OwnText.number(partnership, "other"), partnership=partnership, kind="booking_confirmed", changed_at=at, **given
        )
