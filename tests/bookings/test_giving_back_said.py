"""Where only a manager cancels, no letter and no calendar sends people to a button that isn't there: each says whom to ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from bookings.calendars import entries_of
from bookings.messages import NOT_A_CANCELLATION, Letter, changed, giving_back, planned, rescheduled
from bookings.messages.approvals import manager_booked
from bookings.messages.places import declined_in_the_calendar
from bookings.models import Booking, BookingStatus
from bookings.operations import book_place
from notifications.models import Message
from notifications.rendering import full_text
from tests.factories.bookings import bookable_event
from tests.factories.charging import accepted_booking, charging
from tests.factories.people import PartnershipFactory, PersonFactory

pytestmark = pytest.mark.django_db

TEAM = "training@riverside.example"
ASK = f"Only your manager can cancel this place: ask them to write to {TEAM}."
WRITE = f"Only a manager can cancel this place, and your booking names none: write to {TEAM}."
LETTERS: list[Callable[[Booking], Letter]] = [
    planned.first_reminder,
    planned.joining_instructions,
    planned.last_reminder,
    changed,
    rescheduled,
    declined_in_the_calendar,
]


def managers_only(at: datetime, **fields: object) -> Booking:
    charging(at=at, who_may_cancel="manager")
    return accepted_booking(at=at, **fields)


def paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


@pytest.mark.parametrize(("manager", "says"), [("head@school.example", ASK), ("", WRITE)])
def test_a_confirmation_says_whom_to_ask(at: datetime, manager: str, says: str) -> None:
    charging(at=at, who_may_cancel="manager")
    person = PersonFactory()
    booking = book_place(event=bookable_event(), person=person, by=person, manager_email=manager, at=at)
    message = Message.objects.get(about=booking.about, person=person)
    link = f"http://127.0.0.1:8000/bookings/{booking.pk}/"
    assert paragraphs(full_text(message))[-3:] == [
        f"Can't come? {says} Your booking is here:\n{link}",
        "Declining the calendar invitation does not cancel your place.",
        "Riverside Safeguarding Children Partnership",
    ]
    entry = message.calendar.replace("\r\n ", "").replace("\\,", ",")
    assert f"Declining this invitation does not cancel your place. {says}" in entry
    assert "under My learning" not in entry


@pytest.mark.parametrize("letter", LETTERS)
def test_no_other_letter_sends_them_to_cancel_themselves(letter: Callable[[Booking], Letter], at: datetime) -> None:
    said = letter(managers_only(at, manager_email="head@school.example")).text
    assert ASK in said
    assert "Cancel your place" not in said
    assert NOT_A_CANCELLATION not in said


@pytest.mark.parametrize("letter", LETTERS)
def test_anybody_else_is_sent_to_their_booking(letter: Callable[[Booking], Letter], at: datetime) -> None:
    charging(at=at)
    said = letter(accepted_booking(at=at, manager_email="head@school.example")).text
    assert "Cancel your place" in said
    assert "Only your manager" not in said


@pytest.mark.parametrize("letter", [planned.first_reminder, planned.last_reminder, planned.joining_instructions])
@pytest.mark.parametrize("who_may_cancel", ["anybody", "manager"])
def test_letters_before_the_day_say_that_giving_back_may_cost(
    letter: Callable[[Booking], Letter], who_may_cancel: str, at: datetime
) -> None:
    charging(at=at, who_may_cancel=who_may_cancel)
    costs = "It may cost something, and your booking's page says whether, and what:\n{link:booking}"
    assert costs in letter(accepted_booking(at=at)).text
    assert costs not in letter(accepted_booking(at=at, policy_version=None, payer_class="")).text


def test_who_only_asked_for_a_place_takes_the_request_back_themselves(at: datetime) -> None:
    booking = managers_only(at, status=BookingStatus.REQUESTED)
    assert changed(booking).values["cannot_come"] == "How your booking stands does not change. See it, or give it back, here:"


@pytest.mark.parametrize(
    "letter", [manager_booked, lambda booking: planned.manager_copy(booking, planned.last_reminder(booking))]
)
def test_the_manager_hears_that_it_is_theirs_to_cancel(letter: Callable[[Booking], Letter], at: datetime) -> None:
    theirs = f"Can they not be spared? Write to {TEAM}: by the rules of this booking only a manager can cancel it."
    assert theirs in paragraphs(letter(managers_only(at)).text)
    usual = f"Can they not be spared? Ask them to give the place back, or write to {TEAM}."
    assert usual in paragraphs(letter(accepted_booking(at=at, policy_version=None, payer_class="")).text)


def test_the_calendar_people_subscribe_to_says_the_same(at: datetime) -> None:
    booking = managers_only(at, manager_email="head@school.example")
    assert [entry.description.split("\n\n")[-1] for entry in entries_of(booking.person, at=at)] == [f"Can't come? {ASK}"]


def test_a_team_address_can_not_pass_for_a_placeholder(at: datetime) -> None:
    PartnershipFactory(team_email="{link:booking}@riverside.example")
    booking = managers_only(at)
    assert giving_back.by_manager(booking).endswith("write to (link:booking)@riverside.example.")


def test_letters_to_many_read_the_rules_once_for_all(at: datetime, django_assert_num_queries: object) -> None:
    charging(at=at, who_may_cancel="manager")
    event = bookable_event()
    for _ in range(3):
        accepted_booking(at=at, event=event)
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = list(Booking.objects.filter(event=event).to_write_to())
        assert [booking.only_a_manager_cancels for booking in found] == [True, True, True]
