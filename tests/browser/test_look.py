"""No page has anything that axe finds, scrolls sideways or breaks the security policy: with people in it, empty, in error."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page

from core.clock import now
from elearning.models import Module
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.people import PartnershipFactory, PersonFactory, SectorFactory, officer

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser runs an event loop in this thread; ours is plain
AXE = (settings.BASE_DIR / "tests/vendor/axe-core/4.14.1/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = ({"width": 320, "height": 800}, {"width": 1280, "height": 800})
NOT_THERE = "/nothing/here/"
FOR_EVERYBODY = ["/", "/events/", "/podcasts/", "/accessibility/", "/privacy/", "/components/", "/sign-in/", NOT_THERE]
OFFICE = ["/office/", "/office/events/", "/office/events/new/", "/office/people/", "/office/messages/", "/office/worker/"]
OFFICE += ["/imports/", "/imports/organisations/", "/reports/reach/", "/registers/", "/profile/"]


def faults_of(page: Page, path: str) -> list[str]:
    """What is wrong with the page at this path, each fault with its address and width."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    response = page.goto(path, wait_until="load")
    assert response is not None
    found = [text for text in said if str(response.status) not in text]
    if response.status >= 500 or (response.status == 404 and path != NOT_THERE):
        found.append(f"status {response.status}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    page.evaluate(AXE)
    result = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    found += [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in result["violations"]]
    return [f"{path} at {page.viewport_size['width']}: {fault}" for fault in found]  # type: ignore[index]


@pytest.fixture
def faults(browser: Browser, live_server: object) -> Callable[..., list[str]]:
    """Opens each path on a phone and on a desk, as somebody or as a visitor, and returns everything that is wrong."""

    def look(paths: list[str], *, person: Person | None = None) -> list[str]:
        found = []
        for size in SIZES:
            context = browser.new_context(viewport=size, base_url=live_server.url)  # type: ignore[attr-defined, arg-type]
            if person:
                context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": live_server.url}])  # type: ignore[attr-defined]
            for path in paths:
                page = context.new_page()
                found += faults_of(page, path)
                page.close()
            context.close()
        return found

    return look


def session_of(person: Person) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@pytest.mark.django_db(transaction=True)
def test_a_house_with_nothing_in_it(faults: Callable[..., list[str]]) -> None:
    assert faults(FOR_EVERYBODY) == []
    PartnershipFactory()
    assert faults(["/", "/events/", "/my-learning/", *OFFICE], person=officer()) == []


@pytest.mark.django_db(transaction=True)
def test_a_house_with_people_in_it(faults: Callable[..., list[str]]) -> None:
    partnership = PartnershipFactory()
    course = CourseFactory(content_note="Includes an account of abuse.", outcomes="see it\nname it", description="About it.")
    module = Module.objects.create(partnership=partnership, title="Bruising in babies", minutes=10)
    soon = now() + timedelta(days=10)
    event = bookable_event(
        places=2, course=course, first_start=soon, title="A title that goes on: engaging, understanding, responding"
    )
    full = bookable_event(places=1, first_start=soon, sessions=2, joining_link="https://teams.example/" + "a" * 120)
    event.for_sectors.set([SectorFactory()])
    person = PersonFactory(forename="Maximiliane", surname="Featherstonehaugh-Cholmondeley")
    BookingFactory(event=full)
    BookingFactory(event=full, person=person, status="waiting", queue_number=1)
    booking = BookingFactory(event=event, person=person)
    paths = [f"/events/{event.pk}/", f"/events/{full.pk}/", f"/courses/{course.pk}/", f"/modules/{module.pk}/", "/my-learning/"]
    paths += [f"/bookings/{booking.pk}/", f"/bookings/{booking.pk}/cancel/", f"/events/{event.pk}/book/"]
    assert faults(["/", "/events/", paths[0], paths[1]]) == []
    assert faults(["/", *paths], person=person) == []
    tabs = ["", "people/", "register/", "evaluation/", "messages/", "history/", "change/", "cancel/", "book/"]
    ours = [*OFFICE, *(f"/office/events/{event.pk}/{tab}" for tab in tabs), f"/office/people/{person.pk}/"]
    assert faults(ours, person=officer()) == []


@pytest.mark.django_db(transaction=True)
def test_pages_with_an_error(faults: Callable[..., list[str]]) -> None:
    PartnershipFactory()
    assert faults(["/events/?kind=holiday&from=2020-01", "/events/?q=nothing+like+it"]) == []
    assert faults(["/office/"], person=PersonFactory()) == []
