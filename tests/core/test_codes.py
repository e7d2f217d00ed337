"""Codes that are printed: drawn, read and written as an address."""

from __future__ import annotations

import re

import pytest
from django.urls import resolve

from core.codes import can_be_a_code, in_groups, new_code, picture_text, read_code, short_address

CODE = "7K3QD9XM2PTV"


def test_a_code_has_sixty_bits_of_letters_that_are_not_misread() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{12}", code) for code in codes)


@pytest.mark.parametrize("typed", [CODE, "7k3qd9xm2ptv", "7K3Q-D9XM-2PTV", " 7k3q d9xm 2ptv "])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == CODE


def test_letters_that_look_like_figures_are_read_as_figures() -> None:
    assert read_code("oOiIlL") == "001111"


@pytest.mark.parametrize(("text", "can_be"), [(CODE, True), (CODE[:-1], False), (CODE[:-1] + "U", False), ("\0" * 12, False)])
def test_what_can_not_be_a_code_is_known_without_asking_anybody(text: str, can_be: bool) -> None:
    assert can_be_a_code(text) is can_be


def test_a_code_is_shown_in_groups() -> None:
    assert in_groups(CODE) == "7K3Q-D9XM-2PTV"


@pytest.mark.parametrize(("address", "letter"), [("evaluation", "E"), ("verify", "C")])
def test_the_picture_holds_the_whole_address_in_capitals(settings: pytest.FixtureRequest, address: str, letter: str) -> None:
    settings.SITE_URL = "https://learning.riverside.example"  # type: ignore[attr-defined]
    assert picture_text(address, CODE) == f"HTTPS://LEARNING.RIVERSIDE.EXAMPLE/{letter}/{CODE}/"
    assert short_address(address, CODE) == f"learning.riverside.example/{letter.lower()}/7K3Q-D9XM-2PTV"
    assert resolve(f"/{letter}/{CODE}/").func == resolve(f"/{letter.lower()}/{CODE}/").func


def test_a_site_under_a_path_keeps_its_case(settings: pytest.FixtureRequest) -> None:
    settings.SITE_URL = "https://council.example/Learning"  # type: ignore[attr-defined]
    assert picture_text("evaluation", CODE) == f"https://council.example/Learning/e/{CODE}/"
