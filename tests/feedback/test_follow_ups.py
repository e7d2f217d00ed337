"""Asking, months after an event, what became of it: whom, when, once, and not any more where the reason has gone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bookings.models import FOLLOW_UP_LEAST, Booking, MessageSettings, PlannedChange, PlannedKind
from bookings.operations import (
    cancel_bookable_event,
    change_message_settings,
    change_planned,
    hold_back,
    hold_back_from,
    let_go,
    let_go_to,
)
from bookings.policies.planned import EVALUATION_OPEN_DAYS
from core.models import AuditEntry
from core.refusals import Refused
from events.models import Event, EventStatus
from feedback import due, follow_up_plans, follow_ups
from feedback.follow_ups import ask_for_follow_up
from feedback.models import FollowUp, Purpose
from feedback.operations import answer_follow_up, set_follow_ups
from feedback.questionnaires import ensure_questionnaire
from notifications.models import Message, MessageState
from notifications.rendering import as_email, full_text
from notifications.single import hold
from people.models import Partnership, Person
from registers.models import Attendance, MarkValue
from registers.operations import add_walk_in, close_register, mark, reopen_register
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.notifications import MessageFactory
from tests.factories.people import OtherPartnershipFactory, PersonFactory, officer
from tests.factories.registers import session_of, take_register

pytestmark = pytest.mark.django_db

END = datetime(2027, 1, 26, 16, tzinfo=UTC)
CLOSED = datetime(2027, 2, 10, tzinfo=UTC)  # the evaluation
ASK = datetime(2027, 4, 26, 7, tzinfo=UTC)  # ninety days later, 8am on a London clock: the clocks have gone forward
TOO_LATE = datetime(2027, 5, 26, 7, tzinfo=UTC)
A_SECOND, A_DAY = timedelta(seconds=1), timedelta(days=1)
KIND = PlannedKind.FOLLOW_UP


def event_with(marks: dict[Person, str], **fields) -> Event:
    """An event whose register is closed, with these marks of whoever booked."""
    event = bookable_event(**fields)
    for person in marks:
        BookingFactory(event=event, person=person)
    take_register(session_of(event), marks)
    return event


def attended(count: int = 1, **fields) -> tuple[Event, list[Person]]:
    people = [PersonFactory() for _ in range(count)]
    return event_with(dict.fromkeys(people, "present"), **fields), people


def walk_in(event: Event, person: Person) -> None:
    """Added and marked before the register closed: it is opened for it."""
    session = session_of(event)
    reopen_register(session=session, reason="Somebody else came.", by=officer(), at=END)
    add_walk_in(session=session, person=person, by=officer(), at=END)
    close_register(session=session, by=officer(), at=END)


def correct(event: Event, person: Person, value: MarkValue, at: datetime) -> None:
    session = session_of(event)
    reopen_register(session=session, reason="The list was mixed up.", by=officer(), at=at)
    version = 1 if value == MarkValue.ABSENT else 2
    mark(session=session, person=person, value=value, version=version, by=officer(), at=at)
    close_register(session=session, by=officer(), at=at)


def tick(at: datetime) -> int:
    due.take_back_follow_ups(at)
    return due.ask_for_follow_ups(at)


def letters() -> list[Message]:
    return list(Message.objects.filter(kind=KIND).exclude(state=MessageState.WITHDRAWN).order_by("to_address"))


def asked() -> list[Person]:
    return [row.person for row in FollowUp.objects.select_related("person").order_by("person__surname")]


def refused(code: str, **asks) -> None:
    with pytest.raises(Refused) as found:
        ask_for_follow_up(**asks)
    assert found.value.code == code


@pytest.mark.both_databases
def test_whoever_was_there_is_asked_once_on_the_ninetieth_day():
    _, [person] = attended()
    for at, written in [
        (END, 0),
        (ASK - A_SECOND, 0),
        (ASK, 1),
        (ASK, 0),
        (ASK - timedelta(hours=1), 0),
        (ASK + A_DAY, 0),
        (TOO_LATE, 0),
    ]:
        assert (at, tick(at)) == (at, written)
    [letter], [row] = letters(), FollowUp.objects.all()
    assert (letter.person, row.person, row.message, row.sent_on) == (person, person, letter, date(2027, 4, 26))
    assert (row.last_day, row.answered_on) == (date(2027, 6, 25), None)


def test_what_the_letter_says():
    sam = PersonFactory(forename="Sam")
    event_with({sam: "present"}, title="Recognising neglect")
    tick(ASK)
    [letter] = letters()
    text = full_text(letter)
    link, stop = (text.split(start)[1].split("\n")[0] for start in ("yours alone:\n", "press the button:\n"))
    assert text.split("\n\n") == [
        "Hello Sam,",
        "You were at Recognising neglect on Tuesday 26 January 2027. What became of it in your work? It takes two minutes, and "
        f"you need no account. The link is yours alone:\n{link}",
        "Your answers are confidential, not anonymous: we keep them with your name. The training team reads them together with "
        "everybody else's, without names. Your manager and the trainer do not. You can answer until the end of Friday 25 June "
        "2027.",
        f"Do you not want to be asked such things? Open this page and press the button:\n{stop}",
        "Riverside Safeguarding Children Partnership",
    ]
    assert letter.subject == "What has changed since? Recognising neglect"
    assert link.startswith("http://127.0.0.1:8000/follow-up/")
    assert as_email(letter, at=ASK).extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert link.rstrip("/").rsplit("/", 1)[1] not in str(letter.links) + letter.text + str(letter.values)


@pytest.mark.both_databases
def test_who_was_there_in_part_or_without_a_booking_is_asked_and_who_was_not_is_not():
    there, part, absent, walked, silent = (PersonFactory(surname=name) for name in "ABCDE")
    silent.emailaddress_set.all().delete()
    event = event_with({there: "present", part: "left_early", absent: "absent", silent: "late"})
    walk_in(event, walked)
    assert tick(ASK) == 3
    assert asked() == [there, part, walked] == sorted((one.person for one in letters()), key=lambda one: one.surname)


def test_a_personal_link_never_goes_to_whoever_booked_for_somebody():
    booker, silent = PersonFactory(), PersonFactory(address__none=True)
    event = bookable_event()
    BookingFactory(event=event, person=silent, booked_by=booker)
    take_register(session_of(event), {silent: "present"})
    assert (tick(ASK), letters(), asked()) == (0, [], [])


def test_who_may_not_sign_in_any_more_and_who_does_not_want_it_are_not_asked():
    gone, unwilling, other = (PersonFactory(surname=name) for name in "ABC")
    event_with(dict.fromkeys((gone, unwilling, other), "present"))
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    set_follow_ups(person=unwilling, wanted=False, by=None, at=END)
    assert (tick(ASK), asked()) == (1, [other])
    set_follow_ups(person=unwilling, wanted=True, by=None, at=ASK)
    assert (tick(ASK), asked()) == (1, [unwilling, other])


def test_who_was_asked_by_an_older_system_is_not_asked_again():
    event, [person] = attended()
    FollowUp.objects.create(
        event=event,
        person=person,
        questionnaire=ensure_questionnaire(event.lead_host, Purpose.FOLLOW_UP),
        sent_on=date(2027, 4, 20),
    )
    assert (tick(ASK), letters(), FollowUp.objects.count()) == (0, [], 1)


def test_while_a_register_is_open_nobody_is_asked():
    event, people = attended(2)
    reopen_register(session=session_of(event), reason="To look again.", by=officer(), at=END)
    assert tick(ASK) == 0
    close_register(session=session_of(event), by=officer(), at=ASK)
    assert tick(ASK) == 2
    assert len(people) == 2


@pytest.mark.both_databases
def test_a_letter_that_waits_goes_when_the_register_says_that_they_were_not_there_and_comes_back_with_them():
    event, [person, other] = attended(2)
    tick(ASK)
    correct(event, person, MarkValue.ABSENT, ASK)
    assert (tick(ASK + A_SECOND), [one.person for one in letters()], asked()) == (0, [other], [other])
    correct(event, person, MarkValue.PRESENT, ASK + A_DAY)
    assert tick(ASK + A_DAY) == 1
    assert (len(letters()), len(asked())) == (2, 2)


def test_without_the_look_for_letters_whose_reason_has_gone_it_would_leave():
    event, [person] = attended()
    tick(ASK)
    correct(event, person, MarkValue.ABSENT, ASK)
    assert [one.person for one in letters()] == [person]


def test_what_has_left_and_what_is_answered_stay_whatever_the_register_says():
    event, [person, silent] = attended(2)
    tick(ASK)
    Message.objects.update(state=MessageState.SENT, sent_at=ASK)
    answer_follow_up(follow_up=FollowUp.objects.get(person=person), answers={"changed_practice": "yes"}, at=ASK)
    for one in (person, silent):
        correct(event, one, MarkValue.ABSENT, ASK)
    assert (tick(ASK + A_DAY), FollowUp.objects.count(), len(letters())) == (0, 2, 2)


def test_answered_stays_even_where_its_letter_was_withdrawn():
    _, [person] = attended()
    tick(ASK)
    answer_follow_up(follow_up=FollowUp.objects.get(), answers={"changed_practice": "no"}, at=ASK)
    Message.objects.update(state=MessageState.WITHDRAWN)
    assert (tick(ASK), asked()) == (0, [person])


def test_what_is_switched_on_long_after_an_event_asks_nobody():
    event, _ = attended()
    change_message_settings(partnership=event.lead_host, by=None, at=END, follow_up_days=None)
    assert tick(ASK) == 0
    change_message_settings(partnership=event.lead_host, by=None, at=TOO_LATE, follow_up_days=90)
    assert tick(TOO_LATE) == 0
    assert tick(TOO_LATE - A_SECOND) == 1


def test_what_is_held_back_waits_and_what_waits_already_is_taken_back():
    event, people = attended(2)
    walked = PersonFactory()
    walk_in(event, walked)
    tick(ASK)
    hold_back(event=event, kind=KIND, by=officer(), at=ASK)
    assert (tick(ASK + A_SECOND), letters(), asked()) == (0, [], [])
    let_go(event=event, kind=KIND, by=officer(), at=ASK + A_DAY)
    assert (tick(ASK + A_DAY), len(letters()), len(asked())) == (3, 3, 3)
    assert {row.sent_on for row in FollowUp.objects.all()} == {date(2027, 4, 27)}
    assert len(people) == 2


def test_one_person_is_left_out_because_these_answers_are_not_anonymous():
    event, [left_out, other] = attended(2)
    booking = Booking.objects.get(event=event, person=left_out)
    hold_back_from(booking=booking, kind=KIND, by=officer(), at=END)
    assert (tick(ASK), asked()) == (1, [other])
    let_go_to(booking=booking, kind=KIND, by=officer(), at=ASK)
    assert (tick(ASK), len(asked())) == (1, 2)
    hold_back_from(booking=booking, kind=KIND, by=officer(), at=ASK)
    assert (tick(ASK), asked(), [one.person for one in letters()]) == (0, [other], [other])


def test_a_letter_that_an_officer_holds_stays_held_when_it_is_written_anew():
    event, _ = attended()
    tick(ASK)
    hold(message=letters()[0], by=officer(), at=ASK)
    change_planned(event=event, kind=KIND, days=None, note="It is about the film.", by=officer(), at=ASK)
    tick(ASK)
    [letter] = letters()
    assert (letter.held_at, "It is about the film." in letter.text, FollowUp.objects.get().message) == (ASK, True, letter)


def test_an_event_has_its_own_day():
    event, _ = attended()
    change_planned(event=event, kind=KIND, days=120, note="", by=officer(), at=END)
    later = datetime(2027, 5, 26, 7, tzinfo=UTC)
    assert [tick(at) for at in (ASK, later - A_SECOND, later)] == [0, 0, 1]


def test_one_event_is_asked_about_although_the_partnership_asks_about_none():
    event, _ = attended()
    other, _ = attended()
    change_message_settings(partnership=event.lead_host, by=None, at=END, follow_up_days=None)
    change_planned(event=event, kind=KIND, days=90, note="", by=officer(), at=END)
    assert tick(ASK) == 1
    change_message_settings(partnership=event.lead_host, by=None, at=ASK, follow_up_days=60)
    change_message_settings(partnership=event.lead_host, by=None, at=ASK, follow_up_days=None)
    assert (len(letters()), FollowUp.objects.filter(event=other).count()) == (1, 0)


def test_what_waits_when_it_is_switched_off_does_not_leave_and_is_not_counted_as_asked():
    event, _ = attended()
    tick(ASK)
    change_message_settings(partnership=event.lead_host, by=None, at=ASK, follow_up_days=None)
    assert (tick(ASK), letters(), asked()) == (0, [], [])


@pytest.mark.parametrize("days", [29, 211, 0])
def test_days_outside_what_makes_sense_are_refused(days: int):
    event, _ = attended()
    with pytest.raises(Refused) as by_partnership:
        change_message_settings(partnership=event.lead_host, by=None, at=END, follow_up_days=days)
    with pytest.raises(Refused) as by_event:
        change_planned(event=event, kind=KIND, days=days, note="", by=officer(), at=END)
    assert (by_partnership.value.field, by_event.value.field) == ("follow_up_days", "days")
    assert (MessageSettings.objects.exists(), PlannedChange.objects.exists()) == (False, False)


@pytest.mark.both_databases
@pytest.mark.parametrize("days", [29, 211])
def test_the_database_keeps_the_days_too(days: int):
    event, _ = attended()
    for row, constraint in (
        (MessageSettings(partnership=event.lead_host, follow_up_days=days), "messagesettings_follow_up_is_months_later"),
        (PlannedChange(event=event, kind=KIND, days=days), "planned_change_follow_up_is_months_later"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            row.save()


def test_the_evaluation_has_always_closed_by_then():
    assert FOLLOW_UP_LEAST > EVALUATION_OPEN_DAYS


@pytest.mark.parametrize(
    "fields", [{"status": EventStatus.CANCELLED}, {"messages_from": date(2027, 5, 20)}, {"starts_on": date(2025, 12, 31)}]
)
def test_a_cancelled_a_silent_and_an_imported_event_ask_nobody(fields):
    event, _ = attended()
    Event.objects.filter(pk=event.pk).update(**fields)
    assert (tick(ASK), asked()) == (0, [])


def test_calling_an_event_off_takes_back_what_waits_also_for_whoever_walked_in():
    event, _ = attended()
    walk_in(event, PersonFactory())
    tick(ASK)
    Event.objects.filter(pk=event.pk).update(status=EventStatus.CANCELLED)
    assert (tick(ASK), letters(), asked()) == (0, [], [])


def test_what_waits_for_a_mail_server_longer_than_it_could_be_answered_is_not_sent():
    attended()
    tick(ASK)
    last = datetime(2027, 6, 25, 22, tzinfo=UTC)
    tick(last)
    assert len(letters()) == 1
    tick(last + timedelta(hours=2))
    assert (letters(), asked()) == ([], [])


def test_whoever_stops_being_asked_gets_nothing_that_waits():
    """At once, and nobody else's letter, nor one of another kind, nor what has left."""
    event, [person, other] = attended(2)
    tick(ASK)
    sent = MessageFactory(kind=KIND, person=person, state="sent", sent_at=ASK)
    confirmed = MessageFactory(person=person)
    set_follow_ups(person=person, wanted=False, by=None, at=ASK)
    assert {one.person for one in letters() if one != sent} == {other}
    assert {Message.objects.get(pk=one.pk).state for one in (sent, confirmed)} == {"sent", "waiting"}
    assert (tick(ASK), FollowUp.objects.get(event=event).person) == (0, other)


def test_an_officer_asks_at_once_from_the_day_the_evaluation_has_closed():
    event, _ = attended()
    refused("evaluation_open", event=event, by=officer(), at=CLOSED - A_SECOND)
    assert ask_for_follow_up(event=event, by=officer(), at=CLOSED) == 1
    refused("nobody", event=event, by=officer(), at=CLOSED)
    Message.objects.update(state=MessageState.SENT, sent_at=CLOSED)
    assert tick(ASK) == 0
    entry = AuditEntry.objects.get(action="follow-up asked for at once")
    assert (entry.object_id, entry.changes) == (str(event.pk), {"follow_up": [0, 1]})


def test_an_officer_is_told_why_nobody_is_asked():
    event, _ = attended()
    hold_back(event=event, kind=KIND, by=officer(), at=ASK)
    refused("held_back", event=event, by=officer(), at=ASK)
    Partnership.objects.update(messages_from=event.starts_on + A_DAY)
    refused("silent", event=event, by=officer(), at=ASK)
    Partnership.objects.update(messages_from=None)
    refused("silent", event=event, by=officer(), at=ASK)
    Event.objects.update(status=EventStatus.CANCELLED)
    refused("not_published", event=event, by=officer(), at=ASK)
    assert asked() == []


def test_an_officer_asks_about_what_the_worker_finds_too_long_ago():
    event, _ = attended()
    assert (tick(TOO_LATE), ask_for_follow_up(event=event, by=officer(), at=TOO_LATE)) == (0, 1)


def test_an_event_that_was_called_off_since_it_was_found_asks_nobody():
    found, _ = attended()
    Event.objects.filter(pk=found.pk).update(status=EventStatus.CANCELLED)
    assert (ask_for_follow_up(event=found, at=ASK), asked()) == (0, [])


def test_a_large_event_is_asked_in_parts(monkeypatch):
    monkeypatch.setattr(follow_ups, "AT_ONCE", 2)
    event, _ = attended(3)
    for _ in range(2):
        walk_in(event, PersonFactory())
    assert [tick(ASK) for _ in range(4)] == [2, 2, 1, 0]
    assert len(letters()) == len(asked()) == 5


def test_each_partnership_has_its_day():
    event, _ = attended()
    elsewhere, _ = attended(lead_host=OtherPartnershipFactory())
    change_message_settings(partnership=elsewhere.lead_host, by=None, at=END, follow_up_days=30)
    month = datetime(2027, 2, 25, 8, tzinfo=UTC)
    assert (tick(month), FollowUp.objects.get().event) == (1, elsewhere)
    assert (tick(ASK), FollowUp.objects.filter(event=event).count()) == (1, 1)
    assert {row.questionnaire.partnership for row in FollowUp.objects.all()} == {event.lead_host, elsewhere.lead_host}


def queries_of(at: datetime) -> int:
    with CaptureQueriesContext(connection) as seen:
        due.take_back_follow_ups(at)
        due.ask_for_follow_ups(at)
    return len(seen)


def test_looking_takes_a_query_each_while_nothing_is_due_and_the_same_for_one_as_for_many():
    event, _ = attended()
    assert queries_of(ASK - A_DAY) == 2
    hold_back_from(booking=Booking.objects.get(event=event), kind=KIND, by=officer(), at=END)
    assert queries_of(ASK) == 2
    for number in range(4):
        other, _ = attended(number + 1)
        for booking in Booking.objects.filter(event=other):
            hold_back_from(booking=booking, kind=KIND, by=officer(), at=END)
    assert queries_of(ASK) == 2
    held, _ = attended()
    assert queries_of(ASK - A_DAY) == 2 < queries_of(ASK)
    hold_back(event=held, kind=KIND, by=officer(), at=ASK)
    due.take_back_follow_ups(ASK)
    assert queries_of(ASK) == 2
    Event.objects.exclude(pk=event.pk).update(status=EventStatus.CANCELLED)
    assert queries_of(TOO_LATE + 200 * A_DAY) == 2


def test_the_look_for_what_is_taken_back_does_not_grow_with_the_years():
    """By the index of what was asked lately and is not answered; nothing older is read."""
    look = follow_up_plans.without_reason(ASK).explain()
    assert connection.vendor != "sqlite" or "follow_up_unanswered (sent_on>?)" in look
    attended()
    tick(ASK)
    Message.objects.update(state=MessageState.WITHDRAWN)
    found = [bool(follow_up_plans.to_take_back(ASK + days * A_DAY)) for days in (0, 61, 90, 91)]
    assert found == [True, True, True, False]


def test_whoever_is_held_back_by_one_booking_and_came_by_another_is_asked():
    event, [person] = attended()
    other = BookingFactory(event=event, person=person, status="cancelled", cancelled_by="delegate")
    hold_back_from(booking=other, kind=KIND, by=officer(), at=END)
    assert (tick(ASK), asked()) == (1, [person])


def test_writing_costs_the_same_for_one_as_for_many():
    def cost(people: int) -> int:
        attended(people)
        with CaptureQueriesContext(connection) as seen:
            assert due.ask_for_follow_ups(ASK) == people
        return len(seen)

    cost(1)  # makes the questionnaire
    assert cost(1) == cost(7)


@pytest.mark.both_databases
def test_a_person_is_asked_once_about_an_event_whoever_writes_the_row():
    event, [person] = attended()
    tick(ASK)
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(
            event=event, person=person, questionnaire=FollowUp.objects.get().questionnaire, sent_on=date(2027, 5, 1)
        )


def test_an_event_cancelled_before_it_begins_has_nobody_to_ask():
    event = BookingFactory().event
    cancel_bookable_event(event=event, reason="The roof came down.", by=officer(), at=END - 10 * A_DAY)
    assert (tick(ASK), Attendance.objects.count()) == (0, 0)
