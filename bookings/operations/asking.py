"""Putting the question to a manager."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bookings import policies
from bookings.messages import approvals as letters
from bookings.models import ApprovalRequest, Approver, Booking, BookingSettings
from bookings.operations import telling
from core.clock import london_date
from core.working_days import end_of_working_day, working_days_after
from events import queries as event_queries

SHORTEST = timedelta(minutes=1)  # somebody may ask in the last minute before the start


def ask_manager(booking: Booking, *, deputy_email: str, at: datetime) -> ApprovalRequest:
    """Write the question about a booking that awaits approval, and send it. Called under the lock.

    A further time it is another round of the same request. It lapses at the end of a working day, or when the event starts,
    however near that is; where it ends before the usual day of the reminder, that comes when half of the time is over.
    Raises Refused for a deputy who is the person or the manager: own_deputy, same_deputy.
    """
    settings = BookingSettings.of(booking.event.lead_host)
    today, starts_at = london_date(at), event_queries.starts_at(booking.event)
    lapses_at = max(min(_end_of(today, settings.approval_lapse_days), starts_at), at + SHORTEST)
    request = ApprovalRequest.objects.filter(booking=booking).first() or ApprovalRequest(booking=booking, round=0)
    request.round += 1
    policies.check_deputy(booking.person, deputy_email=deputy_email, manager_email=booking.manager_email)
    request.manager_email, request.deputy_email = booking.manager_email, deputy_email.strip().lower()
    request.asked_at, request.reminded_at, request.lapses_at = at, None, lapses_at
    remind_at = _end_of(today, settings.approval_reminder_days)
    request.remind_at = remind_at if remind_at < lapses_at else at + (lapses_at - at) / 2
    request.save()
    telling.tell_manager(booking, letters.asked(booking, request, Approver.MANAGER), request.manager_email, at=at)
    return request


def _end_of(today: date, days: int) -> datetime:
    return end_of_working_day(working_days_after(today, days))
