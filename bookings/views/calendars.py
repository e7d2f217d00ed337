"""A person's own calendar: what calendar programs fetch by a secret address, and the pages that give the address out."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from bookings import operations
from bookings.calendars import address_of, entries_of
from bookings.models import BookingSettings, CalendarAddress
from core import guessing
from core.clock import now
from core.freshness import if_new
from core.ids import id_in
from core.refusals import Refused
from notifications import calendar
from people.access import SignedInRequest, public, signed_in

CALENDARS = "calendars"
NAME = "My learning"
NOT_HERE = "There is no calendar at this address. It may have been stopped, or replaced by a new one: see My learning.\n"
TOO_OFTEN = "Too many wrong addresses. Ask again in a minute.\n"


@public
@require_safe
def personal_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The whole calendar, for a program that comes back by itself. Whoever has the address may read it, and nothing more."""
    at = now()
    if guessing.guesses_too_much(request, CALENDARS, at):
        response = HttpResponse(TOO_OFTEN, status=429, content_type="text/plain; charset=utf-8", headers={"Retry-After": "60"})
    elif address := address_of(token):
        response = _calendar_at(address, request, at)
    else:
        guessing.note_wrong(request, CALENDARS, at)
        response = HttpResponse(NOT_HERE, status=404, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"], response["X-Robots-Tag"] = "no-referrer", "noindex"
    return response


def _calendar_at(address: CalendarAddress, request: HttpRequest, at: datetime) -> HttpResponse:
    body = calendar.feed(entries_of(address.person, at=at), name=NAME).encode()
    operations.note_read(address=address, seen=hashlib.sha256(body).hexdigest(), at=at)
    return if_new(request, body, content_type=calendar.CONTENT_TYPE, changed_at=address.seen_since)


def _in_force(request: SignedInRequest) -> CalendarAddress | None:
    return CalendarAddress.objects.in_force().filter(person=request.user).first()


@signed_in
@never_cache
@require_GET
def my_calendar(request: SignedInRequest) -> HttpResponse:
    shows_links = BookingSettings.of(request.partnership).feed_shows_links
    return render(request, "bookings/calendar.html", {"address": _in_force(request), "shows_links": shows_links})


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def new_calendar_address(request: SignedInRequest) -> HttpResponse:
    """The page that follows shows the address, this once. Loaded again it makes no second one: it would replace what it made."""
    address = _in_force(request)
    if request.method != "POST":
        return render(request, "bookings/calendar_new.html", {"address": address})
    try:
        instead_of = id_in(request.POST.get("instead_of"))
        _, text = operations.make_calendar_address(person=request.user, instead_of=instead_of, by=request.user, at=now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("my_calendar")
    path = reverse("personal_calendar", args=[text])
    return render(request, "bookings/calendar_made.html", {"calendar": settings.SITE_URL + path, "replaced": address})


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def stop_calendar_address(request: SignedInRequest) -> HttpResponse:
    address = _in_force(request)
    if request.method != "POST":
        return render(request, "bookings/calendar_stop.html", {"address": address}) if address else redirect("my_calendar")
    if address is not None:
        operations.stop_calendar_address(address=address, by=request.user, at=now())
    messages.success(request, "Your calendar's address is stopped. Calendars that have it will find nothing there.")
    return redirect("my_calendar")
