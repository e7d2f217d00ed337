"""A venue gets another name or address: calendars hear of it, and whoever comes there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookings.calendars import entries_of
from bookings.due import send_planned_letters
from bookings.models import Booking
from bookings.operations import book_place, change_bookable_venue
from core.models import AuditEntry
from core.refusals import Refused
from events.models import Event, EventStatus, Venue
from notifications.models import Message
from notifications.rendering import as_email
from people.models import Person
from tests.factories.bookings import bookable_event
from tests.factories.events import EventTrainerFactory, VenueFactory
from tests.factories.people import PersonFactory
from tests.tools.calendar_mail import as_received, entry_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def hall(db: None) -> Venue:
    return VenueFactory(name="Town Hall", address="1 High Street")


def book(event: Event, at: datetime, person: Person | None = None) -> Booking:
    person = person or PersonFactory()
    return book_place(event=event, person=person, by=person, at=at)


def written(at: datetime) -> list[tuple[str, str]]:
    """The kind and the address of each message written at that moment."""
    return sorted(Message.objects.filter(created_at=at).values_list("kind", "to_address"))


def change(venue: Venue, at: datetime, **changed: Any) -> None:
    change_bookable_venue(venue=venue, by=None, at=at, **changed)


def test_another_address_changes_the_entry_in_every_calendar(hall: Venue, at: datetime) -> None:
    event, later = bookable_event(venue=hall), at + timedelta(hours=1)
    booking = book(event, at)
    change(hall, later, address="2 Low Street")
    message = Message.objects.select_related("partnership").get(created_at=later)
    assert (message.kind, "Where: Town Hall, 2 Low Street" in message.text) == ("event_changed", True)
    entry = entry_of(as_received(as_email(message, at=later)))
    assert (entry.method, entry.uid, entry.sequence, entry.location) == (
        "REQUEST", booking.invitations.get().uid, 1, "Town Hall, 2 Low Street",
    )  # fmt: skip
    event.refresh_from_db()
    assert (event.version, event.changed_at) == (1, later)
    about_event = AuditEntry.objects.filter(object_id=str(event.pk), at=later)
    assert [(entry.action, entry.changes) for entry in about_event] == [("event changed", {"venue": []})]


def test_who_waits_and_who_teaches_hear_of_it_too(hall: Venue, at: datetime) -> None:
    event, later = bookable_event(venue=hall, places=1), at + timedelta(hours=1)
    EventTrainerFactory(event=event, person=PersonFactory(address="teaches@school.example"))
    book(event, at, PersonFactory(address="place@school.example"))
    book(event, at, PersonFactory(address="waits@school.example"))
    change(hall, later, name="Old Town Hall")
    assert sorted(address.partition("@")[0] for _, address in written(later)) == ["place", "teaches", "waits"]


def test_every_event_to_come_there_and_no_other_is_told_of(hall: Venue, at: datetime) -> None:
    later = at + timedelta(hours=1)
    coming = [bookable_event(venue=hall, first_start=at + timedelta(days=day)) for day in (20, 30)]
    others = [
        bookable_event(venue=hall, first_start=at - timedelta(days=20)),
        bookable_event(venue=hall, status=EventStatus.DRAFT),
        bookable_event(venue=hall, status=EventStatus.CANCELLED),
        bookable_event(venue=VenueFactory(name="Library")),
    ]
    for event in coming:
        book(event, at)
    change(hall, later, address="2 Low Street")
    assert [kind for kind, _ in written(later)] == ["event_changed", "event_changed"]
    for event in (*coming, *others):
        event.refresh_from_db()
    assert ([event.version for event in coming], [event.version for event in others]) == ([1, 1], [0, 0, 0, 0])


@pytest.mark.parametrize("changed", [{"room_places": 12}, {"name": "Town Hall"}, {}], ids=str)
def test_what_no_calendar_shows_is_told_to_nobody(hall: Venue, at: datetime, changed: dict[str, Any]) -> None:
    event, later = bookable_event(venue=hall), at + timedelta(hours=1)
    book(event, at)
    change(hall, later, **changed)
    event.refresh_from_db()
    assert (written(later), event.version) == ([], 0)


def test_another_name_of_a_place_on_the_web_is_told_to_nobody(at: datetime) -> None:
    teams, later = VenueFactory(name="Teams", is_online=True), at + timedelta(hours=1)
    book(bookable_event(venue=teams, format="virtual"), at)
    change(teams, later, name="Zoom")
    assert written(later) == []


def test_a_taken_name_changes_nothing(hall: Venue, at: datetime) -> None:
    VenueFactory(name="Library")
    event, later = bookable_event(venue=hall), at + timedelta(hours=1)
    book(event, at)
    with pytest.raises(Refused) as refused:
        change(hall, later, name="library", address="2 Low Street")
    hall.refresh_from_db()
    assert (refused.value.code, hall.address, written(later)) == ("name_taken", "1 High Street", [])


def test_a_slip_of_the_pen_is_put_right_without_writing_to_anybody(hall: Venue, at: datetime) -> None:
    event, later = bookable_event(venue=hall), at + timedelta(hours=1)
    EventTrainerFactory(event=event, person=PersonFactory())
    booking, told_at = book(event, at), event.told_at
    change(hall, later, address="11 High Street", quietly=True)
    assert written(later) == []
    assert [entry.location for entry in entries_of(booking.person, at=later)] == ["Town Hall, 11 High Street"]
    event.refresh_from_db()
    assert (event.version, event.changed_at, event.told_at) == (1, later, told_at)
    assert AuditEntry.objects.filter(action="venue corrected, nobody told", object_id=str(event.pk)).count() == 1


REMINDS_AT = datetime(2027, 1, 25, 8, tzinfo=UTC)


def reminders() -> list[str]:
    send_planned_letters(REMINDS_AT)
    return list(Message.objects.waiting().filter(kind="last_reminder").values_list("text", flat=True))


def test_a_quiet_correction_keeps_no_reminder_from_anybody_and_mends_what_waits(hall: Venue) -> None:
    book(bookable_event(venue=hall), REMINDS_AT - timedelta(days=10))
    change(hall, REMINDS_AT - timedelta(hours=1), address="2 Mill Lane", quietly=True)
    assert ["2 Mill Lane" in text for text in reminders()] == [True]
    change(hall, REMINDS_AT, address="3 Mill Lane", quietly=True)
    assert ["3 Mill Lane" in text for text in reminders()] == [True]


@pytest.mark.parametrize("quietly_too", [[], [2], [4], [1, 2, 4]], ids=str)
def test_who_was_just_told_aloud_is_not_reminded_whatever_is_corrected_quietly(hall: Venue, quietly_too: list[int]) -> None:
    book(bookable_event(venue=hall), REMINDS_AT - timedelta(days=10))
    for hours in sorted({3, *quietly_too}, reverse=True):
        change(hall, REMINDS_AT - timedelta(hours=hours), address=f"{hours} Street", quietly=hours != 3)
    assert reminders() == []
