"""What somebody needs in order to take part: written down with a booking, gone soon after."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings import policies
from bookings.models import Access, Booking, BookingNeeds, Diet, NeedCount
from bookings.needs import Needs, counted_to_keep, needs_at
from core import audit
from core.refusals import Refused
from core.text import one_line
from events.models import Event
from people.models import Person


@transaction.atomic
def record_needs(*, booking: Booking, needs: Needs, by: Person | None, at: datetime) -> None:
    """Keep what the person needs; asked again it replaces the answer, and nothing deletes it.

    The audit trail says that it was given, never what. Raises Refused: not_allowed, no_booking, unknown_need.
    """
    policies.check_may_see_needs(booking, by=by)
    booking = Booking.objects.select_for_update(of=("self",)).get(pk=booking.pk)
    if not booking.is_live:
        raise Refused("This booking has ended, so nothing is prepared for it any more.", code="no_booking")
    if not set(needs.diet) <= set(Diet.values) or not set(needs.access) <= set(Access.values):
        raise Refused("Choose from the list, or write it in your own words.", code="unknown_need")
    if needs:
        values = {
            "diet": [code for code in Diet.values if code in needs.diet],
            "diet_other": one_line(needs.diet_other)[:200],
            "access": [code for code in Access.values if code in needs.access],
            "access_other": one_line(needs.access_other)[:200],
            "interpreter": one_line(needs.interpreter)[:80],
        }
        BookingNeeds.objects.update_or_create(booking=booking, defaults=values)
    else:
        BookingNeeds.objects.filter(booking=booking).delete()
    audit.record(action="needs recorded", about=booking, by=by, at=at)


@transaction.atomic
def forget_needs(*, event: Event, at: datetime) -> int:
    """Delete what people needed at an event that is over; the counts stay. Returns how many answers went."""
    rows = BookingNeeds.objects.filter(booking__event=event)
    kept = counted_to_keep(needs_at(event))
    number = rows.count()
    if not number:
        return 0
    NeedCount.objects.filter(event=event).delete()
    NeedCount.objects.bulk_create(NeedCount(event=event, kind=one.kind, label=one.label, count=one.number) for one in kept)
    rows.delete()
    audit.record(action="needs deleted", about=event, by=None, at=at, changes={"answers": [number, 0]})
    return number
