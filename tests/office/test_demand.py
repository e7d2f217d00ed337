"""Officers see who wants which course, and turn a service's request into an event."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.due import tell_of_planned_sessions
from bookings.models import BookingTerms, Interest, SessionRequest
from bookings.operations import ask_for_session, want_course
from core.clock import now
from core.csv_out import csv_text
from events.models import Event
from notifications.models import Message
from people.models import Person
from tests.factories.courses import CourseFactory
from tests.factories.events import VenueFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory
from tests.office.pages import sent_by
from tests.office.test_event_edit import NEW

pytestmark = pytest.mark.django_db

LIST, REQUESTS = "/office/demand/", "/office/demand/sessions/"


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def request_(at: datetime) -> SessionRequest:
    head = PersonFactory(forename="Hema", surname="Head")
    said: dict[str, Any] = {"subject": "Neglect for our staff", "people": 18, "wanted_when": "A Tuesday in March"}
    return ask_for_session(partnership=PartnershipFactory(), **said, place="Our hall", by=head, at=at)


def test_courses_are_listed_by_how_many_want_them(client: Client, olu: Person, at: datetime) -> None:
    much, little = CourseFactory(title="Neglect"), CourseFactory(title="Abuse")
    for course, count in ((much, 2), (little, 1)):
        for _ in range(count):
            want_course(course=course, person=PersonFactory(), by=None, at=at)
    theirs = CourseFactory(partnership=OtherPartnershipFactory(), theme=None, level=None)
    Interest.objects.create(course=theirs, person=PersonFactory(), asked_at=at)
    rows = list(client.get(LIST).context["page"])
    assert [(row["title"], row["people"], row["organisations"]) for row in rows] == [("Neglect", 2, 2), ("Abuse", 1, 1)]
    names = client.get(reverse("office_demand_course", args=[much.pk])).context["page"]
    assert [one.course for one in names] == [much, much]
    assert client.get(reverse("office_demand_course", args=[theirs.pk])).status_code == 404


def test_nobody_and_nothing_asked_for_say_what_would_be_there(client: Client, olu: Person) -> None:
    assert "Nobody waits for a date" in client.get(LIST).content.decode()
    assert "Nothing to answer" in client.get(REQUESTS).content.decode()
    assert "No service has asked yet" in client.get(REQUESTS, {"which": "all"}).content.decode()
    assert "Nobody wants it just now" in client.get(reverse("office_demand_course", args=[CourseFactory().pk])).content.decode()


def test_the_names_leave_as_a_file_that_runs_nothing(client: Client, olu: Person, at: datetime) -> None:
    person = PersonFactory(forename="=cmd", surname="O’Hare", address="sam@school.example", job_role="Teacher")
    want_course(course=CourseFactory(title="Neglect"), person=person, by=None, at=at)
    response = client.get("/office/demand.csv")
    row = ["Neglect", "O’Hare", "=cmd", "sam@school.example", person.organisation.name, "Primary schools", "Riverside"]
    header = ["Course", "Last name", "First name", "E-mail", "Organisation", "Sector", "Borough", "Job role", "Asked on"]
    assert response.content.decode() == csv_text(header, [[*row, "Teacher", "11/01/2027"]])
    assert "'=cmd" in response.content.decode()


def test_the_lists_ask_a_fixed_number_of_questions(
    client: Client, olu: Person, at: datetime, django_assert_max_num_queries: Any
) -> None:
    course = CourseFactory()
    for number in range(5):
        want_course(course=course, person=PersonFactory(), by=None, at=at)
        head, said = PersonFactory(), {"people": 5, "wanted_when": "May"}
        ask_for_session(partnership=course.partnership, subject=f"S{number}", **said, by=head, at=at)  # type: ignore[arg-type]
    for address in (
        LIST,
        REQUESTS,
        f"{REQUESTS}?which=all",
        reverse("office_demand_course", args=[course.pk]),
        "/office/demand.csv",
    ):
        with django_assert_max_num_queries(16):
            assert client.get(address).status_code == 200


def test_today_says_that_a_service_asks(client: Client, olu: Person, request_: SessionRequest) -> None:
    assert "1 service asks for a session of their own" in client.get("/office/").content.decode()


def test_a_request_becomes_an_event_with_what_was_asked(client: Client, olu: Person, request_: SessionRequest) -> None:
    hall = VenueFactory(name="Hall")
    url = reverse("office_session_request", args=[request_.pk])
    link = f"{NEW}?request={request_.pk}"
    assert link in client.get(url).content.decode()
    page = client.get(link)
    assert "When: A Tuesday in March. Where: Our hall." in page.content.decode()
    dates = {"sessions_0_day": "16/03/2027", "sessions_0_start": "13:00", "sessions_0_end": "16:00"}
    sent = sent_by(page, **dates, format="classroom", venue=str(hall.pk))
    assert client.post(link, sent).status_code == 302
    event = Event.objects.get()
    assert (event.kind, event.title, event.for_organisation) == ("single_agency", "Neglect for our staff", request_.organisation)
    assert BookingTerms.objects.get(event=event).booking_limit == 18
    request_.refresh_from_db()
    assert (request_.status, request_.event) == ("planned", event)
    page = client.get(url).content.decode()
    assert "Became" in page
    assert "Not yet: Hema Head gets a letter when you publish the event" in page
    assert Message.objects.count() == 0
    client.post(reverse("office_event_publish", args=[event.pk]))
    assert "Hema Head gets a letter within a minute" in client.get(url).content.decode()
    tell_of_planned_sessions(now())
    assert "Tuesday 16 March 2027, 1pm to 4pm" in Message.objects.get(kind="session_planned").text
    assert "asks for this session" not in client.get(link).content.decode()


def test_a_form_that_is_refused_leaves_the_request_open(client: Client, olu: Person, request_: SessionRequest) -> None:
    link = f"{NEW}?request={request_.pk}"
    assert client.post(link, sent_by(client.get(link), format="classroom")).status_code == 200
    request_.refresh_from_db()
    assert (request_.status, Event.objects.count(), Message.objects.count()) == ("asked", 0, 0)


def test_declining_says_why_not_and_can_be_opened_again(client: Client, olu: Person, request_: SessionRequest) -> None:
    url = reverse("office_session_request", args=[request_.pk])
    assert client.post(url, {"reason": " "}).context["form"].errors == {"reason": ["Say why: the reason is kept."]}
    html = client.post(url, {"reason": "No trainer."}, follow=True).content.decode()
    assert "Declined. Hema Head will be told by e-mail." in html
    again = client.post(url, {"reason": "Twice."})
    assert again.context["form"].non_field_errors() == [
        "This request is declined already. Load the page again to see how it stands."
    ]
    reopened = client.post(reverse("office_session_request_reconsider", args=[request_.pk]), follow=True).content.decode()
    assert "The request is open again." in reopened
    request_.refresh_from_db()
    assert request_.status == "asked"


def test_nobody_else_sees_names_or_requests(client: Client, olu: Person, request_: SessionRequest) -> None:
    SessionRequest.objects.filter(pk=request_.pk).update(partnership=OtherPartnershipFactory())
    url = reverse("office_session_request", args=[request_.pk])
    assert (client.get(url).status_code, client.post(url, {"reason": "No"}).status_code) == (404, 404)
    client.force_login(PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in (LIST, REQUESTS, url, "/office/demand.csv"):
        assert client.get(address).status_code == 403
