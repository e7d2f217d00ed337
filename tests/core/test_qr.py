"""The pictures are read back by a decoder that is not ours."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from core import qr

ADDRESS = "HTTPS://LEARNING.RIVERSIDE.EXAMPLE/E/7K3QD9XM2PTV/"


def picture_of(rows: list[list[bool]], *, module_pixels: int = 6) -> Image.Image:
    picture = Image.new("L", (len(rows), len(rows)), 255)
    picture.putdata([0 if black else 255 for row in rows for black in row])
    return picture.resize((len(rows) * module_pixels,) * 2, Image.Resampling.NEAREST)


def drawn_modules(svg: str) -> list[list[bool]]:
    """The squares that the drawing's path fills."""
    side = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))  # type: ignore[union-attr]
    rows = [[False] * side for _ in range(side)]
    for x, y, right, bottom in re.findall(r"M(\d+),(\d+)H(\d+)V(\d+)H\1z", svg):
        assert (int(right), int(bottom)) == (int(x) + 1, int(y) + 1)
        rows[int(y)][int(x)] = True
    return rows


def decoded(picture: Image.Image) -> zxingcpp.Barcode:
    (found,) = zxingcpp.read_barcodes(picture)
    return found


def test_the_picture_holds_the_address() -> None:
    found = decoded(Image.open(BytesIO(qr.png(ADDRESS, 600))).convert("L"))
    assert (found.text, found.ec_level) == (ADDRESS, "H")


@pytest.mark.parametrize("pixels", [41, 200, 333, 1200])
def test_the_picture_is_as_wide_as_it_was_asked_to_be(pixels: int) -> None:
    assert Image.open(BytesIO(qr.png(ADDRESS, pixels))).size == (pixels, pixels)


def test_a_picture_too_small_for_its_code_is_refused() -> None:
    with pytest.raises(ValueError, match="40 pixels can't hold a code of 41 modules"):
        qr.png(ADDRESS, 40)


def test_the_drawing_and_the_picture_show_the_same_squares() -> None:
    rows = drawn_modules(qr.svg(ADDRESS))
    assert rows == qr.modules(ADDRESS)
    assert decoded(picture_of(rows)).text == ADDRESS


def test_four_modules_around_the_code_stay_white() -> None:
    rows = qr.modules(ADDRESS)
    edge = [rows[y][x] for y in range(len(rows)) for x in range(len(rows)) if min(y, x, len(rows) - 1 - y, len(rows) - 1 - x) < 4]
    assert not any(edge)
    assert rows[4][4]


def test_capitals_make_a_smaller_code() -> None:
    assert len(qr.modules(ADDRESS)) < len(qr.modules(ADDRESS.lower()))


def test_a_covered_corner_does_not_stop_the_reader() -> None:
    picture = Image.open(BytesIO(qr.png(ADDRESS, 820))).convert("L")
    picture.paste(255, (560, 560, 680, 680))
    assert decoded(picture).text == ADDRESS
