"""What happens to the waiting list when the clock says so. Found from the data, so nothing is ever stranded."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from bookings import operations, queries
from bookings.charging.finding import confirmed_and_unpaid
from bookings.models import Booking, BookingStatus, Charge, ChargeKind, ChargeState, InvoiceTiming
from bookings.operations.drafting import take_back_of
from core.clock import london_date
from events.models import Event, EventStatus
from events.queries import ends_at, starts_at

AT_ONE_TICK = 200


def end_waiting_for_started_events(at: datetime) -> int:
    """Whoever waits for an event that has started, or was cancelled, is not placed; returns how many."""
    waiting = Booking.objects.filter(status=BookingStatus.WAITING).values("event_id")
    begun = Event.objects.filter(pk__in=waiting, starts_on__lte=london_date(at)).prefetch_related("sessions")
    cancelled = Event.objects.filter(pk__in=waiting, status=EventStatus.CANCELLED).prefetch_related("sessions")
    over = [event for event in begun if starts_at(event) <= at]
    return sum(operations.end_waiting(event=event, at=at) for event in {*over, *cancelled})


def promote_waiting(at: datetime) -> int:
    """Confirm those who wait where places are free: a second net under the operations that free places. Returns how many."""
    events = Event.objects.filter(pk__in=queries.events_with_places_for_those_who_wait())
    return sum(len(operations.promote_waiting(event=event, at=at)) for event in events)


def draft_fees(at: datetime) -> int:
    """Draft what attending costs where the event has ended, or at once where the policy invoices at booking. Returns how many."""
    unpaid = confirmed_and_unpaid(at).select_related("event", "policy_version").prefetch_related("event__sessions")
    due = [booking for booking in unpaid[:AT_ONE_TICK] if ends_at(booking.event) <= at or _is_invoiced_at_booking(booking)]
    return sum(operations.draft_fee(booking=booking, at=at) is not None for booking in due)


def take_back_fees(at: datetime) -> int:
    """A fee that was drafted or approved goes when its booking ends without the person coming. Returns how many."""
    ended = Charge.objects.filter(kind=ChargeKind.FEE, booking__isnull=False).exclude(booking__status=BookingStatus.CONFIRMED)
    wrong = ended.exclude(state=ChargeState.EXCUSED).exclude(Exists(Charge.objects.filter(reverses=OuterRef("pk"))))
    bookings = list(Booking.objects.filter(pk__in=wrong.values("booking_id")))
    for booking in bookings:
        with transaction.atomic():
            take_back_of(booking, ChargeKind.FEE, reason=f"The booking is {booking.get_status_display().lower()}.", at=at)
    return len(bookings)


def _is_invoiced_at_booking(booking: Booking) -> bool:
    version = booking.policy_version
    return version is not None and version.invoice_timing == InvoiceTiming.AT_BOOKING
