"""How each method of the API is described, with every answer it can give: the OpenAPI schema is made from this."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from core import problems
from core.api.answers import KEY_HEADER
from core.api.fields import Input, TextField

NO_NUL = r"^[^\u0000]*$"


class FieldError(serializers.Serializer):
    field = serializers.CharField(allow_blank=True, help_text="The field's name; empty for the whole request.")
    detail = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer):
    """RFC 9457. ``detail`` is a sentence to show to a person, ``code`` is for programs and does not change."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = FieldError(many=True)


def list_of(shape: type[serializers.Serializer]) -> type[serializers.Serializer]:
    """A page of a list, as core.api.answers.page_of gives it."""
    fields = {
        "count": serializers.IntegerField(help_text="Of the whole list."),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": shape(many=True),
    }
    return type(f"PageOf{shape.__name__}", (serializers.Serializer,), fields)


SAYS_NO = {
    400: "Something sent can't be taken: errors names each field.",
    401: "No token, or one that is unknown, revoked or out of date.",
    403: "The token lacks the scope, or its person may not do this.",
    404: "Nothing here that this token may see.",
    409: "A rule says no (code names it), or the same request is being done at this moment (in_flight).",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The Idempotency-Key was used for another body, or a field can't be taken as things stand.",
    429: "Too many requests with this token: wait for the seconds in Retry-After.",
}
READING = (400, 401, 403, 404, 429)
WRITING = (400, 401, 403, 404, 409, 413, 415, 422, 429)


def operation(
    name: str,
    *,
    summary: str,
    answers: Any,
    takes: Any = None,
    query: type[Input] | None = None,
    status: int = 200,
    description: str = "",
) -> Callable[[Any], Any]:
    """Describe a method of a view for the schema, with every answer it can give. One that ``takes`` a body also takes a key."""
    writes = takes is not None
    parameters: list[Any] = [query] if query else []
    if writes:
        parameters.append(
            OpenApiParameter(
                KEY_HEADER,
                {"type": "string", "pattern": "^[!-~]{1,255}$"},
                OpenApiParameter.HEADER,
                description="Of your own choice, new for each thing you want done. Sent again with the same body within two "
                "days, the request gets the first answer again and nothing is done twice.",
            )
        )
    refusals = {(code, problems.MEDIA_TYPE): Problem for code in (WRITING if writes else READING)}
    return extend_schema(
        operation_id=name,
        summary=summary,
        description=description or summary,
        request=takes,
        parameters=parameters,
        responses={status: answers, **refusals},
    )


class Schema(AutoSchema):
    """Says what each refusal means, and that nothing is taken which is not named."""

    def _map_serializer_field(self, field: Any, direction: Any, *args: Any, **kwargs: Any) -> Any:
        mapped = super()._map_serializer_field(field, direction, *args, **kwargs)
        return {**mapped, "pattern": NO_NUL} if isinstance(field, TextField) else mapped

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        mapped = super()._map_basic_serializer(serializer, direction)
        return {**mapped, "additionalProperties": False} if isinstance(serializer, Input) else mapped

    def _get_response_for_code(self, serializer: Any, status_code: Any, *args: Any, **kwargs: Any) -> Any:
        response = super()._get_response_for_code(serializer, status_code, *args, **kwargs)
        response["description"] = SAYS_NO.get(int(status_code), "Done." if int(status_code) == 201 else "Found.")
        return response
