"""Letters after an event: a register that nobody closed, and people who were not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking, Charge, ChargeKind, ChargeState, ExcuseReason, PlannedKind
from bookings.operations import (
    change_message_settings,
    change_planned,
    excuse_charges,
    hold_back,
    hold_back_from,
    let_go,
)
from core.refusals import Refused
from events.models import Event, EventStatus
from notifications.models import Message, MessageState
from notifications.rendering import full_text
from notifications.single import hold
from people.models import Person
from registers import due, planned
from registers.models import MarkValue
from registers.operations import close_register, mark, release_absence_letters, remind_trainers, reopen_register
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, charging
from tests.factories.people import PersonFactory, officer
from tests.factories.registers import event_with_people, session_of, take_register, teaches

pytestmark = pytest.mark.django_db

# The event is on Tuesday 26 January 2027, 9.30am to 4pm; its register is closed five minutes later.
CLOSED = datetime(2027, 1, 26, 16, 5, tzinfo=UTC)
LEAVES = datetime(2027, 1, 29, 8, tzinfo=UTC)  # Wednesday and Thursday are the two working days
NEXT_MORNING = datetime(2027, 1, 27, 8, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
ABSENCE, REGISTER = PlannedKind.ABSENCE, PlannedKind.REGISTER


def missed(**fields) -> tuple[Event, Booking]:
    """An event that somebody attended and somebody else did not, its register closed."""
    manager = fields.pop("manager_email", "")
    event, [came] = event_with_people(1, **fields)
    absent = BookingFactory(event=event, manager_email=manager)
    take_register(session_of(event), {came: "present", absent.person: "absent"})
    return event, absent


def tick(at: datetime) -> int:
    return due.send_letters_of_absence(at)


def letters(kind: str = ABSENCE) -> list[Message]:
    return list(Message.objects.filter(kind=kind).exclude(state=MessageState.WITHDRAWN).order_by("to_address"))


def correct(event: Event, person: Person, at: datetime) -> None:
    reopen_register(session=session_of(event), reason="They came late.", by=officer(), at=at)
    marked = mark(session=session_of(event), person=person, value=MarkValue.LATE, version=1, by=officer(), at=at)
    assert marked.value == MarkValue.LATE
    close_register(session=session_of(event), by=officer(), at=at)


@pytest.mark.both_databases
def test_a_letter_of_absence_is_held_for_two_working_days():
    _, absent = missed()
    assert [tick(CLOSED), tick(LEAVES - A_SECOND), letters()] == [0, 0, []]
    assert [tick(LEAVES), tick(LEAVES), tick(LEAVES - timedelta(hours=1))] == [1, 0, 0]
    assert [message.person for message in letters()] == [absent.person]


def test_a_weekend_and_a_bank_holiday_do_not_count():
    event, _ = missed(starts_on=datetime(2027, 3, 25).date(), ends_on=datetime(2027, 3, 25).date())  # noqa: DTZ001 - a day
    # Good Friday and Easter Monday are no working days, and the clocks go forward on the Sunday.
    leaves = datetime(2027, 4, 1, 7, tzinfo=UTC)
    assert [tick(leaves - A_SECOND), tick(leaves)] == [0, 1]
    assert event.starts_on.isoformat() == "2027-03-25"


def test_what_it_says_blames_nobody_and_says_how_to_put_it_right():
    _, absent = missed(title="Recognising neglect", manager_email="manager@school.example")
    tick(LEAVES)
    to_manager, to_person = letters()
    assert (to_person.subject, to_person.to_address) == ("We missed you: Recognising neglect", absent.person.main_address())
    course = absent.event.course_id
    assert full_text(to_person).split("\n\n") == [
        f"Hello {absent.person.forename},",
        "You had a place at Recognising neglect on Tuesday 26 January 2027, and the register does not show that you were there.",
        "Were you there? Then the register is wrong, and we are glad to put it right: write to training@riverside.example.",
        "Did something come up? That happens, and you need not say what it was. Find another date here:\n"
        f"http://127.0.0.1:8000/courses/{course}/",
        "Riverside Safeguarding Children Partnership",
    ]
    assert (to_manager.to_address, to_manager.person) == ("manager@school.example", None)
    assert absent.person.name in to_manager.subject


def test_the_manager_hears_only_where_the_partnership_says_so():
    event, absent = missed(manager_email="manager@school.example")
    change_message_settings(partnership=event.lead_host, by=None, at=CLOSED, absence_to_manager=False)
    tick(LEAVES)
    assert [message.to_address for message in letters()] == [absent.person.main_address()]


def test_a_letter_to_a_manager_that_is_switched_off_does_not_leave():
    event, absent = missed(manager_email="manager@school.example")
    tick(LEAVES)
    change_message_settings(partnership=event.lead_host, by=None, at=LEAVES, absence_days=None)
    assert len(letters()) == 2
    change_message_settings(partnership=event.lead_host, by=None, at=LEAVES, absence_to_manager=False)
    tick(LEAVES + A_SECOND)
    assert [message.to_address for message in letters()] == [absent.person.main_address()]


def test_a_corrected_register_holds_anew_and_takes_back_what_has_not_left():
    event, absent = missed()
    tick(LEAVES)
    correct(event, absent.person, LEAVES + A_SECOND)
    assert letters() == []
    assert tick(LEAVES + timedelta(days=30)) == 0


def test_a_register_that_is_closed_again_with_the_same_absence_is_held_from_then():
    event, absent = missed()
    tick(LEAVES)
    reopen_register(session=session_of(event), reason="To look again.", by=officer(), at=LEAVES + A_SECOND)
    assert letters() == []
    close_register(session=session_of(event), by=officer(), at=LEAVES + 2 * A_SECOND)
    assert tick(LEAVES + timedelta(hours=1)) == 0
    assert tick(datetime(2027, 2, 3, 8, tzinfo=UTC)) == 1
    assert [message.person for message in letters()] == [absent.person]


def test_a_letter_that_has_left_is_not_sent_again():
    event, _ = missed()
    tick(LEAVES)
    Message.objects.update(state=MessageState.SENT, sent_at=LEAVES)
    reopen_register(session=session_of(event), reason="To look again.", by=officer(), at=LEAVES + A_SECOND)
    close_register(session=session_of(event), by=officer(), at=LEAVES + 2 * A_SECOND)
    assert tick(LEAVES + timedelta(days=14)) == 0
    assert len(letters()) == 1


def test_an_officer_releases_them_in_one_step():
    event, _ = missed()
    assert release_absence_letters(event=event, by=officer(), at=CLOSED + A_SECOND) == 1
    with pytest.raises(Refused) as refused:
        release_absence_letters(event=event, by=officer(), at=CLOSED + 2 * A_SECOND)
    assert (refused.value.code, len(letters())) == ("nobody", 1)


def test_what_was_released_is_held_anew_when_the_register_is_closed_again():
    event, _ = missed()
    release_absence_letters(event=event, by=officer(), at=CLOSED + A_SECOND)
    reopen_register(session=session_of(event), reason="To look again.", by=officer(), at=CLOSED + timedelta(minutes=1))
    close_register(session=session_of(event), by=officer(), at=CLOSED + timedelta(minutes=2))
    assert [tick(CLOSED + timedelta(hours=1)), letters()] == [0, []]


def test_nothing_is_released_while_a_register_is_open():
    event, _ = event_with_people(1)
    with pytest.raises(Refused) as refused:
        release_absence_letters(event=event, by=officer(), at=CLOSED)
    assert refused.value.code == "registers_open"


def test_nothing_is_released_before_the_event_is_over():
    event, _ = missed()
    ends = session_of(event).ends_at
    with pytest.raises(Refused) as refused:
        release_absence_letters(event=event, by=officer(), at=ends - A_SECOND)
    assert (refused.value.code, letters()) == ("not_over", [])
    assert release_absence_letters(event=event, by=officer(), at=ends) == 1


def test_all_of_them_or_one_can_be_held_back():
    event, absent = missed()
    other, control = missed()
    hold_back(event=event, kind=ABSENCE, by=officer(), at=CLOSED)
    assert tick(LEAVES) == 1
    assert [message.person for message in letters()] == [control.person]
    let_go(event=event, kind=ABSENCE, by=officer(), at=LEAVES)
    hold_back_from(booking=absent, kind=ABSENCE, by=officer(), at=LEAVES)
    assert tick(LEAVES + A_SECOND) == 0
    assert other.pk == control.event_id


def test_an_event_may_hold_them_longer_but_not_shorter():
    event, _ = missed()
    change_planned(event=event, kind=ABSENCE, days=5, note="", by=officer(), at=CLOSED)
    assert [tick(LEAVES), tick(datetime(2027, 2, 3, 8, tzinfo=UTC))] == [0, 1]
    with pytest.raises(Refused) as refused:
        change_planned(event=event, kind=ABSENCE, days=1, note="", by=officer(), at=CLOSED)
    assert refused.value.code == "days"


def test_where_the_partnership_sets_no_days_only_an_officer_lets_them_leave():
    event, _ = missed()
    change_message_settings(partnership=event.lead_host, by=None, at=CLOSED, absence_days=None)
    assert tick(LEAVES + timedelta(days=10)) == 0
    assert release_absence_letters(event=event, by=officer(), at=LEAVES) == 1


def test_who_is_excused_is_not_written_to(at):
    charging()
    event = bookable_event()
    excused, control = accepted_booking(at=at, event=event), accepted_booking(at=at, event=event)
    take_register(session_of(event), {excused.person: "absent", control.person: "absent"})
    due.charge_for_absence(LEAVES)
    charge = Charge.objects.get(booking=excused, kind=ChargeKind.ABSENCE)
    excuse_charges(
        partnership=event.lead_host, charges=[charge.pk], reason=ExcuseReason.SICKNESS, note="", by=officer(), at=LEAVES
    )
    charge.refresh_from_db()
    assert charge.state == ChargeState.EXCUSED
    tick(LEAVES)
    assert [message.person for message in letters()] == [control.person]


def test_what_happened_before_the_partnership_wrote_stays_silent():
    event, _ = missed()
    event.lead_host.__class__.objects.update(messages_from=event.starts_on + timedelta(days=1))
    assert tick(LEAVES) == 0
    event.lead_host.__class__.objects.update(messages_from=event.starts_on)
    assert tick(LEAVES) == 1


def test_a_register_closed_months_later_sends_no_letters_out_of_the_blue():
    missed()
    assert tick(CLOSED + timedelta(days=31)) == 0


@pytest.mark.both_databases
def test_trainers_are_asked_once_on_the_next_working_morning_for_each_day():
    event, _ = event_with_people(1, sessions=2)
    ana, ben = teaches(event), teaches(event)
    second = NEXT_MORNING + timedelta(days=1)
    moments = (NEXT_MORNING - A_SECOND, NEXT_MORNING, NEXT_MORNING, second, second - timedelta(hours=1), second)
    assert [due.remind_trainers_of_registers(moment) for moment in moments] == [0, 2, 0, 2, 0, 0]
    assert {message.person for message in letters(REGISTER)} == {ana, ben}


def test_the_letter_leads_to_each_register_that_is_open():
    event, _ = event_with_people(1, title="Recognising neglect")
    trainer = teaches(event, forename="Ana")
    due.remind_trainers_of_registers(NEXT_MORNING)
    [message] = letters(REGISTER)
    assert (message.subject, message.person) == ("Register not taken: Recognising neglect", trainer)
    address = f"http://127.0.0.1:8000/registers/{session_of(event).pk}/"
    assert f"Tuesday 26 January 2027, 9.30am to 4pm:\n{address}" in full_text(message)


def test_a_register_that_is_closed_needs_no_letter_and_withdraws_one_that_waits():
    event, [person] = event_with_people(1)
    teaches(event)
    due.remind_trainers_of_registers(NEXT_MORNING)
    take_register(session_of(event), {person: "present"})
    assert letters(REGISTER) == []
    closed, [other] = event_with_people(1)
    teaches(closed)
    take_register(session_of(closed), {other: "present"})
    assert due.remind_trainers_of_registers(NEXT_MORNING) == 0


def twice_a_day() -> Event:
    """An event of a morning and an afternoon on one day, with a trainer."""
    event, _ = event_with_people(1, sessions=2)
    morning, afternoon = event.sessions.order_by("number")
    afternoon.starts_at = morning.ends_at + timedelta(minutes=1)
    afternoon.ends_at = morning.ends_at + timedelta(hours=1)
    afternoon.save()
    Event.objects.filter(pk=event.pk).update(ends_on=event.starts_on)
    teaches(event)
    return event


@pytest.mark.parametrize("closed", [0, 1])
def test_closing_one_of_two_registers_of_a_day_asks_for_the_other(closed):
    event = twice_a_day()
    sessions = list(event.sessions.order_by("number"))
    assert due.remind_trainers_of_registers(NEXT_MORNING) == 1
    take_register(sessions[closed], {Booking.objects.get(event=event).person: "present"})
    assert letters(REGISTER) == []
    assert due.remind_trainers_of_registers(NEXT_MORNING + A_SECOND) == 1
    [message] = letters(REGISTER)
    addresses = [f"/registers/{session.pk}/" in full_text(message) for session in sessions]
    assert addresses == [number != closed for number in (0, 1)]


@pytest.mark.parametrize("closed", [0, 1])
def test_what_is_held_back_from_a_trainer_stays_so_when_it_is_written_anew(closed):
    event = twice_a_day()
    teaches(event)
    due.remind_trainers_of_registers(NEXT_MORNING)
    held, other = letters(REGISTER)
    hold(message=held, by=officer(), at=NEXT_MORNING)
    take_register(event.sessions.order_by("number")[closed], {Booking.objects.get(event=event).person: "present"})
    due.remind_trainers_of_registers(NEXT_MORNING + A_SECOND)
    again = letters(REGISTER)
    assert [(one.to_address, one.standing) for one in again] == [(held.to_address, "held"), (other.to_address, "waiting")]
    assert {one.pk for one in again}.isdisjoint({held.pk, other.pk})


def test_closing_one_of_two_registers_asks_nobody_twice_who_has_read_it():
    event = twice_a_day()
    due.remind_trainers_of_registers(NEXT_MORNING)
    Message.objects.update(state=MessageState.SENT, sent_at=NEXT_MORNING)
    take_register(event.sessions.first(), {Booking.objects.get(event=event).person: "present"})
    assert due.remind_trainers_of_registers(NEXT_MORNING + A_SECOND) == 0


def closed_meanwhile(event: Event) -> None:
    take_register(session_of(event), {Booking.objects.get(event=event).person: "present"})


def called_off_meanwhile(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(status=EventStatus.CANCELLED)


def held_back_meanwhile(event: Event) -> None:
    hold_back(event=event, kind=REGISTER, by=officer(), at=NEXT_MORNING)


@pytest.mark.parametrize("happen", [closed_meanwhile, called_off_meanwhile, held_back_meanwhile])
@pytest.mark.parametrize("looks_again", [True, False])
def test_what_happened_since_a_register_was_found_open_counts(happen, looks_again, monkeypatch):
    """With its twin, which believes what was found before the lock."""
    event, _ = event_with_people(1)
    teaches(event)
    found = planned.untaken_days(NEXT_MORNING)
    happen(event)
    if not looks_again:
        monkeypatch.setattr("registers.operations.letters.untaken_days", lambda at, only: found)
    assert remind_trainers(event=event, at=NEXT_MORNING) == (0 if looks_again else 1)


def test_holding_back_takes_back_what_waits_for_a_trainer():
    event, _ = event_with_people(1)
    teaches(event)
    due.remind_trainers_of_registers(NEXT_MORNING)
    hold_back(event=event, kind=REGISTER, by=officer(), at=NEXT_MORNING)
    assert letters(REGISTER) == []
    let_go(event=event, kind=REGISTER, by=officer(), at=NEXT_MORNING)
    assert due.remind_trainers_of_registers(NEXT_MORNING) == 1


def test_nobody_is_asked_where_it_is_held_back_set_to_none_silent_old_or_cancelled():
    def asked(at: datetime = NEXT_MORNING) -> int:
        return due.remind_trainers_of_registers(at)

    event, _ = event_with_people(1)
    teaches(event)
    hold_back(event=event, kind=REGISTER, by=officer(), at=NEXT_MORNING)
    assert asked() == 0
    let_go(event=event, kind=REGISTER, by=officer(), at=NEXT_MORNING)
    change_message_settings(partnership=event.lead_host, by=None, at=NEXT_MORNING, register_days=None)
    assert asked() == 0
    change_message_settings(partnership=event.lead_host, by=None, at=NEXT_MORNING, register_days=1)
    assert asked(NEXT_MORNING + timedelta(days=15)) == 0
    Event.objects.update(status=EventStatus.CANCELLED)
    assert asked() == 0
    Event.objects.update(status=EventStatus.PUBLISHED, messages_from=NEXT_MORNING.date() + timedelta(days=1))
    assert asked() == 0
    Event.objects.update(messages_from=None)
    assert asked() == 1


def test_looking_costs_the_same_for_one_as_for_many():
    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as absences:
            due.send_letters_of_absence(LEAVES)
        with CaptureQueriesContext(connection) as registers:
            due.remind_trainers_of_registers(NEXT_MORNING)
        return len(absences), len(registers)

    nothing = cost()
    for _ in range(3):
        missed()
        event, _ = event_with_people(2)
        teaches(event, forename=PersonFactory().forename)
    cost()
    assert (nothing, cost()) == ((1, 1), (1, 5))
