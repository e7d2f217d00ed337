"""Asking for evaluations at the event's end, and once more, without knowing who has answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import HeldBackLetter, PlannedKind
from bookings.operations import cancel_bookable_event, change_message_settings, change_planned, hold_back, hold_back_from, let_go
from core.refusals import Refused
from events.models import Event, EventStatus
from feedback import due
from feedback.asking import ask_for_evaluation
from feedback.due import make_missing_forms
from feedback.models import EvaluationForm
from notifications.models import Message, MessageState
from notifications.rendering import full_text
from people.models import Partnership, Person
from registers.operations import add_walk_in
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.feedback import answer
from tests.factories.people import PersonFactory, officer
from tests.factories.registers import marked, session_of, take_register

pytestmark = pytest.mark.django_db

END = datetime(2027, 1, 26, 16, tzinfo=UTC)
AGAIN = datetime(2027, 1, 31, 8, tzinfo=UTC)
CLOSES = datetime(2027, 2, 10, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
ASKED, REMINDER = PlannedKind.EVALUATION, PlannedKind.EVALUATION_REMINDER


def event_with(*people: Person, **fields) -> Event:
    event = bookable_event(**fields)
    for person in people:
        BookingFactory(event=event, person=person)
    make_missing_forms(END - timedelta(days=1))
    return event


def asked(kind: str = ASKED) -> list[Person]:
    found = Message.objects.filter(kind=kind).exclude(state=MessageState.WITHDRAWN).select_related("person")
    return sorted((message.person for message in found), key=lambda person: person.surname)


@pytest.mark.both_databases
def test_people_are_asked_when_the_event_ends_and_once_more_five_days_later():
    person = PersonFactory()
    event_with(person)
    for at, kinds in [
        (END - A_SECOND, []),
        (END, [ASKED]),
        (AGAIN - A_SECOND, [ASKED]),
        (AGAIN, [ASKED, REMINDER]),
        (AGAIN - timedelta(hours=1), [ASKED, REMINDER]),
        (CLOSES - timedelta(hours=1), [ASKED, REMINDER]),
    ]:
        due.ask_for_evaluations(at)
        due.ask_for_evaluations(at)
        assert (at, list(Message.objects.order_by("created_at").values_list("kind", flat=True))) == (at, kinds)


def test_everybody_gets_the_same_link_whatever_was_answered():
    event = event_with(PersonFactory(forename="Sam"), PersonFactory(forename="Sam"), title="Recognising neglect")
    due.ask_for_evaluations(END)
    first, second = Message.objects.all()
    form = EvaluationForm.objects.get(event=event)
    assert (first.text, first.links) == (second.text, second.links)
    assert full_text(first).split("\n\n") == [
        "Hello Sam,",
        "You had a place at Recognising neglect on Tuesday 26 January 2027. What was it worth to you? It takes two minutes, and "
        f"you need no account:\nhttp://127.0.0.1:8000/e/{form.code}/?via=email",
        "Have you answered in the room already? Thank you: there is nothing more to do.",
        "It is anonymous: everybody has the same link, and with your answers we keep neither who you are nor the time. It is "
        "open until the end of Tuesday 9 February 2027.",
        "Riverside Safeguarding Children Partnership",
    ]
    answer(form, channel="email")
    due.ask_for_evaluations(AGAIN)
    assert len(asked(REMINDER)) == 2


def test_who_was_not_there_is_not_asked_and_who_walked_in_is():
    came, absent, unmarked = (PersonFactory(surname=name) for name in ("A", "B", "C"))
    event = event_with(came, absent, unmarked)
    session = session_of(event)
    marked(session, came, "present", at=END - timedelta(hours=1))
    marked(session, absent, "absent", at=END - timedelta(hours=1))
    walked_in = PersonFactory(surname="D")
    add_walk_in(session=session, person=walked_in, by=officer(), at=END - timedelta(hours=1))
    due.ask_for_evaluations(END)
    assert asked() == [came, unmarked, walked_in]
    due.ask_for_evaluations(AGAIN)
    assert asked(REMINDER) == [came, unmarked, walked_in]


def test_who_missed_it_by_the_closed_register_is_not_reminded():
    came, absent = PersonFactory(surname="A"), PersonFactory(surname="B")
    event = event_with(came, absent)
    due.ask_for_evaluations(END)
    take_register(session_of(event), {came: "present", absent: "absent"})
    due.ask_for_evaluations(AGAIN)
    assert (asked(), asked(REMINDER)) == ([came, absent], [came])


def test_who_was_just_asked_is_not_reminded():
    event = event_with(PersonFactory())
    due.ask_for_evaluations(AGAIN - timedelta(hours=3))
    due.ask_for_evaluations(AGAIN)
    assert (len(asked()), asked(REMINDER)) == (1, [])
    assert event.starts_on == date(2027, 1, 26)


def test_what_is_held_back_switched_off_or_moved_waits(at):
    event = event_with(PersonFactory())
    hold_back(event=event, kind=ASKED, by=officer(), at=at)
    assert due.ask_for_evaluations(END) == 0
    let_go(event=event, kind=ASKED, by=officer(), at=END)
    change_message_settings(partnership=event.lead_host, by=None, at=at, asks_evaluation=False)
    assert due.ask_for_evaluations(END) == 0
    change_message_settings(partnership=event.lead_host, by=None, at=at, asks_evaluation=True)
    change_planned(event=event, kind=REMINDER, days=7, note="It is about the film.", by=officer(), at=at)
    assert due.ask_for_evaluations(END) == 1
    assert due.ask_for_evaluations(AGAIN) == 0
    assert due.ask_for_evaluations(AGAIN + timedelta(days=2)) == 1
    assert "It is about the film." in Message.objects.get(kind=REMINDER).text
    with pytest.raises(Refused):
        change_planned(event=event, kind=REMINDER, days=15, note="", by=officer(), at=at)


def test_who_has_no_address_is_left_out():
    event_with(PersonFactory(), PersonFactory(address__none=True))
    assert due.ask_for_evaluations(END) == 1


@pytest.mark.parametrize("kind", [ASKED, REMINDER])
def test_nobody_alone_is_held_back_so_that_no_answer_is_known_to_be_theirs(at, kind):
    booking = BookingFactory()
    with pytest.raises(Refused) as refused:
        hold_back_from(booking=booking, kind=kind, by=officer(), at=at)
    assert (refused.value.code, HeldBackLetter.objects.exists()) == ("for_everybody", False)


def walked_in_and_booked(*, asked_at: datetime = END) -> Event:
    """An event that was asked, what was written to whoever booked and whoever walked in still waiting."""
    event = event_with(PersonFactory(surname="A"))
    add_walk_in(session=session_of(event), person=PersonFactory(surname="B"), by=officer(), at=END - timedelta(hours=1))
    assert ask_for_evaluation(event=event, kind=ASKED, by=officer(), at=asked_at) == 2
    return event


def test_holding_back_takes_back_what_waits_for_whoever_walked_in_too():
    event = walked_in_and_booked()
    hold_back(event=event, kind=ASKED, by=officer(), at=END)
    assert (asked(), due.ask_for_evaluations(END)) == ([], 0)
    let_go(event=event, kind=ASKED, by=officer(), at=END)
    assert (due.ask_for_evaluations(END), [person.surname for person in asked()]) == (2, ["A", "B"])


def test_a_note_reaches_whoever_walked_in_too():
    event = walked_in_and_booked()
    change_planned(event=event, kind=ASKED, days=None, note="It is about the film.", by=officer(), at=END)
    due.ask_for_evaluations(END)
    texts = Message.objects.waiting().filter(kind=ASKED).values_list("text", flat=True)
    assert ["It is about the film." in text for text in texts] == [True, True]


@pytest.mark.parametrize("fields", [{"status": EventStatus.CANCELLED}, {"messages_from": date(2027, 2, 20)}])
def test_a_cancelled_and_a_silent_event_ask_nobody(fields):
    event = event_with(PersonFactory())
    Event.objects.filter(pk=event.pk).update(**fields)
    assert due.ask_for_evaluations(END) == 0


@pytest.mark.parametrize("is_officer", [True, False])
def test_an_event_that_was_called_off_since_it_was_found_asks_nobody(is_officer):
    found = event_with(PersonFactory())
    Event.objects.filter(pk=found.pk).update(status=EventStatus.CANCELLED)
    assert found.status == EventStatus.PUBLISHED
    if is_officer:
        with pytest.raises(Refused) as refused:
            ask_for_evaluation(event=found, kind=ASKED, by=officer(), at=END)
        assert refused.value.code == "not_published"
    else:
        assert ask_for_evaluation(event=found, kind=ASKED, at=END) == 0
    assert asked() == []


@pytest.mark.parametrize("withdraws", [True, False])
def test_calling_an_event_off_takes_back_what_waits_for_whoever_walked_in(withdraws, monkeypatch):
    """With its twin, which withdraws from whoever booked alone."""
    event, early = walked_in_and_booked(asked_at=END - timedelta(minutes=10)), END - timedelta(minutes=5)
    if not withdraws:
        monkeypatch.setattr("bookings.operations.events.FOR_EVERYBODY", ())
    cancel_bookable_event(event=event, reason="The roof came down.", by=officer(), at=early)
    assert [person.surname for person in asked()] == ([] if withdraws else ["B"])


def test_an_officer_asks_nobody_about_what_was_before_the_partnership_wrote():
    event = event_with(PersonFactory())
    Partnership.objects.update(messages_from=event.starts_on + timedelta(days=1))
    later = END + timedelta(days=2)
    assert due.ask_for_evaluations(later) == 0
    with pytest.raises(Refused) as refused:
        ask_for_evaluation(event=event, kind=ASKED, by=officer(), at=later)
    assert refused.value.code == "silent"
    Partnership.objects.update(messages_from=event.starts_on)
    assert ask_for_evaluation(event=event, kind=ASKED, by=officer(), at=later) == 1


def test_asking_that_is_switched_off_does_not_leave():
    event = walked_in_and_booked()
    change_message_settings(partnership=event.lead_host, by=None, at=END, evaluation_reminder_days=None)
    assert [person.surname for person in asked()] == ["A", "B"]
    change_message_settings(partnership=event.lead_host, by=None, at=END, asks_evaluation=False)
    assert (asked(), due.ask_for_evaluations(END)) == ([], 0)


def test_what_waits_when_the_form_closes_is_not_sent():
    event_with(PersonFactory())
    due.ask_for_evaluations(END)
    due.ask_for_evaluations(CLOSES - A_SECOND)
    assert len(asked()) == 1
    due.ask_for_evaluations(CLOSES)
    assert asked() == []


def test_an_officer_asks_at_once_while_the_form_is_open():
    event = event_with(PersonFactory())
    for at, code in ((END - timedelta(days=1), "not_open"), (CLOSES, "not_open")):
        with pytest.raises(Refused) as refused:
            ask_for_evaluation(event=event, kind=ASKED, by=officer(), at=at)
        assert refused.value.code == code
    assert ask_for_evaluation(event=event, kind=ASKED, by=officer(), at=END - timedelta(minutes=10)) == 1
    with pytest.raises(Refused) as refused:
        ask_for_evaluation(event=event, kind=ASKED, by=officer(), at=END)
    assert (refused.value.code, due.ask_for_evaluations(END)) == ("nobody", 0)


def test_looking_costs_the_same_for_one_as_for_many():
    def cost() -> int:
        due.ask_for_evaluations(AGAIN)
        Message.objects.update(state=MessageState.SENT, sent_at=END)
        with CaptureQueriesContext(connection) as seen:
            due.ask_for_evaluations(AGAIN)
        return len(seen)

    bookable = event_with(PersonFactory())
    due.ask_for_evaluations(END)
    one = cost()
    for _ in range(5):
        BookingFactory(event=bookable)
    event_with(*(PersonFactory() for _ in range(4)))
    due.ask_for_evaluations(END)
    assert cost() == one
