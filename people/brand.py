"""A partnership's colour and logo.

The content security policy allows no styles inside a page, so the colour comes as a file of its own. Its address holds the
colour: it never changes under a cache.
"""

from __future__ import annotations

import io
from typing import IO
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from PIL import Image, UnidentifiedImageError

from core.colour import is_colour, mixed
from people.access import public
from people.models import Partnership

LOGO_SIZE = (600, 176)  # twice the height it is shown at, for fine screens
MOST_PIXELS = 40_000_000
MOST_BYTES = 5 * 1024 * 1024


@public
@require_safe
def partnership_css(request: HttpRequest) -> HttpResponse:
    colour = "#" + request.GET.get("colour", "")
    if not is_colour(colour):
        raise Http404
    shades = {"primary": colour, "primary-hover": mixed(colour, "#000000", 0.3), "tint": mixed(colour, "#ffffff", 0.9)}
    rules = " ".join(f"--{name}: {value};" for name, value in shades.items())
    response = HttpResponse(f":root {{ {rules} }}\n", content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def clean_logo(upload: IO[bytes]) -> bytes:
    """The picture drawn anew as a PNG that fits the header: whatever else the file held is gone. Raises ValidationError."""
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValidationError("The picture is larger than 5 MB. Save a smaller one.")
    try:
        picture = Image.open(io.BytesIO(content), formats=["PNG", "JPEG"])
        if picture.width * picture.height > MOST_PIXELS:
            raise ValidationError("The picture has too many pixels. Save a smaller one.")
        drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValidationError("This is not a PNG or JPEG picture. Choose another file.") from error
    drawn.thumbnail(LOGO_SIZE)
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


@public
@require_safe
def partnership_logo(request: HttpRequest, partnership_id: UUID) -> HttpResponse:
    partnership = get_object_or_404(Partnership, pk=partnership_id)
    if not partnership.logo:
        raise Http404
    with partnership.logo.open("rb") as logo:
        response = HttpResponse(logo.read(), content_type="image/png")
    response["Cache-Control"] = "public, max-age=3600"
    return response
