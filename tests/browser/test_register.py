"""Two trainers take one register in real browsers, one of them loses the connection, and nothing is lost or overwritten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from core.clock import now
from people.models import Person
from registers.models import Mark, MarkChange
from tests.factories.registers import event_with_people, session_of, teaches

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 320, "height": 640}


@pytest.fixture(autouse=True, scope="session")
def _beside_a_running_loop() -> Iterator[None]:
    """Playwright's loop runs in this thread, and Django takes the test for asynchronous code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


def on_a_phone(browser: Browser, live_server: LiveServer, person: Person, *, javascript: bool = True) -> BrowserContext:
    client = Client()
    client.force_login(person)
    context = browser.new_context(viewport=PHONE, java_script_enabled=javascript, base_url=live_server.url)  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return context


@pytest.fixture
def register() -> tuple[str, list[Person], Person, Person]:
    event, people = event_with_people(3, first_start=now())
    session = session_of(event)
    return f"/registers/{session.pk}/", people, teaches(event, forename="Tom"), teaches(event, forename="Tia")


@pytest.fixture
def opened() -> Iterator[list[BrowserContext]]:
    contexts: list[BrowserContext] = []
    yield contexts
    for context in contexts:
        context.close()


def tap(page: Page, person: Person, word: str) -> None:
    page.locator(f"#row-{person.pk}").get_by_role("radio", name=word).click()


def test_two_trainers_and_a_lost_connection(
    browser: Browser, live_server: LiveServer, register: tuple[str, list[Person], Person, Person], opened: list[BrowserContext]
) -> None:
    address, [first, second, third], tom, tia = register
    opened += [on_a_phone(browser, live_server, tom), on_a_phone(browser, live_server, tia)]
    toms, tias = opened[0].new_page(), opened[1].new_page()
    toms.goto(address)
    tias.goto(address)
    state = toms.locator("[data-connection]")

    tap(toms, first, "Present")
    expect(state).to_contain_text("Saved")
    tap(tias, first, "Absent")
    expect(tias.locator(f"#state-{first.pk}")).to_contain_text(f"{tom.name} marked {first.name} “present”")
    expect(tias.locator("[data-connection]")).to_contain_text("and that stands")
    expect(tias.locator(f"#row-{first.pk} input:checked")).to_have_value("present")
    tap(tias, first, "Late")
    expect(tias.locator("[data-connection]")).to_contain_text("Saved")

    opened[0].set_offline(True)
    tap(toms, second, "Absent")
    expect(state).to_have_text("Not saved: no connection, try again")
    tap(toms, third, "Present")
    assert set(Mark.objects.values_list("person", flat=True)) == {first.pk}
    opened[0].set_offline(False)
    expect(state).to_contain_text("Saved", timeout=20_000)
    expect(toms.locator("[data-count=not_marked]").first).to_have_text("0")

    marks = {mark.person: (mark.value, mark.marked_by) for mark in Mark.objects.select_related("person", "marked_by")}
    assert marks == {first: ("late", tia), second: ("absent", tom), third: ("present", tom)}
    assert MarkChange.objects.count() == 4


def test_all_present_waits_for_the_tap_before_it(
    browser: Browser, live_server: LiveServer, register: tuple[str, list[Person], Person, Person], opened: list[BrowserContext]
) -> None:
    address, people, tom, _ = register
    opened.append(on_a_phone(browser, live_server, tom))
    page = opened[0].new_page()
    page.goto(address)

    tap(page, people[1], "Absent")
    page.get_by_role("button", name="All present").click()

    expect(page.get_by_text("Saved 2 marks.")).to_be_visible()
    assert {mark.person_id: mark.value for mark in Mark.objects.all()} == {
        people[0].pk: "present",
        people[1].pk: "absent",
        people[2].pk: "present",
    }


def test_the_register_is_taken_without_javascript_and_its_targets_are_large(
    browser: Browser, live_server: LiveServer, register: tuple[str, list[Person], Person, Person], opened: list[BrowserContext]
) -> None:
    address, people, tom, _ = register
    opened.append(on_a_phone(browser, live_server, tom, javascript=False))
    page = opened[0].new_page()
    page.goto(address)
    boxes = [target.bounding_box() for target in page.locator(".r-mark").all()]
    assert [box for box in boxes if box is None or box["width"] < 44 or box["height"] < 44] == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]

    tap(page, people[0], "Left early")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved 1 mark.")).to_be_visible()
    assert Mark.objects.get().value == "left_early"
