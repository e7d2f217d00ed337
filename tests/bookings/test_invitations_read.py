"""The mails of a booking's life, read as they arrive by libraries that did not write them: across both clock changes, and with
everything hostile that somebody could type."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.test import Client

from bookings.models import Booking
from bookings.operations import book_place, cancel_booking, change_bookable_event
from core.text import one_line
from events.models import Event, Session
from events.operations import SessionTimes
from notifications.models import Message
from notifications.rendering import as_email
from people.models import Person
from tests.factories.bookings import BookingTermsFactory, bookable_event
from tests.factories.events import EventFactory, VenueFactory
from tests.factories.people import PartnershipFactory, PersonFactory
from tests.tools.calendar_mail import Entry, as_received, entry_of, names_by_ics, names_by_vobject, read_by_vobject

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
STARTS = [
    datetime(2026, 10, 24, 8, 30, tzinfo=UTC),  # the day before the clocks go back
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 1.30am, summer time
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # 1.30am again, winter time
    datetime(2026, 10, 25, 9, 30, tzinfo=UTC),
    datetime(2027, 3, 27, 9, 30, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # the last half hour of winter time
    datetime(2027, 3, 28, 1, 30, tzinfo=UTC),  # 2.30am, summer time
    datetime(2027, 3, 28, 8, 30, tzinfo=UTC),
    datetime(2027, 7, 6, 8, 30, tzinfo=UTC),  # summer, invited to in winter
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 9, 30, tzinfo=UTC),
]


def event_at(*starts: datetime) -> Event:
    """A bookable event with a session of two hours at each of these."""
    event = bookable_event(first_start=starts[0], sessions=len(starts))
    for session, start in zip(event.sessions.all(), starts, strict=True):
        Session.objects.filter(pk=session.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))
    return event


def book(event: Event, person: Person, at: datetime) -> Booking:
    return book_place(event=event, person=person, by=person, at=at)


def mails(booking: Booking, at: datetime) -> list[EmailMessage]:
    """What was written about the booking at that moment and has a calendar entry."""
    written = Message.objects.filter(about=booking.about, created_at=at).exclude(calendar="").select_related("partnership")
    return [as_received(as_email(message, at=at)) for message in written]


def entries(booking: Booking, at: datetime) -> list[Entry]:
    return sorted((entry_of(mail) for mail in mails(booking, at)), key=lambda entry: entry.starts_at)


@pytest.mark.both_databases
@pytest.mark.parametrize("start", STARTS, ids=str)
def test_an_entry_is_asked_for_moved_taken_out_and_asked_for_anew(start: datetime) -> None:
    at, person = start - 40 * DAY, PersonFactory()
    event = event_at(start)
    booking = book(event, person, at)
    [asked] = entries(booking, at)
    assert (asked.method, asked.sequence, asked.status) == ("REQUEST", 0, "CONFIRMED")
    assert (asked.starts_at, asked.ends_at) == (start, start + timedelta(hours=2))

    others = [other for other in STARTS if other != start and other > at]
    for number, moved_to in enumerate([*others, start], start=1):
        now = at + number * timedelta(minutes=1)
        times = SessionTimes(moved_to, moved_to + timedelta(hours=2))
        change_bookable_event(event=event, sessions=[times], by=None, at=now)
        [moved] = entries(booking, now)
        assert moved == replace(asked, sequence=number, starts_at=moved_to, ends_at=moved_to + timedelta(hours=2))

    later = at + timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=later + DAY)
    [gone] = entries(booking, later + DAY)
    assert gone == replace(moved, method="CANCEL", status="CANCELLED", sequence=moved.sequence + 1)
    [again] = entries(book(event, person, later + 2 * DAY), later + 2 * DAY)
    assert again == replace(asked, uid=again.uid)
    assert again.uid != asked.uid


@pytest.mark.both_databases
def test_each_change_is_sent_with_a_higher_number() -> None:
    at, person, starts = STARTS[0] - 40 * DAY, PersonFactory(), STARTS[:4]
    event = event_at(starts[0])
    booking = book(event, person, at)
    for number, start in enumerate(starts[1:], start=1):
        times = SessionTimes(start, start + timedelta(hours=1))
        change_bookable_event(event=event, sessions=[times], by=None, at=at + number * DAY)
        assert [one.sequence for one in entries(booking, at + number * DAY)] == [number]


@pytest.mark.both_databases
@pytest.mark.parametrize("saturday", [STARTS[0], STARTS[4], STARTS[9] - DAY], ids=str)
def test_two_days_around_a_clock_change_are_two_entries_with_an_id_each(saturday: datetime) -> None:
    at, person, sunday = saturday - 40 * DAY, PersonFactory(), saturday + DAY
    event = event_at(saturday, sunday)
    booking = book(event, person, at)
    first, second = entries(booking, at)
    assert (first.starts_at, second.starts_at, first.uid == second.uid) == (saturday, sunday, False)

    moved = [SessionTimes(saturday, saturday + timedelta(hours=2)), SessionTimes(sunday + DAY, sunday + DAY + timedelta(hours=2))]
    change_bookable_event(event=event, sessions=moved, by=None, at=at + DAY)
    assert [(one.uid, one.sequence, one.starts_at) for one in entries(booking, at + DAY)] == [
        (first.uid, 1, saturday),
        (second.uid, 1, sunday + DAY),
    ]
    change_bookable_event(event=event, sessions=moved[:1], by=None, at=at + 2 * DAY)
    assert [(one.method, one.uid, one.sequence) for one in entries(booking, at + 2 * DAY)] == [
        ("REQUEST", first.uid, 2),
        ("CANCEL", second.uid, 2),
    ]
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=at + 3 * DAY)
    assert [(one.method, one.uid, one.sequence) for one in entries(booking, at + 3 * DAY)] == [("CANCEL", first.uid, 3)]


MARKS = ["\r\n", "\n", "\r", "\0", "\u2028", "\u2029", "\x85", "\x0b", "\x1b", "%0d%0a", '"', ";", ",", ":", "\u202e"]


def hostile(mark: str) -> str:
    """The mark in front of what would be a header of a mail, and a property of a calendar."""
    return f"Neglect{mark}Bcc: all@school.example{mark}ATTENDEE:mailto:all@school.example{mark}X-A: b"


def life(text: str, at: datetime) -> list[EmailMessage]:
    """The mails of somebody who books and gives back: title, venue, address, partnership and both names hold the text."""
    partnership = PartnershipFactory(name=text, team_email="training@riverside.example")
    venue = VenueFactory(partnership=partnership, name=text[:120], address=text.replace("Neglect", "1 High Street"))
    event = EventFactory(lead_host=partnership, course=None, title=text, summary=text, venue=venue)
    BookingTermsFactory(event=event)
    person = PersonFactory(forename=text[:40], surname=text[:40], address="sam@school.example")
    booking = book_place(event=event, person=person, by=person, manager_email="manager@school.example", at=at)
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=at + DAY)
    written = Message.objects.select_related("partnership").order_by("created_at", "kind")
    return [as_received(as_email(message, at=at)) for message in written]


def calendar_in(mail: EmailMessage) -> str:
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return part.get_payload(decode=True).decode()  # type: ignore[union-attr]


@pytest.mark.parametrize("mark", MARKS, ids=repr)
def test_nothing_that_somebody_typed_becomes_a_header_or_a_property(at: datetime, mark: str) -> None:
    text = hostile(mark)
    sent = life(text, at)
    with_calendar = [mail for mail in sent if "text/calendar" in str(mail)]
    assert len(with_calendar) == 2  # booked and cancelled; the others go to the manager
    for mail in sent:
        assert set(mail.keys()) == {
            "Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", "Message-ID", "Date", "Auto-Submitted",
            "X-Auto-Response-Suppress",
        }  # fmt: skip
        assert len(mail.keys()) == 10
        assert str(mail["To"]) in ("sam@school.example", "manager@school.example")
        assert [one.addr_spec for one in mail["Reply-To"].addresses] == ["training@riverside.example"]
        assert [part.get_filename() for part in mail.walk() if part.get_filename()] in ([], ["invite.ics"])
    for mail in with_calendar:
        entry, text_of_calendar = entry_of(mail), calendar_in(mail)
        assert (entry.summary, entry.location.startswith(one_line(text))) == (one_line(text), True)
        described = [] if "METHOD:CANCEL" in text_of_calendar else ["DESCRIPTION"]  # a cancellation says no more how to join
        assert names_by_ics(text_of_calendar) == names_by_vobject(text_of_calendar) == [
            "ATTENDEE", *described, "DTEND", "DTSTAMP", "DTSTART", "LAST-MODIFIED", "LOCATION", "ORGANIZER", "SEQUENCE",
            "STATUS", "SUMMARY", "TRANSP", "UID", "URL",
        ]  # fmt: skip


def test_a_backslash_is_read_back_as_one(at: datetime) -> None:
    """By one library: the other takes an escaped backslash before an n for a line break."""
    sent = life("Neglect\\nATTENDEE:x, y; z\\", at)
    assert {read_by_vobject(calendar_in(mail))["summary"] for mail in sent if "text/calendar" in str(mail)} == {
        "Neglect\\nATTENDEE:x, y; z\\"
    }


@pytest.mark.parametrize("mark", MARKS, ids=repr)
def test_no_address_becomes_two_or_a_header(at: datetime, mark: str) -> None:
    """An address that got past every form stands as failed for an officer; it never leaves."""
    address = f"manager{mark}Bcc: all@school.example"
    booking = book_place(event=bookable_event(), person=PersonFactory(), by=None, manager_email=address, at=at)
    to_managers = Message.objects.filter(about=booking.about, person=None)
    assert list(to_managers.values_list("state", "last_error")) == [("failed", "This is not an e-mail address.")]


@pytest.mark.parametrize("mark", MARKS, ids=repr)
def test_a_file_to_download_has_a_plain_name_and_no_header_of_somebody_elses(at: datetime, mark: str) -> None:
    person = PersonFactory()
    event = BookingTermsFactory(event=EventFactory(course=None, title=hostile(mark))).event
    booking = book(event, person, at)
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    with time_machine.travel(at, tick=False):
        response = client.get(f"/bookings/{booking.pk}/calendar.ics")
    assert re.fullmatch(r'attachment; filename="[a-z0-9_-]{1,60}\.ics"', response["Content-Disposition"])
    assert {"Bcc", "X-A"} & set(response.headers) == set()
    names = names_by_vobject(response.content.decode())
    assert names == names_by_ics(response.content.decode())
    assert "ATTENDEE" not in names


def test_without_the_cleaning_a_name_would_reach_the_calendar_as_it_was_typed(
    monkeypatch: pytest.MonkeyPatch, at: datetime
) -> None:
    """The control."""
    from notifications import calendar

    monkeypatch.setattr(calendar, "one_line", lambda text: text)
    sent = life(hostile("\u2028"), at)
    [booked, _] = [calendar_in(mail) for mail in sent if "text/calendar" in str(mail)]
    assert [line[:8] for line in booked.splitlines() if line.startswith(("Bcc", "ATTENDEE:"))] != []
