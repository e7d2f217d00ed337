from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import BookingStatus, InvitedPerson
from bookings.operations import book_place, change_message_settings
from elearning.models import Attempt, Module
from events.models import Event
from feedback.models import EvaluationForm
from feedback.operations import ensure_evaluation_form
from people.models import AFFILIATION_FIELDS, Partnership, Person
from records.models import Certificate
from records.operations import withdraw_equal
from registers.models import Attendance
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, charging
from tests.factories.courses import CourseFactory
from tests.factories.events import EventFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory
from tests.factories.records import AcceptedFactory, CertificateFactory, CreditFactory
from tests.website.pages import words
from website.views import MOST_CARDS

pytestmark = pytest.mark.django_db
BEFORE = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
LINK = "https://teams.example/join/1"


def attended(person: Person, **fields: object) -> Attendance:
    event = EventFactory(first_start=BEFORE)
    snapshot = {field: getattr(person, field) for field in AFFILIATION_FIELDS}
    row = {"event_kind": event.kind, "course": event.course, "date": event.starts_on, "outcome": "attended"} | snapshot | fields
    return Attendance.objects.create(event=event, person=person, **row)


def open_evaluation(event: Event) -> None:
    form = ensure_evaluation_form(event=event, at=BEFORE)
    EvaluationForm.objects.filter(pk=form.pk).update(opens_at=BEFORE, closes_at=datetime(2027, 2, 1, tzinfo=UTC))


def page_of(client: Client) -> str:
    return words(client.get("/my-learning/"))


def test_a_visitor_is_asked_to_sign_in(client: Client, partnership: object) -> None:
    response = client.get("/my-learning/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/my-learning/")


def test_somebody_new_is_told_how_to_begin(signed_in: Client) -> None:
    assert (
        page_of(signed_in)
        == "My learning Nothing booked yet What you book, and what you have learned, will be here. Find learning"
    )


def test_the_next_event_stands_first_with_its_joining_link_and_a_way_to_cancel(signed_in: Client, person: Person) -> None:
    BookingFactory(person=person, event=bookable_event(title="Second", first_start=datetime(2027, 3, 9, 9, 30, tzinfo=UTC)))
    BookingFactory(person=person, event=bookable_event(title="First", joining_link=LINK, format="virtual", venue=None))
    page = page_of(signed_in)
    assert page.index("First") < page.index("Second")
    assert (page.count(LINK), page.count("Cancel my place : First")) == (1, 1)


def test_a_place_that_only_a_manager_cancels_is_not_offered_to_be_cancelled(
    signed_in: Client, person: Person, at: datetime
) -> None:
    charging(who_may_cancel="manager")
    for title in ("First", "Second"):
        accepted_booking(at=at, person=person, event=bookable_event(title=title))
    page = page_of(signed_in)
    assert ("See this booking : Second" in page, "Cancel my place" in page) == (True, False)


def test_who_waits_sees_their_number_and_no_joining_link(signed_in: Client, person: Person) -> None:
    event = bookable_event(title="Full", places=1, joining_link=LINK)
    BookingFactory(event=event)
    BookingFactory(event=event, status="waiting", queue_number=4)
    BookingFactory(event=event, person=person, status="waiting", queue_number=7)
    page = page_of(signed_in)
    assert (page.count("Number 2 in line"), page.count("Leave the waiting list : Full"), page.count(LINK)) == (1, 1, 0)


def test_the_record_shows_what_the_registers_say(signed_in: Client, person: Person) -> None:
    attended(person)
    attended(person, outcome="did_not_attend")
    attended(BookingFactory().person)
    page = page_of(signed_in)
    assert (page.count("Attended"), page.count("Did not attend"), page.count("1 Dec 2026")) == (1, 1, 2)


def test_an_event_whose_register_is_not_finished_is_named(signed_in: Client, person: Person) -> None:
    BookingFactory(person=person, event=bookable_event(title="Last week", first_start=BEFORE))
    assert page_of(signed_in).count("the register is not finished: Last week (1 Dec 2026).") == 1


def test_what_ended_earlier_today_waits_for_its_register_after_what_ended_before(signed_in: Client, person: Person) -> None:
    for title, start in (("This morning", datetime(2027, 1, 26, 9, 30, tzinfo=UTC)), ("Last month", BEFORE)):
        BookingFactory(person=person, event=bookable_event(title=title, first_start=start))
    with time_machine.travel(datetime(2027, 1, 26, 23, 0, tzinfo=UTC), tick=False):
        page = page_of(signed_in)
    assert page.count("is not finished: Last month (1 Dec 2026), This morning (26 Jan 2027).") == 1
    assert "You have no place booked." in page


def test_modules_and_ended_bookings_are_there(signed_in: Client, person: Person, at: datetime) -> None:
    module = Module.objects.create(partnership=person.borough.partnership, title="Bruising in babies")
    Attempt.objects.create(module=module, person=person, started_at=at, completed_at=at, completed_on=date(2027, 1, 11), score=90)
    BookingFactory(person=person, status="cancelled", cancelled_by="delegate", event=bookable_event(title="Given up"))
    page = page_of(signed_in)
    assert (page.count("11 Jan 2027, 90%"), page.count("Cancelled and not placed (1) Given up")) == (1, 1)


def test_what_was_accepted_as_equal_is_there_until_it_is_withdrawn(signed_in: Client, person: Person, at: datetime) -> None:
    credit = AcceptedFactory(person=person, title="Core day", note="Did it at Bexmoor")
    CreditFactory(person=person, title="In the table of events")
    page = page_of(signed_in)
    assert ("Core day 1 Dec 2026 Did it at Bexmoor" in page, "In the table of events" in page) == (True, False)
    withdraw_equal(credit=credit, reason="Another course", by=None, at=at)
    assert "Core day" not in page_of(signed_in)


def test_an_open_evaluation_is_offered_to_those_who_were_there(signed_in: Client, person: Person, at: datetime) -> None:
    event = attended(person).event
    absent = attended(person, outcome="did_not_attend").event
    for each in (event, absent):
        BookingFactory(person=person, event=each)
        open_evaluation(each)
    assert page_of(signed_in).count("Evaluate") == 1


def test_an_evaluation_is_offered_once_the_event_has_ended(signed_in: Client, person: Person) -> None:
    event = BookingFactory(person=person, event=bookable_event()).event
    end = event.sessions.get().ends_at
    form = ensure_evaluation_form(event=event, at=BEFORE)
    EvaluationForm.objects.filter(pk=form.pk).update(opens_at=BEFORE, closes_at=end + timedelta(days=28))
    for moment, offered in ((end - timedelta(minutes=1), False), (end + timedelta(minutes=1), True)):
        with time_machine.travel(moment, tick=False):
            assert ("Evaluate" in page_of(signed_in)) is offered


def test_whoever_has_very_many_bookings_sees_the_next_few_and_the_rest_on_pages_of_their_own(
    signed_in: Client, person: Person
) -> None:
    for number in range(60):
        BookingFactory(person=person, event=bookable_event(title=f"Event {number}"))
    page = signed_in.get("/my-learning/")
    assert (words(page).count("See this booking"), "See all 60 bookings to come" in words(page)) == (MOST_CARDS, True)
    first, second = (signed_in.get("/my-learning/bookings/", {"page": number}) for number in (1, 2))
    assert [len(shown.context["page"]) for shown in (first, second)] == [50, 10]


def test_without_bookings_the_page_of_all_says_how_to_begin(signed_in: Client) -> None:
    assert "Nothing booked" in words(signed_in.get("/my-learning/bookings/"))


def test_the_number_of_queries_does_not_grow(signed_in: Client, person: Person) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            signed_in.get("/my-learning/")
        return len(captured)

    def add() -> None:
        attended(person)
        BookingFactory(person=person, event=bookable_event(sessions=2))
        BookingFactory(person=person, event=bookable_event(), status="waiting", queue_number=1)
        for status in ("requested", "awaiting_approval", "offered"):
            BookingFactory(person=person, event=bookable_event(), status=status)
        open_evaluation(attended(person).event)
        CertificateFactory(person=person, source_uuid=attended(person).event_id)
        AcceptedFactory(person=person)
        CreditFactory(person=person, course=CourseFactory(refresh_months=12), earned_on=date(2026, 3, 1))

    add()
    with_one = queries()
    add()
    add()
    assert queries() == with_one


def test_whoever_is_invited_to_a_closed_event_finds_it_here_until_they_book(signed_in: Client, person: Person) -> None:
    closed = {"is_closed": True, "neutral_title": "Learning event A", "title": "About one child"}
    event, other = bookable_event(**closed), bookable_event(is_closed=True, neutral_title="Not theirs")
    InvitedPerson.objects.create(event=event, address="priya.nair@school.example")
    InvitedPerson.objects.create(event=other, address="someone.else@school.example")
    page = page_of(signed_in)
    assert page.count("You are invited Learning event A , Tuesday 26 January 2027.") == 1
    assert ("Not theirs" in page, "About one child" in page) == (False, False)
    BookingFactory(event=event, person=person)
    assert "You are invited" not in page_of(signed_in)


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"status": "cancelled"}, {"first_start": BEFORE}])
def test_an_invitation_to_what_can_not_be_booked_is_not_shown(signed_in: Client, person: Person, fields: dict[str, Any]) -> None:
    event = bookable_event(is_closed=True, neutral_title="Learning event A", **fields)
    InvitedPerson.objects.create(event=event, address="priya.nair@school.example")
    assert "You are invited" not in page_of(signed_in)


def test_an_address_that_is_not_proved_invites_nobody(signed_in: Client, person: Person) -> None:
    event = bookable_event(is_closed=True, neutral_title="Learning event A")
    InvitedPerson.objects.create(event=event, address="claimed@school.example")
    EmailAddress.objects.create(user=person, email="claimed@school.example", verified=False)
    assert "You are invited" not in page_of(signed_in)


def test_a_place_that_is_offered_stands_on_top_and_is_taken_there(signed_in: Client, person: Person) -> None:
    BookingFactory(person=person)
    offered = BookingFactory(person=person, event=bookable_event(title="Neglect"), status="offered")
    page = page_of(signed_in)
    assert page.index("A place is free for you Neglect") < page.index("Next up")
    assert page.count("Neglect") == 3  # the line and its two buttons
    response = signed_in.post(f"/bookings/{offered.pk}/offer/", {"answer": "take"})
    offered.refresh_from_db()
    assert (response.status_code, offered.status) == (302, "confirmed")


def test_an_offered_place_that_can_cost_something_is_answered_where_the_cost_stands(
    signed_in: Client, person: Person, at: datetime
) -> None:
    charging(at=at)
    booking = accepted_booking(at=at, person=person, status=BookingStatus.OFFERED, offered_until=at + timedelta(hours=2))
    page = signed_in.get(reverse("my_learning")).content.decode()
    assert ("See the cost, if any, and answer" in page, "Take the place" in page) == (True, False)
    there = signed_in.get(reverse("booking", args=[booking.pk])).content.decode()
    assert ("Not coming: £50" in there, "Take the place" in there) == (True, True)


def test_what_is_not_sure_yet_says_what_happens_next(signed_in: Client, person: Person, at: datetime) -> None:
    BookingFactory(person=person, status="requested")
    approved = bookable_event(terms={"manager_role": "approves"})
    book_place(event=approved, person=person, by=person, at=at, manager_email="boss@school.example")
    page = page_of(signed_in)
    assert "It takes place once enough people have asked." in page
    assert "We have asked boss@school.example to approve. Without an answer by" in page
    assert page.count("Take my request back") == 2


def test_each_event_of_the_record_leads_to_its_certificate_while_that_stands(
    signed_in: Client, person: Person, at: datetime
) -> None:
    row, other = attended(person), attended(person)
    certificate = CertificateFactory(person=person, source_uuid=row.event_id)
    CertificateFactory(source_uuid=other.event_id)
    gone = CertificateFactory(person=person, source_uuid=other.event_id, withdrawn_at=at, withdrawn_reason="Was not there.")
    page = signed_in.get("/my-learning/").content.decode()
    assert (page.count("/certificates/"), f"/certificates/{certificate.pk}/" in page, str(gone.pk) in page) == (1, True, False)


def test_a_certificate_is_found_also_while_the_register_is_open_again(signed_in: Client, person: Person) -> None:
    certificate = CertificateFactory(person=person)
    said = "Certificates that hold while a register is looked at again: Recognising neglect (1 Dec 2026)."
    page = signed_in.get("/my-learning/")
    assert (said in words(page), f"/certificates/{certificate.pk}/" in page.content.decode()) == (True, True)
    row = attended(person)
    Certificate.objects.update(source_uuid=row.event_id)
    assert "Certificates that hold while" not in page_of(signed_in)


def test_what_is_to_be_refreshed_soon_stands_with_its_day_and_a_way_to_the_course(signed_in: Client, person: Person) -> None:
    course = CourseFactory(title="Neglect", refresh_months=12)
    AcceptedFactory(person=person, course=course, title="Neglect", earned_on=date(2026, 3, 8))
    response = signed_in.get("/my-learning/")
    assert "Due soon Refresh Neglect by Monday 8 March 2027. You learned it on 8 Mar 2026." in words(response)
    assert f'href="/courses/{course.pk}/"' in response.content.decode()
    BookingFactory(person=person, event=bookable_event(course=course))
    assert "You learned it on 8 Mar 2026. You have booked a date of it, or wait for one." in page_of(signed_in)


def test_a_day_that_has_gone_by_is_said_without_a_reproach(signed_in: Client, person: Person) -> None:
    CreditFactory(person=person, course=CourseFactory(title="Neglect", refresh_months=12), earned_on=date(2025, 3, 8))
    CreditFactory(person=person, course=CourseFactory(title="Core", refresh_months=12), earned_on=date(2026, 1, 20))
    page = page_of(signed_in)
    assert "Day gone by Neglect : the day to refresh it was Sunday 8 March 2026." in page
    assert page.index("Refresh Core by") < page.index("Day gone by")


@pytest.mark.parametrize(
    ("earned_on", "fields", "is_shown"),
    [
        (date(2026, 3, 8), {}, True),
        (date(2026, 3, 9), {}, False),
        (date(2026, 3, 8), {"is_in_catalogue": False}, False),
        (date(2026, 3, 8), {"refresh_months": None}, False),
    ],
)
def test_it_is_shown_from_eight_weeks_before(
    signed_in: Client, person: Person, earned_on: date, fields: dict[str, Any], is_shown: bool
) -> None:
    CreditFactory(person=person, course=CourseFactory(**{"refresh_months": 12, **fields}), earned_on=earned_on)
    assert ("To refresh" in page_of(signed_in)) is is_shown


def test_it_is_shown_from_when_the_letter_leaves(signed_in: Client, person: Person, at: datetime) -> None:
    CreditFactory(person=person, course=CourseFactory(refresh_months=12), earned_on=date(2026, 3, 20))
    assert "To refresh" not in page_of(signed_in)
    change_message_settings(partnership=PartnershipFactory(), by=None, at=at, refresher_weeks=12)
    assert "To refresh" in page_of(signed_in)


def test_the_record_says_by_when_each_course_is_to_be_refreshed(signed_in: Client, person: Person) -> None:
    course = CourseFactory(refresh_months=36)
    before, last = attended(person), attended(person, date=date(2026, 12, 2))
    for attendance in (before, last):
        CreditFactory(person=person, course=course, source_uuid=attendance.event_id, earned_on=attendance.date)
    AcceptedFactory(person=person, course=CourseFactory(refresh_months=12), earned_on=date(2026, 11, 30))
    page = page_of(signed_in)
    assert (page.count("2 Dec 2026 Refresh by 2 Dec 2029"), page.count("30 Nov 2026 Refresh by 30 Nov 2027")) == (1, 1)
    assert page.count("Refresh by") == 2


def test_another_partnerships_course_is_named_without_a_link(signed_in: Client, person: Person) -> None:
    theirs = CourseFactory(partnership=OtherPartnershipFactory(), theme=None, level=None, title="Theirs", refresh_months=12)
    CreditFactory(person=person, course=theirs, earned_on=date(2026, 3, 8))
    response = signed_in.get("/my-learning/")
    assert "Refresh Theirs by Monday 8 March 2027" in words(response)
    assert f"/courses/{theirs.pk}/" not in response.content.decode()


def test_a_course_says_how_often_it_is_to_be_refreshed(client: Client, partnership: Partnership) -> None:
    pages = [words(client.get(f"/courses/{CourseFactory(refresh_months=months).pk}/")) for months in (36, 18, None)]
    assert ["Refresh Every 3 years" in pages[0], "Refresh Every 18 months" in pages[1], "Refresh" in pages[2]] == [
        True,
        True,
        False,
    ]
