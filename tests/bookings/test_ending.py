"""What ends at the start of an event is told to those who waited or asked, and to the managers who had heard of it."""

from __future__ import annotations

from datetime import date

import pytest

from bookings.models import ApprovalRequest, BookingStatus, ManagerRole
from bookings.operations import approve_booking, book_place, end_requests, end_waiting
from core.refusals import Refused
from events.models import Event, EventStatus
from events.queries import starts_at
from notifications.models import Message, MessageState
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import PartnershipFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MANAGER = "head@school.example"


def waiting(event: Event, number: int = 1, **person):
    fields = {"event": event, "status": BookingStatus.WAITING, "queue_number": number, "manager_email": MANAGER}
    return BookingFactory(person=PersonFactory(**person), **fields)


def letters(kind: str) -> list[str]:
    return list(Message.objects.filter(kind=kind).exclude(state=MessageState.WITHDRAWN).values_list("to_address", flat=True))


def test_who_waited_in_vain_reads_that_no_place_became_free_and_what_to_do(at):
    event = bookable_event(title="Neglect")
    booking = waiting(event, address="sam@school.example")
    assert end_waiting(event=event, at=starts_at(event)) == 1
    letter = Message.objects.get(about=f"booking:{booking.pk}")
    assert (letter.kind, letter.to_address, letter.subject) == (
        "not_placed",
        "sam@school.example",
        "No place in time: Neglect",
    )
    assert "You were on the waiting list of Neglect on Tuesday 26 January 2027. No place came to you in time" in letter.text
    assert letter.links == {"other_dates": f"/courses/{event.course_id}/"}
    assert letter.calendar == ""


def test_of_a_closed_event_the_letter_names_no_course(at):
    event = bookable_event(is_closed=True, neutral_title="Staff meeting")
    booking = waiting(event)
    end_waiting(event=event, at=starts_at(event))
    assert Message.objects.get(about=f"booking:{booking.pk}").links == {"other_dates": "/events/"}


def test_who_asked_for_a_place_at_an_event_that_did_not_become_firm_reads_that(at):
    event = bookable_event(terms={"minimum": 5})
    person = PersonFactory(address="sam@school.example")
    book_place(event=event, person=person, by=person, at=at)
    assert end_requests(event=event, at=starts_at(event)) == 1
    assert letters("request_lapsed") == ["sam@school.example"]


def test_what_had_not_left_yet_is_withdrawn(at):
    event = bookable_event(terms={"minimum": 5})
    person = PersonFactory()
    book_place(event=event, person=person, by=person, at=at)
    end_requests(event=event, at=starts_at(event))
    assert letters("place_requested") == []


@pytest.mark.parametrize(("was_sent", "told"), [(True, [MANAGER]), (False, [])])
def test_a_manager_who_had_a_letter_about_it_hears_of_the_end_and_no_other(at, was_sent, told):
    event = bookable_event(places=1, terms={"manager_role": ManagerRole.APPROVES})
    BookingFactory(event=event)
    person = PersonFactory(forename="Ada", surname="Byron")
    booking = book_place(event=event, person=person, by=person, at=at, manager_email=MANAGER)
    if was_sent:
        Message.objects.filter(kind="approval_asked").update(state=MessageState.SENT, sent_at=at)
    approve_booking(request=ApprovalRequest.objects.get(booking=booking), approver="manager", by=None, at=at)
    end_waiting(event=event, at=starts_at(event))
    assert letters("manager_told_of_end") == told
    if told:
        text = Message.objects.get(kind="manager_told_of_end").text
        assert "Ada Byron waited for a place at" in text
        assert "None became free, so they are not booked." in text


@pytest.mark.parametrize("whose", ["partnership", "event"])
def test_imported_history_stays_silent_whenever_the_worker_comes_to_it(at, whose):
    event = bookable_event()
    waiting(event)
    later = date(2027, 1, 27)
    if whose == "partnership":
        type(event.lead_host).objects.filter(pk=event.lead_host_id).update(messages_from=later)
    else:
        Event.objects.filter(pk=event.pk).update(messages_from=later)
    assert end_waiting(event=event, at=starts_at(event).replace(year=2028)) == 1
    assert Message.objects.count() == 0


def test_the_control_an_event_of_the_first_day_of_messages_is_written_about(at):
    event = bookable_event()
    waiting(event)
    PartnershipFactory._meta.model.objects.update(messages_from=event.starts_on)
    end_waiting(event=event, at=starts_at(event).replace(year=2028))
    assert len(letters("not_placed")) == 1


def test_who_waits_for_an_event_that_was_called_off_reads_that(at):
    event = bookable_event(status=EventStatus.CANCELLED, cancelled_reason="The trainer is ill.")
    waiting(event)
    end_waiting(event=event, at=at)
    (letter,) = Message.objects.filter(kind="event_cancelled")
    assert "Why: The trainer is ill." in letter.text
    assert letters("not_placed") == []


def test_the_letters_ask_a_fixed_number_of_questions_for_each_person_who_waits(at, django_assert_max_num_queries):
    event = bookable_event()
    for number in range(1, 6):
        waiting(event, number)
    with django_assert_max_num_queries(70):
        end_waiting(event=event, at=starts_at(event))


def test_requests_do_not_end_before_the_start(at):
    with pytest.raises(Refused):
        end_requests(event=bookable_event(), at=at)
