"""What marks come to."""

from __future__ import annotations

from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bookings.models import Booking, BookingStatus
from core.refusals import Refused
from events.models import EventKind
from people.models import AFFILIATION_FIELDS, OrganisationState
from registers.models import Attendance, AttendanceRule, Mark
from registers.operations import Recomputed, add_walk_in, mark, recompute_attendance, reopen_register, set_attendance_rule
from registers.queries import attendance_differences, attendances_of
from tests.factories.bookings import BookingFactory
from tests.factories.people import OrganisationFactory, PersonFactory, officer
from tests.factories.registers import event_with_people, session_of, take_register

pytestmark = pytest.mark.django_db

P, L, E, A = "present", "late", "left_early", "absent"

CASES = [
    # marks, minimum sessions, left early counts, outcome
    ([P], None, False, "attended"),
    ([L], None, False, "attended"),
    ([E], None, False, "part_attended"),
    ([E], None, True, "attended"),
    ([A], None, False, "did_not_attend"),
    ([A], None, True, "did_not_attend"),
    ([P, P], None, False, "attended"),
    ([P, L], None, False, "attended"),
    ([P, E], None, False, "part_attended"),
    ([P, E], None, True, "attended"),
    ([P, A], None, False, "part_attended"),
    ([A, L], None, True, "part_attended"),
    ([A, A], None, False, "did_not_attend"),
    ([P, A], 1, False, "attended"),
    ([E, A], 1, False, "part_attended"),
    ([E, A], 1, True, "attended"),
    ([A, A], 1, True, "did_not_attend"),
    ([P, P, A], 2, False, "attended"),
    ([P, A, A], 2, False, "part_attended"),
    ([P, E, A], 2, False, "part_attended"),
    ([P, E, A], 2, True, "attended"),
    ([P, P, A], 3, False, "part_attended"),
    ([P, P], 5, False, "attended"),
    ([P, None], None, False, "part_attended"),
    ([None, P], 1, False, "attended"),
]


@pytest.mark.both_databases
@pytest.mark.parametrize(("marks", "minimum", "early_counts", "outcome"), CASES)
def test_marks_come_to_an_outcome_by_the_events_rule(
    marks: list[str | None], minimum: int | None, early_counts: bool, outcome: str
) -> None:
    event, [person] = event_with_people(1, sessions=len(marks))
    AttendanceRule.objects.create(event=event, minimum_sessions=minimum, left_early_counts=early_counts)
    for number, value in enumerate(marks, start=1):
        take_register(session_of(event, number), {person: value or A})
        if value is None:  # as of somebody booked when this register was closed already
            Mark.objects.filter(session=session_of(event, number), person=person).delete()
    recompute_attendance(event=event, at=session_of(event, len(marks)).ends_at)

    assert Attendance.objects.get(event=event, person=person).outcome == outcome
    assert attendance_differences(event) == []


def test_attendance_copies_the_event_and_what_the_booking_remembers() -> None:
    event, [person] = event_with_people(1)
    booking = Booking.objects.get(event=event)
    take_register(session_of(event), {person: P})

    [row] = Attendance.objects.all()

    assert (row.event, row.person, row.course, row.event_kind, row.date) == (
        event,
        person,
        event.course,
        "course",
        event.starts_on,
    )
    assert (row.outcome, row.is_walk_in) == ("attended", False)
    assert [getattr(row, field) for field in AFFILIATION_FIELDS] == [getattr(booking, field) for field in AFFILIATION_FIELDS]


def test_attendance_never_follows_somebody_to_another_job() -> None:
    event, [person] = event_with_people(1)
    before = person.organisation
    take_register(session_of(event), {person: P})
    person.organisation = OrganisationFactory(name="Somewhere else")
    person.organisation_text = "Somewhere else"
    person.save()

    recompute_attendance(event=event, at=session_of(event).ends_at)

    row = Attendance.objects.get()
    assert (row.organisation, row.organisation_text) == (before, before.name)


def test_attendance_follows_a_correction_of_what_the_booking_remembers() -> None:
    event, [person] = event_with_people(1)
    unmatched = {"organisation_state": OrganisationState.UNMATCHED, "organisation": None, "sector": None, "borough": None}
    Booking.objects.update(organisation_text="Alder skool", **unmatched)
    take_register(session_of(event), {person: P})
    row = Attendance.objects.get()
    assert (row.organisation_state, row.sector) == ("unmatched", None)
    organisation = OrganisationFactory(name="Alder School")
    matched = {"organisation": organisation, "sector": organisation.sector, "borough": organisation.borough}
    Booking.objects.update(organisation_state=OrganisationState.MATCHED, **matched)

    assert recompute_attendance(event=event, at=session_of(event).ends_at) == Recomputed(changed=1)

    after = Attendance.objects.get()
    assert (after.pk, after.organisation, after.organisation_text) == (row.pk, organisation, "Alder skool")


def test_attendance_of_several_sessions_is_written_when_the_last_register_closes() -> None:
    event, [person] = event_with_people(1, sessions=2)
    take_register(session_of(event, 1), {person: P})
    assert Attendance.objects.count() == 0

    take_register(session_of(event, 2), {person: P})

    assert [row.outcome for row in Attendance.objects.all()] == ["attended"]


def test_reopening_one_register_takes_the_events_attendance_away() -> None:
    event, [person] = event_with_people(1, sessions=2)
    take_register(session_of(event, 1), {person: P})
    take_register(session_of(event, 2), {person: P})
    at = session_of(event, 2).ends_at

    reopen_register(session=session_of(event, 1), reason="Wrong person", by=None, at=at)
    assert Attendance.objects.count() == 0

    take_register(session_of(event, 1), {})
    assert [row.outcome for row in Attendance.objects.all()] == ["attended"]


def test_recomputing_twice_changes_nothing() -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: P})
    before = list(Attendance.objects.values())

    assert recompute_attendance(event=event, at=session_of(event).ends_at) == Recomputed()
    assert list(Attendance.objects.values()) == before


def test_somebody_booked_after_the_register_closed_has_no_attendance() -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: P})
    BookingFactory(event=event)

    assert recompute_attendance(event=event, at=session_of(event).ends_at) == Recomputed()


def test_somebody_marked_absent_whose_cancellation_is_recorded_later_did_not_fail_to_come() -> None:
    event, [came, cancelled] = event_with_people(2)
    take_register(session_of(event), {came: P, cancelled: A})
    Booking.objects.filter(person=cancelled).update(status=BookingStatus.CANCELLED, cancelled_by="delegate")

    assert recompute_attendance(event=event, at=session_of(event).ends_at) == Recomputed(removed=1)
    assert [row.person for row in Attendance.objects.all()] == [came]


def test_changing_the_rule_changes_the_outcome() -> None:
    event, [person] = event_with_people(1, sessions=2)
    take_register(session_of(event, 1), {person: P})
    take_register(session_of(event, 2), {person: A})
    assert Attendance.objects.get().outcome == "part_attended"

    set_attendance_rule(event=event, minimum_sessions=1, left_early_counts=False, by=officer(), at=session_of(event, 2).ends_at)

    assert Attendance.objects.get().outcome == "attended"


@pytest.mark.parametrize("minimum", [0, 3])
def test_a_rule_asks_for_no_more_sessions_than_there_are(minimum: int, morning: datetime) -> None:
    event, _ = event_with_people(0, sessions=2)
    with pytest.raises(Refused) as refused:
        set_attendance_rule(event=event, minimum_sessions=minimum, left_early_counts=False, by=None, at=morning)
    assert (refused.value.code, refused.value.field) == ("minimum_out_of_range", "minimum_sessions")


def test_a_forum_is_registered_like_any_event() -> None:
    event, [person] = event_with_people(1, kind=EventKind.FORUM, course=None, title="DSL forum")
    take_register(session_of(event), {person: P})

    row = Attendance.objects.get()
    assert (row.event_kind, row.course, row.outcome) == ("forum", None, "attended")


def test_a_walk_in_counts_as_attending_and_says_that_it_is_one() -> None:
    event, _ = event_with_people(0)
    person = PersonFactory()
    session = session_of(event)
    add_walk_in(session=session, person=person, by=None, at=session.starts_at)
    take_register(session, {})

    row = Attendance.objects.get()
    assert (row.person, row.outcome, row.is_walk_in) == (person, "attended", True)


def test_a_walk_in_marked_absent_was_written_down_by_mistake() -> None:
    event, _ = event_with_people(0)
    session = session_of(event)
    person = PersonFactory()
    add_walk_in(session=session, person=person, by=None, at=session.starts_at)
    mark(session=session, person=person, value=A, version=1, by=None, at=session.starts_at)
    take_register(session, {})

    assert Attendance.objects.count() == 0


def test_a_persons_record_is_latest_first_and_in_one_query(django_assert_num_queries: object) -> None:
    person = PersonFactory()
    for month in (1, 3, 2):
        first_start = datetime.fromisoformat(f"2027-0{month}-10T09:30+00:00")
        event, _ = event_with_people(0, first_start=first_start)
        BookingFactory(event=event, person=person)
        take_register(session_of(event), {person: P if month < 3 else A})

    with django_assert_num_queries(1):  # type: ignore[operator]
        record = [(row.date.month, row.event.title, row.get_outcome_display()) for row in attendances_of(person)]

    assert [(month, outcome) for month, _, outcome in record] == [(3, "Did not attend"), (2, "Attended"), (1, "Attended")]


def checked(*arguments: str) -> str:
    out = StringIO()
    call_command("check_attendance", *arguments, stdout=out)
    return out.getvalue()


def test_the_check_finds_nothing_where_attendance_is_what_the_marks_say() -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: P})

    assert checked() == "1 events checked, 0 differences\n"
    assert checked("--event", str(event.pk)) == "1 events checked, 0 differences\n"


@pytest.mark.both_databases
def test_the_check_names_every_row_that_differs_and_fails() -> None:
    event, [changed, gone, kept] = event_with_people(3)
    take_register(session_of(event), {changed: P, gone: P, kept: P})
    Attendance.objects.filter(person=changed).update(outcome="did_not_attend", job_role="Head")
    Attendance.objects.filter(person=gone).update(person=PersonFactory(id="00000000-0000-0000-0000-000000000001"))
    out = StringIO()

    with pytest.raises(CommandError) as failed:
        call_command("check_attendance", stdout=out)

    assert failed.value.returncode == 1
    lines = out.getvalue().splitlines()
    assert lines[-1] == "1 events checked, 3 differences"
    assert sorted(lines[:-1]) == sorted(
        [
            f"event {event.pk} person {changed.pk}: outcome, job_role differ",
            f"event {event.pk} person {gone.pk}: follows from the marks, but is not stored",
            f"event {event.pk} person 00000000-0000-0000-0000-000000000001: stored, but does not follow from the marks",
        ]
    )
    assert Attendance.objects.filter(person=changed, outcome="did_not_attend").count() == 1


def test_the_check_of_an_event_nobody_knows_fails_otherwise() -> None:
    with pytest.raises(CommandError) as failed:
        call_command("check_attendance", "--event", "00000000-0000-0000-0000-000000000009")
    assert failed.value.returncode == 2
