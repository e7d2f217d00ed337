"""The list of events, and the pages of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Booking, BookingStatus, InvitedPerson
from bookings.operations import book_place, cancel_booking
from core import audit
from core.csv_out import csv_text
from events.models import Event, EventStatus
from events.operations import publish_event
from notifications.models import Message
from people.models import Person
from registers.queries import sessions_without_register
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.events import EventFactory
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PersonFactory,
    SectorFactory,
    officer,
    subgroup_member,
    trainer,
)

pytestmark = pytest.mark.django_db

LIST = "/office/events/"
TABS = ("", "people", "register", "evaluation", "messages", "history")
PAGES = ("change", "cancel", "book", "people.csv", *TABS)


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def url(event: Event, page: str = "") -> str:
    return f"/office/events/{event.pk}/{page}{'/' if page and '.' not in page else ''}"


def titles(client: Client, **filters: str) -> list[str]:
    return [row.event.title for row in client.get(LIST, filters).context["rows"]]


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def other_event(**fields: Any) -> Event:
    return bookable_event(lead_host=OtherPartnershipFactory(), course=None, venue=None, **fields)


def test_each_event_stands_under_its_time_and_state(client: Client, olu: Person) -> None:
    bookable_event(title="Soon")
    bookable_event(title="Today", starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 11))
    bookable_event(title="Over", starts_on=date(2027, 1, 8), ends_on=date(2027, 1, 8))
    bookable_event(title="Draft", status=EventStatus.DRAFT)
    bookable_event(title="Off", status=EventStatus.CANCELLED)
    other_event(title="Theirs")
    assert titles(client) == ["Today", "Soon"]
    assert titles(client, when="past") == ["Over"]
    assert titles(client, when="drafts") == ["Draft"]
    assert titles(client, when="cancelled") == ["Off"]
    assert titles(client, when="all") == ["Draft", "Off", "Soon", "Today", "Over"]
    assert titles(client, when="whenever") == ["Today", "Soon"]


def test_events_are_found_by_title_course_and_venue_and_filters_come_off(client: Client, olu: Person) -> None:
    bookable_event(title="Neglect for schools", kind="briefing")
    bookable_event(title="Forum", course=None, kind="forum", starts_on=date(2027, 1, 27), ends_on=date(2027, 1, 27))
    assert titles(client, q="NEGLECT schools") == ["Neglect for schools"]
    assert titles(client, q="civic") == ["Neglect for schools", "Forum"]
    assert titles(client, kind="forum") == ["Forum"]
    assert titles(client, kind="nonsense") == ["Neglect for schools", "Forum"]
    page = client.get(LIST, {"kind": "forum", "q": "a&b"})
    assert page.context["rows"] == []
    assert [tag["href"] for tag in page.context["tags"]] == [f"{LIST}?when=upcoming&kind=forum", f"{LIST}?when=upcoming&q=a%26b"]


def test_the_list_says_how_many_places_are_taken_and_how_many_wait(client: Client, olu: Person) -> None:
    event = bookable_event(places=2, title="Forum")
    for _ in range(2):
        BookingFactory(event=event)
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
    assert "2 of 2, 1 waiting" in client.get(LIST).content.decode()
    EventFactory(title="Told afterwards")
    assert "None to book" in client.get(LIST).content.decode()


@pytest.mark.parametrize(("asked", "said"), [(1, "Tentative: 2 more needed"), (3, "Tentative")])
def test_an_event_that_is_not_sure_yet_says_how_many_are_missing(client: Client, olu: Person, asked: int, said: str) -> None:
    event = bookable_event(terms={"minimum": 3})
    for _ in range(asked):
        BookingFactory(event=event, status=BookingStatus.REQUESTED)
    badge = f'<strong class="govuk-tag govuk-tag--yellow">{said}</strong>'
    assert [badge in client.get(page).content.decode() for page in (LIST, url(event))] == [True, True]


def test_the_control_an_event_that_takes_place_is_not_tentative(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(terms={"minimum": 3, "firm_at": at})
    assert ["Tentative" in client.get(page).content.decode() for page in (LIST, url(event))] == [False, False]


def test_one_event_three_and_sixty_take_the_same_queries(client: Client, olu: Person) -> None:
    bookable_event()
    one = queries(client, LIST)
    for _ in range(2):
        BookingFactory(event=bookable_event())
    three = queries(client, LIST)
    for number in range(57):
        bookable_event(title=f"Event {number}")
    assert (three, queries(client, LIST)) == (one, one)
    assert len(titles(client)) == 50
    assert len(titles(client, page="2")) == 10
    assert "page=2" in client.get(LIST, {"q": "e"}).content.decode()


@pytest.mark.parametrize("page", ["", "people", "people.csv", "messages", "history"])
def test_an_events_pages_take_the_same_queries_for_one_and_thirty(client: Client, olu: Person, at: datetime, page: str) -> None:
    def book(event: Event, count: int) -> None:
        for _ in range(count):
            person = PersonFactory(
                organisation=OrganisationFactory(sector=SectorFactory(name=f"Sector {Booking.objects.count()}"))
            )
            book_place(event=event, person=person, by=olu, at=at)
        for _ in range(count):
            made = book_place(event=event, person=PersonFactory(), by=None, at=at)
            cancel_booking(booking=made, cancelled_by="delegate", by=made.person, at=at)

    few, many = (bookable_event(places=20, status=EventStatus.DRAFT) for _ in range(2))
    for event in (few, many):
        publish_event(event=event, by=olu, at=at)
    book(few, 1)
    book(many, 30)
    for event in (few, many):  # so that the first page of the history holds both sorts of steps
        audit.record(action="event changed", about=event, by=olu, at=at + timedelta(minutes=1))
    assert queries(client, url(many, page)) == queries(client, url(few, page))


def test_people_are_booked_waiting_in_line_or_gone(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=1)
    booked, first, second = (
        book_place(event=event, person=PersonFactory(surname=name), by=None, at=at) for name in ("Zed", "Young", "Abel")
    )
    gone = BookingFactory(event=event, status=BookingStatus.CANCELLED, cancelled_by="delegate", ended_at=at)
    asked = BookingFactory(event=event, status=BookingStatus.AWAITING_APPROVAL)
    sections = client.get(url(event, "people")).context["sections"]
    assert [(section.key, [row.pk for row in section.rows]) for section in sections] == [
        ("awaiting", [asked.pk]),
        ("waiting", [first.pk, second.pk]),
        ("booked", [booked.pk]),
        ("ended", [gone.pk]),
    ]


def test_nobody_is_told_to_book_where_nobody_can(client: Client, olu: Person) -> None:
    draft, open_now = bookable_event(status=EventStatus.DRAFT), bookable_event()
    over = bookable_event(first_start=datetime(2027, 1, 4, 9, tzinfo=UTC))
    said = {
        draft: "This is a draft. Once it is published people can book",
        open_now: "People appear here as they book.",
        over: "This event takes no bookings now.",
    }
    pages = {event: client.get(url(event, "people")).content.decode() for event in said}
    assert {event: [words for words in said.values() if words in pages[event]] for event in said} == {
        event: [words] for event, words in said.items()
    }


def test_the_file_of_people_has_a_row_each_and_runs_no_formula(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=1)
    school = OrganisationFactory(name="Alder Primary", sector=SectorFactory(name="Schools"))
    book_place(
        event=event, person=PersonFactory(surname="=Zed", organisation=school, address="zed@school.example"), by=None, at=at
    )
    book_place(event=event, person=PersonFactory(surname="Abel", organisation=school, address__none=True), by=olu, at=at)
    response = client.get(url(event, "people.csv"))
    header = ["Last name", "First name", "E-mail", "Organisation", "Sector", "Borough", "Job role", "Line manager's e-mail"]
    school_of = ["Alder Primary", "Schools", "Riverside", "Teacher", ""]
    expected = [
        ["=Zed", "Sam", "zed@school.example", *school_of, "Confirmed", None],
        ["Abel", "Sam", None, *school_of, "On the waiting list", 1],
    ]
    assert response.content.decode() == csv_text([*header, "Status", "Place in line"], expected)
    assert "'=Zed" in response.content.decode()
    assert response.headers["Content-Disposition"] == 'attachment; filename="people-2027-01-26.csv"'


def test_the_messages_of_an_event_are_those_of_its_bookings(client: Client, olu: Person, at: datetime) -> None:
    event, other = bookable_event(), bookable_event()
    for one in (event, other):
        book_place(event=one, person=PersonFactory(), by=None, at=at)
    about = [row.about for row in client.get(url(event, "messages")).context["page"]]
    assert about == [f"booking:{Booking.objects.get(event=event).pk}"]
    Message.objects.all().delete()
    assert "No messages yet" in client.get(url(event, "messages")).content.decode()


def test_the_history_says_who_went_over_which_rule_and_why(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(terms={"closes_at": at - timedelta(days=1)})
    person = PersonFactory(forename="Ana", surname="Lee")
    book_place(event=event, person=person, by=olu, at=at, rule_set_aside=True, reason="Court ordered it")
    html = client.get(url(event, "history")).content.decode()
    for words in ("Ana Lee: Confirmed", "Olu Officer", "Over a rule (closed).", "Court ordered it"):
        assert words in html


def test_a_long_history_comes_in_pages(client: Client, olu: Person) -> None:
    event = bookable_event()
    booking = BookingFactory(event=event)
    moment = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
    for number in range(101):
        booking.changes.create(at=moment + timedelta(minutes=number), to_status="confirmed")
    page = client.get(url(event, "history"))
    assert (len(page.context["lines"]), page.context["lines"][0].step.at) == (50, moment + timedelta(minutes=100))
    assert "101 steps, newest first, page 1 of 3" in page.content.decode()
    assert [line.step.at for line in client.get(url(event, "history"), {"page": "3"}).context["lines"]] == [moment]


@pytest.mark.both_databases
def test_every_step_of_the_event_itself_is_reached_in_one_order_with_those_of_its_bookings(client: Client, olu: Person) -> None:
    event, other = bookable_event(), bookable_event()
    booking = BookingFactory(event=event)
    moment = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
    for number in range(60):
        audit.record(action=f"event changed {number}", about=event, by=olu, at=moment + timedelta(minutes=2 * number))
        booking.changes.create(at=moment + timedelta(minutes=2 * number + 1), to_status="confirmed")
    audit.record(action="another one changed", about=other, by=olu, at=moment)
    BookingFactory(event=other).changes.create(at=moment, to_status="confirmed")
    pages = [client.get(url(event, "history"), {"page": number}) for number in (1, 2, 3)]
    said = [line.entry.action if line.entry else line.step.at for page in pages for line in page.context["lines"]]
    expected = [
        one for number in range(59, -1, -1) for one in (moment + timedelta(minutes=2 * number + 1), f"event changed {number}")
    ]
    assert said == expected
    assert "Event changed 0" in pages[2].content.decode()
    assert queries(client, f"{url(event, 'history')}?page=3") == queries(client, url(event, "history"))


def test_many_messages_of_an_event_come_in_pages_and_are_found_by_address(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=60)
    for number in range(52):
        book_place(event=event, person=PersonFactory(address=f"p{number:02}@school.example"), by=None, at=at)
    page = client.get(url(event, "messages"))
    assert (len(page.context["page"]), "52 messages, page 1 of 2" in page.content.decode()) == (50, True)
    found = client.get(url(event, "messages"), {"q": "p07@"}).context["page"]
    assert [message.to_address for message in found] == ["p07@school.example"]
    nobody = client.get(url(event, "messages"), {"q": "nobody"}).content.decode()
    assert "No message about this event went to “nobody”." in nobody


def test_a_draft_offers_to_publish_and_a_cancelled_event_says_why(client: Client, olu: Person) -> None:
    draft = bookable_event(status=EventStatus.DRAFT)
    assert reverse("office_event_publish", args=[draft.pk]) in client.get(url(draft)).content.decode()
    off = bookable_event(status=EventStatus.CANCELLED, cancelled_reason="The hall <b>burnt</b>")
    html = client.get(url(off)).content.decode()
    assert "The hall &lt;b&gt;burnt&lt;/b&gt;" in html
    assert reverse("office_event_change", args=[off.pk]) not in html


def test_a_closed_event_says_how_many_are_invited(client: Client, olu: Person) -> None:
    event = bookable_event(title="Child K", is_closed=True, neutral_title="Learning event")
    assert "Nobody is invited yet, so nobody can book it." in client.get(url(event)).content.decode()
    InvitedPerson.objects.create(event=event, address="ana@school.example")
    html = client.get(url(event)).content.decode()
    assert ("1 invited." in html, f"http://testserver{reverse('book', args=[event.pk])}" in html) == (True, True)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_for_officers(client: Client, page: str) -> None:
    event = bookable_event()
    assert client.get(url(event, page)).status_code == 302
    for person in (PersonFactory(), trainer(), subgroup_member()):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get(url(event, page)).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_another_partnerships_event_is_not_found(client: Client, olu: Person, page: str) -> None:
    assert client.get(url(other_event(), page)).status_code == 404
    event = bookable_event()
    theirs = GrantFactory(partnership=OtherPartnershipFactory(), role="officer").person
    client.force_login(theirs, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(url(event, page)).status_code in (403, 404)


@pytest.mark.parametrize("page", ["publish", "change", "cancel", "book"])
def test_nobody_else_changes_an_event(client: Client, page: str) -> None:
    event = bookable_event(status=EventStatus.DRAFT)
    before = Event.objects.values().get(pk=event.pk)
    for person in (PersonFactory(), trainer()):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.post(url(event, page), {"reason": "x"}).status_code == 403
    client.force_login(officer(), backend="allauth.account.auth_backends.AuthenticationBackend")
    theirs = other_event(status=EventStatus.DRAFT)
    assert client.post(url(theirs, page), {"reason": "x"}).status_code == 404
    assert Event.objects.values().get(pk=event.pk) == before


def test_opening_a_page_changes_nothing(client: Client, olu: Person) -> None:
    event = bookable_event()
    person = BookingFactory(event=bookable_event()).person
    before = [Event.objects.values().get(pk=event.pk), Booking.objects.count(), Message.objects.count()]
    paths = [LIST, "/office/", "/office/events/new/", url(event, f"book/{person.pk}"), *(url(event, page) for page in PAGES)]
    with CaptureQueriesContext(connection) as captured:
        assert {client.get(path).status_code for path in paths} == {200}
    written = [query["sql"] for query in captured if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in written if "django_session" not in sql] == []
    assert [Event.objects.values().get(pk=event.pk), Booking.objects.count(), Message.objects.count()] == before


def test_an_event_that_too_few_booked_is_said_not_to_have_taken_place(client: Client, olu: Person) -> None:
    event = bookable_event(title="Neglect", terms={"minimum": 5})
    with time_machine.travel(datetime(2027, 1, 25, 9, 0, tzinfo=UTC), tick=False):
        assert "Tentative: 5 more needed" in client.get(url(event)).content.decode()
        assert "Nobody is recorded at this event" not in client.get(url(event)).content.decode()
    with time_machine.travel(datetime(2027, 1, 27, 9, 0, tzinfo=UTC), tick=False):
        page = client.get(url(event)).content.decode()
        assert ("Too few booked" in page, "Nobody is recorded at this event" in page, "Tentative" in page) == (True, True, False)
        assert "Neglect did not take place?" in client.get(url(event, "cancel")).content.decode()
        done = client.post(url(event, "cancel"), {"reason": "Too few people booked"}, follow=True).content.decode()
        assert ("Called off. Nobody was booked." in done, "Too few people booked" in done) == (True, True)
        assert [session.event for session in sessions_without_register(event.lead_host, datetime.now(UTC))] == []
