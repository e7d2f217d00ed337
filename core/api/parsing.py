"""What comes in and goes out: JSON, of a size that a request of ours can have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

LARGEST_BODY = 64 * 1024


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = f"A request may hold {LARGEST_BODY // 1024} KB at most."
    default_code = "too_large"


def check_size(request: Request) -> None:
    """Raises TooLarge before anything of the body is read."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise TooLarge


class PlainJSONParser(JSONParser):
    """JSON that is nested as a request of ours can be."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deeply.") from error


class AlwaysJSON(DefaultContentNegotiation):
    """The answer is JSON, whatever a program says it would rather have."""

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type
