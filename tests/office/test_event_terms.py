"""What an event starts with: from its course, from the partnership, and what an officer says instead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.models import BookingSettings, BookingTerms, CourseTerms
from bookings.operations import set_course_terms, switch_charges
from core.models import AuditEntry
from core.refusals import Refused
from events.models import Event
from people.models import Person
from tests.factories.bookings import bookable_event
from tests.factories.charging import charging
from tests.factories.courses import CourseFactory
from tests.factories.events import VenueFactory
from tests.factories.people import PartnershipFactory
from tests.office.pages import sent_by
from tests.office.test_event_edit import NEW, change_url, problems, typed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def terms_of(event: Event) -> BookingTerms:
    return BookingTerms.objects.get(event=event)


def made(client: Client, url: str = NEW, **changed: Any) -> BookingTerms:
    response = client.post(url, typed(client, url, **changed))
    assert response.status_code == 302, problems(response)
    return terms_of(Event.objects.get())


def test_a_new_event_starts_as_its_course_says(client: Client, olu: Person, at: datetime) -> None:
    course = CourseFactory()
    set_course_terms(course=course, places=16, minimum=8, manager_role="approves", by=olu, at=at)
    terms = made(client, f"{NEW}?course={course.pk}")
    assert (terms.booking_limit, terms.minimum, terms.manager_role) == (16, 8, "approves")


def test_without_a_course_it_starts_as_the_partnership_says(client: Client, olu: Person) -> None:
    BookingSettings.objects.create(
        partnership=PartnershipFactory(), manager_role="nobody", confirm_until_days=5, late_places="officer", offer_hours=8
    )
    terms = made(client)
    assert (terms.booking_limit, terms.minimum, terms.manager_role) == (25, None, "nobody")
    assert (terms.confirm_until_days, terms.late_places, terms.offer_hours) == (5, "officer", 8)


def test_what_an_officer_says_goes_before_what_the_course_says(client: Client, olu: Person, at: datetime) -> None:
    course = CourseFactory()
    set_course_terms(course=course, places=16, minimum=8, manager_role="approves", by=olu, at=at)
    says = {"places": "30", "minimum": "", "manager_role": "nobody", "confirm_until_days": "0", "offer_hours": "16"}
    terms = made(client, f"{NEW}?course={course.pk}", **says)
    assert (terms.booking_limit, terms.minimum, terms.manager_role) == (30, None, "nobody")
    assert (terms.confirm_until_days, terms.offer_hours) == (0, 16)


def test_filling_in_from_the_course_brings_its_terms(client: Client, olu: Person, at: datetime) -> None:
    course = CourseFactory()
    set_course_terms(course=course, places=16, minimum=8, manager_role="approves", by=olu, at=at)
    again = sent_by(client.post(NEW, {**typed(client, course=str(course.pk)), "fill": "course"}))
    assert (again["places"], again["minimum"], again["manager_role"]) == (["16"], ["8"], ["approves"])
    typed_before = {**typed(client, course=str(course.pk), places="12"), "fill": "course"}
    assert sent_by(client.post(NEW, typed_before))["places"] == ["12"]


def test_the_course_cost_of_a_place_is_asked_only_where_the_partnership_charges(
    client: Client, olu: Person, at: datetime
) -> None:
    assert "fee" not in sent_by(client.get(NEW))
    charging()
    terms = made(client, fee="35.50")
    assert terms.fee == Decimal("35.50")
    switch_charges(partnership=terms.event.lead_host, is_on=False, by=None, at=at)
    client.post(change_url(terms.event), sent_by(client.get(change_url(terms.event)), places="9"))
    terms.refresh_from_db()
    assert (terms.booking_limit, terms.fee) == (9, Decimal("35.50"))


def test_more_bookings_than_seats_are_taken_on_purpose_and_both_pages_say_so(client: Client, olu: Person) -> None:
    event = bookable_event(places=120, venue=VenueFactory(name="Hall", room_places=100))
    sentence = "Over-booked: 120 bookings for 100 seats."
    overview = reverse("office_event", args=[event.pk])
    assert sentence in client.get(overview).content.decode()
    assert sentence in client.get(change_url(event)).content.decode()
    client.post(change_url(event), sent_by(client.get(change_url(event)), places="100"))
    assert "Over-booked" not in client.get(overview).content.decode()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"minimum": "26"}, {"minimum": "It can't need more people than there are places: 25 at most."}),
        ({"minimum": "some"}, {"minimum": "Write the number in digits, like 8."}),
        ({"offer_hours": "0"}, {"offer_hours": "Write 1 or more."}),
        ({"confirm_until_days": "-1"}, {"confirm_until_days": "Write 0 or more."}),
    ],
)
def test_terms_that_cannot_be_are_said_at_their_field(
    client: Client, olu: Person, changed: dict[str, str], expected: dict[str, str]
) -> None:
    assert problems(client.post(NEW, typed(client, **changed))) == expected


def test_a_tentative_event_says_so(client: Client, olu: Person) -> None:
    event = bookable_event(terms={"minimum": 8})
    html = client.get(reverse("office_event", args=[event.pk])).content.decode()
    assert "Tentative: it takes place once 8 have booked." in html


def test_the_course_page_keeps_what_its_events_start_with(client: Client, olu: Person) -> None:
    course = CourseFactory()
    url = reverse("office_course_change", args=[course.pk])
    says = {"terms-places": "16", "terms-minimum": "8", "terms-manager_role": "approves"}
    assert client.post(url, sent_by(client.get(url), **says)).status_code == 302
    assert sent_by(client.get(url))["terms-minimum"] == ["8"]
    entry = AuditEntry.objects.get(action="terms of a course changed")
    assert entry.changes == {"places": [None, 16], "minimum": [None, 8], "manager_role": ["", "approves"]}
    client.post(url, sent_by(client.get(url)))
    assert AuditEntry.objects.filter(action="terms of a course changed").count() == 1
    html = client.post(url, sent_by(client.get(url), **{"terms-minimum": "17"})).content.decode()
    assert "The minimum must be from 1 to 16, the number of places. Leave it empty for none." in html
    assert CourseTerms.objects.get(course=course).minimum == 8


def test_terms_of_a_course_that_cannot_be_are_refused(olu: Person, at: datetime) -> None:
    with pytest.raises(Refused) as refused:
        set_course_terms(course=CourseFactory(), places=0, minimum=None, by=olu, at=at)
    assert (refused.value.code, CourseTerms.objects.count()) == ("no_places", 0)
