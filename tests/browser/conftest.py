"""A real browser at a real site, with a real mail server behind it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.tools.site import Site, prepared, running
from tests.tools.smtp_sink import SmtpSink, smtp_sink

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM and not os.environ.get("NOTHING_LEFT_OUT"):
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed here (Debian: apt-get install chromium)"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """When a test fails and SCREENSHOTS names a folder, what each open page shows is kept there."""
    report = yield
    folder, browser = os.environ.get("SCREENSHOTS"), getattr(item, "funcargs", {}).get("browser")
    if report.failed and folder and browser:
        pages = [page for context in browser.contexts for page in context.pages]
        for number, page in enumerate(pages, 1):
            page.screenshot(path=Path(folder, f"{item.name}-{number}.png"), full_page=True)
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Waits ten seconds for what it looks for, not thirty."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as server:
        yield server


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sink: SmtpSink) -> Iterator[Site]:
    """The demonstration partnership, sending its mail to the sink."""
    own = tmp_path_factory.getbasetemp()
    home = tmp_path_factory.mktemp("site")
    shutil.copytree(prepared(own.parent if hasattr(request.config, "workerinput") else own), home, dirs_exist_ok=True)
    with running(home, email_url=f"smtp://127.0.0.1:{sink.port}") as one:
        yield one
