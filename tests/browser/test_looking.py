"""What looks at pages does find what is wrong with them."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.looking import SIZES, faults_at

WRONG = "<html lang=en><title>A page</title><main><h1>A page</h1><img src=x><p style='width: 900px'>Wide</p></main>"


def test_a_page_with_faults_is_found(browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.set_content(WRONG)
    found = [fault.partition(" at ")[2].partition(" <")[0] for size in SIZES for fault in faults_at(page, None, size)]
    assert found == ["320: scrolls sideways", "320: image-alt:", "1280: image-alt:"]
    page.context.close()
