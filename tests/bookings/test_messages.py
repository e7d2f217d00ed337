"""What people are sent about their bookings, and what happens in their calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import ics
import pytest
import vobject

from bookings.messages import CALENDAR_METHODS, KINDS, NOT_A_CANCELLATION
from bookings.models import Booking, Invitation
from bookings.operations import (
    book_place,
    cancel_bookable_event,
    cancel_booking,
    change_bookable_event,
)
from courses.models import Format
from events.models import EventStatus
from events.operations import SessionTimes
from notifications.models import Message, MessageState
from notifications.rendering import full_text
from people.models import Partnership
from tests.factories.bookings import bookable_event
from tests.factories.events import VenueFactory
from tests.factories.people import PersonFactory, officer

pytestmark = pytest.mark.django_db

LATER = SessionTimes(datetime(2027, 6, 2, 8, 30, tzinfo=UTC), datetime(2027, 6, 2, 15, 0, tzinfo=UTC))


def book(event, at, person=None, by=None) -> Booking:
    person = person or PersonFactory()
    return book_place(event=event, person=person, by=by or person, at=at)


def kinds(booking) -> list[str]:
    return list(Message.objects.filter(about=f"booking:{booking.pk}").order_by("created_at").values_list("kind", flat=True))


def last(booking) -> Message:
    """The newest letter; those that only carry a further session's calendar entry are left out."""
    letters = Message.objects.filter(about=f"booking:{booking.pk}").exclude(subject__startswith="Calendar: ")
    return letters.exclude(state=MessageState.WITHDRAWN).latest("created_at")


def entry(message):
    """The one entry of a message's calendar, read by a library that did not write it."""
    return vobject.readOne(message.calendar).vevent


def entries(message) -> list:
    """The calendar entries that went out together with the letter, one a message, in the order of time."""
    together = Message.objects.filter(about=message.about, kind=message.kind, created_at=message.created_at)
    return sorted((entry(one) for one in together), key=lambda one: one.dtstart.value)


def test_a_confirmation_says_what_when_where_and_how_to_cancel(at):
    booking = book(bookable_event(title="Recognising neglect"), at, PersonFactory(forename="Sam"))
    message = last(booking)
    link = f"http://127.0.0.1:8000/bookings/{booking.pk}/"
    assert (message.kind, message.subject) == ("booking_confirmed", "Place booked: Recognising neglect")
    assert message.to_address == booking.person.main_address()
    assert full_text(message).split("\n\n") == [
        "Hello Sam,",
        "Your place at Recognising neglect is booked.",
        "When: Tuesday 26 January 2027, 9.30am to 4pm",
        "Where: Civic Suite, 1 High Street, Riverside",
        "What happens next: accept the calendar invitation that comes with this message, and come. There is nothing to print.",
        f"Can't come? Cancel your place, so that somebody else can have it:\n{link}",
        NOT_A_CANCELLATION,
        "Riverside Safeguarding Children Partnership",
    ]


def test_a_confirmation_puts_each_session_into_the_calendar(at):
    booking = book(bookable_event(sessions=2), at)
    message = last(booking)
    assert message.calendar_method == "REQUEST"
    assert [(one.sequence.value, one.dtstart.value) for one in entries(message)] == [
        ("0", session.starts_at) for session in booking.event.sessions.all()
    ]
    assert "All about it is in our message" in Message.objects.get(subject__startswith="Calendar: ").text
    assert [one.uid.value for one in entries(message)] == [
        invitation.uid for invitation in booking.invitations.order_by("session__number")
    ]


def test_two_calendar_libraries_agree_on_the_time(at):
    message = last(book(bookable_event(), at))
    seen = next(iter(ics.Calendar(message.calendar).events))
    assert seen.begin.datetime == entry(message).dtstart.value == datetime(2027, 1, 26, 9, 30, tzinfo=UTC)


def test_a_virtual_event_gives_the_joining_link_on_a_line_of_its_own(at):
    event = bookable_event(format=Format.VIRTUAL, venue=None, joining_link="https://meet.example/1?a=b")
    message = last(book(event, at))
    assert "Join with this link:\nhttps://meet.example/1?a=b\n" in message.text
    assert entry(message).location.value == "Online"
    assert "https://meet.example/1?a=b" in entry(message).description.value


def test_an_online_event_without_a_link_says_that_it_follows(at):
    event = bookable_event(format=Format.VIRTUAL, venue=VenueFactory(name="Teams", is_online=True))
    assert "We send you the link to join before the event." in last(book(event, at)).text


def test_who_waits_gets_their_number_and_no_calendar_and_no_link_to_join(at):
    event = bookable_event(places=1, joining_link="https://meet.example/1")
    book(event, at)
    book(event, at)
    third = book(event, at)
    message = last(third)
    assert (message.kind, message.calendar, message.calendar_method) == ("waiting_list_joined", "", "")
    assert "You are number 2 on its waiting list." in message.text
    assert "meet.example" not in message.text
    assert Invitation.objects.filter(booking=third).count() == 0


@pytest.mark.both_databases
def test_a_promotion_is_told_at_once_with_the_calendar(at):
    event = bookable_event(places=1)
    holder, waiting = book(event, at), book(event, at)
    cancel_booking(booking=holder, cancelled_by="delegate", by=holder.person, at=at + timedelta(hours=1))
    assert kinds(waiting) == ["waiting_list_joined", "place_from_waiting_list"]
    assert (last(waiting).calendar_method, last(waiting).subject) == ("REQUEST", f"You have a place: {event.title}")


@pytest.mark.both_databases
def test_a_cancellation_takes_the_same_entry_out_with_a_higher_number(at):
    booking = book(bookable_event(), at)
    before = entry(last(booking))
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at + timedelta(hours=1))
    message = last(booking)
    after = entry(message)
    assert (message.kind, message.calendar_method) == ("booking_cancelled", "CANCEL")
    assert (after.uid.value, after.status.value) == (before.uid.value, "CANCELLED")
    assert (int(before.sequence.value), int(after.sequence.value)) == (0, 1)


@pytest.mark.both_databases
def test_booking_again_is_another_entry(at):
    event, person = bookable_event(), PersonFactory()
    first = book(event, at, person)
    cancel_booking(booking=first, cancelled_by="delegate", by=person, at=at)
    again = book(event, at, person)
    assert entry(last(again)).uid.value != Invitation.objects.get(booking=first).uid
    assert entry(last(again)).sequence.value == "0"


def test_what_was_not_sent_yet_about_a_place_that_is_gone_is_withdrawn(at):
    booking = book(bookable_event(), at)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at + timedelta(hours=1))
    assert list(Message.objects.order_by("created_at").values_list("kind", "state")) == [
        ("booking_confirmed", "withdrawn"),
        ("booking_cancelled", "waiting"),
    ]


@pytest.mark.parametrize(
    ("cancelled_by", "said"),
    [
        ("delegate", "Your place at Neglect is cancelled. If somebody waits, it goes on to them."),
        ("manager", "Your place at Neglect is cancelled, as your manager asked. If somebody waits, it goes on to them."),
        ("organiser", "The organisers have cancelled your place at Neglect."),
    ],
)
def test_a_cancellation_says_whose_it_was(at, cancelled_by, said):
    booking = book(bookable_event(title="Neglect"), at)
    cancel_booking(booking=booking, cancelled_by=cancelled_by, by=officer(), at=at + timedelta(hours=1), reason="Private")
    assert said in last(booking).text.split("\n\n")
    assert "Private" not in last(booking).text


@pytest.mark.parametrize(
    ("cancelled_by", "subject", "said"),
    [
        ("delegate", "Left the waiting list", "You have left the waiting list of Neglect. You will hear no more about it."),
        ("manager", "Taken off the waiting list", "As your manager asked, we have taken you off the waiting list of Neglect."),
        ("organiser", "Taken off the waiting list", "The organisers have taken you off the waiting list of Neglect."),
    ],
)
def test_leaving_the_waiting_list_touches_no_calendar(at, cancelled_by, subject, said):
    event = bookable_event(title="Neglect", places=1)
    book(event, at)
    waiting = book(event, at)
    cancel_booking(booking=waiting, cancelled_by=cancelled_by, by=officer(), at=at + timedelta(hours=1))
    assert said in last(waiting).text.split("\n\n")
    assert (last(waiting).calendar, last(waiting).subject) == ("", f"{subject}: Neglect")


@pytest.mark.parametrize(
    ("terms", "cancelled_by", "said"),
    [
        ({"manager_role": "approves"}, "delegate", "You have taken back your request for a place at Neglect. Your manager"),
        (
            {"manager_role": "approves"},
            "manager",
            "As your manager asked, we have taken back your request for a place at",
        ),
        ({"minimum": 2}, "organiser", "The organisers have taken back your request for a place at Neglect."),
    ],
)
def test_a_request_that_is_taken_back_was_no_place(at, terms, cancelled_by, said):
    person = PersonFactory()
    event = bookable_event(title="Neglect", places=2, terms=terms)
    booking = book_place(event=event, person=person, by=person, at=at, manager_email="boss@school.example")
    Message.objects.update(state="sent", sent_at=at)
    cancel_booking(booking=booking, cancelled_by=cancelled_by, by=officer(), at=at + timedelta(hours=1))
    letter = Message.objects.get(kind="booking_cancelled")
    assert (letter.subject, said in letter.text) == ("Request taken back: Neglect", True)
    to_manager = Message.objects.filter(kind="manager_told_of_end")
    assert [one.subject.partition(":")[0] for one in to_manager] == (
        [f"Nothing to approve for {person.name}"] if "manager_role" in terms else []
    )


@pytest.mark.both_databases
def test_an_event_that_is_called_off_is_told_to_all_with_the_reason(at):
    event = bookable_event(places=1, title="Neglect")
    holder, waiting = book(event, at), book(event, at)
    cancel_bookable_event(event=event, reason="The trainer is ill.", by=officer(), at=at + timedelta(hours=1))
    assert [(last(one).kind, last(one).calendar_method) for one in (holder, waiting)] == [
        ("event_cancelled", "CANCEL"),
        ("event_cancelled", ""),
    ]
    assert "Why: The trainer is ill." in last(holder).text
    assert "Neglect on Tuesday 26 January 2027 will not take place. The organisers have cancelled it." in last(waiting).text


@pytest.mark.both_databases
def test_a_moved_event_moves_the_same_entry_each_time(at):
    event = bookable_event()
    booking = book(event, at)
    seen = [entry(last(booking))]
    for days in (0, 7):
        times = SessionTimes(LATER.starts_at + timedelta(days=days), LATER.ends_at + timedelta(days=days))
        change_bookable_event(event=event, sessions=[times], by=officer(), at=at + timedelta(hours=1 + days))
        seen.append(entry(last(booking)))
    assert [int(one.sequence.value) for one in seen] == [0, 1, 2]
    assert len({one.uid.value for one in seen}) == 1
    assert [one.dtstart.value for one in seen[1:]] == [LATER.starts_at, LATER.starts_at + timedelta(days=7)]
    assert "When: Wednesday 9 June 2027, 9.30am to 4pm" in last(booking).text
    assert kinds(booking) == ["booking_confirmed", "event_rescheduled", "event_rescheduled"]


def test_who_waits_hears_of_the_new_date_too(at):
    event = bookable_event(places=1)
    book(event, at)
    waiting = book(event, at)
    change_bookable_event(event=event, sessions=[LATER], by=officer(), at=at + timedelta(hours=1))
    assert (last(waiting).kind, last(waiting).calendar) == ("event_rescheduled", "")
    assert "You are still on the waiting list." in last(waiting).text


def test_a_session_that_is_added_comes_into_the_calendar(at):
    event = bookable_event()
    booking = book(event, at)
    first = event.sessions.get()
    both = [SessionTimes(first.starts_at, first.ends_at), LATER]
    change_bookable_event(event=event, sessions=both, by=officer(), at=at + timedelta(hours=1))
    assert [one.sequence.value for one in entries(last(booking))] == ["1", "0"]


@pytest.mark.both_databases
def test_a_session_that_is_taken_out_leaves_the_calendar(at):
    event = bookable_event(sessions=2)
    booking = book(event, at)
    gone = booking.invitations.get(session__number=2).uid
    first = event.sessions.get(number=1)
    change_bookable_event(
        event=event, sessions=[SessionTimes(first.starts_at, first.ends_at)], by=officer(), at=at + timedelta(hours=1)
    )
    taken_out = Message.objects.get(kind="session_taken_out")
    assert [(one.uid.value, one.status.value) for one in entries(taken_out)] == [(gone, "CANCELLED")]
    assert "Wednesday 27 January 2027, 9.30am to 4pm" in taken_out.text
    assert len(entries(Message.objects.get(kind="event_rescheduled"))) == 1


def test_a_change_of_the_room_is_told_and_a_change_of_the_summary_is_not(at):
    event = bookable_event()
    booking = book(event, at)
    change_bookable_event(event=event, summary="Half a day", by=officer(), at=at + timedelta(hours=1))
    assert kinds(booking) == ["booking_confirmed"]
    change_bookable_event(event=event, venue=VenueFactory(name="Town Hall", address=""), by=officer(), at=at + timedelta(hours=2))
    assert (last(booking).kind, entry(last(booking)).location.value) == ("event_changed", "Town Hall")
    assert entry(last(booking)).sequence.value == "1"


def test_another_title_and_another_time_at_once_are_one_letter(at):
    event = bookable_event(title="Neglect")
    booking = book(event, at)
    change_bookable_event(event=event, title="Neglect again", sessions=[LATER], by=officer(), at=at + timedelta(hours=1))
    assert kinds(booking) == ["booking_confirmed", "event_rescheduled"]
    assert last(booking).subject == "New date or time: Neglect again"
    moved = entry(last(booking))
    assert (moved.summary.value, moved.dtstart.value, moved.sequence.value) == ("Neglect again", LATER.starts_at, "1")


def test_the_same_times_again_are_no_move(at):
    event = bookable_event()
    booking = book(event, at)
    [one] = event.sessions.all()
    same = [SessionTimes(one.starts_at, one.ends_at, one.title)]
    change_bookable_event(event=event, title="Neglect again", sessions=same, by=officer(), at=at + timedelta(hours=1))
    assert kinds(booking) == ["booking_confirmed", "event_changed"]


def test_a_closed_event_goes_by_its_neutral_title_everywhere(at):
    event = bookable_event(
        title="The death of a child", is_closed=True, neutral_title="A learning event", summary="About a child"
    )
    booking = book_place(event=event, person=PersonFactory(), by=officer(), at=at, rule_set_aside=True, reason="Asked")
    message = last(booking)
    said = message.subject + message.text + message.calendar
    assert ("death" in said, "About a child" in said) == (False, False)
    assert entry(message).summary.value == "A learning event"
    assert "url" not in entry(message).contents


def test_calendar_entries_hold_no_personal_link(at):
    booking = book(bookable_event(), at)
    text = last(booking).calendar.replace("\r\n ", "")
    assert (str(booking.pk) in text, str(booking.person_id) in text) == (False, False)


def test_somebody_without_an_address_is_told_by_who_booked_for_them(at):
    by, person = officer(), PersonFactory(forename="Ada", surname="Obi", address__none=True)
    booking = book(bookable_event(), at, person, by=by)
    message = last(booking)
    assert (message.to_address, message.person, message.calendar) == (by.main_address(), by, "")
    assert message.text.startswith("Ada Obi has no e-mail address with us, so this comes to you, who booked. Pass it on.")


def test_an_officer_who_books_for_somebody_with_an_address_gets_no_copy(at):
    booking = book(bookable_event(), at, by=officer())
    assert list(Message.objects.values_list("to_address", flat=True)) == [booking.person.main_address()]


def test_nobody_is_written_to_when_neither_has_an_address(at):
    by = officer(address__none=True)
    booking = book(bookable_event(), at, PersonFactory(address__none=True), by=by)
    assert kinds(booking) == []
    assert booking.status == "confirmed"


@pytest.mark.parametrize("silent_until", [None, date(2027, 1, 12)])
def test_a_partnership_that_is_not_live_yet_sends_nothing(at, silent_until):
    event = bookable_event()
    Partnership.objects.update(messages_from=silent_until)
    event.refresh_from_db()
    assert kinds(book(event, at)) == []


def test_an_event_may_be_silent_longer_than_its_partnership(at):
    event = bookable_event(messages_from=date(2027, 1, 12))
    assert kinds(book(event, at)) == []
    assert kinds(book(event, at + timedelta(days=1))) == ["booking_confirmed"]


def test_names_and_titles_can_not_break_out_of_their_place(at):
    event = bookable_event(title="Neglect\r\nBcc: x@y.example {link:booking}")
    booking = book(event, at, PersonFactory(forename="Sam\n{link:evil}"))
    message = last(booking)
    assert message.subject == "Place booked: Neglect Bcc: x@y.example (link:booking)"
    assert message.text.startswith("Hello Sam (link:evil),\n")


def test_every_kind_has_a_name_for_officers():
    assert set(CALENDAR_METHODS) < set(KINDS)


def test_a_draft_that_moves_is_nobodys_news(at):
    event = bookable_event(status=EventStatus.DRAFT)
    change_bookable_event(event=event, sessions=[LATER], by=officer(), at=at)
    assert Message.objects.count() == 0
