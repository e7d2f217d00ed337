"""The commonest mail, "she is ill, can Sam come instead?", answered in a real browser: four presses, on a desk and on a phone."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking, BookingStatus
from bookings.operations import book_place
from core.clock import now
from people.models import Person
from tests.browser.looking import SIZES
from tests.browser.test_look import session_of
from tests.factories.bookings import bookable_event
from tests.factories.people import PartnershipFactory, PersonFactory, officer

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser runs an event loop in this thread; ours is plain


def ours(**fields: object) -> Person:
    person = PersonFactory(**fields)
    person.partnerships.add(PartnershipFactory())
    return person


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_sam_comes_instead_of_ana_in_four_presses(browser: Browser, live_server: LiveServer, size: dict[str, int]) -> None:
    event = bookable_event(title="Recognising neglect", first_start=now() + timedelta(days=20))
    ana, sam = ours(forename="Ana", surname="Lee"), ours(forename="Sam", surname="Standin")
    booked = book_place(event=event, person=ana, by=ana, at=now())
    context = browser.new_context(base_url=live_server.url, viewport=size, java_script_enabled=False)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": session_of(officer()), "url": live_server.url}])
    page = context.new_page()
    page.goto("/office/")
    page.get_by_role("searchbox", name="Find a person").fill("ana lee")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Recognising neglect").click()
    page.get_by_label("Who comes instead?").fill("standin")
    page.locator("main").get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Give the place to Sam Standin").click()
    expect(page.get_by_role("status")).to_contain_text("Sam Standin has the place of Ana Lee. Both are told.")
    context.close()
    new = Booking.objects.get(event=event, person=sam)
    booked.refresh_from_db()
    assert (booked.status, new.status) == (BookingStatus.SUBSTITUTED, BookingStatus.CONFIRMED)


@pytest.mark.django_db(transaction=True)
def test_several_are_cancelled_with_one_reason(browser: Browser, live_server: LiveServer) -> None:
    event = bookable_event(title="Recognising neglect", first_start=now() + timedelta(days=20))
    for surname in ("Lee", "Young", "Stays"):
        book_place(event=event, person=ours(surname=surname), by=None, at=now())
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": session_of(officer()), "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/office/events/{event.pk}/people/")
    for name in ("Sam Lee", "Sam Young"):
        page.get_by_label(f"Tick {name}").check()
    page.get_by_role("button", name="Cancel the ticked bookings").click()
    page.get_by_label("We do, as organisers").check()
    page.get_by_label("Why?").fill("The school is closed")
    page.get_by_role("button", name="Cancel 2 bookings").click()
    expect(page.get_by_role("status")).to_contain_text("2 bookings cancelled.")
    context.close()
    left = Booking.objects.live().filter(event=event).values_list("person__surname", flat=True)
    assert list(left) == ["Stays"]
