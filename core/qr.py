"""QR pictures. Whoever shows one gives it a name (``alt``) and prints its address as text beside it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_H
from qrcode.image.svg import SvgPathFillImage

QUIET_ZONE = 4  # modules of white around the code, as the standard asks


def _code(text: str, *, box_size: int = 10) -> qrcode.QRCode[Any]:
    """The code at level H, so that a third of it may be covered: posters get creased and wet."""
    code: qrcode.QRCode[Any] = qrcode.QRCode(error_correction=ERROR_CORRECT_H, border=QUIET_ZONE, box_size=box_size)
    code.add_data(text)
    code.make(fit=True)
    return code


def modules(text: str) -> list[list[bool]]:
    """The code's modules row by row, quiet zone included; True is black."""
    return [[bool(module) for module in row] for row in _code(text).get_matrix()]


def svg(text: str) -> str:
    """A drawing for print and screen, black on white, a millimetre for each module where nothing else sets its size."""
    return _code(text).make_image(image_factory=SvgPathFillImage).to_string(encoding="unicode")


def png(text: str, pixels: int) -> bytes:
    """A square picture exactly so many pixels wide, with modules of whole pixels and white around them.

    Raises ValueError where so few pixels can't hold the code.
    """
    side = len(modules(text))
    if pixels < side:
        raise ValueError(f"{pixels} pixels can't hold a code of {side} modules")
    drawn = _code(text, box_size=pixels // side).make_image().get_image()
    picture = Image.new("1", (pixels, pixels), 1)
    picture.paste(drawn, ((pixels - drawn.width) // 2, (pixels - drawn.height) // 2))
    buffer = BytesIO()
    picture.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
