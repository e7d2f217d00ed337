"""Certificates of an event: given some working days after its registers were closed, and taken back when those say otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking, MessageSettings
from bookings.operations import change_message_settings, change_planned, hold_back, hold_back_from, let_go, let_go_to
from core.models import AuditEntry
from core.refusals import Refused
from events.models import Event, EventStatus
from events.operations import change_event
from notifications.models import Message, MessageState
from notifications.rendering import full_text
from notifications.single import hold
from people.models import Partnership, Person
from records.models import Certificate, Credit
from registers import certificates, due
from registers.certificates import KIND, LOOKED_BACK, certificate_plan
from registers.models import Attendance, Mark, MarkValue, WalkIn
from registers.operations import (
    add_walk_in,
    certify,
    certifying,
    close_register,
    correct_certificate_name,
    mark,
    reopen_register,
    set_attendance_rule,
)
from registers.queries import certificate_differences
from tests.factories.bookings import BookingFactory
from tests.factories.people import PersonFactory, officer
from tests.factories.registers import event_with_people, session_of, take_register

pytestmark = pytest.mark.django_db

# The event is on Tuesday 26 January 2027, 9.30am to 4pm; its register is closed five minutes later.
CLOSED = datetime(2027, 1, 26, 16, 5, tzinfo=UTC)
LEAVES = datetime(2027, 1, 29, 8, tzinfo=UTC)  # Wednesday and Thursday are the two working days
A_SECOND = timedelta(seconds=1)


def held_event(people: int = 1, **fields: Any) -> tuple[Event, list[Person]]:
    """An event that everybody attended, its register closed."""
    event, came = event_with_people(people, **fields)
    take_register(session_of(event), dict.fromkeys(came, "present"))
    return event, came


def tick(at: datetime) -> int:
    due.follow_changed_events(at)
    return due.give_certificates(at)


def holders() -> list[Person]:
    return [one.person for one in Certificate.objects.standing().select_related("person").order_by("issued_at", "person_id")]


def letters() -> list[Message]:
    """Those that were not withdrawn."""
    return list(Message.objects.filter(kind=KIND).exclude(state=MessageState.WITHDRAWN).order_by("created_at", "to_address"))


def sent(at: datetime) -> None:
    Message.objects.filter(state=MessageState.WAITING).update(state=MessageState.SENT, sent_at=at)


def reopen(event: Event, at: datetime) -> None:
    reopen_register(session=session_of(event), reason="To look again.", by=officer(), at=at)


def correct(event: Event, person: Person, value: str, at: datetime) -> None:
    """The register says this of the person from then on."""
    reopen(event, at)
    version = Mark.objects.get(session__event=event, person=person).version
    marked = mark(session=session_of(event), person=person, value=MarkValue(value), version=version, by=officer(), at=at)
    assert marked.value == value
    close_register(session=session_of(event), by=officer(), at=at)


@pytest.mark.both_databases
def test_who_attended_gets_one_on_the_third_working_morning_and_a_letter_with_it() -> None:
    event, [ana] = held_event()
    assert [tick(CLOSED), tick(LEAVES - A_SECOND), Certificate.objects.count()] == [0, 0, 0]
    assert [tick(LEAVES), tick(LEAVES), tick(LEAVES - timedelta(hours=1)), tick(LEAVES + timedelta(days=30))] == [1, 0, 0, 0]
    one, [letter] = Certificate.objects.get(), letters()
    assert one.ended_on is None
    assert (one.person, one.partnership, one.course, one.title) == (ana, event.lead_host, event.course, event.title)
    assert (one.hours, one.awarded_on, one.name, one.issued_at) == (6, date(2027, 1, 26), ana.name, LEAVES)
    assert one.awarded_on == Credit.objects.get(person=ana).earned_on
    assert (letter.person, letter.state, letter.links) == (ana, MessageState.WAITING, {"certificate": f"/certificates/{one.pk}/"})


def test_what_it_says() -> None:
    _, [ana] = held_event(title="Recognising neglect")
    tick(LEAVES)
    one, [letter] = Certificate.objects.get(), letters()
    assert (letter.subject, letter.to_address) == ("Your certificate: Recognising neglect", ana.main_address())
    assert full_text(letter).split("\n\n") == [
        f"Hello {ana.forename},",
        "You attended Recognising neglect on Tuesday 26 January 2027. Your certificate is ready to look at, print or save:\n"
        f"http://127.0.0.1:8000/certificates/{one.pk}/",
        "It asks you to sign in with this e-mail address. Its code lets an employer or an inspector check that it holds.",
        "Is something on it not right? Write to training@riverside.example.",
        "Riverside Safeguarding Children Partnership",
    ]


@pytest.mark.both_databases
def test_only_who_attended_all_that_counts_is_certified_walk_ins_too() -> None:
    event, [came, late, left, absent] = event_with_people(4)
    session, walked_in = session_of(event), PersonFactory()
    add_walk_in(session=session, person=walked_in, by=officer(), at=CLOSED - timedelta(hours=1))
    take_register(session, {came: "present", late: "late", left: "left_early", absent: "absent"})
    assert tick(LEAVES) == 3
    assert set(holders()) == {came, late, walked_in} == {letter.person for letter in letters()}
    set_attendance_rule(event=event, minimum_sessions=None, left_early_counts=True, by=officer(), at=LEAVES)
    assert tick(LEAVES + A_SECOND) == 1
    assert set(holders()) == {came, late, left, walked_in}


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_closed_event_lends_its_neutral_title_and_its_certificates_name_no_course(is_closed: bool) -> None:
    event, _ = held_event(is_closed=is_closed, neutral_title="Learning event A", title="About one child")
    tick(LEAVES)
    Event.objects.filter(pk=event.pk).update(starts_on=date(2027, 1, 25))
    due.follow_changed_events(LEAVES + A_SECOND)
    said = ("Learning event A", None, 6) if is_closed else ("About one child", event.course, 6)
    assert [(one.title, one.course, one.hours) for one in Certificate.objects.all()] == [said, said]
    assert ("About one child" in Message.objects.get().text) is not is_closed


def test_what_took_several_days_is_certified_with_the_last_of_them_also_in_another_name() -> None:
    event, [ana] = held_event()
    last = event.starts_on + timedelta(days=7)
    Event.objects.filter(pk=event.pk).update(ends_on=last)
    tick(LEAVES)
    Person.objects.filter(pk=ana.pk).update(surname="Right")
    correct_certificate_name(certificate=Certificate.objects.get(), by=officer(), at=LEAVES)
    assert [(one.awarded_on, one.ended_on) for one in Certificate.objects.all()] == [(event.starts_on, last)] * 2


@pytest.mark.parametrize(
    ("days", "leaves"),
    [(0, CLOSED), (1, datetime(2027, 1, 28, 8, tzinfo=UTC)), (5, datetime(2027, 2, 3, 8, tzinfo=UTC))],
)
def test_the_partnership_says_how_long_a_register_is_corrected(days: int, leaves: datetime) -> None:
    event, _ = held_event()
    change_message_settings(partnership=event.lead_host, by=None, at=CLOSED, certificate_days=days)
    if days:
        assert tick(leaves - A_SECOND) == 0
    assert tick(leaves) == 1


def test_a_partnership_that_gives_none_gives_none_but_for_an_event_with_days_of_its_own() -> None:
    event, _ = held_event()
    held_event()
    change_message_settings(partnership=event.lead_host, by=None, at=CLOSED, certificate_days=None)
    assert (tick(LEAVES + timedelta(days=9)), Certificate.objects.count()) == (0, 0)
    change_planned(event=event, kind=KIND, days=0, note="", by=officer(), at=LEAVES)
    assert tick(LEAVES + timedelta(days=9)) == 1
    assert [one.source_uuid for one in Certificate.objects.all()] == [event.pk]


def test_switching_certificates_off_withdraws_letters_that_wait_and_no_certificate() -> None:
    event, _ = held_event()
    tick(LEAVES)
    change_message_settings(partnership=event.lead_host, by=None, at=LEAVES, certificate_days=None)
    assert (len(holders()), letters(), tick(LEAVES + A_SECOND)) == (1, [], 0)
    change_message_settings(partnership=event.lead_host, by=None, at=LEAVES, certificate_days=2)
    assert (tick(LEAVES + A_SECOND), len(holders()), len(letters())) == (1, 1, 1)


@pytest.mark.both_databases
def test_imported_history_is_silent() -> None:
    event, _ = held_event()
    Partnership.objects.update(messages_from=date(2027, 1, 27))
    assert (tick(LEAVES), Certificate.objects.count()) == (0, 0)
    Partnership.objects.update(messages_from=None)
    assert (tick(LEAVES), Certificate.objects.count()) == (0, 0)
    Partnership.objects.update(messages_from=event.starts_on)
    assert (tick(LEAVES), Certificate.objects.count()) == (1, 1)


def test_an_event_that_is_silent_itself_certifies_nobody_until_its_day() -> None:
    event, _ = held_event()
    Event.objects.filter(pk=event.pk).update(messages_from=date(2027, 2, 10))
    assert (tick(LEAVES), Certificate.objects.count()) == (0, 0)
    assert tick(datetime(2027, 2, 10, 8, tzinfo=UTC)) == 1


def test_nobody_is_certified_long_after_the_registers_were_closed() -> None:
    held_event()
    assert tick(CLOSED + LOOKED_BACK + A_SECOND) == 0
    assert tick(CLOSED + LOOKED_BACK) == 1


def test_an_event_whose_registers_are_not_all_closed_certifies_nobody() -> None:
    event, [ana] = event_with_people(1, sessions=2)
    take_register(session_of(event, 1), {ana: "present"})
    assert tick(LEAVES + timedelta(days=7)) == 0
    assert certificate_plan(event) is None


def test_an_event_that_was_called_off_certifies_nobody() -> None:
    event, _ = held_event()
    Event.objects.filter(pk=event.pk).update(status=EventStatus.CANCELLED)
    assert due.give_certificates(LEAVES) == 0


# Corrections


@pytest.mark.both_databases
def test_a_certificate_stands_while_a_register_is_open_again_and_its_letter_waits() -> None:
    event, [ana] = held_event()
    tick(LEAVES)
    reopen(event, LEAVES + A_SECOND)
    assert (Attendance.objects.count(), holders(), letters(), tick(LEAVES + timedelta(days=9))) == (0, [ana], [], 0)
    close_register(session=session_of(event), by=officer(), at=LEAVES + 2 * A_SECOND)
    assert (tick(LEAVES + timedelta(days=4)), len(letters())) == (0, 0)  # held anew: Monday and Tuesday are corrected in
    assert (tick(datetime(2027, 2, 3, 8, tzinfo=UTC)), len(letters()), Certificate.objects.count()) == (1, 1, 1)


@pytest.mark.both_databases
def test_who_did_not_attend_after_all_loses_it_when_the_register_is_closed_again() -> None:
    event, [ana, ben] = held_event(2)
    tick(LEAVES)
    correct(event, ben, "absent", LEAVES + A_SECOND)
    gone = Certificate.objects.get(person=ben)
    assert (gone.withdrawn_at, gone.stands) == (LEAVES + A_SECOND, False)
    assert gone.withdrawn_reason == "The register was corrected, and no longer shows that all of it was attended."
    assert holders() == [ana]
    assert tick(LEAVES + timedelta(days=9)) == 1
    assert [letter.person for letter in letters()] == [ana]
    assert AuditEntry.objects.filter(action="certificates withdrawn").count() == 1


@pytest.mark.both_databases
def test_who_attended_after_all_gets_another_with_another_code_and_is_told_again() -> None:
    event, [ana] = held_event()
    tick(LEAVES)
    sent(LEAVES)
    first = Certificate.objects.get()
    correct(event, ana, "absent", LEAVES + A_SECOND)
    correct(event, ana, "present", LEAVES + 2 * A_SECOND)
    assert (holders(), tick(LEAVES + 3 * A_SECOND)) == ([], 0)
    assert tick(LEAVES + timedelta(days=9)) == 1
    second = Certificate.objects.standing().get()
    assert (second.person, second.code == first.code) == (ana, False)
    assert [list(letter.links.values()) for letter in letters()] == [
        [f"/certificates/{first.pk}/"],
        [f"/certificates/{second.pk}/"],
    ]
    assert tick(LEAVES + timedelta(days=10)) == 0


def test_who_keeps_theirs_is_not_told_again() -> None:
    event, [_, ben] = held_event(2)
    tick(LEAVES)
    sent(LEAVES)
    correct(event, ben, "absent", LEAVES + A_SECOND)
    assert tick(LEAVES + timedelta(days=9)) == 0
    assert len(letters()) == 2


def test_a_walk_in_who_was_not_there_loses_theirs_and_the_others_are_told() -> None:
    event, [ana] = event_with_people(1)
    session, people = session_of(event), [PersonFactory(), PersonFactory()]
    for person in people:
        add_walk_in(session=session, person=person, by=officer(), at=CLOSED - timedelta(hours=1))
    take_register(session, {ana: "present"})
    assert tick(LEAVES) == 3
    correct(event, people[0], "absent", LEAVES + A_SECOND)
    assert set(holders()) == {ana, people[1]}
    assert tick(LEAVES + timedelta(days=9)) == 2
    assert {letter.person for letter in letters()} == {ana, people[1]}


def test_a_rule_that_asks_for_more_withdraws_at_once() -> None:
    event, [ana] = event_with_people(1, sessions=2)
    set_attendance_rule(event=event, minimum_sessions=1, left_early_counts=False, by=officer(), at=CLOSED)
    take_register(session_of(event, 1), {ana: "present"})
    take_register(session_of(event, 2), {ana: "absent"})
    assert tick(LEAVES + timedelta(days=1)) == 0
    assert tick(LEAVES + timedelta(days=3)) == 1
    set_attendance_rule(event=event, minimum_sessions=2, left_early_counts=False, by=officer(), at=LEAVES + timedelta(days=3))
    assert (holders(), letters()) == ([], [])


def test_a_corrected_day_of_the_event_puts_another_in_its_place_at_once() -> None:
    event, [ana] = held_event()
    tick(LEAVES)
    Event.objects.filter(pk=event.pk).update(starts_on=date(2027, 1, 25))
    later = CLOSED + LOOKED_BACK + timedelta(days=1)  # it is put right however late that is noticed
    assert due.follow_changed_events(later) == 1
    gone, stands = Certificate.objects.order_by("issued_at")
    assert (gone.withdrawn_reason, stands.awarded_on, holders()) == (
        "The day of the event was corrected.",
        date(2027, 1, 25),
        [ana],
    )
    assert [tick(later), tick(later)] == [1, 0]  # and they hear of the other code
    assert [letter.links["certificate"] for letter in letters()] == [f"/certificates/{stands.pk}/"]


def test_a_walk_in_whose_day_was_corrected_gets_one_letter_about_what_stands() -> None:
    event, _ = event_with_people(0)
    walked_in = PersonFactory()
    add_walk_in(session=session_of(event), person=walked_in, by=officer(), at=CLOSED - timedelta(hours=1))
    take_register(session_of(event), {})
    assert tick(LEAVES) == 1
    Event.objects.filter(pk=event.pk).update(starts_on=date(2027, 1, 25))
    assert tick(LEAVES + A_SECOND) == 1
    stands = Certificate.objects.standing().get()
    assert [(one.person, one.links["certificate"]) for one in letters()] == [(walked_in, f"/certificates/{stands.pk}/")]


@pytest.mark.both_databases
def test_what_a_rule_took_away_long_after_the_register_was_closed_comes_back_with_it() -> None:
    event, [ana] = event_with_people(1, sessions=2)
    set_attendance_rule(event=event, minimum_sessions=1, left_early_counts=False, by=officer(), at=CLOSED)
    take_register(session_of(event, 1), {ana: "present"})
    take_register(session_of(event, 2), {ana: "absent"})
    tick(LEAVES + timedelta(days=3))
    sent(LEAVES + timedelta(days=3))
    later = LEAVES + LOOKED_BACK + timedelta(days=9)
    for minimum, stand, told in ((2, [], 1), (1, [ana], 2)):
        set_attendance_rule(event=event, minimum_sessions=minimum, left_early_counts=False, by=officer(), at=later)
        tick(later)
        assert (holders(), len(letters())) == (stand, told)


def test_it_comes_back_no_later_than_a_register_would_be_looked_at() -> None:
    event, [ana] = held_event()
    tick(LEAVES)
    Certificate.objects.update(withdrawn_at=LEAVES, withdrawn_reason="The register was corrected.")
    assert tick(LEAVES + LOOKED_BACK + A_SECOND) == 0
    with pytest.raises(Refused) as refused:
        certify(event=event, by=officer(), at=LEAVES + LOOKED_BACK + A_SECOND)
    assert (refused.value.code, holders()) == ("too_old", [])
    certify(event=event, by=officer(), at=LEAVES + LOOKED_BACK)
    assert holders() == [ana]


def test_a_corrected_title_leaves_what_was_printed() -> None:
    event, _ = held_event(title="Recognising neglect")
    tick(LEAVES)
    change_event(event=event, title="Recognising neglect early", by=None, at=LEAVES)
    tick(LEAVES + A_SECOND)
    assert [one.title for one in Certificate.objects.all()] == ["Recognising neglect"]


# Held back, and without an address


def test_held_back_for_the_event_means_neither_certificate_nor_letter() -> None:
    event, _ = held_event()
    hold_back(event=event, kind=KIND, by=officer(), at=CLOSED)
    assert (tick(LEAVES), Certificate.objects.count()) == (0, 0)
    let_go(event=event, kind=KIND, by=officer(), at=LEAVES)
    assert (tick(LEAVES + A_SECOND), Certificate.objects.count()) == (1, 1)


def test_holding_back_takes_letters_out_of_the_outbox_and_leaves_certificates() -> None:
    event, [ana] = held_event()
    tick(LEAVES)
    hold_back(event=event, kind=KIND, by=officer(), at=LEAVES)
    assert (holders(), letters(), tick(LEAVES + A_SECOND)) == ([ana], [], 0)
    let_go(event=event, kind=KIND, by=officer(), at=LEAVES)
    assert (tick(LEAVES + A_SECOND), Certificate.objects.count(), len(letters())) == (1, 1, 1)


def test_held_back_from_one_person_means_a_certificate_and_no_letter() -> None:
    event, [ana, ben] = held_event(2)
    booking = Booking.objects.select_related("event").get(person=ben)
    hold_back_from(booking=booking, kind=KIND, by=officer(), at=CLOSED)
    assert (tick(LEAVES), set(holders())) == (1, {ana, ben})
    assert [letter.person for letter in letters()] == [ana]
    assert certificates.unfinished(LEAVES) == []
    let_go_to(booking=booking, kind=KIND, by=officer(), at=LEAVES)
    assert (tick(LEAVES + A_SECOND), {letter.person for letter in letters()}) == (1, {ana, ben})
    assert event.pk == booking.event_id


def test_one_letter_that_is_held_stays_held_when_it_is_written_anew() -> None:
    event, _ = held_event()
    tick(LEAVES)
    hold(message=letters()[0], by=officer(), at=LEAVES)
    change_planned(event=event, kind=KIND, days=None, note="Bring it to your supervision.", by=officer(), at=LEAVES)
    tick(LEAVES + A_SECOND)
    [letter] = letters()
    assert (letter.is_held, "Bring it to your supervision." in letter.text) == (True, True)


def test_who_has_no_address_is_certified_and_nobody_is_written_to_in_their_stead() -> None:
    event, _ = event_with_people(0)
    silent = PersonFactory(address__none=True)
    BookingFactory(event=event, person=silent, booked_by=PersonFactory())
    walked_in = PersonFactory(address__none=True)
    add_walk_in(session=session_of(event), person=walked_in, by=officer(), at=CLOSED - timedelta(hours=1))
    take_register(session_of(event), {silent: "present"})
    assert (tick(LEAVES), set(holders()), letters()) == (0, {silent, walked_in}, [])
    assert certificates.unfinished(LEAVES) == []


@pytest.mark.both_databases
def test_who_can_not_sign_in_is_certified_and_written_to_once_they_can() -> None:
    event, [ana, ben] = held_event(2)
    walked_in = PersonFactory()
    reopen(event, CLOSED)
    add_walk_in(session=session_of(event), person=walked_in, by=officer(), at=CLOSED)
    close_register(session=session_of(event), by=officer(), at=CLOSED)
    Person.objects.filter(pk__in=[ben.pk, walked_in.pk]).update(is_active=False)
    assert (tick(LEAVES), set(holders())) == (1, {ana, ben, walked_in})
    assert ([letter.person for letter in letters()], certificates.unfinished(LEAVES)) == ([ana], [])
    Person.objects.update(is_active=True)
    assert (tick(LEAVES + A_SECOND), {letter.person for letter in letters()}) == (2, {ana, ben, walked_in})


# Names


@pytest.mark.both_databases
def test_who_has_not_said_their_name_gets_theirs_once_they_have() -> None:
    event, [ana, ben] = held_event(2)
    Person.objects.filter(pk=ben.pk).update(forename="", surname="")
    assert (tick(LEAVES), holders(), certificates.unfinished(LEAVES)) == (1, [ana], [])
    assert certificates.left_to_tell([event]) == 0
    Person.objects.filter(pk=ben.pk).update(surname="Okafor")
    assert (tick(LEAVES + A_SECOND), Certificate.objects.get(person=ben).name) == (1, "Okafor")


@pytest.mark.both_databases
def test_a_wrong_name_is_put_right_by_another_certificate_that_they_hear_of() -> None:
    _, [ana, _] = held_event(2)
    tick(LEAVES)
    sent(LEAVES)
    Person.objects.filter(pk=ana.pk).update(surname="Right")
    wrong, later, by = Certificate.objects.get(person=ana), CLOSED + LOOKED_BACK + timedelta(days=9), officer()
    right = correct_certificate_name(certificate=wrong, by=by, at=later)
    wrong.refresh_from_db()
    assert (right.name, wrong.name == right.name, right.code == wrong.code) == (f"{ana.forename} Right", False, False)
    assert (wrong.withdrawn_at, wrong.withdrawn_reason) == (later, "The name was corrected.")
    same = ("title", "hours", "awarded_on", "course_id", "partnership_id", "source_uuid", "person_id")
    assert [getattr(right, field) for field in same] == [getattr(wrong, field) for field in same]
    assert (len(holders()), tick(later), tick(later), len(letters())) == (2, 1, 0, 3)
    assert letters()[-1].links == {"certificate": f"/certificates/{right.pk}/"}
    traces = AuditEntry.objects.filter(at=later, action__startswith="certificates").order_by("action")
    assert [(one.action, one.actor_id) for one in traces] == [("certificates issued", by.pk), ("certificates withdrawn", by.pk)]


def test_a_name_is_put_right_also_while_a_register_is_open_again_and_of_a_walk_in() -> None:
    event, _ = event_with_people(0)
    walked_in = PersonFactory()
    add_walk_in(session=session_of(event), person=walked_in, by=officer(), at=CLOSED - timedelta(hours=1))
    take_register(session_of(event), {})
    tick(LEAVES)
    reopen(event, LEAVES)
    Person.objects.update(surname="Right")
    right = correct_certificate_name(certificate=Certificate.objects.get(), by=officer(), at=LEAVES)
    assert (holders(), right.name.endswith(" Right"), letters()) == ([walked_in], True, [])


def test_there_is_nothing_to_put_right_on_one_that_has_the_name_or_does_not_stand() -> None:
    _, [ana] = held_event()
    tick(LEAVES)
    kept = Certificate.objects.get()

    def code() -> str:
        with pytest.raises(Refused) as refused:
            correct_certificate_name(certificate=kept, by=officer(), at=LEAVES)
        return str(refused.value.code)

    assert code() == "same_name"
    Person.objects.filter(pk=ana.pk).update(forename="", surname="")
    assert code() == "same_name"
    Certificate.objects.update(withdrawn_at=LEAVES, withdrawn_reason="The register was corrected.")
    assert (code(), Certificate.objects.count()) == ("withdrawn", 1)


# At once, by an officer


def test_an_officer_gives_them_without_waiting() -> None:
    event, [ana] = held_event()
    by = officer()
    assert certify(event=event, by=by, at=CLOSED + A_SECOND) == 1
    assert (holders(), len(letters())) == ([ana], 1)
    trace = AuditEntry.objects.get(action="certificates given at once")
    assert (trace.actor_id, trace.changes) == (by.pk, {"certificates": [0, 1], "written_to": [0, 1]})
    with pytest.raises(Refused) as refused:
        certify(event=event, by=by, at=CLOSED + 2 * A_SECOND)
    assert refused.value.code == "nobody"
    assert tick(LEAVES) == 0


def test_an_officer_is_told_why_none_can_be_given() -> None:
    event, [ana] = event_with_people(1)

    def code(at: datetime = CLOSED + A_SECOND) -> str:
        with pytest.raises(Refused) as refused:
            certify(event=event, by=officer(), at=at)
        return str(refused.value.code)

    assert code() == "registers_open"
    take_register(session_of(event), {ana: "present"})
    hold_back(event=event, kind=KIND, by=officer(), at=CLOSED)
    assert code() == "held_back"
    let_go(event=event, kind=KIND, by=officer(), at=CLOSED)
    Partnership.objects.update(messages_from=date(2027, 3, 1))
    assert code() == "silent"
    Partnership.objects.update(messages_from=date(2027, 1, 27))
    assert code(LEAVES) == "too_old"
    assert Certificate.objects.count() == 0


# Many


def test_a_full_hall_is_certified_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certifying, "AT_ONCE", 2)
    event, people = event_with_people(3)
    walked_in = [PersonFactory(), PersonFactory()]
    for person in walked_in:
        add_walk_in(session=session_of(event), person=person, by=officer(), at=CLOSED - timedelta(hours=1))
    take_register(session_of(event), dict.fromkeys(people, "present"))
    assert [tick(LEAVES) for _ in range(4)] == [2, 2, 1, 0]
    assert set(holders()) == {*people, *walked_in} == {letter.person for letter in letters()}


@pytest.mark.both_databases
def test_a_look_with_nothing_to_do_is_one_query_and_many_people_cost_what_one_costs() -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            due.give_certificates(LEAVES)
        return len(seen)

    held_event(1)
    with_one = cost()
    assert cost() == 1
    held_event(12)
    assert cost() == with_one
    assert (cost(), Certificate.objects.count(), WalkIn.objects.count()) == (1, 13, 0)


@pytest.mark.both_databases
@pytest.mark.parametrize("days", [21, None])
def test_the_database_refuses_to_certify_late(days: int | None) -> None:
    event, _ = held_event()
    settings = MessageSettings(partnership=event.lead_host, certificate_days=days)
    if days is None:
        settings.save()
        return
    with pytest.raises(IntegrityError, match="messagesettings_certificate_is_soon"), transaction.atomic():
        settings.save()
    with pytest.raises(Refused) as refused:
        change_message_settings(partnership=event.lead_host, by=None, at=CLOSED, certificate_days=days)
    assert (refused.value.code, refused.value.field) == ("days", "certificate_days")
    with pytest.raises(Refused):
        change_planned(event=event, kind=KIND, days=days, note="", by=officer(), at=CLOSED)


def test_the_check_names_a_certificate_that_the_marks_do_not_bear_out() -> None:
    event, [ana, ben, cem] = held_event(3)
    tick(LEAVES)
    assert certificate_differences(event) == []
    Certificate.objects.filter(person=ben).update(awarded_on=date(2027, 1, 25))
    Mark.objects.filter(person=cem).update(value="absent")
    assert certificate_differences(event) == sorted(
        [f"person {ben.pk}: the certificate's day differs", f"person {cem.pk}: holds a certificate, but did not attend"]
    )
    reopen(event, LEAVES)
    assert (certificate_differences(event), ana in holders()) == ([], True)
