from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.access import public

SCHEMA_FILE = settings.BASE_DIR / "docs" / "openapi.yaml"


@public
@require_safe
@cache_control(max_age=3600)
def schema(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description as it is committed; a check holds it to the code."""
    return HttpResponse(SCHEMA_FILE.read_bytes(), content_type="application/yaml; charset=utf-8")
