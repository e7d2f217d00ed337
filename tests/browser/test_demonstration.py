"""Every page that links lead to, with the demonstration data: as a visitor, a practitioner, a trainer, an officer, the subgroup.

Each kind of page is opened once, looked at on a phone and on a desk, and checked by axe. One that is in error is among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import SIZES, faults_at
from tests.browser.people import Somebody
from tests.tools.site import Site
from tests.tools.smtp_sink import SmtpSink

NOT_PAGES = re.compile(r"/sign-out|/choose/|\.(ics|csv|xlsx|svg|png|xml|css)$|^/static/|^/mailbox/|^/api/")
MOST_PAGES = 70
WHO = {
    "a visitor": ("", ["/"]),
    "a practitioner": ("priya.nair@oakprimary.example", ["/my-learning/", "/profile/"]),
    "a trainer": ("trainer@riverside.example", ["/registers/"]),
    "the subgroup": ("subgroup@riverside.example", ["/reports/reach/?period=2024-25"]),
    "an officer": (
        "officer@riverside.example",
        ["/office/", "/imports/", "/imports/organisations/", "/reports/reach/?period=2024-25"],
    ),
}

pytestmark = pytest.mark.slow  # a minute to load the demonstration alone; test_look opens the same pages with less in them


def pattern(address: str) -> str:
    """The kind of page: ids, codes and the keys of measures folded, the query left out."""
    return re.sub(r"/(\d+|[0-9a-f-]{36}|[A-Za-z0-9]{12}|(?<=reach/)[a-z_-]+)(?=/|$)", "/*", urlsplit(address).path)


def links(page: Page, host: str) -> Iterator[str]:
    for href in page.eval_on_selector_all("main a[href], nav a[href]", "found => found.map(one => one.href)"):
        parts = urlsplit(urldefrag(href)[0])
        if parts.netloc == host and not NOT_PAGES.search(parts.path):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


@pytest.mark.parametrize("who", WHO)
def test_every_kind_of_page(who: str, browser: Browser, site: Site, sink: SmtpSink) -> None:
    address, queue = WHO[who]
    somebody = Somebody(browser, site, sink, address)
    if address:
        somebody.sign_in()
    seen: set[str] = set()
    found: list[str] = []
    while queue and len(seen) < MOST_PAGES:
        path = queue.pop(0)
        if pattern(path) in seen:
            continue
        seen.add(pattern(path))
        for size in SIZES:
            found += faults_at(somebody.page, path, size)
        queue += links(somebody.page, urlsplit(site.url).netloc)
    assert found == []
    assert somebody.problems == []
    assert len(seen) >= 5


def test_pages_in_error(browser: Browser, site: Site, sink: SmtpSink) -> None:
    """A form sent empty: the page says what is the matter, and axe finds nothing then either."""
    officer = Somebody(browser, site, sink, "officer@riverside.example")
    found: list[str] = []
    officer.page.goto("/sign-in/")
    officer.page.locator("main button").first.click()
    found += faults_at(officer.page, None, SIZES[0])
    officer.sign_in()
    for path in ("/office/events/new/", "/office/people/new/", "/office/partnership/", "/imports/", "/profile/"):
        officer.page.goto(path)
        boxes = "main form[method=post] input[type=text], main form[method=post] input[type=email]"
        for box in officer.page.locator(boxes).all():
            if box.is_visible():  # what is folded away has its usual value
                box.fill("")
        officer.page.locator("main form[method=post]:has(input:not([type=hidden])) button").last.click()
        for size in SIZES:
            found += faults_at(officer.page, None, size)
        assert officer.page.title().startswith("Error: "), path
    for path in ("/reports/reach/?period=2024-99", "/nothing/here/", "/e/0000000000AB/"):
        for size in SIZES:
            found += faults_at(officer.page, path, size)
    assert found == []
