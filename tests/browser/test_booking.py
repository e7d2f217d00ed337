"""The pages of booking in every state, with long names and addresses; and a link that scanners with a browser open first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from bookings.charging import COMMONEST, RateLine
from bookings.models import APPROVAL_LINK, Approver, Booking, BookingStatus, Condition, ConditionKind, Trigger
from bookings.needs import Needs
from bookings.operations import book_place, decline_booking, record_needs, substitute, transfer
from core import personal_links
from core.clock import now
from people.models import Person
from tests.browser.test_look import faults as faults  # the fixture
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import charging
from tests.factories.courses import CourseFactory
from tests.factories.events import EventTrainerFactory
from tests.factories.people import OrganisationFactory, PersonFactory, SectorFactory, officer

LONG = "a" * 60 + "." + "b" * 60
MANAGER = f"{LONG[:60]}@{'c' * 60}.example"
DEPUTY = f"{LONG[:59]}d@{'c' * 60}.example"
SOON = timedelta(days=30)
MUCH = Needs(("vegan", "nut_allergy"), "Nothing with " + "celery" * 25, ("step_free", "parking"), "chairs" * 30, "Kurdish" * 10)


def somebody(**fields: object) -> Person:
    return PersonFactory(forename="Maximiliane", surname="Featherstonehaugh-Cholmondeley", manager_email=MANAGER, **fields)


def booked(person: Person, *, terms: dict[str, object] | None = None, **fields: object) -> Booking:
    event = bookable_event(first_start=now() + SOON, terms=terms, **fields)
    return book_place(event=event, person=person, by=person, at=now(), deputy_email=DEPUTY)


def pages_of(booking: Booking) -> list[str]:
    return [f"/bookings/{booking.pk}/{more}" for more in ("", "needs/", "cancel/", "colleague/", "move/")]


@pytest.mark.django_db(transaction=True)
def test_a_booking_in_every_state(faults: Callable[..., list[str]]) -> None:
    charging(COMMONEST, rates=(*COMMONEST.rates, RateLine(Trigger.ATTEND, percent_of_fee=100)))
    person = somebody(organisation=OrganisationFactory(name="The school of " + "Llanfairpwllgwyngyll" * 3))
    course = CourseFactory(title="A title that goes on: engaging, understanding, responding")
    confirmed = booked(person, course=course, terms={"fee": 60})
    record_needs(booking=confirmed, needs=MUCH, by=person, at=now())
    later = [bookable_event(course=course, first_start=now() + SOON + timedelta(days=days)) for days in (10, 20)]
    asked, declined = booked(person, terms={"manager_role": "approves"}), booked(person, terms={"manager_role": "approves"})
    decline_booking(request=declined.approval, approver=Approver.MANAGER, by=None, at=now(), reason="No" * 150)
    requested, swapped, moved = booked(person, terms={"minimum": 9}), booked(person), booked(person, course=course)
    substitute(booking=swapped, person=PersonFactory(organisation=person.organisation), by=person, at=now())
    transfer(booking=moved, to_event=later[1], by=person, at=now())
    ended = [BookingFactory(person=person, status=status) for status in ("offered", "lapsed", "not_placed")]
    paths = [*pages_of(confirmed), *(f"/bookings/{one.pk}/" for one in (asked, declined, requested, swapped, moved, *ended))]
    paths += [f"/bookings/{asked.pk}/ask/", f"/bookings/{asked.pk}/cancel/", f"/bookings/{requested.pk}/cancel/", "/my-learning/"]
    assert faults(paths, person=person) == []
    trainer = EventTrainerFactory(event=confirmed.event, person=PersonFactory()).person
    assert faults([f"/events/{confirmed.event_id}/needs/", f"/events/{asked.event_id}/needs/"], person=trainer) == []
    office = [f"/office/events/{confirmed.event_id}/needs/{more}" for more in ("", "sheet/")]
    assert faults([*office, f"/office/events/{asked.event_id}/needs/", *pages_of(confirmed)], person=officer()) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_and_said_before_booking(faults: Callable[..., list[str]]) -> None:
    charging(COMMONEST, rates=(*COMMONEST.rates, RateLine(Trigger.ATTEND, percent_of_fee=100)))
    person, start = somebody(), now() + SOON
    BookingFactory(person=person, event=bookable_event(first_start=start, title="Another " + "title" * 12))
    everything = bookable_event(first_start=start, terms={"fee": 60, "manager_role": "approves", "minimum": 5})
    Condition.objects.create(event=everything, kind=ConditionKind.JOB_ROLE, job_roles="Teacher\nMidwife")
    refused = bookable_event(first_start=start)
    Condition.objects.create(event=refused, kind=ConditionKind.SECTOR).sectors.add(SectorFactory(name="Police"))
    Condition.objects.create(event=refused, kind=ConditionKind.JOB_ROLE, job_roles="Midwife")
    paths = [f"/events/{event.pk}/{more}" for event in (everything, refused) for more in ("", "book/")]
    assert faults(paths, person=person) == []
    assert faults([path for path in paths if "book" not in path]) == []


@pytest.mark.django_db(transaction=True)
def test_scanners_with_a_browser_open_the_link_and_then_the_manager_answers(
    browser: Browser, live_server: LiveServer, faults: Callable[..., list[str]]
) -> None:
    booking = booked(somebody(), terms={"manager_role": "approves"})
    value = booking.approval.link_value(Approver.MANAGER)
    link = personal_links.fill(f"/approve/{personal_links.placeholder(APPROVAL_LINK, value)}/")
    for _ in range(10):
        context = browser.new_context(base_url=live_server.url)
        context.new_page().goto(link, wait_until="networkidle")
        context.close()
    assert Booking.objects.get().status == BookingStatus.AWAITING_APPROVAL
    assert faults([link]) == []
    page = browser.new_context(base_url=live_server.url, java_script_enabled=False).new_page()
    page.goto(link)
    page.get_by_label("Yes, I approve").check()
    page.get_by_role("button", name="Send my answer").click()
    assert page.get_by_role("heading", name="Approved").is_visible()
    assert Booking.objects.get().status == BookingStatus.CONFIRMED
    page.context.close()
    assert faults([link, "/approve/nothing/"]) == []
