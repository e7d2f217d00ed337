"""What each measure counts and what it leaves out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bookings.models import BookingChange, BookingStatus, CancelledBy, Interest
from courses.models import Theme
from elearning.models import Attempt, Module
from events.models import EventHost, EventKind, EventStatus
from feedback.models import Channel, FollowUp, FollowUpAnswer, Purpose
from feedback.models import Question as AskedQuestion
from feedback.questionnaires import ensure_questionnaire
from people.models import OrganisationState
from podcasts.models import Episode, ListenCount, Series
from registers.models import HeadCount, Outcome
from reports import periods
from reports.facts import Facts
from reports.measures import MEASURES
from reports.questions import Question
from reports.report import Report, ask, rows_behind
from tests.factories.bookings import BookingFactory
from tests.factories.courses import CourseFactory
from tests.factories.notifications import MessageFactory
from tests.factories.people import (
    BoroughFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    SectorFactory,
)
from tests.reports.happened import held, said, was_there

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MAY = date(2026, 5, 12)
YEAR_BEFORE = date(2025, 5, 13)
TODAY = date(2027, 1, 11)


def report(**cut: Any) -> Report:
    asked = {"partnership": PartnershipFactory(), "period": periods.financial_year(2026), "today": TODAY, **cut}
    return ask(Question(**asked))


def counted(key: str, **cut: Any) -> Any:
    return report(**cut).figures[key].plain


def nobody_named() -> Any:
    return PersonFactory(address=None, address__none=True)


def test_an_event_of_two_days_is_one_event_and_one_attendance() -> None:
    was_there(held(MAY, sessions=2))
    assert (counted("events_delivered"), counted("attendances")) == (1, 1)


def test_an_event_is_not_delivered_until_every_register_is_closed() -> None:
    held(MAY, sessions=2, registers=1)
    found = report().figures
    assert found["events_delivered"].plain == 0
    assert found["events_register_not_taken"].plain == 1


def test_an_event_still_to_come_has_no_register_to_take() -> None:
    held(date(2027, 2, 2), registers=0)
    assert counted("events_register_not_taken") == 0


def test_an_event_to_which_nobody_came_was_not_delivered() -> None:
    was_there(held(MAY), outcome=Outcome.DID_NOT_ATTEND)
    assert (counted("events_delivered"), counted("did_not_attend")) == (0, 1)


def test_a_head_count_delivers_an_event_and_stands_apart_from_the_attendances() -> None:
    event = held(MAY, registers=0)
    HeadCount.objects.create(event=event, count=31, entered_at=datetime(2026, 5, 12, 15, tzinfo=UTC))
    found = report().figures
    assert (found["events_delivered"].plain, found["events_register_not_taken"].plain) == (1, 0)
    assert (found["head_count_attendances"].plain, found["attendances"].plain, found["people_reached"].plain) == (31, 0, 0)


def test_a_head_count_is_cut_by_the_sector_of_its_organisation() -> None:
    school = OrganisationFactory()
    for organisation, count in ((school, 30), (None, 4)):
        HeadCount.objects.create(
            event=held(MAY), organisation=organisation, count=count, entered_at=datetime(2026, 5, 12, 15, tzinfo=UTC)
        )
    by_sector = [counted("head_count_attendances", sector=name) for name in ("Primary schools", "No organisation", "Not matched")]
    assert by_sector == [30, 4, 0]


def test_people_and_organisations_are_counted_once_and_attendances_every_time() -> None:
    person = nobody_named()
    for day in (MAY, date(2026, 6, 2)):
        was_there(held(day), person)
    found = report().figures
    assert [found[key].plain for key in ("attendances", "people_reached", "organisations_reached")] == [2, 1, 1]


def test_attended_in_part_is_neither_an_attendance_nor_in_the_did_not_attend_rate() -> None:
    event = held(MAY)
    was_there(event)
    was_there(event, outcome=Outcome.PART_ATTENDED)
    was_there(event, outcome=Outcome.DID_NOT_ATTEND)
    found = report().figures
    assert (found["attendances"].plain, found["attended_in_part"].plain) == (1, 1)
    assert (found["did_not_attend_rate_pct"].sum, found["did_not_attend_rate_pct"].plain) == ("1 of 2", 50.0)


def test_a_rate_of_nothing_is_no_rate() -> None:
    held(MAY)
    figure = report().figures["did_not_attend_rate_pct"]
    assert (figure.plain, figure.value, figure.sum) == (None, "–", "0 of 0")


def test_an_event_belongs_to_the_period_it_begins_in() -> None:
    was_there(held(date(2026, 3, 31), sessions=2))
    assert counted("attendances") == 0
    assert counted("attendances", period=periods.financial_year(2025)) == 1


def test_forums_stand_apart_from_everything_else() -> None:
    was_there(held(MAY, kind=EventKind.FORUM, course=None, title="Safeguarding leads"))
    found = report().figures
    assert (found["forums_held"].plain, found["forum_attendances"].plain) == (1, 1)
    others = ("events_delivered", "attendances", "people_reached", "organisations_reached")
    assert [found[key].plain for key in others] == [0, 0, 0, 0]
    assert found["attendances_by_kind"].plain == {}


def test_a_cancelled_event_is_not_delivered_and_a_draft_is_not_there_at_all() -> None:
    held(MAY, status=EventStatus.CANCELLED)
    held(MAY, status=EventStatus.DRAFT)
    found = report().figures
    assert [found[k].plain for k in ("events_cancelled_by_organiser", "events_delivered", "events_register_not_taken")] == [
        1,
        0,
        0,
    ]


def test_cancellations_are_split_by_who_and_when() -> None:
    event = held(MAY)
    for by, in_time in (
        (CancelledBy.DELEGATE, True),
        (CancelledBy.DELEGATE, False),
        (CancelledBy.DELEGATE, None),
        (CancelledBy.DELEGATE, None),
        (CancelledBy.MANAGER, True),
        (CancelledBy.ORGANISER, None),
    ):
        BookingFactory(
            event=event, person=nobody_named(), status=BookingStatus.CANCELLED, cancelled_by=by, cancelled_in_time=in_time
        )
    found = report().figures
    keys = [
        "cancelled_by_delegate",
        "cancelled_by_delegate_in_time",
        "cancelled_by_delegate_late",
        "cancelled_by_delegate_unknown",
    ]
    assert [found[key].plain for key in keys] == [4, 1, 1, 2]
    assert found["cancelled_by_manager"].plain == 1


def test_leaving_the_waiting_list_is_no_cancellation() -> None:
    event = held(MAY)
    for was in (BookingStatus.WAITING, BookingStatus.CONFIRMED):
        booking = BookingFactory(
            event=event, person=nobody_named(), status=BookingStatus.CANCELLED, cancelled_by=CancelledBy.DELEGATE
        )
        at = datetime(2026, 5, 1, 9, tzinfo=UTC)
        BookingChange.objects.create(booking=booking, at=at, from_status=was, to_status=BookingStatus.CANCELLED)
    assert counted("cancelled_by_delegate") == 1


def test_never_placed_counts_who_waits_and_who_waited_in_vain() -> None:
    event = held(MAY)
    BookingFactory(event=event, person=nobody_named(), status=BookingStatus.WAITING, queue_number=1)
    BookingFactory(event=event, person=nobody_named(), status=BookingStatus.NOT_PLACED)
    BookingFactory(event=event, person=nobody_named())
    assert counted("waiting_list") == 2


def test_who_was_on_the_list_of_a_course_as_the_period_ended_waits_for_a_date() -> None:
    neglect, abuse = CourseFactory(title="Neglect", theme__name="Neglect"), CourseFactory(title="Abuse", theme__name="Abuse")
    theirs = CourseFactory(partnership=OtherPartnershipFactory(), theme=None, level=None)
    asked, last_moment = datetime(2026, 5, 1, 9, tzinfo=UTC), datetime(2027, 3, 31, 22, 59, tzinfo=UTC)
    wishes: list[dict[str, Any]] = [
        {"course": neglect, "asked_at": datetime(2025, 5, 1, 9, tzinfo=UTC)},
        {"course": neglect, "asked_at": last_moment},
        {"course": neglect, "asked_at": last_moment + timedelta(minutes=1)},
        {"course": neglect, "asked_at": asked, "ended_at": asked + timedelta(days=9), "has_booked": True},
        {"course": abuse, "asked_at": asked, "ended_at": last_moment + timedelta(days=9)},
        {"course": theirs, "asked_at": asked},
    ]
    for wish in wishes:
        Interest.objects.create(person=nobody_named(), **wish)
    assert counted("wanted_courses") == 3
    assert counted("wanted_courses", period=periods.financial_year(2025)) == 1
    assert (counted("wanted_courses", course="Neglect"), counted("wanted_courses", theme="Abuse")) == (2, 1)
    behind = rows_behind(report(), MEASURES["wanted_courses"])
    assert [(row.label, row.n) for row in behind] == [("Abuse", 1), ("Neglect", 2)]


def test_a_breakdown_by_sector_has_a_row_for_the_unmatched_and_for_people_without_an_organisation() -> None:
    event = held(MAY)
    was_there(event)
    nowhere = {"organisation_id": None, "sector_id": None, "borough_id": None}
    was_there(event, organisation_state=OrganisationState.UNMATCHED, organisation_text="St Elsewhere", **nowhere)
    was_there(event, organisation_state=OrganisationState.NONE, organisation_text="", **nowhere)
    assert counted("attendances_by_sector") == {"Primary schools": 1, "Not matched": 1, "No organisation": 1}
    assert counted("organisations_reached") == 1
    by_cut = [counted("attendances", sector=name) for name in ("Primary schools", "Not matched", "No organisation", "Police")]
    assert by_cut == [1, 1, 1, 0]


def test_a_report_does_not_change_because_somebody_changed_jobs_or_a_course_got_a_new_name() -> None:
    event = held(MAY)
    person = was_there(event)
    person.sector = SectorFactory(name="Police")
    person.organisation = OrganisationFactory(sector=person.sector)
    person.save()
    event.course.title = "Renamed since"
    event.course.save()
    found = report().figures
    assert found["attendances_by_sector"].plain == {"Primary schools": 1}
    assert found["attendances_by_course"].plain == {"Renamed since": 1}


def test_events_without_a_course_are_counted_under_their_title() -> None:
    for day in (MAY, date(2026, 6, 2)):
        was_there(held(day, course=None, kind=EventKind.LEARNING_EVENT, title="Learning from a review"))
    assert counted("attendances_by_course") == {"Learning from a review": 2}
    assert counted("attendances", course="Learning from a review") == 2


def test_a_closed_event_stands_under_its_neutral_title_everywhere() -> None:
    was_there(held(MAY, is_closed=True, neutral_title="A learning session", title="Review of Child R"))
    found = report()
    assert found.figures["attendances_by_course"].plain == {"A learning session": 1}
    assert [row.label for row in rows_behind(found, MEASURES["attendances"])] == ["A learning session"]
    assert counted("attendances", course="Review of Child R") == 0


def test_a_theme_is_the_events_own_or_its_courses() -> None:
    partnership = PartnershipFactory()
    neglect, abuse = (Theme.objects.get_or_create(partnership=partnership, name=name)[0] for name in ("Neglect", "Abuse"))
    was_there(held(MAY, course=CourseFactory(partnership=partnership, theme=neglect)))
    was_there(held(MAY, course=CourseFactory(partnership=partnership, theme=neglect), theme=abuse))
    assert [counted("attendances", theme=name) for name in ("Neglect", "Abuse")] == [1, 1]


def test_a_joint_event_counts_for_each_host_and_the_shares_of_all_add_up_to_it() -> None:
    lead, other = PartnershipFactory(), OtherPartnershipFactory()
    event = held(MAY, kind=EventKind.CONFERENCE)
    EventHost.objects.create(event=event, partnership=other)
    theirs = OrganisationFactory(borough=BoroughFactory(name="Kingsbridge", partnership=other))
    elsewhere = OrganisationFactory(borough=BoroughFactory(name="Out of area", partnership=None))
    for organisation in (OrganisationFactory(), theirs, theirs, elsewhere):
        was_there(event, PersonFactory(address=None, address__none=True, organisation=organisation))
    assert [counted("attendances", partnership=host) for host in (lead, other)] == [4, 4]
    assert [counted("own_share_attendances", partnership=host) for host in (lead, other)] == [2, 2]
    shares = {"Kingsbridge": 2, "Riverside": 1, "Out of area, counted for Riverside as lead host": 1}
    assert counted("joint_attendances_by_host") == shares
    assert counted("joint_attendances_by_host", partnership=other) == shares


def test_an_event_of_another_partnership_is_not_ours() -> None:
    was_there(held(MAY, lead_host=OtherPartnershipFactory()))
    assert counted("attendances") == 0


def test_evaluations_are_counted_by_channel_against_the_attendances() -> None:
    event = held(MAY)
    for _ in range(4):
        was_there(event)
    said(event, {"overall": "good"}, channel=Channel.QR)
    said(event, {"overall": "poor"}, {"overall": "fair"})
    found = report().figures
    assert (found["evaluations"].plain, found["response_rate_pct"].sum) == (3, "3 of 4")
    assert found["evaluations_by_channel"].plain == {"QR code": 1, "E-mail": 2}


def test_a_share_of_answers_is_of_those_who_answered_the_question() -> None:
    event = held(MAY)
    said(event, *[{"overall": "excellent"}] * 4, {"overall": "poor"}, {"apply": "likely"})
    figure = report().figures["rated_good_or_excellent_pct"]
    assert (figure.sum, figure.plain) == ("4 of 5", 80.0)


def test_confidence_rose_counts_who_gave_it_before_and_after() -> None:
    event = held(MAY)
    pairs = [(1, 3), (2, 3), (4, 5), (3, 3), (5, 4)]
    said(event, *[{"confidence_before": before, "confidence_after": after} for before, after in pairs], {"confidence_after": 5})
    assert report().figures["confidence_rose_pct"].sum == "3 of 5"


def test_fewer_than_five_answers_are_held_back_and_ten_are_asked_of_a_cut() -> None:
    event = held(MAY)
    said(event, *[{"overall": "good"}] * 4)
    figure = report().figures["rated_good_or_excellent_pct"]
    assert (figure.plain, figure.value, figure.why_not) == (None, "–", "Fewer than five answers")
    said(event, {"overall": "good"})
    assert counted("rated_good_or_excellent_pct") == 100.0
    cut = report(kinds=("course",)).figures["rated_good_or_excellent_pct"]
    assert (cut.plain, cut.why_not) == (None, "Fewer than ten answers")


def test_rows_of_events_with_few_answers_stand_together() -> None:
    for day, count in ((MAY, 3), (date(2026, 6, 2), 1), (date(2026, 6, 3), 7)):
        said(held(day), *[{"overall": "good"}] * count)
    found = report()
    rows = rows_behind(found, MEASURES["rated_good_or_excellent_pct"])
    assert [(row.n, row.of, row.detail) for row in rows] == [(11, 11, "3 events")]
    said(held(date(2026, 6, 4)), *[{"overall": "good"}] * 2)
    rows = rows_behind(report(), MEASURES["rated_good_or_excellent_pct"])
    assert [(row.n, row.of, row.detail) for row in rows] == [(7, 7, "Course"), (6, 6, "3 events")]


def test_there_is_no_cut_of_anonymous_answers_by_sector() -> None:
    event = held(MAY)
    was_there(event)
    said(event, *[{"overall": "good"}] * 20)
    found = report(sector="Primary schools").figures
    assert (found["response_rate_pct"].plain, found["response_rate_pct"].why_not) == (None, "Not counted by sector")
    assert found["attendances"].plain == 1


def test_a_follow_up_belongs_to_the_period_of_its_event() -> None:
    event = held(date(2026, 3, 30))
    questionnaire = ensure_questionnaire(event.lead_host, Purpose.FOLLOW_UP)
    asked = AskedQuestion.objects.get(questionnaire=questionnaire, key="changed_practice")
    for choice in ("yes", "yes", "yes", "no", "not_yet", ""):
        answered = date(2026, 7, 2) if choice else None
        survey = FollowUp.objects.create(
            event=event, person=nobody_named(), questionnaire=questionnaire, sent_on=date(2026, 7, 1), answered_on=answered
        )
        if choice:
            FollowUpAnswer.objects.create(follow_up=survey, question=asked, choice=choice)
    FollowUp.objects.create(  # the letter has not left: nobody was asked
        event=event, person=nobody_named(), questionnaire=questionnaire, sent_on=date(2026, 7, 1), message=MessageFactory()
    )
    found = report(period=periods.financial_year(2025)).figures
    assert [found[key].plain for key in ("follow_ups_sent", "follow_ups_answered")] == [6, 5]
    assert (found["follow_up_response_rate_pct"].sum, found["changed_practice_pct"].sum) == ("5 of 6", "3 of 5")
    assert counted("follow_ups_sent") == 0


def test_e_learning_counts_modules_completions_and_people_by_the_day_of_completion() -> None:
    modules = [
        Module.objects.create(partnership=PartnershipFactory(), title=title) for title in ("Prevent", "County lines", "Unused")
    ]
    first, second = nobody_named(), nobody_named()

    def completed(module: Module, person: Any, on: date | None) -> None:
        at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC) if on else None
        Attempt.objects.create(
            module=module, person=person, started_at=datetime(2026, 1, 5, tzinfo=UTC), completed_at=at, completed_on=on
        )

    completed(modules[0], first, MAY)
    completed(modules[0], first, date(2026, 6, 1))  # again: the same completion
    completed(modules[1], first, MAY)
    completed(modules[1], second, MAY)
    completed(modules[0], second, date(2026, 3, 31))
    completed(modules[2], second, None)
    found = report().figures
    assert [found[f"elearning_{what}"].plain for what in ("modules", "completions", "people")] == [2, 3, 2]
    assert found["elearning_completions"].before is not None
    assert found["elearning_completions"].before.n == 1


def test_listens_stand_by_counter_and_as_a_labelled_sum() -> None:
    series = Series.objects.create(partnership=PartnershipFactory(), title="Ten minutes", slug="ten-minutes")
    old = Episode.objects.create(series=series, title="Old", published_on=date(2025, 5, 1), minutes=10)
    new = Episode.objects.create(series=series, title="New", published_on=MAY, minutes=10)
    for episode, on, source, count in (
        (old, date(2025, 5, 2), "Website", 7),
        (old, MAY, "Website", 2),
        (new, MAY, "Website", 3),
        (new, MAY, "YouTube", 4),
    ):
        ListenCount.objects.create(episode=episode, date=on, source=source, count=count)
    found = report().figures
    assert found["podcast_episodes"].plain == 1
    assert found["podcast_listens_by_source"].plain == {"Website": 5, "YouTube": 4}
    assert (found["podcast_listens"].plain, found["podcast_listens"].value_before) == (9, "7")


def test_every_figure_stands_beside_the_period_before() -> None:
    for _ in range(8):
        was_there(held(YEAR_BEFORE))
    for _ in range(7):
        was_there(held(MAY))
    figure = report().figures["attendances"]
    assert (figure.value, figure.value_before, figure.change, figure.change_percent) == ("7", "8", "−1", "−13%")
    assert figure.sentence("2025-26") == "1 fewer than in 2025-26 (−13%)"


def test_every_measure_says_what_it_counts_and_what_it_leaves_out() -> None:
    for measure in MEASURES.values():
        assert measure.sentence.endswith(".")
        assert measure.left_out.endswith(".")
        assert measure.is_rate == measure.key.endswith("_pct")
        assert bool(measure.denominator) == (measure.total(Facts()).of is not None)
