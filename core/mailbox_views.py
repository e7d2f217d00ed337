"""The demonstration's mailbox: every mail that was sent, for anybody to read. Anywhere else these addresses are not found."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from core import mailbox as folder
from core.access import public

PAGE = 25


def only_in_the_demonstration(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def _letter(name: str) -> folder.Letter:
    letter = folder.read(name)
    if letter is None:
        raise Http404
    return letter


@public
@only_in_the_demonstration
@never_cache
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(folder.names(), PAGE).get_page(request.GET.get("page"))
    letters = [letter for letter in map(folder.read, page.object_list) if letter]
    return render(request, "core/mailbox.html", {"page": page, "letters": letters})


@public
@only_in_the_demonstration
@never_cache
@require_GET
def letter(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "core/mailbox_letter.html", {"letter": _letter(name)})


@public
@only_in_the_demonstration
@require_GET
def invite(request: HttpRequest, name: str) -> HttpResponse:
    """The calendar file of a mail, as a mail program would open it."""
    found = _letter(name)
    if not found.calendar:
        raise Http404
    response = HttpResponse(found.calendar.replace("\n", "\r\n"), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="invite.ics"'
    return response
