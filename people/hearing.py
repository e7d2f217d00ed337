"""Where the last link of a letter about places leads: it stops such letters, without a sign-in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core import personal_links
from core.clock import now
from people.access import public
from people.models import HEARING_LINK, Person
from people.operations import set_hearing


@public
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def stop_hearing(request: HttpRequest, token: str) -> HttpResponse:
    """The page asks, the button does it: a mail scanner that opens the link changes nothing. The page says no name.

    Mail programs have a button of their own that posts here (RFC 8058), without a cookie: who may is decided by the link alone.
    """
    value = personal_links.read(HEARING_LINK, token)
    person = Person.objects.filter(pk=value).first() if value else None
    if person is None:
        return render(request, "people/hearing_gone.html", status=404)
    if request.method == "POST":
        set_hearing(person=person, agrees=False, by=None, at=now())
        if "List-Unsubscribe" in request.POST:  # a mail program's button, which must not be sent elsewhere
            return render(request, "people/hearing.html", {"hears": False})
        messages.success(request, "We write to you about learning no more.")
        return redirect("stop_hearing", token)
    return render(request, "people/hearing.html", {"hears": person.agreed_to_hear_at is not None})
