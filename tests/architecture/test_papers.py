"""What the papers promise, the product keeps."""

from __future__ import annotations

import re

from tests.architecture.rooms import ROOT


def test_every_setting_from_the_environment_is_explained() -> None:
    settings = (ROOT / "config/settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings))
    explained = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/operations.md").read_text(), re.MULTILINE))
    assert names - explained == set()


def test_no_page_has_inline_code_or_style() -> None:
    """The content security policy would silently drop it. Mails are drawn by mail programs and need their styles inline."""
    pages = [page for page in (ROOT / "templates").rglob("*.html") if "email" not in page.parts]
    inline = [
        str(page.relative_to(ROOT))
        for page in pages
        if re.search(r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son\w+=|javascript:", page.read_text())
    ]
    assert inline == []
    assert pages


def test_nothing_is_loaded_from_another_host() -> None:
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static/css").rglob("*.css"), *(ROOT / "static/js").rglob("*.js")]
    elsewhere = [
        str(source.relative_to(ROOT))
        for source in sources
        if re.search(r"""(?:src=|<link[^>]+href=|url\(|import\s+)["']?(?:https?:)?//""", source.read_text())
    ]
    assert elsewhere == []
