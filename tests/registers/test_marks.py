"""Marks, their versions and their history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings.models import Booking, BookingStatus
from core.models import AuditEntry
from core.refusals import Refused
from events.models import EventStatus
from registers.models import Mark, MarkChange, Register
from registers.operations import Choice, mark, mark_all_present, mark_rest_absent, mark_several, open_register
from registers.queries import count_lines, register_lines
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import OtherPartnershipFactory, PersonFactory, officer
from tests.factories.registers import event_with_people, marked, session_of, teaches

pytestmark = pytest.mark.django_db


def test_the_first_mark_opens_the_register_and_has_version_one(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    trainer = teaches(event)

    written = mark(session=session_of(event), person=person, value="late", version=0, by=trainer, at=morning)

    assert (written.value, written.version, written.marked_by, written.marked_at) == ("late", 1, trainer, morning)
    register = Register.objects.get(session=session_of(event))
    assert (register.state, register.opened_by, register.opened_at) == ("open", trainer, morning)


def test_every_change_of_a_mark_keeps_who_when_from_what_and_to_what(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    trainer = teaches(event)
    marked(session_of(event), person, "absent", at=morning, by=trainer)
    later = morning + timedelta(minutes=20)
    mark(session=session_of(event), person=person, value="late", version=1, by=trainer, at=later)

    changes = [(change.at, change.by, change.from_value, change.to_value) for change in MarkChange.objects.all()]
    assert changes == [(morning, trainer, "", "absent"), (later, trainer, "absent", "late")]
    audited = AuditEntry.objects.filter(action="mark set").order_by("at")
    assert [entry.changes for entry in audited] == [{"value": ["", "absent"]}, {"value": ["absent", "late"]}]


@pytest.mark.both_databases
def test_a_mark_never_goes_over_another_trainers_newer_one(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    first, second = teaches(event, forename="Priya", surname="Shah"), teaches(event)
    marked(session_of(event), person, "present", at=morning, by=first)

    with pytest.raises(Refused) as refused:
        mark(session=session_of(event), person=person, value="absent", version=0, by=second, at=morning)

    assert refused.value.code == "changed_meanwhile"
    expected = f"Priya Shah marked {person.name} “present” at 9.40am, and that stands. Choose again to change it."
    assert str(refused.value) == expected
    assert Mark.objects.get().value == "present"


def test_whoever_has_seen_the_other_mark_may_change_it(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    first, second = teaches(event), teaches(event)
    marked(session_of(event), person, "present", at=morning, by=first)

    written = mark(session=session_of(event), person=person, value="left_early", version=1, by=second, at=morning)

    assert (written.value, written.version, written.marked_by) == ("left_early", 2, second)


def test_two_trainers_who_say_the_same_do_not_contradict_each_other(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    first, second = teaches(event), teaches(event)
    marked(session_of(event), person, "present", at=morning, by=first)

    standing = mark(session=session_of(event), person=person, value="present", version=0, by=second, at=morning)

    assert (standing.version, standing.marked_by) == (1, first)
    assert MarkChange.objects.count() == 1


def test_a_trainer_whose_last_answer_was_lost_is_not_in_conflict_with_themselves(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    trainer = teaches(event)
    marked(session_of(event), person, "present", at=morning, by=trainer)

    written = mark(session=session_of(event), person=person, value="late", version=0, by=trainer, at=morning)

    assert (written.value, written.version) == ("late", 2)


def test_several_marks_go_in_beside_one_that_conflicts(morning: datetime) -> None:
    event, people = event_with_people(3)
    first, second = teaches(event), teaches(event)
    marked(session_of(event), people[0], "absent", at=morning, by=first)

    choices = [Choice(person.pk, "present", 0) for person in people]
    saved = mark_several(session=session_of(event), choices=choices, by=second, at=morning)

    assert (saved.marked, [conflict.standing.person for conflict in saved.conflicts]) == (2, [people[0]])
    assert {mark.person_id: mark.value for mark in Mark.objects.all()} == {
        people[0].pk: "absent",
        people[1].pk: "present",
        people[2].pk: "present",
    }


def test_all_present_marks_the_unmarked_only(morning: datetime) -> None:
    event, people = event_with_people(3)
    trainer = teaches(event)
    marked(session_of(event), people[1], "absent", at=morning, by=trainer)

    assert mark_all_present(session=session_of(event), by=trainer, at=morning) == 2
    assert mark_all_present(session=session_of(event), by=trainer, at=morning) == 0

    values = {line.person_id: line.value for line in register_lines(session_of(event))}
    assert values == {people[0].pk: "present", people[1].pk: "absent", people[2].pk: "present"}
    assert MarkChange.objects.count() == 3


def test_the_rest_can_be_marked_absent_at_once(morning: datetime) -> None:
    event, people = event_with_people(3)
    marked(session_of(event), people[0], "present", at=morning)

    assert mark_rest_absent(session=session_of(event), by=None, at=morning) == 2

    counts = count_lines(register_lines(session_of(event)))
    assert (counts.here, counts.missing, counts.not_marked, counts.expected) == (1, 2, 0, 3)


def test_nobody_is_marked_who_is_not_on_the_register(morning: datetime) -> None:
    event, _ = event_with_people(1)
    waiting = BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1).person

    with pytest.raises(Refused) as refused:
        mark(session=session_of(event), person=waiting, value="present", version=0, by=None, at=morning)

    assert refused.value.code == "not_on_register"
    assert Mark.objects.count() == 0


def test_a_mark_that_does_not_exist_is_a_fault(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    with pytest.raises(ValueError, match="asleep"):
        mark(session=session_of(event), person=person, value="asleep", version=0, by=None, at=morning)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2027, 1, 25, 23, 59, tzinfo=UTC), "too_early"),
        (datetime(2027, 1, 26, 0, 0, tzinfo=UTC), None),
        (datetime(2027, 3, 26, 9, 0, tzinfo=UTC), None),
    ],
)
@pytest.mark.both_databases
def test_a_trainer_marks_from_the_day_of_the_session_on(at: datetime, code: str | None) -> None:
    event, [person] = event_with_people(1)
    trainer = teaches(event)
    if code is None:
        assert marked(session_of(event), person, "present", at=at, by=trainer).value == "present"
        return
    with pytest.raises(Refused) as refused:
        marked(session_of(event), person, "present", at=at, by=trainer)
    assert (refused.value.code, str(refused.value)) == (code, "This register opens on the day, Tuesday 26 January 2027.")


def test_the_day_is_londons_in_summer_too() -> None:
    event, [person] = event_with_people(1, first_start=datetime(2027, 7, 6, 8, 30, tzinfo=UTC))
    trainer = teaches(event)
    london_midnight = datetime(2027, 7, 5, 23, 0, tzinfo=UTC)

    with pytest.raises(Refused):
        marked(session_of(event), person, "present", at=london_midnight - timedelta(seconds=1), by=trainer)
    assert marked(session_of(event), person, "present", at=london_midnight, by=trainer).value == "present"


def test_an_officer_of_the_lead_host_marks_at_any_time(at: datetime) -> None:
    event, [person] = event_with_people(1)
    assert marked(session_of(event), person, "absent", at=at, by=officer()).value == "absent"


def test_nobody_else_marks(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    elsewhere, _ = event_with_people(0, lead_host=OtherPartnershipFactory())
    for stranger, session in [(PersonFactory(), session_of(event)), (teaches(elsewhere), session_of(event))]:
        with pytest.raises(Refused) as refused:
            marked(session, person, "present", at=morning, by=stranger)
        assert refused.value.code == "not_yours"
    with pytest.raises(Refused) as refused:
        open_register(session=session_of(elsewhere), by=officer(), at=morning)
    assert refused.value.code == "not_yours"


@pytest.mark.parametrize("status", [EventStatus.DRAFT, EventStatus.CANCELLED])
def test_a_draft_or_a_cancelled_event_has_no_register(status: str, morning: datetime) -> None:
    event = bookable_event(status=status)
    with pytest.raises(Refused) as refused:
        open_register(session=session_of(event), by=None, at=morning)
    assert refused.value.code == "event_not_running"


def test_the_register_lists_confirmed_bookings_in_order_of_surname(morning: datetime) -> None:
    event = bookable_event()
    for forename, surname in [("Sam", "Okafor"), ("Seán", "O’Brien"), ("Zoë", "Müller"), ("Li", "Munro"), ("Ada", "okafor")]:
        BookingFactory(event=event, person=PersonFactory(forename=forename, surname=surname))
    BookingFactory(event=event, status=BookingStatus.CANCELLED, cancelled_by="delegate")

    names = [line.name for line in register_lines(session_of(event))]

    assert names == ["Zoë Müller", "Li Munro", "Seán O’Brien", "Ada okafor", "Sam Okafor"]


def test_somebody_who_was_there_stays_on_the_register_when_the_booking_ends(morning: datetime) -> None:
    event, [came, stayed_away] = event_with_people(2)
    marked(session_of(event), came, "present", at=morning)
    marked(session_of(event), stayed_away, "absent", at=morning)
    Booking.objects.filter(event=event).update(status=BookingStatus.CANCELLED, cancelled_by="organiser")

    [line] = register_lines(session_of(event))

    assert (line.person_id, line.value, line.has_cancelled) == (came.pk, "present", True)
