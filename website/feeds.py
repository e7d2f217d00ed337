"""The public calendar: everything that is listed, or what a search of the catalogue finds."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from core.clock import london_date, now
from core.freshness import if_new
from events import public_calendar, queries
from notifications.calendar import CONTENT_TYPE, feed
from people.access import VisitorRequest, public
from website import catalogue
from website.forms import CatalogueForm


@public
@require_safe
def events_calendar(request: VisitorRequest) -> HttpResponse:
    """For a calendar program, which keeps the address for years. It takes the filters of the catalogue.

    A search can change with bookings and with the lists behind events, so only the whole calendar says when it last changed.
    """
    partnership, at = request.partnership, now()
    if not partnership:
        raise Http404
    form = CatalogueForm(request.GET, partnership=partnership, today=london_date(at))
    filters = form.lasting_filters()
    events = catalogue.in_calendar(partnership, filters, at=at)
    name = ", ".join([f"Learning: {partnership.name}", *(tag["label"] for tag in form.tags())])
    changed_at = queries.public_calendar_changed_at(partnership) or public_calendar.LONG_AGO if filters == {} else None
    body = feed(public_calendar.entries_of(events), name=name).encode()
    response = if_new(request, body, content_type=CONTENT_TYPE, changed_at=changed_at)
    patch_cache_control(response, max_age=900)
    return response


def address_of(form: CatalogueForm) -> str:
    """Where a calendar program finds the events of this search; empty for a search that no event can be found by."""
    if form.errors or form.filters().get("what") not in (None, catalogue.EVENTS):
        return ""
    query = form.query(without="what")
    return settings.SITE_URL + reverse("events_calendar") + (f"?{query}" if query else "")
