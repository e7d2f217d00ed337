"""What stands in the calendar of whoever has a place."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from bookings.messages.giving_back import in_an_invitation
from bookings.models import Booking, Invitation
from events import queries as event_queries
from notifications.calendar import CalendarEntry, organiser_address


def calendar_entry(booking: Booking, invitation: Invitation, *, attendee_address: str, at: datetime) -> CalendarEntry:
    """One session as it stands in the person's calendar."""
    event, session = booking.event, invitation.session
    description = [event.summary] if event.summary and not event.is_closed else []
    if event.joining_link:
        description.append(f"Join with this link:\n{event.joining_link}")
    description.append(in_an_invitation(booking))
    return CalendarEntry(
        uid=invitation.uid,
        sequence=invitation.sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=event_queries.session_title(event, session),
        description="\n\n".join(description),
        location=event_queries.where(event),
        organiser_name=event.lead_host.name,
        organiser_address=organiser_address(event.lead_host.team_email),
        attendee_address=attendee_address,
        changed_at=at,
        is_cancelled=invitation.is_cancelled,
        url="" if event.is_closed else settings.SITE_URL + reverse("event", args=[event.pk]),
    )
