"""An officer plans a term, changes what was announced and says who may book, in a real browser, on a phone and on a desk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import Interest, SessionRequest
from bookings.operations import ask_for_session, decline_session, want_course
from core.clock import now
from events.models import Event, EventStatus
from people.models import Person
from tests.browser.looking import SIZES, faults_at
from tests.browser.test_look import faults, session_of
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.events import EventTrainerFactory
from tests.factories.people import PartnershipFactory, PersonFactory, SectorFactory, officer

__all__ = ["faults"]

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
LONG = "Engaging, understanding and responding: working with the whole family"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def olu() -> Person:
    PartnershipFactory()
    return officer(forename="Olu", surname="Officer")


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, olu: Person) -> Iterator[Page]:
    """The officer's browser."""
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": session_of(olu), "url": live_server.url}])
    yield context.new_page()
    context.close()


def faults_here(page: Page) -> list[str]:
    """What is wrong with the page as it stands, on a phone and on a desk."""
    return [fault for size in SIZES for fault in faults_at(page, None, size)]


def a_year_ago(days: int) -> datetime:
    return datetime(now().year - 1, 1, 11, 9, 30, tzinfo=UTC) + timedelta(days=days)


def test_twelve_dates_of_next_term_take_a_few_clicks(page: Page, settings: Any) -> None:
    settings.ZEAL_RAISE = False  # making twelve events is twelve times the same writes, by the operation of one
    course = CourseFactory(title=LONG)
    for week in range(12):
        EventTrainerFactory(event=bookable_event(course=course, first_start=a_year_ago(7 * week)))
    clicks = 0

    def press(name: str | re.Pattern[str]) -> None:
        nonlocal clicks
        clicks += 1
        page.get_by_role("button", name=name).click()

    page.goto("/office/events/")
    press("Plan a term from another")
    page.select_option("#term", f"{now().year - 1}-01")
    press(re.compile("^Show"))
    assert faults_here(page) == []
    page.fill("#id_weeks", "104")
    press("Go on to the dates")
    assert page.locator("tbody tr").count() == 12
    assert faults_here(page) == []
    page.locator('input[name="copies-3-day"]').fill("31/02/2027")
    press(re.compile("^Create 12 drafts"))
    expect(page.locator("body")).to_contain_text("Write a date that exists")
    assert faults_here(page) == []
    page.locator('input[name="copies-3-day"]').fill("")
    press("Create the drafts")
    expect(page.locator("body")).to_contain_text("11 drafts made.")
    assert faults_here(page) == []
    press("Publish those ticked")
    assert Event.objects.filter(status=EventStatus.PUBLISHED).count() == 23
    assert clicks == 6


def test_a_change_is_checked_before_anybody_is_told(page: Page) -> None:
    event = bookable_event(title=LONG, first_start=now() + timedelta(days=20), terms={"minimum": None})
    BookingFactory(event=event, person=PersonFactory(forename="Ana"))
    page.goto(f"/office/events/{event.pk}/change/")
    page.fill("#id_sessions-0-start", "10:15")
    page.fill("#id_sessions-0-end", "15:45")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("body")).to_contain_text("Hello Ana,")
    assert faults_here(page) == []
    page.get_by_role("button", name="Save and send 1 message").click()
    expect(page.locator("body")).to_contain_text("Changes saved.")


def test_who_may_book_says_who_would_not_meet_it(page: Page) -> None:
    event = bookable_event(title=LONG, first_start=now() + timedelta(days=20))
    BookingFactory(event=event)
    SectorFactory(name="Voluntary, community and faith organisations")
    page.goto(f"/office/events/{event.pk}/conditions/")
    page.fill("#id_agency_limit", "none")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("Write the number in digits")
    assert faults_here(page) == []
    page.fill("#id_agency_limit", "2")
    page.get_by_label("Voluntary, community and faith organisations").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("1 does not meet:")
    assert faults_here(page) == []


@pytest.mark.slow
def test_planning_pages_with_much_on_them(faults: Callable[..., list[str]], olu: Person) -> None:
    course, wanted = CourseFactory(title=LONG), CourseFactory(title=f"{LONG} again")
    event = bookable_event(course=course, first_start=now() + timedelta(days=20))
    bookable_event(course=course, status=EventStatus.DRAFT, venue=None, first_start=now() + timedelta(days=20))
    person = PersonFactory(surname="Featherstonehaugh-Cholmondeley")
    for one in [person, *(PersonFactory() for _ in range(60))]:
        want_course(course=wanted, person=one, by=one, at=now())
    asked = {"people": 18, "wanted_when": LONG * 2, "place": LONG, "note": LONG * 5, "partnership": course.partnership}
    open_one = ask_for_session(subject=LONG, by=person, at=now(), **asked)  # type: ignore[arg-type]
    declined = ask_for_session(subject=f"{LONG} twice", by=person, at=now(), **asked)  # type: ignore[arg-type]
    decline_session(request=declined, reason=LONG * 4, by=olu, at=now())
    dates = "/office/events/series/dates/"
    ours = [f"{dates}?like={event.pk}&weeks=1", f"{dates}?like={event.pk}&every=1&times=12", "/office/events/publish/"]
    ours += [f"/office/events/{event.pk}/repeat/", f"/office/events/{event.pk}/repeat/?every=0&times=many"]
    ours += [f"/office/events/new/?like={event.pk}&first_day=31/02/2027", f"/office/events/new/?request={open_one.pk}"]
    ours += [
        f"/office/courses/{course.pk}/",
        f"/office/courses/{course.pk}/conditions/",
        f"/office/events/{event.pk}/conditions/",
    ]
    ours += [
        "/office/demand/",
        f"/office/demand/{wanted.pk}/",
        f"/office/demand/{course.pk}/",
        "/office/demand/sessions/?which=all",
    ]
    ours += [f"/office/demand/sessions/{one.pk}/" for one in (open_one, declined)]
    assert faults(ours, person=olu) == []
    theirs = [
        f"/courses/{wanted.pk}/",
        f"/courses/{wanted.pk}/want/",
        f"/courses/{course.pk}/want/",
        "/sessions/ask/",
        "/my-learning/",
    ]
    theirs += [f"/sessions/{one.pk}/withdraw/" for one in (open_one, declined)]
    assert faults(theirs, person=person) == []
    assert faults([f"/courses/{wanted.pk}/"]) == []
    assert (Interest.objects.count(), SessionRequest.objects.count()) == (61, 2)
