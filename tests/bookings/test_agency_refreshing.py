"""A training lead sees who of their agency is to refresh what: their own people, and nothing that is not theirs to know."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Booking
from courses.models import Course
from people.models import Grant, Person
from records.models import Credit
from tests.factories.agency import colleague_of, lead_of
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PersonFactory
from tests.factories.records import CreditFactory

pytestmark = pytest.mark.django_db

LEARNED = date(2026, 3, 8)  # a year on it is eight weeks from the day of these tests


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def lead(client: Client) -> Grant:
    grant = lead_of(OrganisationFactory(name="Oak School"))
    client.force_login(grant.person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return grant


@pytest.fixture
def neglect() -> Course:
    return CourseFactory(title="Neglect", code="N1", refresh_months=12)


def learned(person: Person, course: Course, earned_on: date = LEARNED, **fields: Any) -> Credit:
    return CreditFactory(person=person, course=course, earned_on=earned_on, **fields)


def page(client: Client, grant: Grant, **query: str) -> Any:
    return client.get(reverse("agency_refreshing", args=[grant.pk]), query)


def shown(response: Any) -> list[tuple[str, str, bool]]:
    return [(credit.course.title, credit.person.surname, credit.is_seen_to) for credit, _ in response.context["rows"]]


def test_it_lists_their_people_by_course_with_the_nearest_day_first(client: Client, lead: Grant, neglect: Course) -> None:
    adults = CourseFactory(title="Adults", code="A1", refresh_months=36)
    ada, ben = colleague_of(lead, surname="Ada"), colleague_of(lead, surname="Ben")
    learned(ben, neglect, date(2026, 3, 20))
    learned(ada, neglect)
    learned(ben, adults, date(2024, 2, 1))
    learned(PersonFactory(), neglect)
    learned(ada, CourseFactory(title="Once", code="O1", refresh_months=None))
    assert shown(page(client, lead)) == [("Adults", "Ben", False), ("Neglect", "Ada", False), ("Neglect", "Ben", False)]
    assert shown(page(client, lead, course=str(neglect.pk), q="ada")) == [("Neglect", "Ada", False)]
    assert "Nobody fits" in page(client, lead, q="nobody").content.decode()


def test_the_day_that_has_gone_by_is_another_list(client: Client, lead: Grant, neglect: Course) -> None:
    learned(colleague_of(lead, surname="Ada"), neglect, date(2026, 1, 10))
    learned(colleague_of(lead, surname="Ben"), neglect, date(2026, 11, 1))
    lists = {key: [name for _, name, _ in shown(page(client, lead, within=key))] for key in ("3", "6", "12", "past", "mangled")}
    assert lists == {"3": [], "6": [], "12": ["Ben"], "past": ["Ada"], "mangled": []}


def test_only_what_was_booked_from_the_agency_counts_as_booked(client: Client, lead: Grant, neglect: Course) -> None:
    event = bookable_event(course=neglect)
    ada, ben = colleague_of(lead, surname="Ada"), colleague_of(lead, surname="Ben")
    for person in (ada, ben):
        learned(person, neglect)
    BookingFactory(event=event, person=ada)
    booking, elsewhere = BookingFactory(event=event, person=ben), OrganisationFactory()
    Booking.objects.filter(pk=booking.pk).update(organisation=elsewhere, sector=elsewhere.sector)
    assert shown(page(client, lead)) == [("Neglect", "Ada", True), ("Neglect", "Ben", False)]


def test_what_was_learned_at_a_closed_event_stays_there(client: Client, lead: Grant, neglect: Course) -> None:
    closed = bookable_event(course=neglect, is_closed=True, neutral_title="Learning event")
    learned(colleague_of(lead), neglect, source_uuid=closed.pk)
    assert shown(page(client, lead)) == []


def test_other_partnerships_courses_are_not_in_it(client: Client, lead: Grant) -> None:
    theirs = CourseFactory(partnership=OtherPartnershipFactory(), theme=None, level=None, refresh_months=12)
    learned(colleague_of(lead), theirs)
    response = page(client, lead, course=str(theirs.pk))
    assert "Nothing is to be refreshed" in response.content.decode()
    assert shown(response) == []


def test_the_file_holds_all_that_the_page_shows(client: Client, lead: Grant, neglect: Course) -> None:
    ada = colleague_of(lead, forename="Ada", surname="=Lee")
    learned(ada, neglect)
    answer = client.get(reverse("agency_refreshing_csv", args=[lead.pk]), {"course": str(neglect.pk)})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1] == ["Neglect", "'=Lee", "Ada", ada.main_address(), ada.job_role, "08/03/2026", "08/03/2027", "No"]


@pytest.mark.parametrize("name", ["agency_refreshing", "agency_refreshing_csv"])
def test_nobody_sees_another_agencys(client: Client, lead: Grant, name: str) -> None:
    other = lead_of(OrganisationFactory())
    assert client.get(reverse(name, args=[other.pk])).status_code == 404
    client.force_login(PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse(name, args=[lead.pk])).status_code == 403


def test_it_asks_as_often_for_one_as_for_three(client: Client, lead: Grant, neglect: Course) -> None:
    learned(colleague_of(lead), neglect)
    page(client, lead)
    counts = []
    for more in (0, 2):
        for _ in range(more):
            learned(colleague_of(lead), neglect)
        with CaptureQueriesContext(connection) as asked:
            page(client, lead)
        counts.append(len(asked))
    assert counts[0] == counts[1]
