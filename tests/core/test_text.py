from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import linked, many_lines, one_line


@given(st.text())
def test_one_line_is_one_line_for_everybody_who_splits_lines(text: str) -> None:
    clean = one_line(text)
    assert len(clean.splitlines()) <= 1
    assert "\0" not in clean
    assert one_line(clean) == clean


@given(st.text())
def test_many_lines_breaks_in_one_way_only(text: str) -> None:
    clean = many_lines(text)
    assert clean.splitlines() == clean.removesuffix("\n").split("\n") or clean in ("", "\n")
    assert many_lines(clean) == clean


def test_letters_of_every_language_stay() -> None:
    assert one_line("Zoë  O’Brien-Çelik 日本 👩‍🏫") == "Zoë O’Brien-Çelik 日本 👩‍🏫"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("See https://a.example/b.", 'See <a href="https://a.example/b">https://a.example/b</a>.'),
        ("http://a.example/?x=1&y=2", '<a href="http://a.example/?x=1&amp;y=2">http://a.example/?x=1&amp;y=2</a>'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("<b>https://a.example</b>", '&lt;b&gt;<a href="https://a.example">https://a.example</a>&lt;/b&gt;'),
        ("", ""),
    ],
)
def test_addresses_become_links_and_the_rest_is_escaped(text: str, html: str) -> None:
    assert linked(text) == html


def test_every_control_character_and_half_character_of_unicode_is_left_out() -> None:
    hidden = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cs")]
    assert many_lines("a" + "".join(hidden) + "b").translate({10: None, 9: None}) == "ab"
    assert one_line("a" + "".join(hidden) + "b") == "a b"
