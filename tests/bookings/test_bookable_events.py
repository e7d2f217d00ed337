"""Events that take bookings: made, resized, changed, moved and called off together with their bookings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings.models import ApprovalRequest, Booking, BookingTerms, InvitedPerson
from bookings.operations import (
    approve_booking,
    book_place,
    cancel_bookable_event,
    cancel_booking,
    change_bookable_event,
    change_terms,
    correct_manager,
    create_bookable_event,
)
from bookings.preview import told_of_cancelling
from core.models import AuditEntry
from core.refusals import Refused
from courses.models import Format
from events.models import Event, EventKind, EventStatus
from events.operations import SessionTimes
from notifications.models import Message
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.events import EventFactory, VenueFactory
from tests.factories.notifications import MessageFactory
from tests.factories.people import PartnershipFactory, PersonFactory, officer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TIMES = SessionTimes(datetime(2027, 2, 2, 9, 30, tzinfo=UTC), datetime(2027, 2, 2, 12, 30, tzinfo=UTC))


def create(at, **fields) -> Event:
    given = {
        "partnership": PartnershipFactory(),
        "kind": EventKind.COURSE,
        "title": "Recognising neglect",
        "format": Format.CLASSROOM,
        "sessions": [TIMES],
        "venue": VenueFactory(room_places=30),
        "places": 20,
        "by": officer(),
        "at": at,
    }
    return create_bookable_event(**{**given, **fields})


def refusal(action, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(*args, **kwargs)
    return refused.value.code


def test_an_event_is_made_with_its_terms(at):
    event = create(at, terms={"closes_at": at + timedelta(days=7)}, invited=[" Head@School.example", "head@school.example", ""])
    terms = BookingTerms.objects.get(event=event)
    assert (terms.booking_limit, terms.closes_at, terms.has_waiting_list) == (20, at + timedelta(days=7), True)
    assert list(InvitedPerson.objects.values_list("address", flat=True)) == ["head@school.example"]


@pytest.mark.parametrize(
    ("terms", "named", "stands"),
    [
        ({}, True, "still has a place. This is for your diary"),
        (
            {"manager_role": "approves"},
            True,
            "still needs your approval for it: the link in our earlier message goes on working.",
        ),
        ({"manager_role": "nobody"}, True, ""),
        ({}, False, ""),
    ],
)
def test_a_manager_with_a_letter_about_it_reads_of_other_times(at, terms, named, stands):
    event, person = bookable_event(terms=terms), PersonFactory()
    book_place(event=event, person=person, by=person, at=at, manager_email="boss@school.example" if named else None)
    for changed in ({"title": "Another title"}, {"sessions": [TIMES]}):
        change_bookable_event(event=event, by=officer(), at=at, **changed)
    letters = Message.objects.filter(kind="manager_told_of_move")
    assert [(one.to_address, stands in one.text, "Tuesday 2 February 2027" in one.text) for one in letters] == (
        [("boss@school.example", True, True)] if stands else []
    )


def test_titles_of_sessions_are_no_other_times(at):
    event, person = bookable_event(), PersonFactory()
    book_place(event=event, person=person, by=person, at=at, manager_email="boss@school.example")
    first = event.sessions.get()
    titled = SessionTimes(first.starts_at, first.ends_at, "Introduction")
    change_bookable_event(event=event, sessions=[titled], by=officer(), at=at)
    told = Message.objects.filter(kind__in=["event_changed", "event_rescheduled", "manager_told_of_move"])
    assert [one.kind for one in told] == ["event_changed"]
    retitled = SessionTimes(first.starts_at, first.ends_at, "Beginnings")
    change_bookable_event(event=event, sessions=[retitled], by=officer(), at=at + timedelta(days=60))
    assert not Message.objects.filter(kind="manager_told_of_move").exists()


@pytest.mark.parametrize("status", ["requested", "waiting", "offered"])
def test_a_manager_of_somebody_without_a_sure_place_reads_of_other_times_too(at, status):
    booking = BookingFactory(status=status, queue_number=1 if status == "waiting" else None, manager_email="boss@school.example")
    MessageFactory(about=booking.about, to_address="boss@school.example", state="sent", sent_at=at)
    change_bookable_event(event=booking.event, sessions=[TIMES], by=officer(), at=at)
    letter = Message.objects.get(kind="manager_told_of_move")
    assert "stands as it did. This is for your diary" in letter.text
    assert "Can they not be spared?" in letter.text


def test_another_manager_and_an_answer_take_back_what_was_to_be_said_of_other_times(at):
    told, asked = (bookable_event(terms={"manager_role": role}) for role in ("told", "approves"))
    bookings = [
        book_place(event=one, person=PersonFactory(), by=None, at=at, manager_email="boss@school.example")
        for one in (told, asked)
    ]
    for event in (told, asked):
        change_bookable_event(event=event, sessions=[TIMES], by=officer(), at=at)
    assert "Can they not be spared?" not in Message.objects.get(kind="manager_told_of_move", about=bookings[1].about).text
    correct_manager(booking=bookings[0], manager_email="right@school.example", by=bookings[0].person, at=at)
    approve_booking(request=bookings[1].approval, approver="manager", by=None, at=at)
    assert set(Message.objects.filter(kind="manager_told_of_move").values_list("state", flat=True)) == {"withdrawn"}


def test_a_deputy_who_was_asked_reads_of_other_times_too(at):
    event, person = bookable_event(terms={"manager_role": "approves"}), PersonFactory()
    booking = book_place(event=event, person=person, by=person, at=at, manager_email="boss@school.example")
    ApprovalRequest.objects.filter(booking=booking).update(deputy_email="deputy@school.example")
    asked = Message.objects.filter(kind="manager_told_of_move").values_list("to_address", flat=True)
    for reminded_at, sessions in ((None, [TIMES]), (at, [SessionTimes(TIMES.starts_at, TIMES.ends_at + timedelta(hours=1))])):
        ApprovalRequest.objects.update(reminded_at=reminded_at)
        change_bookable_event(event=event, sessions=sessions, by=officer(), at=at)
    assert sorted(asked.all()) == ["boss@school.example", "boss@school.example", "deputy@school.example"]
    Message.objects.filter(to_address="boss@school.example").update(state="failed")
    change_bookable_event(
        event=event, sessions=[SessionTimes(TIMES.starts_at, TIMES.ends_at + timedelta(hours=2))], by=None, at=at
    )
    assert [*asked.all()].count("deputy@school.example") == 2
    ApprovalRequest.objects.update(decision="lapsed", decided_at=at)
    change_bookable_event(event=event, sessions=[TIMES], by=None, at=at)
    assert [*asked.all()].count("deputy@school.example") == 2


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("told", "is called off, so you need not spare Sam Bell. Why: The trainer is ill"),
        ("approves", "is called off, so you need not answer. Why: The trainer is ill"),
    ],
)
def test_a_manager_reads_that_an_event_is_called_off_and_why(at, role, said):
    event, person = bookable_event(terms={"manager_role": role}), PersonFactory(forename="Sam", surname="Bell")
    booking = book_place(event=event, person=person, by=person, at=at, manager_email="boss@school.example")
    Message.objects.filter(about=booking.about).update(state="sent", sent_at=at)
    (manager,) = [
        one for one in told_of_cancelling(event, reason="The trainer is ill", by=officer(), at=at) if "manager" in one.who
    ]
    cancel_bookable_event(event=event, reason="The trainer is ill", by=officer(), at=at)
    letter = Message.objects.get(kind="manager_told_of_end")
    assert said in letter.text
    assert (manager.subject, said in manager.text) == (letter.subject, True)


def test_a_manager_reads_who_gave_the_place_back(at):
    event, person = bookable_event(), PersonFactory()
    booking = book_place(event=event, person=person, by=person, at=at, manager_email="boss@school.example")
    Message.objects.filter(about=booking.about).update(state="sent", sent_at=at)
    cancel_booking(booking=booking, cancelled_by="delegate", by=person, at=at)
    assert "cancelled by the delegate." in Message.objects.get(kind="manager_told_of_end").text


def test_without_a_number_the_places_are_those_of_the_room(at):
    assert BookingTerms.objects.get(event=create(at, places=None)).booking_limit == 30


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"places": 0}, "no_places"),
        ({"places": None, "venue": None}, "no_places"),
        ({"title": ""}, "no_title"),
    ],
)
def test_what_can_not_hold_is_refused_and_nothing_is_made(at, fields, code):
    assert refusal(create, at, **fields) == code
    assert Event.objects.count() == 0


def test_booking_can_not_close_before_it_opens(at):
    assert refusal(create, at, terms={"opens_at": at, "closes_at": at}) == "closes_before_it_opens"


def test_changed_terms_leave_their_trail(at):
    event, by = bookable_event(places=20), officer()
    change_terms(event=event, by=by, at=at, booking_limit=25, has_waiting_list=False, invited=["a@b.example"])
    trace = AuditEntry.objects.get(action="booking terms changed")
    assert trace.changes == {"booking_limit": [20, 25], "has_waiting_list": [True, False], "invited": []}
    change_terms(event=event, by=by, at=at, booking_limit=25, invited=["A@b.example"])
    assert AuditEntry.objects.filter(action="booking terms changed").count() == 1


def test_terms_that_do_not_exist_can_not_be_changed(at):
    assert refusal(change_terms, event=EventFactory(), by=None, at=at, booking_limit=5) == "not_bookable"
    with pytest.raises(TypeError):
        change_terms(event=bookable_event(), by=None, at=at, queue_counter=5)


def test_the_invited_list_is_replaced(at):
    event = create(at, invited=["a@b.example", "c@d.example"])
    change_terms(event=event, by=None, at=at, invited=["c@d.example", "e@f.example"])
    assert list(InvitedPerson.objects.values_list("address", flat=True)) == ["c@d.example", "e@f.example"]


def test_calling_an_event_off_ends_every_live_booking_as_the_organisers_doing(at):
    event, by = bookable_event(places=5), officer()
    live = [BookingFactory(event=event), BookingFactory(event=event, status="waiting", queue_number=1)]
    given_back = BookingFactory(event=event)
    cancel_booking(booking=given_back, cancelled_by="delegate", by=given_back.person, at=at)
    cancel_bookable_event(event=event, reason="The trainer is ill", by=by, at=at)
    assert [Booking.objects.get(pk=booking.pk).cancelled_by for booking in [*live, given_back]] == [
        "organiser",
        "organiser",
        "delegate",
    ]
    assert Event.objects.get().status == EventStatus.CANCELLED


def test_an_event_that_can_not_be_called_off_keeps_its_bookings(at):
    event = bookable_event()
    booking = BookingFactory(event=event)
    assert refusal(cancel_bookable_event, event=event, reason="", by=None, at=at) == "no_reason"
    assert Booking.objects.get(pk=booking.pk).status == "confirmed"


def test_moving_an_event_keeps_everybodys_place(at):
    event = bookable_event(places=1)
    bookings = [BookingFactory(event=event), BookingFactory(event=event, status="waiting", queue_number=1)]
    change_bookable_event(event=event, sessions=[TIMES], by=officer(), at=at)
    assert [Booking.objects.get(pk=booking.pk).status for booking in bookings] == ["confirmed", "waiting"]
    assert Event.objects.get().starts_on == TIMES.starts_at.date()


def test_an_event_without_terms_is_moved_and_called_off_all_the_same(at):
    event = EventFactory()
    change_bookable_event(event=event, sessions=[TIMES], by=None, at=at)
    cancel_bookable_event(event=event, reason="Not needed", by=None, at=at)
    assert Event.objects.get().status == EventStatus.CANCELLED


def states_of(kind: str) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("state", flat=True))


def test_what_waits_and_says_how_an_event_was_leaves_no_more_once_it_changes_again(at):
    event = bookable_event(places=1, sessions=2)
    for person in (PersonFactory(), PersonFactory()):
        book_place(event=event, person=person, by=person, at=at, manager_email="boss@school.example")
    held, later = at + timedelta(minutes=1), [TIMES, SessionTimes(TIMES.ends_at, TIMES.ends_at + timedelta(hours=1))]
    change_bookable_event(event=event, venue=VenueFactory(name="The mill"), by=officer(), at=at)
    Message.objects.filter(kind="event_changed").update(held_at=held)
    change_bookable_event(event=event, sessions=[TIMES], by=officer(), at=at)
    assert (states_of("event_changed"), states_of("event_rescheduled")) == (["withdrawn"] * 3, ["waiting"] * 2)
    assert states_of("session_taken_out") == ["waiting"]
    change_bookable_event(event=event, sessions=later, by=officer(), at=at)
    assert states_of("event_rescheduled") == [*["waiting"] * 3, *["withdrawn"] * 2]
    change_bookable_event(event=event, title="Another title", by=officer(), at=at)
    assert (states_of("event_changed"), states_of("event_rescheduled")) == (
        [*["waiting"] * 3, *["withdrawn"] * 3],
        ["withdrawn"] * 5,
    )
    assert (states_of("session_taken_out"), states_of("manager_told_of_move")) == (["waiting"], ["waiting", "withdrawn"])
    assert states_of("booking_confirmed") == ["waiting"] * 2


def test_a_change_keeps_what_has_left_and_what_is_about_another_event(at):
    event, other = bookable_event(), bookable_event()
    for one in (event, other):
        book_place(event=one, person=PersonFactory(), by=None, at=at)
        change_bookable_event(event=one, venue=VenueFactory(name="The mill"), by=officer(), at=at)
    [booking] = Booking.objects.filter(event=event)
    Message.objects.filter(kind="event_changed", about=booking.about).update(state="sent", sent_at=at)
    change_bookable_event(event=event, sessions=[TIMES], by=officer(), at=at)
    assert (states_of("event_changed"), states_of("event_rescheduled")) == (["sent", "waiting"], ["waiting"])
