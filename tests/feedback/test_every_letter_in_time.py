"""One event from the first booking to the last letter, on a moved clock, with everything that the worker does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from bookings.models import BookingTerms, ManagerRole
from bookings.operations import book_place, change_message_settings
from core.worker import Worker, tick
from courses.models import Course
from events.models import Event
from notifications.models import Message, MessageState
from people.models import Person
from registers.models import MarkValue
from registers.operations import close_register, mark
from tests.factories.bookings import bookable_event
from tests.factories.people import PersonFactory
from tests.factories.registers import session_of, teaches

pytestmark = pytest.mark.django_db(transaction=True)

BOOKED = datetime(2027, 1, 11, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def moments() -> Iterator[datetime]:
    """Around the days on which something leaves: a minute before the hour, twice at it, and after the event's end."""
    for day in (11, 12, 20, 21, 25, 26, 27, 29, 30, 31):
        midnight = datetime(2027, 1, 1, tzinfo=UTC) + (day - 1) * DAY
        hours = ((7, 59), (8, 0), (8, 0), (9, 1) if day == 11 else (16, 1))
        yield from (midnight + timedelta(hours=hour, minutes=minute) for hour, minute in hours)


def take_the_register(event: Event, came: Person, absent: Person) -> None:
    at = datetime(2027, 1, 26, 9, 45, tzinfo=UTC)
    for person, value in ((came, MarkValue.PRESENT), (absent, MarkValue.ABSENT)):
        mark(session=session_of(event), person=person, value=value, version=0, by=None, at=at)
    close_register(session=session_of(event), by=None, at=at + timedelta(minutes=5))


def sent_to(address: str) -> list[tuple[str, str]]:
    """When each kind of message left, as a London clock shows it, oldest first."""
    found = Message.objects.filter(to_address=address, state=MessageState.SENT).order_by("sent_at", "kind")
    return [(f"{message.sent_at:%d %b %H:%M}", message.kind) for message in found]


def test_everybody_gets_every_letter_at_its_time_and_once() -> None:
    event, untaken = bookable_event(title="Recognising neglect"), bookable_event(title="A day nobody marked")
    BookingTerms.objects.update(manager_role=ManagerRole.TOLD)
    came, absent = PersonFactory(forename="Ana"), PersonFactory(forename="Ben")
    trainer = teaches(untaken, forename="Tia")
    for person in (came, absent):
        boss = f"boss.of.{person.forename.lower()}@school.example"
        book_place(event=event, person=person, by=person, at=BOOKED, manager_email=boss)
    book_place(event=untaken, person=came, by=came, at=BOOKED)
    change_message_settings(partnership=event.lead_host, by=None, at=BOOKED, copies_manager=True)
    worker, is_taken = Worker(every=2), False
    for at in (moment for moment in moments() if moment >= BOOKED):
        if not is_taken and at.date() == event.starts_on and at.hour == 16:
            take_the_register(event, came, absent)
            is_taken = True
        assert tick(worker.work_at(at), worker="test", at=at) == []
    months_later = datetime(2027, 4, 26, 7, tzinfo=UTC)  # 8am: the clocks have gone forward
    for at in (months_later - timedelta(minutes=1), months_later, months_later):
        assert tick(worker.work_at(at), worker="test", at=at) == []
    before = [
        ("11 Jan 09:01", "booking_confirmed"),
        ("12 Jan 08:00", "first_reminder"),
        ("21 Jan 08:00", "joining_instructions"),
        ("25 Jan 08:00", "last_reminder"),
    ]
    asked = [("26 Jan 16:01", "evaluation_asked"), ("31 Jan 08:00", "evaluation_reminder")]
    assert sent_to(absent.main_address()) == [*before, ("29 Jan 08:00", "did_not_attend")]
    certified = ("29 Jan 08:00", "certificate_ready")  # of the one event whose register was closed
    assert sent_to(came.main_address()) == [*sorted([*2 * [*before, *asked], certified]), ("26 Apr 07:00", "follow_up")]
    of_manager = [("11 Jan 09:01", "manager_told_of_booking"), *before[1:]]
    assert sent_to("boss.of.ana@school.example") == of_manager
    assert sent_to("boss.of.ben@school.example") == [*of_manager, ("29 Jan 08:00", "did_not_attend")]
    assert sent_to(trainer.main_address()) == [("27 Jan 08:00", "register_not_taken")]
    assert not Message.objects.exclude(state=MessageState.SENT).exists()
    assert len(mail.outbox) == Message.objects.count() == 5 + 14 + 4 + 5 + 1


def test_whoever_learned_a_course_hears_once_that_it_is_to_be_refreshed() -> None:
    event = bookable_event(title="Recognising neglect")
    Course.objects.filter(pk=event.course_id).update(refresh_months=12)
    came, absent = PersonFactory(forename="Ana"), PersonFactory(forename="Ben")
    for person in (came, absent):
        book_place(event=event, person=person, by=person, at=BOOKED)
    take_the_register(event, came, absent)
    leaves = datetime(2027, 12, 1, 8, tzinfo=UTC)  # eight weeks before 26 January 2028
    worker = Worker(every=2)
    for at in (leaves - timedelta(minutes=1), leaves, leaves, leaves + DAY, leaves + 400 * DAY):
        assert tick(worker.work_at(at), worker="test", at=at) == []
    found = Message.objects.filter(kind="refresher_due")
    assert [(message.person, f"{message.sent_at:%d %b %Y %H:%M}") for message in found] == [(came, "01 Dec 2027 08:00")]
