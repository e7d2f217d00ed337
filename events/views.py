"""The public calendar."""

from __future__ import annotations

import hashlib
from calendar import timegm
from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from core.clock import now
from events import queries
from events.models import Event, EventStatus, Session
from notifications.calendar import CalendarEntry, feed
from people.access import VisitorRequest, public

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # the stamp of an entry that nobody has changed since it was brought over


@public
@require_safe
def events_calendar(request: VisitorRequest) -> HttpResponse:
    """Everything that is listed, for a calendar program that comes back by itself: hence ETag and Last-Modified."""
    partnership = request.partnership
    if not partnership:
        raise Http404
    events = queries.for_public_calendar(partnership, at=now())
    entries = [_entry(event, session) for event in events for session in event.sessions.all()]
    body = feed(entries, name=f"Learning: {partnership.name}").encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    changed_at = queries.public_calendar_changed_at(partnership) or LONG_AGO
    last_modified = timegm(changed_at.utctimetuple())
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"], response["Last-Modified"] = etag, http_date(last_modified)
    patch_cache_control(response, max_age=900)
    return get_conditional_response(request, etag=etag, last_modified=last_modified, response=response) or response


def _entry(event: Event, session: Session) -> CalendarEntry:
    return CalendarEntry(
        uid=queries.session_uid(session),
        sequence=event.version,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=queries.session_title(event, session),
        description=event.summary,
        location=queries.where(event),
        organiser_name=event.lead_host.name,
        organiser_address=event.lead_host.team_email,
        attendee_address="",
        changed_at=event.changed_at or LONG_AGO,
        is_cancelled=event.status == EventStatus.CANCELLED,
        url=settings.SITE_URL + reverse("event", args=[event.pk]),
    )
