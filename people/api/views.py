"""What each part of the API is made of."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import View, declare
from core.api.parsing import check_size
from people.api.access import TokenAuthentication


class TokenView(APIView):
    """A part of the API. ``scopes`` names, for each of its methods, what a token must be made for."""

    http_method_names = ("get", "head", "post")
    scopes: dict[str, str] = {}

    @classmethod
    def as_view(cls, **initkwargs: Any) -> View:
        return declare(super().as_view(**initkwargs), "token")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        check_size(request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token from the page API tokens of a person's profile."}
