"""Reminders and joining instructions: at their time, once, to those who should have them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bookings import due, planned
from bookings.models import BEFORE, Booking, BookingChange, HeldBackLetter, MessageSettings, PlannedChange, PlannedKind
from bookings.operations import (
    book_place,
    cancel_bookable_event,
    cancel_booking,
    change_bookable_event,
    change_message_settings,
    change_planned,
    correct_manager,
    hold_back,
    hold_back_from,
    let_go,
    let_go_to,
    send_planned,
    send_planned_now,
    substitute,
    transfer,
)
from core.clock import LONDON
from core.refusals import Refused
from courses.models import Format
from events.models import Event, EventStatus
from events.operations import SessionTimes
from notifications.models import Message, MessageState
from notifications.rendering import full_text
from notifications.single import hold, release
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import LONG_AGO, PartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db

FIRST, JOINING, LAST = PlannedKind.FIRST_REMINDER, PlannedKind.JOINING, PlannedKind.LAST_REMINDER
START = datetime(2027, 1, 26, 9, 30, tzinfo=UTC)  # Tuesday
FIRST_AT = datetime(2027, 1, 12, 8, tzinfo=UTC)
JOINING_AT = datetime(2027, 1, 21, 8, tzinfo=UTC)
LAST_AT = datetime(2027, 1, 25, 8, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def tick(at: datetime) -> int:
    due.withdraw_overtaken_letters(at)
    return due.send_planned_letters(at)


def sent_by_the_clock(booking: Booking) -> list[str]:
    """Kinds of the planned letters that exist about a booking and are not withdrawn, in the order they were written."""
    found = Message.objects.filter(about=booking.about, kind__in=[FIRST, JOINING, LAST]).exclude(state=MessageState.WITHDRAWN)
    return list(found.order_by("created_at").values_list("kind", flat=True))


def booked_at(at: datetime, event: Event) -> Booking:
    person = PersonFactory()
    return book_place(event=event, person=person, by=person, at=at)


def texts(message: Message) -> list[str]:
    return full_text(message).split("\n\n")


@pytest.mark.both_databases
def test_each_letter_leaves_at_its_hour_and_once():
    booking = BookingFactory()
    for at, so_far in [
        (FIRST_AT - A_SECOND, []),
        (FIRST_AT, [FIRST]),
        (FIRST_AT + timedelta(days=3), [FIRST]),
        (JOINING_AT - A_SECOND, [FIRST]),
        (JOINING_AT, [FIRST, JOINING]),
        (LAST_AT - A_SECOND, [FIRST, JOINING]),
        (LAST_AT, [FIRST, JOINING, LAST]),
        (LAST_AT + timedelta(hours=25), [FIRST, JOINING, LAST]),
    ]:
        tick(at)
        tick(at)
        assert (at, sent_by_the_clock(booking)) == (at, so_far)


def test_joining_instructions_say_where_how_and_what_officers_add(at):
    event = bookable_event(title="Recognising neglect", format=Format.BLENDED, joining_link="https://meet.example/abc")
    booking = BookingFactory(event=event, person=PersonFactory(forename="Sam"))
    change_planned(event=event, kind=JOINING, days=None, note="Park behind the hall.\nBring a {link:pen}.", by=officer(), at=at)
    tick(JOINING_AT)
    message = Message.objects.get(about=booking.about)
    assert message.subject == "Joining instructions: Recognising neglect"
    assert texts(message) == [
        "Hello Sam,",
        "This is how to take part in Recognising neglect.",
        "When: Tuesday 26 January 2027, 9.30am to 4pm",
        "Where: Civic Suite, 1 High Street, Riverside",
        "Join with this link:\nhttps://meet.example/abc",
        "Park behind the hall.\nBring a (link:pen).",
        "What happens next: open the link a few minutes before the start, with your own name, so that we can mark you as "
        "present.",
        f"Can't come? Cancel your place now, so that somebody else can have it:\nhttp://127.0.0.1:8000/bookings/{booking.pk}/",
        "Declining the calendar invitation does not cancel your place: only the link above does.",
        "Riverside Safeguarding Children Partnership",
    ]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("starts", "days", "hour_before"),
    [  # across the clock going forward, and going back
        (datetime(2027, 3, 30, 9, 30, tzinfo=LONDON), 14, datetime(2027, 3, 16, 8, tzinfo=UTC)),
        (datetime(2027, 3, 30, 9, 30, tzinfo=LONDON), 1, datetime(2027, 3, 29, 7, tzinfo=UTC)),
        (datetime(2027, 11, 2, 9, 30, tzinfo=LONDON), 14, datetime(2027, 10, 19, 7, tzinfo=UTC)),
        (datetime(2027, 11, 2, 9, 30, tzinfo=LONDON), 1, datetime(2027, 11, 1, 8, tzinfo=UTC)),
        (datetime(2027, 3, 28, 9, 30, tzinfo=LONDON), 0, datetime(2027, 3, 28, 7, tzinfo=UTC)),
        (datetime(2028, 3, 14, 9, 30, tzinfo=LONDON), 14, datetime(2028, 2, 29, 8, tzinfo=UTC)),
    ],
)
def test_days_count_london_dates_across_a_change_of_clocks(starts, days, hour_before):
    event = bookable_event(starts_on=starts.date(), ends_on=starts.date())
    assert planned.leaves_at(event, days, MessageSettings()) == hour_before


@pytest.mark.both_databases
def test_a_clock_that_jumps_a_day_or_is_set_back_sends_nothing_twice():
    booking = BookingFactory()
    day, hour = timedelta(days=1), timedelta(hours=1)
    for at in (
        FIRST_AT,
        FIRST_AT + day,
        FIRST_AT - day,
        FIRST_AT - hour,
        FIRST_AT,
        LAST_AT + hour,
        LAST_AT,
        LAST_AT - day,
        LAST_AT,
    ):
        tick(at)
    assert sent_by_the_clock(booking).count(FIRST) == 1
    assert sent_by_the_clock(booking).count(LAST) == 1


def test_who_books_after_the_first_reminder_left_gets_no_stale_one():
    event = bookable_event()
    early, late = booked_at(FIRST_AT - timedelta(days=2), event), booked_at(FIRST_AT + timedelta(days=1), event)
    tick(FIRST_AT + timedelta(days=1, hours=1))
    assert (sent_by_the_clock(early), sent_by_the_clock(late)) == ([FIRST], [])


def test_who_has_just_booked_is_not_reminded_the_next_morning():
    event = bookable_event()
    just, before = booked_at(LAST_AT - timedelta(hours=11), event), booked_at(LAST_AT - timedelta(hours=13), event)
    tick(LAST_AT)
    assert (LAST in sent_by_the_clock(just), LAST in sent_by_the_clock(before)) == (False, True)


def test_who_came_off_the_waiting_list_late_counts_from_then():
    booking = BookingFactory()
    BookingChange.objects.create(booking=booking, at=FIRST_AT + timedelta(days=1), from_status="waiting", to_status="confirmed")
    tick(FIRST_AT + timedelta(days=2))
    assert sent_by_the_clock(booking) == []


def test_a_late_booker_gets_joining_instructions_at_once():
    event = bookable_event()
    booking = booked_at(START - timedelta(hours=2), event)
    tick(START - timedelta(hours=2) + A_SECOND)
    assert sent_by_the_clock(booking) == [JOINING]


def test_who_books_while_a_round_goes_on_reads_of_the_place_before_anything_about_it():
    booking = BookingFactory(booked_at=JOINING_AT + A_SECOND)
    assert [tick(JOINING_AT), tick(JOINING_AT + A_SECOND)] == [0, 1]
    assert sent_by_the_clock(booking) == [JOINING]


def test_an_event_that_has_begun_gets_nothing():
    event = bookable_event(sessions=3)
    booking = BookingFactory(event=event)
    tick(START)
    tick(START + timedelta(days=1))
    assert sent_by_the_clock(booking) == []


def test_a_first_reminder_that_is_very_late_gives_way_to_what_is_due():
    booking = BookingFactory()
    tick(JOINING_AT)
    assert sent_by_the_clock(booking) == [JOINING]


@pytest.mark.parametrize("status", [EventStatus.DRAFT, EventStatus.CANCELLED])
def test_only_published_events_write(status):
    booking = BookingFactory(event=bookable_event(status=status))
    tick(JOINING_AT)
    assert sent_by_the_clock(booking) == []


@pytest.mark.parametrize("status", ["requested", "awaiting_approval", "offered"])
def test_only_who_has_a_sure_place_is_written_to(status):
    booking = BookingFactory(status=status)
    tick(JOINING_AT)
    assert sent_by_the_clock(booking) == []


def test_a_partnership_and_an_event_that_are_silent_yet_write_nothing():
    silent = BookingFactory(event=bookable_event(messages_from=JOINING_AT.date() + timedelta(days=1)))
    speaking = BookingFactory(event=bookable_event(messages_from=JOINING_AT.date()))
    tick(JOINING_AT)
    assert (sent_by_the_clock(silent), sent_by_the_clock(speaking)) == ([], [JOINING])
    speaking.event.lead_host.__class__.objects.update(messages_from=None)
    tick(LAST_AT)
    assert sent_by_the_clock(speaking) == [JOINING]


def test_nobody_is_written_to_but_the_person_their_manager_and_who_booked():
    """Over many bookings of all sorts, with everything that could name somebody else."""
    change_message_settings(partnership=PartnershipFactory(), by=None, at=FIRST_AT - timedelta(days=30), copies_manager=True)
    allowed: dict[str, set[str]] = {}
    for number in range(40):
        person = PersonFactory(address__none=True) if number % 4 == 3 else PersonFactory()
        booker = PersonFactory() if number % 3 == 0 else None
        manager = f"boss{number}@school.example" if number % 2 else ""
        booking = BookingFactory(event=bookable_event(), person=person, booked_by=booker, manager_email=manager)
        own = {person.main_address()} if person.main_address() else {booker.main_address() if booker else ""}
        allowed[booking.about] = (own | {manager}) - {""}
    for at in (FIRST_AT, JOINING_AT, LAST_AT):
        tick(at)
    written: dict[str, set[str]] = {}
    for about, address in Message.objects.values_list("about", "to_address"):
        written.setdefault(about, set()).add(address)
    unreached = {about for about, addresses in allowed.items() if not {a for a in addresses if not a.startswith("boss")}}
    assert written == {about: addresses for about, addresses in allowed.items() if about not in unreached}
    assert len(unreached) == 6


def test_who_has_no_address_is_reached_through_who_booked_or_not_at_all():
    event, booker = bookable_event(), PersonFactory()
    alone = BookingFactory(event=event, person=PersonFactory(address__none=True))
    booked_for = BookingFactory(event=event, person=PersonFactory(address__none=True), booked_by=booker)
    assert tick(JOINING_AT) == 1
    assert sent_by_the_clock(alone) == []
    assert Message.objects.get(about=booked_for.about).to_address == booker.main_address()


def test_a_cancelled_booking_withdraws_what_has_not_left():
    booking = BookingFactory()
    tick(JOINING_AT)
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=JOINING_AT + A_SECOND)
    assert Message.objects.get(about=booking.about, kind=JOINING).state == MessageState.WITHDRAWN
    tick(LAST_AT)
    assert sent_by_the_clock(booking) == []


def test_a_place_that_goes_to_a_colleague_takes_its_letters_along():
    booking, colleague = BookingFactory(), PersonFactory()
    tick(JOINING_AT)
    at = JOINING_AT + A_SECOND
    theirs = substitute(booking=booking, person=colleague, by=officer(), at=at, reason="She is ill.", rule_set_aside=True)
    tick(at + A_SECOND)
    assert (sent_by_the_clock(booking), sent_by_the_clock(theirs)) == ([], [JOINING])


def test_a_place_that_moves_to_another_date_plans_for_that_one():
    booking = BookingFactory()
    later = bookable_event(starts_on=date(2027, 2, 23), ends_on=date(2027, 2, 23), course=booking.event.course)
    tick(JOINING_AT)
    at = JOINING_AT + A_SECOND
    theirs = transfer(booking=booking, to_event=later, by=officer(), at=at, reason="She asked.", rule_set_aside=True)
    tick(LAST_AT)
    assert (sent_by_the_clock(booking), sent_by_the_clock(theirs)) == ([], [])
    tick(FIRST_AT + timedelta(days=28))
    assert sent_by_the_clock(theirs) == [FIRST]


def test_a_cancelled_event_withdraws_what_has_not_left(at):
    booking = BookingFactory()
    tick(JOINING_AT)
    cancel_bookable_event(event=booking.event, reason="The trainer is ill.", by=officer(), at=JOINING_AT + A_SECOND)
    tick(LAST_AT)
    assert sent_by_the_clock(booking) == []


def test_an_event_that_moves_plans_anew_for_its_new_day():
    booking = BookingFactory()
    tick(FIRST_AT)
    Message.objects.update(state=MessageState.SENT, sent_at=FIRST_AT)
    times = SessionTimes(START + timedelta(days=56), START + timedelta(days=56, hours=6))
    change_bookable_event(event=booking.event, sessions=[times], by=officer(), at=FIRST_AT + timedelta(days=1))
    tick(LAST_AT)
    assert sent_by_the_clock(booking) == [FIRST]
    tick(FIRST_AT + timedelta(days=56))
    assert sent_by_the_clock(booking) == [FIRST, FIRST]
    assert "Tuesday 23 March 2027" in Message.objects.filter(kind=FIRST).latest("created_at").subject


def test_instructions_that_wait_in_the_outbox_are_written_again_when_the_link_changes():
    event = bookable_event(format=Format.VIRTUAL, venue=None, joining_link="https://meet.example/old")
    booking = BookingFactory(event=event)
    tick(JOINING_AT)
    change_bookable_event(event=event, joining_link="https://meet.example/new", by=officer(), at=JOINING_AT + A_SECOND)
    tick(JOINING_AT + 2 * A_SECOND)
    waiting = Message.objects.waiting().get(about=booking.about, kind=JOINING)
    assert "https://meet.example/new" in waiting.text
    assert Message.objects.filter(kind=JOINING).count() == 2


def test_what_a_mail_server_held_up_until_the_event_began_is_not_sent():
    booking = BookingFactory()
    tick(LAST_AT)
    tick(START - A_SECOND)
    assert sent_by_the_clock(booking) == [JOINING, LAST]
    tick(START)
    assert sent_by_the_clock(booking) == []


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"format": Format.VIRTUAL, "venue": None}, planned.LINK),
        ({"format": Format.CLASSROOM, "venue": None}, planned.VENUE),
        ({"format": Format.BLENDED}, planned.LINK),
        ({"format": Format.BLENDED, "venue": None}, planned.LINK_AND_VENUE),
        ({"format": Format.BLENDED, "joining_link": "https://meet.example/a"}, ""),
        ({"format": Format.CLASSROOM}, ""),
        ({"format": Format.VIRTUAL, "venue": None, "joining_link": "https://meet.example/a"}, ""),
    ],
)
def test_joining_instructions_wait_for_what_is_missing(fields, missing):
    booking = BookingFactory(event=bookable_event(**fields))
    tick(JOINING_AT)
    assert sent_by_the_clock(booking) == ([] if missing else [JOINING])
    waiting = planned.waiting_for_details(PartnershipFactory(), JOINING_AT - timedelta(days=2))
    assert [(plan.event, plan.waits_for) for plan in waiting] == ([(booking.event, missing)] if missing else [])
    Event.objects.update(joining_link="https://meet.example/later", venue=bookable_event().venue)
    tick(JOINING_AT + timedelta(days=1))
    assert sent_by_the_clock(booking) == [JOINING]


def test_nobody_is_warned_of_an_event_that_nobody_has_booked_or_that_is_held_back(at):
    empty = bookable_event(format=Format.VIRTUAL, venue=None)
    assert planned.waiting_for_details(empty.lead_host, JOINING_AT) == []
    BookingFactory(event=empty)
    assert len(planned.waiting_for_details(empty.lead_host, JOINING_AT)) == 1
    assert planned.waiting_for_details(empty.lead_host, START) == []
    hold_back(event=empty, kind=JOINING, by=officer(), at=at)
    assert planned.waiting_for_details(empty.lead_host, JOINING_AT) == []


def test_what_is_held_back_stays_until_it_is_let_go(at):
    held, control = BookingFactory(), BookingFactory()
    hold_back(event=held.event, kind=FIRST, by=officer(), at=at)
    tick(FIRST_AT)
    assert (sent_by_the_clock(held), sent_by_the_clock(control)) == ([], [FIRST])
    let_go(event=held.event, kind=FIRST, by=officer(), at=FIRST_AT)
    tick(FIRST_AT + timedelta(hours=1))
    assert (sent_by_the_clock(held), sent_by_the_clock(control)) == ([FIRST], [FIRST])


def test_holding_back_takes_back_what_waits_in_the_outbox():
    booking = BookingFactory()
    tick(JOINING_AT)
    hold_back(event=booking.event, kind=JOINING, by=officer(), at=JOINING_AT + A_SECOND)
    assert sent_by_the_clock(booking) == []
    let_go(event=booking.event, kind=JOINING, by=officer(), at=JOINING_AT + 2 * A_SECOND)
    tick(JOINING_AT + timedelta(minutes=1))
    assert sent_by_the_clock(booking) == [JOINING]


def test_one_person_can_be_held_back(at):
    event = bookable_event()
    held, control = BookingFactory(event=event), BookingFactory(event=event)
    hold_back_from(booking=held, kind=FIRST, by=officer(), at=at)
    hold_back_from(booking=held, kind=FIRST, by=officer(), at=at)
    tick(FIRST_AT)
    assert (sent_by_the_clock(held), sent_by_the_clock(control)) == ([], [FIRST])
    let_go_to(booking=held, kind=FIRST, by=officer(), at=FIRST_AT)
    tick(FIRST_AT)
    assert sent_by_the_clock(held) == [FIRST]


def test_an_event_can_have_days_of_its_own(at):
    ours, others = BookingFactory(), BookingFactory()
    change_planned(event=ours.event, kind=JOINING, days=30, note="", by=officer(), at=at)
    tick(at)
    assert (sent_by_the_clock(ours), sent_by_the_clock(others)) == ([JOINING], [])


def test_the_partnership_sets_the_times_and_whether_managers_get_a_copy(at):
    booking = BookingFactory(manager_email="manager@school.example")
    change_message_settings(
        partnership=booking.event.lead_host,
        by=officer(),
        at=at,
        first_reminder_days=None,
        last_reminder_days=2,
        leaves_at_hour=16,
        copies_manager=True,
    )
    tick(FIRST_AT)
    assert sent_by_the_clock(booking) == []
    tick(datetime(2027, 1, 24, 15, 59, tzinfo=UTC))
    Message.objects.all().delete()
    tick(datetime(2027, 1, 24, 16, tzinfo=UTC))
    last = Message.objects.filter(kind=LAST).order_by("person")
    assert {(one.to_address, one.subject) for one in last} == {
        (booking.person.main_address(), f"Reminder: {booking.event.title}, Tuesday 26 January 2027"),
        ("manager@school.example", f"{booking.person.name}: {booking.event.title}, Tuesday 26 January 2027"),
    }


def waiting_addresses() -> list[str]:
    return sorted(Message.objects.waiting().values_list("to_address", flat=True))


@pytest.mark.parametrize(("changed", "has_copy"), [({"copies_manager": False}, False), ({"absence_to_manager": False}, True)])
def test_copies_that_are_switched_off_do_not_leave(changed, has_copy):
    change_message_settings(partnership=PartnershipFactory(), by=None, at=FIRST_AT, copies_manager=True)
    booking = BookingFactory(manager_email="boss@school.example")
    own = booking.person.main_address()
    tick(JOINING_AT)
    assert waiting_addresses() == sorted(["boss@school.example", own])
    change_message_settings(partnership=PartnershipFactory(), by=None, at=JOINING_AT, **changed)
    tick(JOINING_AT + A_SECOND)
    assert waiting_addresses() == (sorted(["boss@school.example", own]) if has_copy else [own])


def test_a_kind_that_is_switched_off_does_not_leave_but_where_an_event_says_otherwise(at):
    ours, own_days = BookingFactory(), BookingFactory()
    partnership = PartnershipFactory()
    change_planned(event=own_days.event, kind=JOINING, days=5, note="", by=officer(), at=at)
    tick(JOINING_AT)
    change_message_settings(partnership=partnership, by=None, at=JOINING_AT, first_reminder_days=None)
    assert (sent_by_the_clock(ours), sent_by_the_clock(own_days)) == ([JOINING], [JOINING])
    change_message_settings(partnership=partnership, by=None, at=JOINING_AT, joining_days=None)
    tick(JOINING_AT + A_SECOND)
    assert (sent_by_the_clock(ours), sent_by_the_clock(own_days)) == ([], [JOINING])
    change_message_settings(partnership=partnership, by=None, at=JOINING_AT, joining_days=5)
    tick(JOINING_AT + 2 * A_SECOND)
    assert (sent_by_the_clock(ours), sent_by_the_clock(own_days)) == ([JOINING], [JOINING])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"leaves_at_hour": 5}, "hour"),
        ({"first_reminder_days": 1}, "order"),
        ({"joining_days": 61}, "days"),
        ({"absence_days": 1}, "days"),
    ],
)
def test_times_that_can_not_hold_are_refused(at, changed, code):
    with pytest.raises(Refused) as refused:
        change_message_settings(partnership=PartnershipFactory(), by=None, at=at, **changed)
    assert (refused.value.code, MessageSettings.objects.exists()) == (code, False)


def test_an_officer_sends_before_the_time_to_everybody_who_has_not_had_it(at):
    event = bookable_event()
    early = BookingFactory(event=event)
    assert send_planned_now(event=event, kind=FIRST, by=officer(), at=at) == 1
    just = booked_at(at, event)
    assert send_planned_now(event=event, kind=FIRST, by=officer(), at=at) == 1
    tick(FIRST_AT)
    assert (sent_by_the_clock(early), sent_by_the_clock(just)) == ([FIRST], [FIRST])
    for moment, code in ((at, "nobody"), (START, "started")):
        with pytest.raises(Refused) as refused:
            send_planned_now(event=event, kind=FIRST, by=officer(), at=moment)
        assert refused.value.code == code


def test_nobody_sends_what_is_held_back_or_waits_for_the_link(at):
    event = bookable_event(format=Format.VIRTUAL, venue=None)
    BookingFactory(event=event)
    hold_back(event=event, kind=FIRST, by=officer(), at=at)
    for kind, code in ((FIRST, "held_back"), (JOINING, "details_missing")):
        with pytest.raises(Refused) as refused:
            send_planned_now(event=event, kind=kind, by=officer(), at=at)
        assert refused.value.code == code


MEANWHILE = {
    "called off": lambda event: Event.objects.filter(pk=event.pk).update(status=EventStatus.CANCELLED),
    "moved": lambda event: Event.objects.filter(pk=event.pk).update(starts_on=date(2027, 3, 2), ends_on=date(2027, 3, 2)),
}


@pytest.mark.parametrize("what", ["called off", "moved"])
@pytest.mark.parametrize("looks_again", [True, False])
def test_what_happened_to_the_event_since_it_was_found_counts(what, looks_again, monkeypatch):
    """With its twin, which believes what was read before the lock."""
    found = BookingFactory().event
    MEANWHILE[what](found)
    if not looks_again:
        monkeypatch.setattr("bookings.operations.planned.lock.read_event", lambda event_id: found)
    assert send_planned(event=found, kind=FIRST, at=FIRST_AT) == (0 if looks_again else 1)


def test_a_change_leaves_alone_the_managers_copy_of_what_has_left():
    """It is what the manager's own has: nobody would write the copy again."""
    change_message_settings(partnership=PartnershipFactory(), by=None, at=FIRST_AT, copies_manager=True)
    event = bookable_event()
    left, waits = (BookingFactory(event=event, manager_email=f"{name}@school.example") for name in ("a", "b"))
    tick(JOINING_AT)
    Message.objects.filter(person=left.person).update(state=MessageState.SENT, sent_at=JOINING_AT)
    change_planned(event=event, kind=JOINING, days=None, note="Park behind the hall.", by=officer(), at=JOINING_AT)
    tick(JOINING_AT + A_SECOND)
    assert sorted(Message.objects.waiting().values_list("to_address", flat=True)) == [
        "a@school.example",
        "b@school.example",
        waits.person.main_address(),
    ]


def test_a_copy_of_a_letter_that_has_left_goes_when_the_event_moves_to_another_day():
    """It would name the old day, and there is another letter for the new one."""
    change_message_settings(partnership=PartnershipFactory(), by=None, at=FIRST_AT, copies_manager=True)
    booking = BookingFactory(manager_email="a@school.example")
    tick(JOINING_AT)
    Message.objects.filter(person=booking.person).update(state=MessageState.SENT, sent_at=JOINING_AT)
    times = SessionTimes(START + timedelta(days=56), START + timedelta(days=56, hours=6))
    change_bookable_event(event=booking.event, sessions=[times], by=officer(), at=JOINING_AT + A_SECOND)
    assert not Message.objects.waiting().filter(kind=JOINING).exists()
    tick(JOINING_AT + timedelta(days=56))
    assert Message.objects.waiting().filter(kind=JOINING).count() == 2


@pytest.mark.parametrize("let_it_leave", [False, True])
def test_what_is_held_back_stays_so_when_its_event_moves_to_another_day(let_it_leave: bool) -> None:
    """And the manager's copy, which nobody held, does not. What has left since holds nothing any more."""
    change_message_settings(partnership=PartnershipFactory(), by=None, at=FIRST_AT, copies_manager=True)
    booking, by = BookingFactory(manager_email="a@school.example"), officer()
    tick(JOINING_AT)
    own = hold(message=Message.objects.get(person=booking.person), by=by, at=JOINING_AT)
    change_planned(event=booking.event, kind=JOINING, days=None, note="Bring a pen.", by=by, at=JOINING_AT + A_SECOND)
    tick(JOINING_AT + 2 * A_SECOND)
    if let_it_leave:
        own = Message.objects.waiting().get(person=booking.person)
        Message.objects.filter(pk=release(message=own, by=by, at=JOINING_AT).pk).update(state="sent", sent_at=JOINING_AT)
    times = SessionTimes(START + timedelta(days=56), START + timedelta(days=56, hours=6))
    change_bookable_event(event=booking.event, sessions=[times], by=by, at=JOINING_AT + timedelta(minutes=1))
    tick(JOINING_AT + timedelta(days=56))
    again = Message.objects.waiting().filter(kind=JOINING)
    standing = {message.to_address: message.standing for message in again}
    assert standing == {own.to_address: "waiting" if let_it_leave else "held", "a@school.example": "waiting"}


@pytest.mark.both_databases
@pytest.mark.parametrize("right", ["right@school.example", ""])
def test_copies_that_have_not_left_go_to_the_manager_who_is_the_right_one(right: str) -> None:
    """Held back stays held back, given up is tried anew, and what has left has left."""
    change_message_settings(partnership=PartnershipFactory(), by=None, at=FIRST_AT, copies_manager=True)
    booking, by = BookingFactory(manager_email="wrong@school.example"), officer()
    copies = Message.objects.filter(kind__in=BEFORE, dedupe_key__contains=planned.MANAGERS)
    for at in (FIRST_AT, JOINING_AT, LAST_AT):
        tick(at)
    copies.filter(kind=FIRST).update(state=MessageState.SENT, sent_at=FIRST_AT)
    copies.filter(kind=JOINING).update(state=MessageState.FAILED)
    hold(message=copies.get(kind=LAST), by=by, at=LAST_AT)
    said = {one.kind: (one.subject, full_text(one)) for one in copies}
    correct_manager(booking=booking, manager_email=right, by=by, at=LAST_AT + A_SECOND)
    tick(LAST_AT + 2 * A_SECOND)
    left = copies.exclude(state=MessageState.WITHDRAWN)
    to_right = {(JOINING, right, "waiting"), (LAST, right, "held")} if right else set()
    assert {(one.kind, one.to_address, one.standing) for one in left} == {(FIRST, "wrong@school.example", "sent"), *to_right}
    assert all((one.subject, full_text(one)) == said[one.kind] for one in left)
    assert Message.objects.waiting().filter(person=booking.person).count() == 3


def queries_of(at: datetime) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        due.send_planned_letters(at)
    return len(seen)


def test_looking_costs_the_same_for_one_as_for_many(at):
    BookingFactory()
    tick(LAST_AT)
    one = queries_of(LAST_AT)
    event = bookable_event()
    for _ in range(6):
        BookingFactory(event=event)
    BookingFactory(), BookingFactory()
    tick(LAST_AT)
    assert (queries_of(LAST_AT), one) == (8, 8)
    assert queries_of(at - timedelta(days=200)) == 3


def test_writing_costs_the_same_for_one_as_for_many():
    def written_in(people: int) -> int:
        event = bookable_event()
        for _ in range(people):
            BookingFactory(event=event, booked_at=LONG_AGO)
        return queries_of(JOINING_AT)

    assert written_in(1) == written_in(9)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        (lambda event: MessageSettings(partnership=event.lead_host, leaves_at_hour=1), "messagesettings_hour_is_by_day"),
        (lambda event: MessageSettings(partnership=event.lead_host, absence_days=1), "messagesettings_absence_is_held"),
        (lambda event: PlannedChange(event=event, kind="a_song"), "planned_change_kind_is_known"),
        (lambda event: PlannedChange(event=event, kind=JOINING), "planned_change_once"),
        (
            lambda event: PlannedChange(event=event, kind=FIRST, is_held_back=True, released_at=FIRST_AT),
            "planned_change_is_held_back_or_released",
        ),
        (
            lambda event: HeldBackLetter(booking=BookingFactory(), kind="a_song", held_at=FIRST_AT),
            "held_back_letter_kind_is_known",
        ),
        (lambda event: PlannedChange(event=event, kind=PlannedKind.ABSENCE, days=1), "planned_change_absence_is_held"),
        (
            lambda event: HeldBackLetter(booking=BookingFactory(), kind=PlannedKind.EVALUATION, held_at=FIRST_AT),
            "held_back_letter_is_not_for_everybody",
        ),
    ],
)
def test_the_database_keeps_what_is_promised(make, constraint):
    event = bookable_event()
    PlannedChange.objects.create(event=event, kind=JOINING)
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        make(event).save()
    assert constraint in str(broken.value) or "bookings_plannedchange.event_id, bookings_plannedchange.kind" in str(broken.value)


@pytest.mark.parametrize(("joining", "last", "is_refused"), [(5, 5, False), (5, 6, True), (None, 6, False), (5, None, False)])
def test_the_last_reminder_never_comes_before_the_joining_instructions(
    joining: int | None, last: int | None, is_refused: bool
) -> None:
    days = {"joining_days": joining, "last_reminder_days": last}
    if not is_refused:
        change_message_settings(partnership=PartnershipFactory(), by=None, at=FIRST_AT, **days)
        return
    with pytest.raises(Refused) as refused:
        change_message_settings(partnership=PartnershipFactory(), by=None, at=FIRST_AT, **days)
    assert (refused.value.code, refused.value.field, str(refused.value)) == (
        "order",
        "last_reminder_days",
        "The last reminder would leave 6 days before the event, the joining instructions 5 days. It must not come before them: "
        "give the joining instructions more days.",
    )


@pytest.mark.parametrize(("kind", "days"), [(JOINING, 0), (LAST, 6)])
def test_an_events_own_days_keep_the_order_too(kind: str, days: int) -> None:
    event, by = bookable_event(first_start=START), officer()
    with pytest.raises(Refused) as refused:
        change_planned(event=event, kind=kind, by=by, at=FIRST_AT, days=days, note="")
    assert (refused.value.code, refused.value.field) == ("order", "days")
    assert not PlannedChange.objects.exists()


def test_the_partnerships_days_keep_the_order_of_events_with_days_of_their_own() -> None:
    event, by = bookable_event(title="Neglect", first_start=START), officer()
    change_planned(event=event, kind=JOINING, by=by, at=FIRST_AT, days=2, note="")
    with pytest.raises(Refused) as refused:
        change_message_settings(partnership=event.lead_host, by=None, at=FIRST_AT, last_reminder_days=3)
    assert str(refused.value).startswith(
        "Neglect on Tuesday 26 January 2027 has days of its own. The last reminder would leave 3 days"
    )
    change_message_settings(partnership=event.lead_host, by=None, at=START + timedelta(days=1), last_reminder_days=3)
