"""What a person's own calendar holds. Nobody else's name, and no link that acts for anybody."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Max, Q

from bookings.messages import calendar_entry
from bookings.messages.giving_back import in_a_calendar
from bookings.models import Booking, BookingSettings, BookingStatus, CalendarAddress, Invitation
from core.clock import london_date
from events.models import EventStatus, Session
from events.queries import CANCELLED_STAYS, ends_at
from notifications.calendar import CalendarEntry
from people.models import Person
from people.operations.tokens import hash_of

KEPT = timedelta(days=365)
WHERE_THE_LINK_IS = "The link to join is in our message and on the website, under My learning."


def address_of(text: str) -> CalendarAddress | None:
    """The address in force with this secret part. One query."""
    return CalendarAddress.objects.in_force().select_related("person").filter(hash=hash_of(text)).first()


def entries_of(person: Person, *, at: datetime) -> list[CalendarEntry]:
    """Every session they have a place at, for a year after it, and those whose place ended in the last sixty days, as cancelled.

    With the ids of the invitations that were sent, so that a calendar with both shows one. A fixed number of queries.
    """
    held = Q(status=BookingStatus.CONFIRMED, event__status=EventStatus.PUBLISHED, event__ends_on__gte=london_date(at) - KEPT)
    ended = Q(ended_at__gte=at - CANCELLED_STAYS, invitations__is_cancelled=True)
    ids = Booking.objects.filter(held | ended, person=person).values("pk")
    bookings = list(
        Booking.objects.filter(pk__in=ids)
        .select_related("event__lead_host", "event__venue", "policy_version")
        .defer("policy_version__text")
        .prefetch_related("event__sessions", "invitations")
        .annotate(changed_at=Max("changes__at"))
        .order_by("event__starts_on", "pk")
    )
    hosts = {booking.event.lead_host_id for booking in bookings}
    settings = BookingSettings.objects.filter(partnership__in=hosts, feed_shows_links=True)
    with_links = set(settings.values_list("partnership_id", flat=True))
    return [entry for one in bookings for entry in _entries(one, shows_link=one.event.lead_host_id in with_links, at=at)]


def _entries(booking: Booking, *, shows_link: bool, at: datetime) -> list[CalendarEntry]:
    sent = {invitation.session_id: invitation for invitation in booking.invitations.all()}
    changed_at = max(filter(None, (booking.booked_at, booking.changed_at, booking.event.changed_at)))  # type: ignore[attr-defined]
    invitations = []
    for session in booking.event.sessions.all():
        invitation = sent.get(session.pk)
        if booking.status == BookingStatus.CONFIRMED:
            invitation = invitation or _not_sent(booking, session)
        elif invitation is None or not invitation.is_cancelled:
            continue
        invitation.session = session
        invitations.append(invitation)
    description = _description(booking, shows_link=shows_link, at=at)
    return [
        replace(calendar_entry(booking, one, attendee_address="", at=changed_at), description=description) for one in invitations
    ]


def _not_sent(booking: Booking, session: Session) -> Invitation:
    """Nothing was sent about a booking that was brought over from an older system: it has an id that stays the same."""
    return Invitation(booking=booking, session=session, uid=f"{uuid.uuid5(booking.pk, str(session.pk))}@turnout")


def _description(booking: Booking, *, shows_link: bool, at: datetime) -> str:
    event = booking.event
    if booking.status != BookingStatus.CONFIRMED:
        return "Your place here has ended."
    parts = [event.summary] if event.summary and not event.is_closed else []
    if ends_at(event) <= at:
        return "\n\n".join(parts)
    if event.joining_link:
        parts.append(f"Join with this link:\n{event.joining_link}" if shows_link else WHERE_THE_LINK_IS)
    return "\n\n".join([*parts, in_a_calendar(booking)])
