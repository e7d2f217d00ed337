"""What needs an officer today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import ApprovalRequest, BookingStatus
from bookings.operations import book_place
from events.models import Event, EventStatus
from imports.queries import unmatched_texts as texts_to_settle
from notifications.models import MessageState
from office.queries import unmatched_texts
from people.models import OrganisationState, Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.notifications import MessageFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, SectorFactory, trainer

pytestmark = pytest.mark.django_db

TODAY = "/office/"


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def on(day: date, **fields: object) -> Event:
    return bookable_event(starts_on=day, ends_on=day, **fields)


def unmatched(text: str) -> Person:
    nowhere = {"organisation": None, "organisation_state": OrganisationState.UNMATCHED, "sector": None, "borough": None}
    return PersonFactory(organisation_text=text, **nowhere)


def test_a_quiet_day_says_what_would_be_here(client: Client, olu: Person) -> None:
    html = client.get(TODAY).content.decode()
    assert "Monday 11 January 2027" in html
    assert "Nothing needs you just now" in html
    assert "No event today." in html


def test_it_names_what_needs_somebody(client: Client, olu: Person) -> None:
    over, thin = on(date(2027, 1, 8), title="Over"), on(date(2027, 1, 20), title="Thin", places=10)
    full, late = on(date(2027, 1, 20), title="Half full", places=2), on(date(2027, 3, 20), title="Far off")
    BookingFactory(event=full)
    draft = on(date(2027, 2, 1), title="Draft", status=EventStatus.DRAFT)
    MessageFactory(state=MessageState.FAILED)
    BookingFactory(event=late, person=unmatched("Nobody's school"))
    html = client.get(TODAY).content.decode()
    assert "1 message could not be sent" in html
    assert "1 organisation nobody could match" in html
    assert reverse("register", args=[over.sessions.get().pk]) in html
    assert reverse("office_event_people", args=[thin.pk]) in html
    assert "0 of 10" in html
    assert reverse("office_event", args=[draft.pk]) in html
    assert "Half full" not in html
    assert "Far off" not in html


def test_it_names_what_waits_among_the_bookings(client: Client, olu: Person, at: datetime) -> None:
    friday = datetime(2027, 1, 12, 9, 30, tzinfo=at.tzinfo)
    rung = bookable_event(title="Rung", places=1, first_start=friday, terms={"late_places": "officer"})
    BookingFactory(event=rung, status=BookingStatus.WAITING, queue_number=1)
    approving = bookable_event(title="Approving", terms={"manager_role": "approves"})
    asked_at = at - timedelta(days=7)
    person = PersonFactory(manager_email="boss@school.example")
    awaiting = book_place(event=approving, person=person, by=person, at=asked_at)
    offered = BookingFactory(status=BookingStatus.OFFERED)
    tentative = bookable_event(title="Tentative", terms={"minimum": 5})
    near = on(date(2027, 1, 20), title="Near", places=10)
    near.for_sectors.set([SectorFactory(name="Police")])
    html = client.get(TODAY).content.decode()
    assert "Ring about 1 place: Rung" in html
    assert "Approval lapses 11 Jan 2027, 5pm" in html
    assert reverse("office_booking", args=[awaiting.pk]) in html
    assert "Offer open until 26 Jan 2027, 9.30am" in html
    assert reverse("office_booking", args=[offered.pk]) in html
    assert "0 of 5 needed" in html
    assert f"Short of people: {tentative.title}" not in html
    assert "1 sector missing: Near" in html
    assert reverse("office_event_call", args=[near.pk]) in html


def test_events_of_today_are_listed_with_those_booked(client: Client, olu: Person) -> None:
    event = on(date(2027, 1, 11), title="On now")
    BookingFactory(event=event)
    rows = client.get(TODAY).context["on_today"]
    assert [(row.event.title, row.places.taken) for row in rows] == [("On now", 1)]


def test_another_partnerships_day_is_not_ours(client: Client, olu: Person) -> None:
    other = OtherPartnershipFactory()
    for day in (date(2027, 1, 8), date(2027, 1, 11), date(2027, 1, 20)):
        BookingFactory(event=on(day, lead_host=other, course=None, venue=None), person=unmatched("Elsewhere"))
    MessageFactory(partnership=other, state=MessageState.FAILED)
    html = client.get(TODAY).content.decode()
    assert "Nothing needs you just now" in html
    assert "No event today." in html


def test_what_does_not_fit_is_counted(client: Client, olu: Person) -> None:
    for _ in range(22):
        on(date(2027, 1, 8))
    html = client.get(TODAY).content.decode()
    assert html.count("Register not taken:") == 20
    assert "2 more registers not taken" in html


def test_events_short_of_people_do_not_fill_the_day(client: Client, olu: Person, at: datetime) -> None:
    for _ in range(7):
        bookable_event(first_start=at + timedelta(days=2))
    html = client.get(TODAY).content.decode()
    assert (html.count("Short of people: "), html.count("2 more events short of people")) == (5, 1)


@pytest.mark.parametrize(("drafts", "lines", "grouped"), [(3, 3, 0), (4, 0, 1)])
def test_more_than_three_drafts_are_one_line(client: Client, olu: Person, drafts: int, lines: int, grouped: int) -> None:
    for _ in range(drafts):
        on(date(2027, 2, 1), status=EventStatus.DRAFT)
    html = client.get(TODAY).content.decode()
    link = f'<a class="govuk-link" href="{reverse("office_events")}?when=drafts">4 drafts to publish</a>'
    assert (html.count("Draft: "), html.count(link)) == (lines, grouped)


def test_as_many_organisations_as_the_page_that_settles_them_lists(client: Client, olu: Person) -> None:
    event = bookable_event()
    for text in ("St Mary’s  School", "st mary's school", "Oak House"):
        BookingFactory(event=event, person=unmatched(text))
    unmatched("Only on a person").partnerships.add(PartnershipFactory())
    assert unmatched_texts(PartnershipFactory()) == len(texts_to_settle(PartnershipFactory())) == 3


def test_a_busy_day_takes_no_more_queries_than_a_quiet_one(client: Client, olu: Person, at: datetime) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            for day in (date(2027, 1, 8), date(2027, 1, 11), date(2027, 1, 20)):
                BookingFactory(event=on(day, places=10))
            on(date(2027, 2, 1), status=EventStatus.DRAFT)
            rung = on(date(2027, 1, 12), places=1, terms={"late_places": "officer"})
            BookingFactory(event=rung, status=BookingStatus.WAITING, queue_number=1)
            BookingFactory(event=rung, status=BookingStatus.OFFERED)
            awaiting = BookingFactory(event=on(date(2027, 1, 13), terms={"minimum": 5}), status=BookingStatus.AWAITING_APPROVAL)
            ApprovalRequest.objects.create(
                booking=awaiting, manager_email="a@b.example", asked_at=at, remind_at=at, lapses_at=at + timedelta(hours=1)
            )

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(TODAY).status_code == 200
        return len(captured)

    fill(1)
    few = asked()
    fill(6)
    assert asked() == few


def test_it_is_for_officers(client: Client) -> None:
    assert client.get(TODAY).status_code == 302
    for person in (PersonFactory(), trainer()):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get(TODAY).status_code == 403
