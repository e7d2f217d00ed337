"""When the API says no: every refusal as a problem of RFC 9457, with the sentence that the pages give.

``code`` names the rule, ``errors`` the fields it is about. Anything that goes wrong below /api/ answers like this, an address
that is not there and a fault of ours among it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.settings import api_settings

from core.refusals import InFlight, KeyReused, Refused

MEDIA_TYPE = "application/problem+json"
BELOW = "/api/"
NOT_FOUND = "There is nothing here, or nothing that this token may see. Check the address."
OUR_FAULT = "Something went wrong on our side, and nothing was changed. Try again in a minute."
NOT_UNDERSTOOD = "This request can't be understood. Check the address and the headers."
NOT_TAKEN = "Some of what was sent can't be taken. See errors for each field."
SECONDS_TO_WAIT = 1


class Unfitting(exceptions.ValidationError):
    """What was sent is right by itself, but not as things stand: 422 instead of 400."""

    status_code = 422


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """For whatever a view of the API raised. None for a fault of ours: Django logs it and asks server_error."""
    if isinstance(error, Refused):
        return _refusal(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound(NOT_FOUND)
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    if isinstance(error, exceptions.ValidationError):
        found = list(_errors(as_serializer_error(error)))
        return _response(error.status_code, "invalid", NOT_TAKEN, found, headers)
    return _response(error.status_code, str(error.get_codes()), str(error.detail), [], headers)


def body(status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors or [],
    }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The product's handler400; so are the two below for their numbers."""
    if request.path.startswith(BELOW):
        return _plain(400, "bad_request", NOT_UNDERSTOOD)
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(BELOW):
        return _plain(404, "not_found", NOT_FOUND)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(BELOW):
        return _plain(500, "server_error", OUR_FAULT)
    return defaults.server_error(request)


def _refusal(refused: Refused) -> Response:
    if isinstance(refused, InFlight):
        return _response(409, refused.code, str(refused), [], {"Retry-After": str(SECONDS_TO_WAIT)})
    if isinstance(refused, KeyReused):
        return _response(422, refused.code, str(refused), [], {})
    if refused.field is None:
        return _response(403 if refused.code == "not_allowed" else 409, refused.code, str(refused), [], {})
    about = {"field": refused.field, "detail": str(refused), "code": refused.code}
    return _response(422, refused.code, str(refused), [about], {})


def _response(status: int, code: str, detail: str, errors: list[dict[str, str]], headers: dict[str, str]) -> Response:
    return Response(body(status, code, detail, errors), status=status, headers=headers, content_type=MEDIA_TYPE)


def _plain(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(body(status, code, detail), status=status, content_type=MEDIA_TYPE)


def _errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """What is wrong, field by field; a field within another is written with a dot. ``field`` is empty for the whole."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = "" if name == api_settings.NON_FIELD_ERRORS_KEY else str(name)
            yield from _errors(inner, ".".join(part for part in (path, here) if part))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _errors(inner, path)
    else:
        yield {"field": path, "detail": str(detail), "code": str(getattr(detail, "code", "invalid"))}
