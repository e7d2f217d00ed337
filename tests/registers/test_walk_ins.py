"""Whoever came without a place."""

from __future__ import annotations

from datetime import datetime

import pytest

from bookings.models import Booking, BookingStatus
from core.models import AuditEntry
from core.refusals import Refused
from events.models import EventHost
from people.models import AFFILIATION_FIELDS, Person
from registers.models import Attendance, Mark, WalkIn
from registers.operations import add_walk_in, mark_rest_absent, recompute_attendance, remove_walk_in
from registers.queries import find_people, register_lines
from tests.factories.bookings import BookingFactory
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PersonFactory
from tests.factories.registers import event_with_people, session_of, take_register, teaches

pytestmark = pytest.mark.django_db


def test_a_walk_in_is_on_the_register_and_present(morning: datetime) -> None:
    event, _ = event_with_people(0)
    trainer, person = teaches(event), PersonFactory()

    walk_in = add_walk_in(session=session_of(event), person=person, by=trainer, at=morning)

    assert (walk_in.added_at, walk_in.added_by) == (morning, trainer)
    [line] = register_lines(session_of(event))
    assert (line.person_id, line.value, line.is_walk_in, line.marked_by) == (person.pk, "present", True, trainer.name)


def test_a_walk_in_keeps_the_organisation_of_the_day_when_the_person_changes_job(morning: datetime) -> None:
    event, _ = event_with_people(0)
    person = PersonFactory()
    session = session_of(event)
    before = {field: getattr(person, field) for field in AFFILIATION_FIELDS}
    walk_in = add_walk_in(session=session, person=person, by=None, at=morning)
    take_register(session, {})

    elsewhere = OrganisationFactory(name="Somewhere else")
    person.organisation, person.organisation_text, person.job_role = elsewhere, elsewhere.name, "Head teacher"
    person.save()
    recompute_attendance(event=event, at=session.ends_at)

    for kept in (WalkIn.objects.get(pk=walk_in.pk), Attendance.objects.get(person=person)):
        assert {field: getattr(kept, field) for field in AFFILIATION_FIELDS} == before


@pytest.mark.both_databases
def test_adding_somebody_twice_has_one_effect(morning: datetime) -> None:
    event, _ = event_with_people(0)
    person = PersonFactory()
    first = add_walk_in(session=session_of(event), person=person, by=None, at=morning)

    assert add_walk_in(session=session_of(event), person=person, by=None, at=morning) == first
    assert (WalkIn.objects.count(), Mark.objects.count()) == (1, 1)


def test_a_walk_in_of_the_second_session_stands_on_the_first_register_too() -> None:
    event, _ = event_with_people(0, sessions=2)
    person = PersonFactory()
    first, second = session_of(event, 1), session_of(event, 2)
    add_walk_in(session=second, person=person, by=None, at=second.starts_at)

    assert [line.value for line in register_lines(first)] == [""]
    mark_rest_absent(session=first, by=None, at=second.ends_at)
    take_register(first, {})
    take_register(second, {})
    assert Attendance.objects.get().outcome == "part_attended"


def test_somebody_of_the_waiting_list_walks_in_and_the_booking_stays(morning: datetime) -> None:
    event, _ = event_with_people(0)
    booking = BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)

    add_walk_in(session=session_of(event), person=booking.person, by=None, at=morning)

    assert Booking.objects.get().status == "waiting"
    take_register(session_of(event), {})
    assert Attendance.objects.get().is_walk_in is True


def test_somebody_with_a_place_is_no_walk_in(morning: datetime) -> None:
    event, [person] = event_with_people(1)
    with pytest.raises(Refused) as refused:
        add_walk_in(session=session_of(event), person=person, by=None, at=morning)
    assert refused.value.code == "has_a_place"


def test_a_trainer_is_nobody_reached(morning: datetime) -> None:
    event, _ = event_with_people(0)
    with pytest.raises(Refused) as refused:
        add_walk_in(session=session_of(event), person=teaches(event), by=None, at=morning)
    assert refused.value.code == "is_a_trainer"


def test_a_walk_in_by_mistake_can_be_taken_off_and_the_trail_keeps_the_mark(morning: datetime) -> None:
    event, _ = event_with_people(0)
    walk_in = add_walk_in(session=session_of(event), person=PersonFactory(), by=None, at=morning)
    person_id = str(walk_in.person_id)

    remove_walk_in(walk_in=walk_in, session=session_of(event), by=None, at=morning)

    assert register_lines(session_of(event)) == []
    entry = AuditEntry.objects.get(action="walk-in removed")
    assert entry.changes == {"person": [person_id, None], "marks": [["present"], []]}


def test_a_walk_in_that_a_closed_register_marks_is_not_taken_off() -> None:
    event, _ = event_with_people(0, sessions=2)
    first, second = session_of(event, 1), session_of(event, 2)
    walk_in = add_walk_in(session=first, person=PersonFactory(), by=None, at=first.starts_at)
    take_register(first, {})

    with pytest.raises(Refused) as refused:
        remove_walk_in(walk_in=walk_in, session=second, by=None, at=second.starts_at)

    assert refused.value.code == "register_closed"
    assert WalkIn.objects.count() == 1


def test_finding_a_person_says_how_they_stand_and_hides_most_of_the_address() -> None:
    event, _ = event_with_people(0)
    teaches(event, forename="Una", surname="Nwosu-Teacher", address="una@college.example")
    BookingFactory(event=event, person=PersonFactory(forename="Ada", surname="Nwosu", address="ada@school.example"))
    waiting = PersonFactory(forename="Zoë", surname="Nwosu", address="zoe@clinic.example")
    BookingFactory(event=event, person=waiting, status=BookingStatus.WAITING, queue_number=1)
    PersonFactory(forename="Ben", surname="Nwosu", address__none=True)

    found = find_people(session=session_of(event), text="nwosu")

    assert [(one.person.name, one.address, one.standing, one.may_be_added) for one in found.people] == [
        ("Zoë Nwosu", "z…@clinic.example", "On the waiting list", True),
        ("Ada Nwosu", "a…@school.example", "On the register already", False),
        ("Ben Nwosu", "", "", True),
        ("Una Nwosu-Teacher", "u…@college.example", "Trainer of this event", False),
    ]


def test_nobody_reads_the_whole_list_of_people_by_searching() -> None:
    event, _ = event_with_people(0)
    for _ in range(22):
        PersonFactory(surname="Smith", address__none=True)
    assert find_people(session=session_of(event), text="sm").is_too_short
    found = find_people(session=session_of(event), text="smith")
    assert (len(found.people), found.has_more) == (20, True)


def test_somebody_of_another_partnership_only_is_found_by_the_whole_address_or_where_they_booked() -> None:
    event, _ = event_with_people(0)
    ours, theirs, booked = (PersonFactory(surname="Nwosu", address=f"{name}@school.example") for name in ("one", "two", "three"))
    ours.partnerships.add(event.lead_host, OtherPartnershipFactory())
    theirs.partnerships.add(OtherPartnershipFactory())
    booked.partnerships.add(OtherPartnershipFactory())
    BookingFactory(event=event, person=booked, status=BookingStatus.CANCELLED, cancelled_by="delegate")

    def found(text: str) -> set[Person]:
        return {one.person for one in find_people(session=session_of(event), text=text).people}

    assert found("nwosu") == {ours, booked}
    assert (found("two@school"), found("Two@school.example ")) == (set(), {theirs})
    EventHost.objects.create(event=event, partnership=OtherPartnershipFactory())
    assert found("nwosu") == {ours, theirs, booked}
