"""What a calendar answers to our invitation changes no booking; a decline is asked about, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from mailbox import Maildir
from pathlib import Path

import pytest
from icalendar import Calendar
from pytest_django import Settings

from bookings.messages.letters import DECLINED_IN_THE_CALENDAR
from bookings.models import BookingStatus, CancelledBy, Invitation
from bookings.operations import book_place, cancel_booking
from bookings.replies import on_calendar_reply
from notifications.inbox import read_inbox
from notifications.models import Message
from notifications.rendering import as_email
from tests.factories.bookings import bookable_event
from tests.factories.people import PersonFactory
from tests.tools.calendar_answers import answer_to

pytestmark = [pytest.mark.django_db]


def booked(at: datetime):
    event, person = bookable_event(), PersonFactory(address="sam@school.example")
    return book_place(event=event, person=person, by=person, at=at)


def asked(booking) -> list[str]:
    about = Message.objects.filter(about=booking.about, kind=DECLINED_IN_THE_CALENDAR)
    return list(about.values_list("to_address", flat=True))


def uid_of(booking) -> str:
    return Invitation.objects.get(booking=booking).uid


def test_a_declined_invitation_is_asked_about_and_the_place_stays(at: datetime, tmp_path: Path, settings: Settings) -> None:
    settings.REPLIES_FOLDER, settings.REPLIES_ADDRESS = str(tmp_path / "in"), "replies@riverside.example"
    folder, booking = Maildir(tmp_path / "in"), booked(at)
    invitation = as_email(Message.objects.get(about=booking.about, calendar_method="REQUEST"), at=at)
    folder.add(answer_to(invitation, "DECLINED"))
    assert read_inbox(at) == 1
    booking.refresh_from_db()
    assert (booking.status, asked(booking)) == (BookingStatus.CONFIRMED, ["sam@school.example"])


def test_calendars_answer_the_folder_and_not_the_team(at: datetime, settings: Settings) -> None:
    settings.REPLIES_ADDRESS = "replies@riverside.example"
    booking = booked(at)
    entry = Calendar.from_ical(Message.objects.get(about=booking.about, calendar_method="REQUEST").calendar).walk("VEVENT")[0]
    assert str(entry["ORGANIZER"]) == "mailto:replies@riverside.example"


def test_however_often_a_calendar_answers_somebody_is_asked_once(at: datetime) -> None:
    booking = booked(at)
    for _ in range(3):
        on_calendar_reply(uid=uid_of(booking), answer="DECLINED", at=at)
    assert len(asked(booking)) == 1


@pytest.mark.parametrize("answer", ["ACCEPTED", "TENTATIVE", "", "declined"])
def test_any_other_answer_reaches_nobody(at: datetime, answer: str) -> None:
    booking = booked(at)
    assert on_calendar_reply(uid=uid_of(booking), answer=answer, at=at) is False
    assert asked(booking) == []


def test_nobody_is_asked_about_a_place_that_is_gone_or_an_event_that_has_begun(at: datetime) -> None:
    booking = booked(at)
    uid = uid_of(booking)
    assert on_calendar_reply(uid=uid, answer="DECLINED", at=booking.event.sessions.get().starts_at) is False
    cancel_booking(booking=booking, cancelled_by=CancelledBy.DELEGATE, by=booking.person, at=at + timedelta(minutes=1))
    assert on_calendar_reply(uid=uid, answer="DECLINED", at=at) is False
    assert on_calendar_reply(uid="nobody@elsewhere", answer="DECLINED", at=at) is False
    assert asked(booking) == []
