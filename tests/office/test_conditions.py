"""An officer says who may book an event, or every event of a course."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.conditions import conditions_of, in_words
from bookings.models import Condition, ConditionKind
from bookings.operations import copy_events, set_conditions
from bookings.wanted import Wanted
from events.models import Event
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory, LevelFactory
from tests.factories.events import EventFactory
from tests.factories.people import BoroughFactory, OtherPartnershipFactory, PersonFactory, SectorFactory
from tests.office.pages import sent_by
from tests.office.test_event_edit import NEW, typed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def url_of(event: Event) -> str:
    return reverse("office_event_conditions", args=[event.pk])


def test_each_kind_is_said_on_one_page_and_read_in_words_on_the_event(client: Client, olu: Person) -> None:
    event = bookable_event()
    health, north, level = SectorFactory(name="Health"), BoroughFactory(name="North"), LevelFactory(name="Core")
    first, equal = CourseFactory(title="Introduction"), CourseFactory(title="Refresher")
    says = {"sectors": [str(health.pk)], "boroughs": [str(north.pk)], "job_roles": "Social worker\n\n", "level": str(level.pk)}
    says |= {"courses_1": [str(first.pk), str(equal.pk)], "agency_limit": "2", "courses_2": [str(equal.pk)]}
    assert client.post(url_of(event), sent_by(client.get(url_of(event)), **says)).status_code == 302
    html = client.get(reverse("office_event", args=[event.pk])).content.decode()
    for words in (
        "For people who work in Health.",
        "For people who work in North.",
        "For people whose job role is Social worker.",
        "You need to have attended a course of the level Core first",
        "You need to have attended “Introduction” or “Refresher” first",
        "At most 2 places for each agency.",
    ):
        assert words in html
    again = sent_by(client.get(url_of(event)))
    assert (again["sectors"], again["job_roles"], again["agency_limit"]) == ([str(health.pk)], ["Social worker"], ["2"])
    groups = sorted(sorted(again[name]) for name in ("courses_1", "courses_2"))
    assert groups == sorted([sorted([str(first.pk), str(equal.pk)]), [str(equal.pk)]])
    client.post(url_of(event), sent_by(client.get(url_of(event)), sectors=[], agency_limit="", courses_2=[]))
    assert set(Condition.objects.values_list("kind", flat=True)) == {"borough", "job_role", "level", "course_first"}


@pytest.mark.parametrize(
    ("says", "field", "sentence"),
    [
        ({"agency_limit": "0"}, "agency_limit", "Give the most places for an agency: 1 or more."),
        ({"agency_limit": "two"}, "agency_limit", "Write the number in digits, like 3."),
        ({"partners_only": "on"}, "partners_only", "No agency is named as a partner yet"),
    ],
)
def test_what_can_not_be_is_said_at_its_field(
    client: Client, olu: Person, says: dict[str, str], field: str, sentence: str
) -> None:
    event = bookable_event()
    response = client.post(url_of(event), sent_by(client.get(url_of(event)), **says))
    assert sentence in response.context["form"].errors[field][0]
    assert "<title>Error: " in response.content.decode()
    assert Condition.objects.count() == 0


def test_the_course_itself_and_what_is_another_partnerships_can_not_be_chosen(client: Client, olu: Person) -> None:
    event = bookable_event()
    theirs = CourseFactory(partnership=OtherPartnershipFactory(), theme=None, level=None)
    for course in (event.course, theirs):
        response = client.post(url_of(event), sent_by(client.get(url_of(event)), courses_1=[str(course.pk)]))
        assert list(response.context["form"].errors) == ["courses_1"]


def test_it_says_how_many_of_those_booked_would_not_meet_it_and_they_stay(client: Client, olu: Person) -> None:
    event, health = bookable_event(), SectorFactory(name="Health")
    booked = [BookingFactory(event=event) for _ in range(2)]
    page = client.post(url_of(event), sent_by(client.get(url_of(event)), sectors=[str(health.pk)]))
    assert "<strong>2 do not meet:</strong> For people who work in Health." in page.content.decode()
    assert Condition.objects.count() == 0
    back = client.post(url_of(event), {**sent_by(page), "back": "yes"})
    assert sent_by(back)["sectors"] == [str(health.pk)]
    assert client.post(url_of(event), {**sent_by(page), "checked": "yes"}).status_code == 302
    assert Condition.objects.count() == 1
    for booking in booked:
        booking.refresh_from_db()
    assert {one.status for one in booked} == {"confirmed"}


def test_a_course_says_it_for_all_its_events(client: Client, olu: Person) -> None:
    course, health = CourseFactory(), SectorFactory(name="Health")
    for _ in range(2):
        BookingFactory(event=bookable_event(course=course))
    url = reverse("office_course_conditions", args=[course.pk])
    page = client.post(url, sent_by(client.get(url), sectors=[str(health.pk)]))
    assert "2 do not meet" in page.content.decode()
    client.post(url, {**sent_by(page), "checked": "yes"})
    event = EventFactory(course=course)
    assert [in_words(one) for one in conditions_of(event)] == ["For people who work in Health."]
    assert "From its course" in client.get(url_of(event)).content.decode()


def test_copies_keep_the_conditions_of_the_event(client: Client, olu: Person, at: datetime) -> None:
    event, health = bookable_event(), SectorFactory(name="Health")
    set_conditions(event=event, wanted=[Wanted(ConditionKind.SECTOR, sectors=[health])], by=olu, at=at)
    [copy] = copy_events(copies=[(event, date(2027, 5, 11))], by=olu, at=at)
    client.post(f"{NEW}?like={event.pk}", typed(client, f"{NEW}?like={event.pk}", title="By hand"))
    for one in (copy, Event.objects.get(title="By hand")):
        assert [in_words(condition) for condition in conditions_of(one)] == ["For people who work in Health."]


def test_nobody_else_says_it(client: Client, olu: Person) -> None:
    theirs = bookable_event(lead_host=OtherPartnershipFactory(), course=None)
    assert client.get(url_of(theirs)).status_code == 404
    client.force_login(PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(url_of(bookable_event())).status_code == 403
