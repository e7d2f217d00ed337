"""What officers do to bookings: several at once, a manager's address, the partnership's rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bookings.models import Booking, BookingChange, BookingSettings, BookingStatus, Charge, ManagerRole
from bookings.operations import (
    book_place,
    cancel_booking,
    cancel_bookings,
    change_booking_settings,
    correct_manager,
)
from core.models import AuditEntry
from core.refusals import Refused
from notifications.models import Message
from registers.due import send_letters_of_absence
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, charging
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer
from tests.factories.registers import session_of, take_register

pytestmark = pytest.mark.django_db


def refusal(action: Any, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        action(**arguments)
    return refused.value


def book(event: Any, at: datetime, **fields: Any) -> Booking:
    person = PersonFactory(**fields)
    return book_place(event=event, person=person, by=person, at=at)


def status(booking: Booking) -> str:
    return Booking.objects.get(pk=booking.pk).status


@pytest.mark.both_databases
def test_several_end_with_one_reason_and_nobody_among_them_is_promoted(at: datetime) -> None:
    event, olu = bookable_event(places=2), officer()
    one, two, third, fourth = (book(event, at) for _ in range(4))
    ended = cancel_bookings(
        event=event, bookings=[one, two, third], cancelled_by="organiser", by=olu, at=at, reason="The school is closed."
    )
    assert [status(booking) for booking in (one, two, third, fourth)] == ["cancelled", "cancelled", "cancelled", "confirmed"]
    assert {booking.pk for booking in ended} == {one.pk, two.pk, third.pk}
    reasons = BookingChange.objects.filter(to_status="cancelled").values_list("reason", flat=True)
    assert set(reasons) == {"The school is closed."}
    assert not BookingChange.objects.filter(booking=third, to_status="confirmed").exists()


def test_without_that_the_third_would_have_had_a_place_for_a_moment(at: datetime) -> None:
    event, olu = bookable_event(places=2), officer()
    one, two, third, _ = (book(event, at) for _ in range(4))
    for booking in (one, two, third):
        cancel_booking(booking=booking, cancelled_by="organiser", by=olu, at=at, reason="The school is closed.")
    assert BookingChange.objects.filter(booking=third, to_status="confirmed").exists()


def test_those_that_ended_meanwhile_and_those_of_another_event_are_left_alone(at: datetime) -> None:
    event, olu = bookable_event(), officer()
    kept, ended = book(bookable_event(), at), book(event, at)
    several = {"event": event, "cancelled_by": "organiser", "by": olu, "at": at, "reason": "Snow"}
    assert len(cancel_bookings(bookings=[ended, kept], **several)) == 1
    assert cancel_bookings(bookings=[ended, kept], **several) == []
    assert status(kept) == BookingStatus.CONFIRMED


def test_only_an_officer_with_a_reason_and_before_the_start_ends_several(at: datetime) -> None:
    event, olu = bookable_event(), officer()
    several: dict[str, Any] = {"event": event, "bookings": [book(event, at)], "cancelled_by": "organiser"}
    assert refusal(cancel_bookings, by=PersonFactory(), at=at, reason="Snow", **several).code == "not_allowed"
    assert refusal(cancel_bookings, by=olu, at=at, reason=" ", **several).code == "no_reason"
    assert refusal(cancel_bookings, by=olu, at=at + timedelta(days=20), reason="Snow", **several).code == "started"
    assert status(several["bookings"][0]) == BookingStatus.CONFIRMED


def test_each_pays_by_the_policy_they_accepted_unless_we_take_it_back(at: datetime) -> None:
    charging()
    event, olu = bookable_event(), officer()
    late = event.sessions.get().starts_at - timedelta(hours=1)
    theirs = [accepted_booking(event=event, at=at) for _ in range(2)]
    ours = [accepted_booking(event=event, at=at) for _ in range(2)]
    cancel_bookings(event=event, bookings=theirs, cancelled_by="delegate", by=olu, at=late, reason="Ill")
    cancel_bookings(event=event, bookings=ours, cancelled_by="organiser", by=olu, at=late, reason="Snow")
    assert set(Charge.objects.values_list("booking", flat=True)) == {booking.pk for booking in theirs}


def test_the_right_manager_is_told_and_the_letter_to_the_wrong_one_withdrawn(at: datetime) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.TOLD})
    booking = book(event, at, manager_email="wrong@school.example")
    correct_manager(booking=booking, manager_email=" Right@school.example", by=officer(), at=at)
    assert Booking.objects.get(pk=booking.pk).manager_email == "right@school.example"
    told = Message.objects.filter(kind="manager_told_of_booking").order_by("created_at", "to_address")
    assert sorted(told.values_list("to_address", "state")) == [
        ("right@school.example", "waiting"),
        ("wrong@school.example", "withdrawn"),
    ]
    [noted] = BookingChange.objects.filter(booking=booking, from_status="confirmed")
    assert (noted.to_status, noted.reason) == ("confirmed", "The manager’s address was corrected.")
    assert AuditEntry.objects.filter(action="manager corrected").count() == 1
    correct_manager(booking=booking, manager_email="right@school.example", by=officer(), at=at)
    assert told.count() == 2


def test_a_manager_is_not_corrected_where_there_is_nobody_to_tell(at: datetime) -> None:
    event, olu = bookable_event(), officer()
    ended = BookingFactory(event=event, status=BookingStatus.CANCELLED, cancelled_by="delegate", ended_at=at)
    person = PersonFactory(address="self@school.example", manager_email="boss@school.example")
    booking = book_place(event=event, person=person, by=person, at=at)
    approves = bookable_event(terms={"manager_role": ManagerRole.APPROVES})
    awaiting = book_place(event=approves, person=person, by=person, at=at)
    said = {"manager_email": "new@school.example", "at": at}
    assert refusal(correct_manager, booking=ended, by=olu, **said).code == "already_ended"
    assert refusal(correct_manager, booking=awaiting, by=olu, **said).code == "awaiting_approval"
    assert refusal(correct_manager, booking=booking, by=PersonFactory(), **said).code == "not_allowed"
    assert refusal(correct_manager, booking=booking, by=olu, manager_email="self@school.example", at=at).code == "own_address"


def test_nobody_is_told_of_an_event_that_is_over(at: datetime) -> None:
    booking = book(bookable_event(terms={"manager_role": ManagerRole.TOLD}), at)
    end = booking.event.sessions.get().ends_at
    refused = refusal(correct_manager, booking=booking, manager_email="late@school.example", by=booking.person, at=end)
    assert (refused.code, booking.event.lead_host.team_email in str(refused)) == ("past", True)
    assert not Message.objects.filter(to_address="late@school.example").exists()
    before = end - timedelta(minutes=1)
    correct_manager(booking=booking, manager_email="late@school.example", by=booking.person, at=before)
    assert Message.objects.filter(to_address="late@school.example").count() == 1


def test_an_officer_puts_a_manager_right_before_the_letter_about_an_absence(at: datetime) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.TOLD})
    booking = book(event, at, manager_email="wrong@school.example")
    session = session_of(event)
    take_register(session, {booking.person: "absent"})
    later = session.ends_at + timedelta(days=1)
    correct_manager(booking=booking, manager_email="right@school.example", by=officer(), at=later)
    assert not Message.objects.filter(to_address="right@school.example").exists()  # of the booking itself nobody writes any more
    assert send_letters_of_absence(later + timedelta(days=5)) == 1
    told = set(Message.objects.filter(kind="did_not_attend").values_list("to_address", flat=True))
    assert told == {booking.person.main_address(), "right@school.example"}


def test_a_letter_about_an_absence_that_waits_goes_to_the_right_manager(at: datetime) -> None:
    event = bookable_event(terms={"manager_role": ManagerRole.TOLD})
    booking = book(event, at, manager_email="wrong@school.example")
    session = session_of(event)
    take_register(session, {booking.person: "absent"})
    later = session.ends_at + timedelta(days=7)
    assert send_letters_of_absence(later) == 1
    correct_manager(booking=booking, manager_email="right@school.example", by=officer(), at=later)
    waiting = Message.objects.waiting().filter(kind="did_not_attend", person=None)
    assert list(waiting.values_list("to_address", flat=True)) == ["right@school.example"]


def test_a_person_has_three_letters_to_managers_and_then_the_team_decides(at: datetime) -> None:
    booking = book(bookable_event(terms={"manager_role": ManagerRole.TOLD}), at, manager_email="boss0@school.example")
    told = Message.objects.filter(about=booking.about, kind="manager_told_of_booking")
    said = {"booking": booking, "by": booking.person, "at": at}
    for number in (1, 2):
        told.filter(state="waiting").update(state="sent", sent_at=at)
        correct_manager(manager_email=f"boss{number}@school.example", **said)
    correct_manager(manager_email="boss3@school.example", **said)  # the one before had not left, so it does not count
    assert told.filter(state="withdrawn").count() == 1
    told.filter(state="waiting").update(state="sent", sent_at=at)
    refused = refusal(correct_manager, manager_email="boss4@school.example", **said)
    assert (refused.code, refused.field) == ("told_often", "manager_email")
    assert booking.event.lead_host.team_email in str(refused)
    assert Booking.objects.get(pk=booking.pk).manager_email == "boss3@school.example"
    correct_manager(booking=booking, manager_email="boss4@school.example", by=officer(), at=at)
    correct_manager(manager_email="", **said)
    assert told.count() == 5


@pytest.mark.both_databases
def test_the_partnerships_rules_are_taken_by_new_events_and_audited(at: datetime) -> None:
    ours, olu = PartnershipFactory(), officer()
    change_booking_settings(partnership=ours, by=olu, at=at, offer_hours=8, manager_role=ManagerRole.APPROVES)
    settings = BookingSettings.of(ours)
    assert (settings.offer_hours, settings.manager_role, settings.confirm_until_days) == (8, "approves", 2)
    entry = AuditEntry.objects.get(action="booking settings changed")
    assert entry.changes == {"offer_hours": [4, 8], "manager_role": ["told", "approves"]}
    assert BookingSettings.of(OtherPartnershipFactory()).offer_hours == 4
    change_booking_settings(partnership=ours, by=olu, at=at, offer_hours=8)
    assert AuditEntry.objects.filter(action="booking settings changed").count() == 1


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"offer_hours": 0}, "no_time_to_answer", "offer_hours"),
        ({"approval_lapse_days": 0, "approval_reminder_days": 0}, "no_time_to_approve", "approval_lapse_days"),
        ({"approval_lapse_days": 2}, "reminded_too_late", "approval_reminder_days"),
    ],
)
def test_rules_that_can_not_hold_are_refused(at: datetime, changed: dict[str, int], code: str, field: str) -> None:
    ours = PartnershipFactory()
    refused = refusal(change_booking_settings, partnership=ours, by=officer(), at=at, **changed)
    assert (refused.code, refused.field) == (code, field)
    assert not BookingSettings.objects.filter(partnership=ours).exists()
    with pytest.raises(TypeError, match="colour"):
        change_booking_settings(partnership=ours, by=None, at=at, colour="blue")
