"""Every address says who may open it."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from people.access import public
from people.permissions import PERMISSIONS

KNOWN = {"public", "signed in", *PERMISSIONS}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        else:
            yield here, pattern.callback


def without_access(patterns: list[URLPattern | URLResolver]) -> list[str]:
    return [address for address, view in addresses(patterns) if getattr(view, "access", None) not in KNOWN]


def test_every_address_declares_its_access() -> None:
    assert without_access(get_resolver().url_patterns) == []


def test_an_address_without_a_declaration_is_found() -> None:
    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    @public
    def declared(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert without_access([path("bare/", bare), path("declared/", declared)]) == ["bare/"]
