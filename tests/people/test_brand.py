from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from core.colour import check_readable, contrast_with_white
from tests.factories.people import PartnershipFactory


def test_the_contrast_is_wcags() -> None:
    assert [round(contrast_with_white(colour), 2) for colour in ("#000000", "#ffffff", "#767676", "#0f4c5c")] == [
        21,
        1,
        4.54,
        9.51,
    ]


def test_a_colour_on_which_white_can_not_be_read_is_refused() -> None:
    check_readable("#767676")
    with pytest.raises(ValidationError) as refused:
        check_readable("#777777")
    assert refused.value.messages == ["White letters are hard to read on this colour. Choose a darker one."]


@pytest.mark.django_db
def test_a_partnership_can_not_take_a_colour_that_is_too_light() -> None:
    with pytest.raises(ValidationError) as refused:
        PartnershipFactory(primary_colour="#ffcc00").full_clean()
    assert list(refused.value.message_dict) == ["primary_colour"]


@pytest.mark.django_db
def test_the_colour_comes_as_a_style_sheet_that_caches_for_ever(client: Client) -> None:
    PartnershipFactory(primary_colour="#5c0f4c")
    assert client.get("/").content.count(b'href="/partnership.css?colour=5c0f4c"') == 1
    sheet = client.get("/partnership.css?colour=5c0f4c")
    assert (sheet["Content-Type"], sheet["Cache-Control"]) == ("text/css; charset=utf-8", "public, max-age=31536000, immutable")
    assert sheet.content.decode() == ":root { --primary: #5c0f4c; --primary-hover: #400a35; --tint: #efe7ed; }\n"


@pytest.mark.django_db
@pytest.mark.parametrize("colour", ["", "red", "5c0f4", "5c0f4c;}", "%0a5c0f4c"])
def test_anything_but_a_colour_is_not_there(client: Client, colour: str) -> None:
    assert client.get(f"/partnership.css?colour={colour}").status_code == 404
