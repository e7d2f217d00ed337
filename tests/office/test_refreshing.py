"""Learning that is to be refreshed, as officers see it: a person's pages, a course's, and before a change writes to people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.due import send_refreshers
from bookings.messages.texts import TEXTS
from bookings.models import MessageSettings
from bookings.operations import change_message_settings
from courses.models import Course
from notifications.bounces import mark_bounced
from notifications.models import Message, MessageState
from office.leaving import due_now
from office.texts import leaves
from people.models import Partnership, Person
from people.operations import look_after
from records.models import Credit
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, subgroup_member, trainer
from tests.factories.records import CreditFactory
from tests.office.pages import sent_by
from tests.website.pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("olu")]

TIMES = "/office/partnership/messages/"
LEARNED = date(2026, 3, 8)  # eight weeks before a year is over, on the day of these tests


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[Any]:
    with time_machine.travel(at, tick=False) as traveller:
        yield traveller


def yearly(**fields: Any) -> Course:
    return CourseFactory(**{"title": "Neglect", "refresh_months": 12, **fields})


def learned(course: Course, earned_on: date = LEARNED, **person: Any) -> Credit:
    """One of the partnership's people has learned it."""
    who = PersonFactory(**person)
    look_after(person=who, partnership=PartnershipFactory(), by=None, at=datetime(2027, 1, 1, tzinfo=UTC))
    return CreditFactory(person=who, course=course, title="Neglect", earned_on=earned_on)


def page_of(course: Course, end: str = "/") -> str:
    return f"/office/courses/{course.pk}/refreshing{end}"


def names(response: Any) -> list[str]:
    return [credit.person.surname for credit, _ in response.context["rows"]]


class TestCourse:
    def test_who_is_to_refresh_it_stands_by_day(self, client: Client) -> None:
        course = yearly()
        for surname, earned_on in (
            ("June", date(2026, 6, 30)),
            ("March", LEARNED),
            ("Gone", date(2025, 12, 1)),
            ("Later", date(2026, 12, 1)),
        ):
            learned(course, earned_on, surname=surname)
        shown = {within: names(client.get(page_of(course), {"within": within})) for within in ("3", "6", "12", "past", "x")}
        assert shown == {
            "3": ["March"],
            "6": ["March", "June"],
            "12": ["March", "June", "Later"],
            "past": ["Gone"],
            "x": ["March"],
        }
        assert "8 Mar 2026 8 Mar 2027 Not yet" in words(client.get(page_of(course)))

    def test_the_day_itself_has_not_gone_by(self, client: Client) -> None:
        course = yearly()
        learned(course, date(2026, 1, 11), surname="Today")
        learned(course, date(2026, 1, 10), surname="Yesterday")
        assert [names(client.get(page_of(course), {"within": one})) for one in ("3", "past")] == [["Today"], ["Yesterday"]]

    def test_who_has_booked_is_marked(self, client: Client) -> None:
        course = yearly()
        BookingFactory(person=learned(course).person, event=bookable_event(course=course))
        assert "Booked or waits" in words(client.get(page_of(course)))

    def test_only_the_partnerships_people_who_can_sign_in(self, client: Client) -> None:
        course = yearly()
        CreditFactory(course=course, earned_on=LEARNED)
        learned(course, is_active=False)
        learned(course, surname="Ours")
        assert names(client.get(page_of(course))) == ["Ours"]

    def test_fifty_stand_on_a_page_and_all_in_the_file(self, client: Client) -> None:
        course = yearly()
        for _ in range(51):
            learned(course)
        assert [len(names(client.get(page_of(course), {"page": number}))) for number in (1, 2)] == [50, 1]
        assert len(client.get(page_of(course, ".csv")).content.decode().splitlines()) == 52

    def test_the_file_says_who_and_when(self, client: Client) -> None:
        course = yearly(code="N1")
        learned(course, forename="=Sam", surname="Okafor", address="sam@school.example", job_role="Teacher")
        response = client.get(page_of(course, ".csv"), {"within": "6"})
        assert 'filename="to-refresh-N1-2027-01-11.csv"' in response["Content-Disposition"]
        head, row = response.content.decode().removeprefix("\ufeff").splitlines()
        assert head == "Last name,First name,E-mail,Organisation,Sector,Borough,Job role,Learned on,Refresh by,Booked or waits"
        cells = row.split(",")
        assert (cells[:3], cells[6:]) == (
            ["Okafor", "'=Sam", "sam@school.example"],
            ["Teacher", "08/03/2026", "08/03/2027", "No"],
        )

    def test_both_ask_the_database_as_often_for_one_as_for_three(self, client: Client) -> None:
        course, counts = yearly(), []
        for _ in range(3):
            learned(course)
            asked = []
            for end in ("/", ".csv"):
                with CaptureQueriesContext(connection) as captured:
                    client.get(page_of(course, end))
                asked.append(len(captured))
            counts.append(asked)
        assert counts == [counts[0]] * 3

    def test_without_anybody_or_without_a_time_it_says_so(self, client: Client) -> None:
        said = [
            words(client.get(page_of(course)))
            for course in (yearly(), yearly(refresh_months=None), yearly(is_in_catalogue=False))
        ]
        assert [
            text in page
            for text, page in zip(("Nobody is to refresh it", "never refreshed", "not in the catalogue"), said, strict=True)
        ] == [True] * 3

    def test_it_is_found_from_the_course(self, client: Client) -> None:
        course, never = yearly(), yearly(refresh_months=None)
        link = 'href="/office/courses/{}/refreshing/"'
        assert [link.format(one.pk) in client.get(f"/office/courses/{one.pk}/").content.decode() for one in (course, never)] == [
            True,
            False,
        ]

    def test_a_course_of_another_partnership_is_not_there(self, client: Client) -> None:
        theirs = yearly(partnership=OtherPartnershipFactory(), theme=None, level=None)
        assert [client.get(page_of(theirs, end)).status_code for end in ("/", ".csv")] == [404, 404]

    @pytest.mark.parametrize("who", [PersonFactory, trainer, subgroup_member])
    def test_only_officers_see_it(self, client: Client, who: Any) -> None:
        course = yearly()
        client.force_login(who())
        assert [client.get(page_of(course, end)).status_code for end in ("/", ".csv")] == [403, 403]


@pytest.mark.both_databases
class TestAsksFirst:
    def test_months_that_make_letters_leave_are_asked_about(self, client: Client, at: datetime) -> None:
        course = yearly(refresh_months=None)
        learned(course)
        learned(course)
        address = f"/office/courses/{course.pk}/"
        page = client.post(address, sent_by(client.get(address), refresh_months="12"))
        assert "2 messages would leave at once" in words(page)
        assert [(one.label, one.count) for one in page.context["leaving"]] == [("Refresher due", 2)]
        course.refresh_from_db()
        assert (course.refresh_months, Message.objects.count()) == (None, 0)
        client.post(address, sent_by(page, checked="yes"))
        course.refresh_from_db()
        assert (course.refresh_months, send_refreshers(at)) == (12, 2)

    def test_a_course_back_in_the_catalogue_is_asked_about(self, client: Client) -> None:
        course = yearly(is_in_catalogue=False)
        learned(course)
        address = f"/office/courses/{course.pk}/"
        assert "1 message would leave at once" in words(client.post(address, sent_by(client.get(address), is_in_catalogue="on")))

    def test_months_by_which_nobody_hears_are_saved_without_a_question(self, client: Client) -> None:
        course = yearly(refresh_months=None)
        learned(course)
        address = f"/office/courses/{course.pk}/"
        assert client.post(address, sent_by(client.get(address), refresh_months="24")).status_code == 302
        course.refresh_from_db()
        assert course.refresh_months == 24

    def test_what_is_due_anyway_is_no_reason_to_ask(self, client: Client) -> None:
        course = yearly()
        learned(course)
        address = f"/office/courses/{course.pk}/"
        assert client.post(address, sent_by(client.get(address), title="Another name")).status_code == 302

    def test_more_weeks_for_everybody_are_asked_about(self, client: Client) -> None:
        learned(yearly(), LEARNED + timedelta(weeks=4))
        assert "1 message would leave at once" in words(client.post(TIMES, sent_by(client.get(TIMES), refresher_weeks="12")))
        assert not MessageSettings.objects.exists()

    def test_only_the_partnerships_own_are_counted(self, at: datetime) -> None:
        learned(yearly())
        learned(yearly(partnership=OtherPartnershipFactory(), theme=None, level=None))
        assert due_now(PartnershipFactory(), at=at) == {"refresher_due": 1}
        assert send_refreshers(at) == 2


class TestSettings:
    def test_the_weeks_are_shown_and_saved(self, client: Client) -> None:
        assert sent_by(client.get(TIMES))["refresher_weeks"] == ["8"]
        client.post(TIMES, sent_by(client.get(TIMES), refresher_weeks=""))
        assert MessageSettings.objects.get().refresher_weeks is None
        assert sent_by(client.get(TIMES))["refresher_weeks"] == [""]

    @pytest.mark.parametrize(("typed", "said"), [("0", "give 1 or more"), ("27", "give 26 at most"), ("x", "in digits")])
    def test_what_can_not_be_is_said_at_its_field(self, client: Client, typed: str, said: str) -> None:
        response = client.post(TIMES, sent_by(client.get(TIMES), refresher_weeks=typed))
        assert list(response.context["form"].errors) == ["refresher_weeks"]
        assert said in response.context["form"].errors["refresher_weeks"][0]

    def test_the_page_of_texts_says_when_it_leaves(self) -> None:
        text = TEXTS["refresher_due"]
        assert leaves(text, MessageSettings(refresher_weeks=8)).startswith(
            "8 weeks before the day by which they are to refresh it"
        )
        assert leaves(text, MessageSettings(refresher_weeks=None)) == "Not sent, as your settings say."


class TestPerson:
    @pytest.fixture
    def credit(self) -> Credit:
        return learned(yearly(), forename="Sam", surname="Smith")

    def states(self, client: Client, person: Person) -> list[tuple[str, str]]:
        response = client.get(f"/office/people/{person.pk}/")
        return [(row.when, row.state) for row in response.context["refreshers"]]

    def test_the_record_says_by_when_each_course_is_to_be_refreshed(self, client: Client, credit: Credit) -> None:
        CreditFactory(person=credit.person, course=credit.course, title="Before", earned_on=date(2025, 3, 8))
        for address in (f"/office/people/{credit.person_id}/", f"/office/people/{credit.person_id}/learning/"):
            page = words(client.get(address))
            assert (page.count("8 Mar 2026 Refresh by 8 Mar 2027"), page.count("Refresh by")) == (1, 1)

    def test_what_no_longer_counts_or_is_never_refreshed_names_no_day(self, client: Client, credit: Credit) -> None:
        Course.objects.update(refresh_months=None)
        assert "Refresh by" not in words(client.get(f"/office/people/{credit.person_id}/learning/"))

    def test_another_partnerships_course_is_not_shown(self, client: Client, credit: Credit) -> None:
        theirs = yearly(partnership=OtherPartnershipFactory(), theme=None, level=None)
        Credit.objects.update(course=theirs)
        assert self.states(client, credit.person) == []

    def test_the_letter_to_come_says_when_and_what_keeps_it_back(self, client: Client, credit: Credit, clock: Any) -> None:
        clock.move_to(datetime(2027, 1, 10, 9, tzinfo=UTC))
        planned = "Monday 11 January 2027, 8am"
        assert self.states(client, credit.person) == [(planned, "Planned")]
        booking = BookingFactory(person=credit.person, event=bookable_event(course=credit.course))
        assert self.states(client, credit.person) == [(planned, "Not sent while they have a date or wait for one")]
        booking.delete()
        mark_bounced(address=credit.person.main_address(), reason="Full", at=datetime(2027, 1, 1, tzinfo=UTC))
        assert self.states(client, credit.person) == [(planned, "Paused: the address bounced")]
        Person.objects.filter(pk=credit.person_id).update(is_active=False)
        assert self.states(client, credit.person) == [(planned, "Not sent while they can't sign in")]
        Partnership.objects.update(messages_from=date(2026, 4, 1))
        assert self.states(client, credit.person) == [("Never", "Not sent: learned before 1 Apr 2026")]
        Partnership.objects.update(messages_from=None)
        assert self.states(client, credit.person) == [("Never", "Not sent: the partnership writes to nobody yet")]
        change_message_settings(partnership=PartnershipFactory(), by=None, at=booking.booked_at, refresher_weeks=None)
        assert self.states(client, credit.person) == [("Never", "Not sent")]

    def test_one_that_is_written_is_found_there(self, client: Client, credit: Credit, at: datetime) -> None:
        assert self.states(client, credit.person) == [("Now", "Planned")]
        send_refreshers(at)
        message = Message.objects.get()
        page = words(client.get(f"/office/people/{credit.person_id}/"))
        assert "Refresher due: Neglect, by 8 Mar 2027 Monday 11 January 2027, 9am Waits to be sent" in page
        Message.objects.update(state=MessageState.SENT, sent_at=at)
        assert "Has it" in words(client.get(f"/office/people/{credit.person_id}/"))
        assert "You learned Neglect" in words(client.get(f"/office/messages/{message.pk}/"))

    def test_days_long_gone_and_far_ahead_name_no_letter(self, client: Client, credit: Credit) -> None:
        Credit.objects.update(earned_on=date(2025, 3, 8))
        assert self.states(client, credit.person) == []
        Course.objects.update(refresh_months=60)
        assert self.states(client, credit.person) == []

    def test_the_page_asks_the_database_as_often_for_one_as_for_three(self, client: Client, credit: Credit) -> None:
        counts = []
        for _ in range(3):
            CreditFactory(person=credit.person, course=yearly(), earned_on=LEARNED)
            with CaptureQueriesContext(connection) as captured:
                client.get(f"/office/people/{credit.person_id}/")
            counts.append(len(captured))
        assert counts == [counts[0]] * 3
