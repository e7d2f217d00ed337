"""A booking as it stands."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bookings.messages import calendar_entry
from bookings.models import BookingStatus
from bookings.standing import standing_of
from bookings.views.finding import about, booking_of
from core.clock import now
from notifications import calendar
from people.access import SignedInRequest, signed_in


@signed_in
@never_cache
@require_GET
def booking(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The booking as it stands: the confirmation page, for as long as it is one."""
    found = booking_of(request, booking_id)
    standing = standing_of(found, request.partnership, reader=request.user, at=now())
    return render(request, "bookings/booking.html", {**about(request, found), "standing": standing})


@signed_in
@never_cache
@require_GET
def booking_calendar(request: SignedInRequest, booking_id: UUID) -> HttpResponse:
    """The sessions as a file for any calendar, with the ids that the invitation has: a calendar that has both shows one."""
    found = booking_of(request, booking_id)
    invitations = found.invitations.filter(is_cancelled=False).select_related("session").order_by("session__number")
    if found.status != BookingStatus.CONFIRMED or not invitations:
        raise Http404
    entries = [calendar_entry(found, invitation, attendee_address="", at=now()) for invitation in invitations]
    body = calendar.feed(entries, name=found.event.public_title)
    response = HttpResponse(body, content_type=calendar.CONTENT_TYPE)
    name = slugify(found.event.public_title)[:60] or "event"
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response
