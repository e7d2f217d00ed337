"""Refresher due: whoever learned a course that is to be refreshed hears once, some weeks before the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from bookings import refreshing
from bookings.due import send_refreshers, withdraw_needless_refreshers
from bookings.models import LIVE, MOST_WEEKS, Booking, BookingStatus, MessageSettings
from bookings.operations import cancel_booking, change_message_settings, send_message_again
from bookings.operations.refreshing import AT_ONE_TICK
from core.refusals import Refused
from courses.models import MOST_REFRESH_MONTHS, Course
from courses.operations import change_course
from notifications.models import Message, MessageState
from notifications.single import hold
from people.models import Partnership, Person
from people.operations import deactivate_person
from records.models import Credit
from records.operations import withdraw_equal
from records.refreshing import refresh_by
from registers.operations import reopen_register
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.events import EventFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer
from tests.factories.records import AcceptedFactory, CreditFactory
from tests.factories.registers import session_of, take_register

LEARNED, BY = date(2026, 3, 8), date(2027, 3, 8)
MORNING = datetime(2027, 1, 11, 8, tzinfo=UTC)  # eight weeks before, at the partnership's hour
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def learned(course: Course | None = None, **fields: Any) -> Credit:
    """Somebody learned a course that is refreshed every year."""
    return CreditFactory(course=course or yearly(), **{"earned_on": LEARNED, **fields})


def yearly(**fields: Any) -> Course:
    return CourseFactory(**{"title": "Recognising neglect", "refresh_months": 12, **fields})


def date_of(course: Course, days: int, **fields: Any) -> Any:
    """An event of the course, so many days after the letters leave."""
    return bookable_event(course=course, first_start=MORNING + timedelta(days=days, hours=2), **fields)


def change(course: Course, **fields: Any) -> None:
    change_course(course=course, by=None, at=MORNING, **fields)


class TestDays:
    @pytest.mark.parametrize(
        ("months", "weeks", "leaves"),
        [
            (12, 8, date(2027, 1, 11)),
            (12, 1, date(2027, 3, 1)),
            (12, 26, date(2026, 9, 7)),
            (36, 26, date(2028, 9, 7)),
            (1, 8, date(2026, 3, 23)),
            (3, 8, date(2026, 4, 23)),
        ],
    )
    def test_it_leaves_weeks_before_but_not_in_the_first_half(self, months: int, weeks: int, leaves: date) -> None:
        assert refreshing.leaves_on(LEARNED, months=months, weeks=weeks) == leaves

    @given(st.dates(date(2010, 1, 1), date(2060, 1, 1)), st.integers(1, MOST_REFRESH_MONTHS), st.integers(1, MOST_WEEKS))
    def test_the_days_of_learning_that_are_looked_for_are_exactly_those_that_are_due(
        self, today: date, months: int, weeks: int
    ) -> None:
        first, last = refreshing.earned_between(today, months=months, weeks=weeks)

        def is_due(earned_on: date) -> bool:
            has_come = refreshing.leaves_on(earned_on, months=months, weeks=weeks) <= today
            return has_come and refresh_by(earned_on, months) >= today - refreshing.LATE_BY_AT_MOST

        assert [is_due(day) for day in (first - DAY, first, last, last + DAY)] == [False, True, True, False]


@pytest.mark.django_db
@pytest.mark.both_databases
class TestWhoHears:
    def test_once_at_its_hour_whatever_the_clock_does(self) -> None:
        credit = learned()
        moments = [MORNING - MINUTE, MORNING, MORNING - MINUTE, MORNING, MORNING + DAY, MORNING + 90 * DAY]
        assert [send_refreshers(at) for at in moments] == [0, 1, 0, 0, 0, 0]
        message = Message.objects.get()
        assert (message.person, message.to_address) == (credit.person, credit.person.main_address())
        assert (message.partnership, message.kind) == (credit.course.partnership, "refresher_due")

    def test_what_it_says(self) -> None:
        credit = learned(person=PersonFactory(forename="Sam"))
        send_refreshers(MORNING)
        message = Message.objects.get()
        assert message.subject == "Time to refresh Recognising neglect"
        assert message.text == (
            "Hello Sam,\n\n"
            "You learned Recognising neglect on Sunday 8 March 2026. It is to be refreshed every year: the day for you is "
            "Monday 8 March 2027.\n\n"
            "See its dates and book one here. Where it has none yet, the same page has a button, and we write to you once it has "
            "one:\n{link:course}\n\n"
            "Have you learned it somewhere else since? Tell training@riverside.example: it may count. We write about this once, "
            "and your record stays as it is.\n\n"
            "Riverside Safeguarding Children Partnership"
        )
        assert message.links == {"course": f"/courses/{credit.course_id}/"}

    def test_the_hour_is_a_london_one_also_after_the_clocks_go_forward(self) -> None:
        learned(earned_on=date(2026, 5, 24))
        eight = datetime(2027, 3, 29, 7, tzinfo=UTC)
        assert [send_refreshers(at) for at in (eight - MINUTE, eight)] == [0, 1]

    def test_what_was_accepted_as_equal_counts_as_learned(self) -> None:
        AcceptedFactory(course=yearly(), earned_on=LEARNED)
        assert send_refreshers(MORNING) == 1

    @pytest.mark.parametrize(
        "fields",
        [
            {"course__refresh_months": None},
            {"course__is_in_catalogue": False},
            {"person__is_active": False},
            {"person__address__none": True},
            {"earned_on": date(2025, 3, 8), "course__refresh_months": 24},  # before the partnership wrote to anybody
        ],
    )
    def test_nobody_hears_without_a_reason(self, fields: dict[str, Any]) -> None:
        CreditFactory(**{"earned_on": LEARNED, "course__refresh_months": 12, **fields})
        assert send_refreshers(MORNING) == 0

    def test_with_one_they_would(self) -> None:
        """The control of the test above."""
        CreditFactory(earned_on=LEARNED, course__refresh_months=12)
        assert send_refreshers(MORNING) == 1

    @pytest.mark.parametrize(("since", "written"), [(None, 0), (date(2027, 1, 12), 0), (LEARNED + DAY, 0), (LEARNED, 1)])
    def test_nothing_is_sent_about_what_was_learned_before_the_partnership_wrote(self, since: date | None, written: int) -> None:
        learned()
        Partnership.objects.update(messages_from=since)
        assert send_refreshers(MORNING) == written

    @pytest.mark.parametrize(("days_late", "written"), [(28, 1), (29, 0)])
    def test_a_day_that_went_by_long_ago_is_let_be(self, days_late: int, written: int) -> None:
        learned()
        assert send_refreshers(MORNING + (BY - MORNING.date()) + days_late * DAY) == written

    @pytest.mark.parametrize(("is_closed", "written"), [(True, 0), (False, 1)])
    def test_what_a_closed_event_was_about_stands_in_no_subject(self, is_closed: bool, written: int) -> None:
        course = yearly()
        event = EventFactory(course=course, is_closed=is_closed, neutral_title="Learning event A")
        learned(course, source_uuid=event.pk)
        assert send_refreshers(MORNING) == written

    def test_the_last_time_they_learned_it_counts(self) -> None:
        before = learned()
        learned(before.course, person=before.person, earned_on=date(2026, 11, 2))
        assert send_refreshers(MORNING) == 0

    def test_learning_that_no_longer_counts_leaves_the_time_before(self) -> None:
        before = learned()
        accepted = AcceptedFactory(person=before.person, course=before.course, earned_on=date(2026, 11, 2))
        assert send_refreshers(MORNING) == 0
        withdraw_equal(credit=accepted, reason="Another course", by=None, at=MORNING)
        assert send_refreshers(MORNING) == 1

    @pytest.mark.parametrize("status", BookingStatus.values)
    def test_whoever_has_a_live_booking_for_a_date_does_not(self, status: str) -> None:
        credit = learned()
        fields: dict[str, Any] = {"queue_number": 1} if status == "waiting" else {}
        if status == "cancelled":
            fields["cancelled_by"] = "delegate"
        BookingFactory(person=credit.person, event=date_of(credit.course, 40), status=status, **fields)
        assert send_refreshers(MORNING) == (status not in LIVE)

    def test_a_booking_for_another_course_or_of_somebody_else_changes_nothing(self) -> None:
        credit = learned()
        BookingFactory(person=credit.person, event=date_of(CourseFactory(), 40))
        BookingFactory(event=date_of(credit.course, 40))
        assert send_refreshers(MORNING) == 1

    @pytest.mark.parametrize(("days_ago", "written"), [(10, 0), (20, 1)])
    def test_who_was_at_a_date_a_moment_ago_may_still_be_marked_as_there(self, days_ago: int, written: int) -> None:
        credit = learned()
        BookingFactory(person=credit.person, event=date_of(credit.course, -days_ago))
        assert send_refreshers(MORNING) == written

    def test_the_booking_it_was_learned_by_does_not_keep_it_back(self) -> None:
        course = yearly(refresh_months=1)
        event = date_of(course, -16)
        booking = BookingFactory(event=event)
        learned(course, person=booking.person, earned_on=event.starts_on)
        assert send_refreshers(MORNING) == 1

    def test_a_register_that_is_opened_and_closed_again_asks_nobody_twice(self) -> None:
        credit = learned()
        assert send_refreshers(MORNING) == 1
        Message.objects.update(state=MessageState.SENT, sent_at=MORNING)
        credit.delete()
        learned(credit.course, person=credit.person)
        assert [withdraw_needless_refreshers(MORNING + DAY), send_refreshers(MORNING + DAY)] == [0, 0]

    def test_a_register_that_is_corrected_weeks_later_asks_nobody_who_was_there(self) -> None:
        old = learned()
        event, person = bookable_event(course=old.course, first_start=MORNING - timedelta(weeks=5)), old.person
        BookingFactory(event=event, person=person)
        take_register(session_of(event), {person: "present"})
        assert send_refreshers(MORNING) == 0
        reopen_register(session=session_of(event), reason="Another was missing.", by=None, at=MORNING)
        assert [withdraw_needless_refreshers(MORNING), send_refreshers(MORNING)] == [0, 0]

    def test_other_months_afterwards_ask_nobody_twice(self) -> None:
        credit = learned()
        assert send_refreshers(MORNING) == 1
        Message.objects.update(state=MessageState.SENT, sent_at=MORNING)
        change(credit.course, refresh_months=13)
        assert send_refreshers(MORNING + 31 * DAY) == 0

    def test_each_partnership_writes_of_its_own_courses_by_its_own_settings(self) -> None:
        ours, theirs = PartnershipFactory(), OtherPartnershipFactory()
        person = PersonFactory()
        learned(yearly(partnership=ours, theme=None, level=None), person=person)
        learned(yearly(partnership=theirs, theme=None, level=None), person=person)
        change_message_settings(partnership=theirs, by=None, at=MORNING, refresher_weeks=4, leaves_at_hour=10)
        soon = MORNING + timedelta(weeks=4, hours=2)
        assert [send_refreshers(at) for at in (MORNING, soon - MINUTE, soon)] == [1, 0, 1]
        assert list(Message.objects.order_by("created_at").values_list("partnership", flat=True)) == [ours.pk, theirs.pk]

    def test_so_many_at_a_tick_and_the_others_at_the_next(self) -> None:
        course = yearly()
        people = Person.objects.bulk_create(Person(surname=f"P{n}", forename="A") for n in range(AT_ONE_TICK + 1))
        EmailAddress.objects.bulk_create(
            EmailAddress(user=one, email=f"p{n}@school.example", primary=True) for n, one in enumerate(people)
        )
        Credit.objects.bulk_create(CreditFactory.build(person=one, course=course, earned_on=LEARNED) for one in people)
        assert [send_refreshers(MORNING) for _ in range(3)] == [AT_ONE_TICK, 1, 0]


@pytest.mark.django_db
@pytest.mark.both_databases
class TestWithdrawn:
    @pytest.fixture
    def credit(self) -> Credit:
        credit = AcceptedFactory(course=yearly(), earned_on=LEARNED)
        assert send_refreshers(MORNING) == 1
        return credit

    def test_while_its_reason_stands_it_waits(self, credit: Credit) -> None:
        """The control of those below."""
        assert [withdraw_needless_refreshers(MORNING + MINUTE), send_refreshers(MORNING + MINUTE)] == [0, 0]
        assert Message.objects.get().state == MessageState.WAITING

    @pytest.mark.parametrize(
        "reason", ["booked", "no longer counts", "closed", "never refreshed", "left", "late", "switched off"]
    )
    def test_a_letter_whose_reason_has_gone_is_not_sent(self, credit: Credit, reason: str) -> None:
        at = MORNING + MINUTE
        if reason == "booked":
            BookingFactory(person=credit.person, event=date_of(credit.course, 40))
        elif reason == "no longer counts":
            withdraw_equal(credit=credit, reason="Another course", by=None, at=at)
        elif reason == "closed":
            change(credit.course, is_in_catalogue=False)
        elif reason == "never refreshed":
            change(credit.course, refresh_months=None)
        elif reason == "left":
            deactivate_person(person=credit.person, reason="Left", by=None, at=at)
        elif reason == "late":
            at += 90 * DAY
        else:
            MessageSettings.objects.create(partnership=credit.course.partnership, refresher_weeks=None)
        assert [withdraw_needless_refreshers(at), withdraw_needless_refreshers(at), send_refreshers(at)] == [1, 0, 0]
        assert Message.objects.get().state == MessageState.WITHDRAWN

    def test_switching_it_off_takes_it_back_at_once(self, credit: Credit) -> None:
        change_message_settings(partnership=credit.course.partnership, by=None, at=MORNING, refresher_weeks=None)
        assert Message.objects.get().state == MessageState.WITHDRAWN

    def test_who_gives_the_place_back_hears_after_all(self, credit: Credit) -> None:
        booking: Booking = BookingFactory(person=credit.person, event=date_of(credit.course, 40))
        assert withdraw_needless_refreshers(MORNING) == 1
        cancel_booking(booking=booking, cancelled_by="delegate", by=credit.person, at=MORNING + MINUTE)
        assert [send_refreshers(MORNING + 2 * MINUTE), send_refreshers(MORNING + 3 * MINUTE)] == [1, 0]

    def test_other_months_while_it_waits_are_said_in_it(self, credit: Credit) -> None:
        change(credit.course, refresh_months=11)
        assert [withdraw_needless_refreshers(MORNING), send_refreshers(MORNING)] == [1, 1]
        waiting = Message.objects.waiting().get()
        assert waiting.values["refresh_by"] == "Monday 8 February 2027"

    def test_one_that_is_held_back_stays_so_when_it_is_written_anew(self, credit: Credit) -> None:
        hold(message=Message.objects.get(), by=officer(), at=MORNING)
        change(credit.course, refresh_months=11)
        assert [withdraw_needless_refreshers(MORNING), send_refreshers(MORNING)] == [1, 1]
        assert Message.objects.waiting().get().is_held

    def test_one_that_failed_is_sent_again_while_its_reason_stands(self, credit: Credit) -> None:
        message = Message.objects.get()
        Message.objects.update(state=MessageState.FAILED)
        assert send_message_again(message=message, by=officer(), at=MORNING + DAY).state == MessageState.WAITING
        Message.objects.update(state=MessageState.FAILED)
        BookingFactory(person=credit.person, event=date_of(credit.course, 40))
        with pytest.raises(Refused) as refused:
            send_message_again(message=message, by=officer(), at=MORNING + DAY)
        assert refused.value.code == "no_reason"


@pytest.mark.django_db
class TestAsking:
    def asked(self) -> list[int]:
        counts = []
        for work in (send_refreshers, withdraw_needless_refreshers):
            with CaptureQueriesContext(connection) as captured:
                assert work(MORNING) == 0
            counts.append(len(captured))
        return counts

    def test_a_look_that_finds_nothing_costs_the_same_however_many_have_learned(self) -> None:
        CourseFactory()
        assert self.asked() == [1, 1]
        for months in (12, 24, 36):
            credit = learned(yearly(refresh_months=months), earned_on=date(2026, 12, 1))
            learned(credit.course, earned_on=date(2026, 12, 2))
            assert self.asked() == [2, 1]

    def test_writing_to_many_asks_as_often_as_writing_to_one(self) -> None:
        counts = []
        for number in (1, 3):
            for _ in range(number):
                learned()
            with CaptureQueriesContext(connection) as captured:
                assert send_refreshers(MORNING) == number
            counts.append(len(captured))
        assert counts[0] == counts[1]


@pytest.mark.django_db
@pytest.mark.both_databases
class TestSettings:
    @pytest.mark.parametrize("weeks", [0, MOST_WEEKS + 1])
    def test_weeks_that_can_not_be_are_refused(self, weeks: int) -> None:
        with pytest.raises(Refused) as refused:
            change_message_settings(partnership=PartnershipFactory(), by=None, at=MORNING, refresher_weeks=weeks)
        assert (refused.value.code, refused.value.field) == ("weeks", "refresher_weeks")

    @pytest.mark.parametrize("weeks", [0, MOST_WEEKS + 1])
    def test_the_database_refuses_them_too(self, weeks: int) -> None:
        with pytest.raises(IntegrityError, match="messagesettings_refresher"), transaction.atomic():
            MessageSettings.objects.create(partnership=PartnershipFactory(), refresher_weeks=weeks)
