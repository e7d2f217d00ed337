"""What is wrong with a page as it stands in the browser."""

from __future__ import annotations

from django.conf import settings
from playwright.sync_api import Page

AXE = (settings.BASE_DIR / "tests/vendor/axe-core/4.14.1/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ONLY_FAULTS = {"resultTypes": ["violations"], "selectors": False, "preload": False}  # what passes is not described, nor where
SIZES = ({"width": 320, "height": 800}, {"width": 1280, "height": 800})


def faults_at(page: Page, path: str | None, size: dict[str, int]) -> list[str]:
    """The faults of the page at this path, or of the page that is open: each with its address and width.

    A fault is an answer of the server's own fault, sideways scrolling, or anything that axe finds.
    """
    page.set_viewport_size(size)  # type: ignore[arg-type]
    found = []
    if path is not None and not page.url.endswith(path):
        response = page.goto(path, wait_until="load")
        if response is not None and response.status >= 500:
            found.append(f"status {response.status}")
    page.wait_for_selector("html", state="attached")  # between two documents there is none for a moment
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    result = page.evaluate("options => axe.run(options)", {"runOnly": RULES, **ONLY_FAULTS})
    found += [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in result["violations"]]
    return [f"{page.url} at {size['width']}: {fault}" for fault in found]
