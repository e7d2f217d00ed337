"""Going on to where somebody was going, as long as that is a page of ours."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

NEXT = "next"


def is_ours(request: HttpRequest, url: str | None) -> bool:
    """Whether the address leads to this very host; any other way off the site is closed."""
    return url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())


def next_page(request: HttpRequest) -> str:
    """The ``next`` of the request if it is a page of ours, or an empty text."""
    url = request.POST.get(NEXT) or request.GET.get(NEXT) or ""
    return url if is_ours(request, url) else ""
