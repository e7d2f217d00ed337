"""Every address says who may open it."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from people.access import public
from people.api.access import HasScope
from people.api.views import TokenView
from people.permissions import PERMISSIONS, SCOPES

KNOWN = {"public", "signed in", "token", *PERMISSIONS}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        else:
            yield here, pattern.callback


def without_access(patterns: list[URLPattern | URLResolver]) -> list[str]:
    return [address for address, view in addresses(patterns) if getattr(view, "access", None) not in KNOWN]


def methods_without_scope(patterns: list[URLPattern | URLResolver]) -> list[tuple[str, str]]:
    """What a program could do with any token at all."""
    found = []
    for address, view in addresses(patterns):
        if getattr(view, "access", None) == "token":
            methods = {method.upper() for method in view.cls.http_method_names if hasattr(view.cls, method)} - {"HEAD"}
            found += [(address, method) for method in methods if view.cls.scopes.get(method) not in SCOPES]
    return found


def test_every_address_declares_its_access() -> None:
    assert without_access(get_resolver().url_patterns) == []


def test_an_address_without_a_declaration_is_found() -> None:
    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    @public
    def declared(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert without_access([path("bare/", bare), path("declared/", declared)]) == ["bare/"]


def test_every_method_of_the_api_needs_a_scope() -> None:
    assert methods_without_scope(get_resolver().url_patterns) == []


def test_a_method_without_a_scope_is_found_and_lets_nobody_in() -> None:
    class Forgetful(TokenView):
        scopes = {"GET": "events:read"}

        def get(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse()

        def post(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse()

    request = type("Asked", (), {"method": "POST", "auth": object()})()
    assert methods_without_scope([path("forgetful/", Forgetful.as_view())]) == [("forgetful/", "POST")]
    assert HasScope().has_permission(request, Forgetful()) is False
