"""The four years of Riverside, as the export gives them. Its totals are compared in tests/reports."""

from __future__ import annotations

import pytest

from bookings.counting import place_counts
from bookings.models import Booking, BookingChange, BookingStatus, BookingTerms
from core.models import AuditEntry
from events.models import Event, EventHost, EventStatus, EventTrainer
from feedback.models import Answer, EvaluationForm, FollowUp, Response
from imports.models import Batch, BatchState
from imports.planning import make_plan
from imports.reading import read_folder
from imports.rows import read_export
from notifications.models import Message
from people.models import OrganisationState, Partnership, Person
from people.queries import match_organisation
from podcasts.models import ListenCount
from records.models import Credit
from registers.models import Attendance, Mark, Outcome, Register
from registers.operations import recompute_attendance
from registers.queries import credit_differences
from tests.legacy import IMPORTED_AT, RIVERSIDE, import_folder

pytestmark = pytest.mark.django_db


def test_every_line_is_taken(imported_riverside: Batch) -> None:
    assert imported_riverside.state == BatchState.DONE
    assert imported_riverside.refused_lines.count() == 0
    assert imported_riverside.counts["bookings.csv"] == {
        "lines": 8649,
        "new": 8640,
        "known": 0,
        "duplicates": 9,
        "matched": 8628,
        "unmatched": 12,
        "refused": 0,
    }


def test_nobody_gets_a_message(riverside: Partnership) -> None:
    assert Message.objects.count() == 0
    assert riverside.messages_from is None


def test_there_is_one_person_for_an_address_however_it_is_written(riverside: Partnership) -> None:
    assert Person.objects.count() == 1858
    assert riverside.people.count() == 1858
    assert not Person.objects.exclude(profile_done_at=None).exists()


def test_a_booking_that_stands_twice_is_counted_once(riverside: Partnership) -> None:
    assert Booking.objects.count() == 8640


def test_organisations_nobody_can_match_still_count_as_attendances(riverside: Partnership) -> None:
    unmatched = Attendance.objects.filter(organisation_state=OrganisationState.UNMATCHED)
    assert unmatched.filter(outcome=Outcome.ATTENDED).count() == 12
    assert set(unmatched.values_list("organisation_text", flat=True)) == {"The Old Rectory", "N/A", "Bright Futures CIC", "self"}
    assert set(unmatched.values_list("sector", flat=True)) == {None}


def test_every_typed_organisation_is_matched_as_a_page_would(riverside: Partnership) -> None:
    by_text = {booking.organisation_text: booking for booking in Booking.objects.all()}
    fields = ("organisation_state", "organisation_id", "sector_id", "borough_id")
    for text in sorted(by_text)[::7]:
        matched = match_organisation(partnership=riverside, text=text)
        assert {field: getattr(by_text[text], field) for field in fields} == {field: matched[field] for field in fields}


@pytest.mark.both_databases
def test_attendance_is_what_recomputing_it_from_the_marks_gives(riverside: Partnership) -> None:
    assert Attendance.objects.count() == Mark.objects.count() == 8294
    assert Credit.objects.count() == Attendance.objects.filter(outcome=Outcome.ATTENDED).count() == 7605
    events = Event.objects.filter(pk__in=Attendance.objects.values("event_id"))
    some = [*events.exclude(kind="course"), *events.filter(kind="course").order_by("starts_on")[::10]]
    assert [event for event in some if credit_differences(event)] == []
    credits = list(Credit.objects.order_by("pk").values())
    assert [event for event in some if recompute_attendance(event=event, at=IMPORTED_AT)] == []
    assert list(Credit.objects.order_by("pk").values()) == credits


def test_the_event_its_organiser_cancelled_has_no_cancellation_by_a_delegate(riverside: Partnership) -> None:
    event = Event.objects.get(status=EventStatus.CANCELLED)
    assert set(Booking.objects.filter(event=event).values_list("status", "cancelled_by", "cancelled_in_time")) == {
        ("cancelled", "organiser", None)
    }
    assert not Register.objects.filter(session__event=event).exists()


def test_the_event_without_a_register_has_nobody_who_came_or_stayed_away(riverside: Partnership) -> None:
    closed = Register.objects.values("session__event_id")
    event = Event.objects.published().exclude(pk__in=closed).get()
    assert set(Booking.objects.filter(event=event).values_list("status", flat=True)) == {BookingStatus.CONFIRMED}
    assert not Attendance.objects.filter(event=event).exists()


def test_whoever_was_waiting_was_not_placed_in_the_order_of_booking(riverside: Partnership) -> None:
    unplaced = Booking.objects.filter(status=BookingStatus.NOT_PLACED)
    assert unplaced.count() == 208
    event = Event.objects.get(title="Annual Conference: Child Neglect")
    queue = unplaced.filter(event=event).order_by("booked_at")
    assert list(queue.values_list("queue_number", flat=True)) == list(range(1, 19))
    assert BookingTerms.objects.get(event=event).queue_counter == 18


def test_no_event_has_more_places_taken_than_its_limit(riverside: Partnership) -> None:
    counts = place_counts(Event.objects.all())
    assert [count for count in counts.values() if count.taken > count.limit] == []


def test_every_booking_has_its_history(riverside: Partnership) -> None:
    assert BookingChange.objects.filter(from_status="").count() == 8640
    assert BookingChange.objects.exclude(from_status="").count() == Booking.objects.exclude(status="confirmed").count()


def test_a_conference_has_three_hosts_and_one_that_leads(riverside: Partnership) -> None:
    event = Event.objects.get(title="Annual Conference: Child Neglect")
    assert event.lead_host == riverside
    hosts = EventHost.objects.filter(event=event).values_list("partnership__short_name", flat=True)
    assert set(hosts) == {"Riverside", "Kingsbridge", "Richford"}
    assert [p.short_name for p in Partnership.objects.filter(is_default=True)] == ["Riverside"]


def test_an_external_trainer_works_for_an_outside_body(riverside: Partnership) -> None:
    assert set(EventTrainer.objects.values_list("name", "outside_body")) == {
        ("A. Trainer", ""),
        ("B. Cotrainer", ""),
        ("Harbour", "Harbour"),
    }


def test_a_single_agency_session_names_its_school(riverside: Partnership) -> None:
    sessions = Event.objects.filter(kind="single_agency")
    assert sessions.filter(for_organisation=None).count() == 0
    assert sessions.values("for_organisation").distinct().count() == 25


def test_evaluations_arrive_mixed_without_times_and_without_days_of_one(riverside: Partnership) -> None:
    assert Response.objects.count() == 1175
    assert not EvaluationForm.objects.filter(mixed_at=None).exists()
    days: dict[tuple[object, object], int] = {}
    for form_id, day in Response.objects.filter(day__isnull=False).values_list("form_id", "day"):
        days[form_id, day] = days.get((form_id, day), 0) + 1
    assert min(days.values()) == 2


def test_a_comment_that_looks_like_a_formula_is_kept_as_typed(riverside: Partnership) -> None:
    comments = Answer.objects.filter(question__key="comment")
    assert comments.filter(text='=HYPERLINK("http://example.invalid","click")').count() == 52
    assert comments.filter(text="+44 is not a formula").count() == 39
    assert comments.filter(text="More on working with fathers, please – “very” useful").count() == 38


def test_follow_ups_and_listens_are_all_there(riverside: Partnership) -> None:
    assert FollowUp.objects.count() == 530
    assert FollowUp.objects.exclude(answered_on=None).count() == 150
    assert sum(ListenCount.objects.values_list("count", flat=True)) == 534


def test_there_is_one_audit_entry_for_a_batch_and_room(imported_riverside: Batch, db: None) -> None:
    actions = AuditEntry.objects.filter(object_id=str(imported_riverside.pk)).values_list("action", flat=True)
    assert sorted(actions) == [
        "import brought over",
        "past bookings recorded",
        "past courses recorded",
        "past credits recorded",
        "past e-learning recorded",
        "past evaluations recorded",
        "past events recorded",
        "past follow-ups recorded",
        "past organisations recorded",
        "past people recorded",
        "past podcasts recorded",
        "past registers recorded",
    ]


@pytest.mark.both_databases
def test_the_same_files_again_change_nothing(riverside: Partnership) -> None:
    before = Booking.objects.count(), Response.objects.count(), ListenCount.objects.count(), AuditEntry.objects.count()
    again = import_folder(RIVERSIDE)
    assert [counts["new"] for counts in again.counts.values()] == [0] * 9
    assert (Booking.objects.count(), Response.objects.count(), ListenCount.objects.count()) == before[:3]
    assert AuditEntry.objects.count() == before[3] + 1  # that the batch was brought over, and nothing of any room


def test_planning_a_known_export_takes_a_fixed_number_of_queries(
    riverside: Partnership, django_assert_max_num_queries: object
) -> None:
    export = read_export(read_folder(RIVERSIDE))
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        make_plan(export, partnership=riverside, at=IMPORTED_AT)
