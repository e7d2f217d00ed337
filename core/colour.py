"""Colours: whether they can be read, and their shades."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
COLOUR = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    return COLOUR.fullmatch(text) is not None


def contrast_with_white(colour: str) -> float:
    """The contrast of white letters on the colour, from 1 to 21, by WCAG's formula."""
    shares = [part / 255 for part in _parts(colour)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def check_readable(colour: str) -> None:
    """Raises ValidationError for a colour on which white letters are hard to read."""
    if is_colour(colour) and contrast_with_white(colour) < LEAST_CONTRAST:
        raise ValidationError("White letters are hard to read on this colour. Choose a darker one.", code="too_light")


def mixed(colour: str, other: str, share: float) -> str:
    """The colour with so large a share of the other in it."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(a * (1 - share) + b * share):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
