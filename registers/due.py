"""What the worker does for registers."""

from __future__ import annotations

from datetime import datetime

from bookings.operations import draft_absence, draft_unbooked_arrival, undo_absence
from events.models import Event
from registers import certificates, charging, planned
from registers.operations import certify, recompute_attendance, remind_trainers, send_absence_letters
from registers.queries import events_with_stale_attendance


def follow_changed_events(at: datetime) -> int:
    """Recompute the attendance of events that changed after their registers closed; returns for how many it became another.

    Events and bookings know nothing of registers, so whoever changes an event can't do it. Found from the data.
    """
    events = Event.objects.filter(pk__in=events_with_stale_attendance()).order_by("starts_on", "pk")
    return sum(bool(recompute_attendance(event=event, at=at)) for event in events)


def charge_for_absence(at: datetime) -> int:
    """Draft what not coming costs, two working days after an event's last register was closed. Returns how many."""
    found = charging.absent(at)
    return sum(draft_absence(booking=booking, at=at, because=why) is not None for booking, why in found)


def take_back_corrected_charges(at: datetime) -> int:
    """Who is on the register after all owes nothing for not coming: a draft goes, an approved charge is credited."""
    found = list(charging.there_after_all())
    for booking in found:
        undo_absence(booking=booking, at=at)
    return len(found)


def charge_for_unbooked_arrival(at: datetime) -> int:
    """Draft what coming without a booking costs, at the same time. Returns how many charges."""
    return sum(
        len(draft_unbooked_arrival(event=walk_in.event, person=walk_in.person, affiliation=walk_in, at=at))
        for walk_in in charging.unbooked(at)
    )


def send_letters_of_absence(at: datetime) -> int:
    """Letters about not having been there whose hold is over; returns to how many people they were written.

    One query when nobody is left to write to.
    """
    events = {one.event for one in planned.unwritten_absences(at).select_related("event__lead_host").order_by("event_id", "pk")}
    due = [plan.event for plan in planned.absence_plans(events).values() if plan.is_due(at)]
    return sum(send_absence_letters(event=event, at=at) for event in sorted(due, key=lambda event: (event.starts_on, event.pk)))


def remind_trainers_of_registers(at: datetime) -> int:
    """Trainers are asked, once for each day of their event, to close registers; returns how many were written to."""
    asked = planned.trainers_to_remind(planned.untaken_days(at), at)
    events = {day.event for day, _ in asked}
    return sum(remind_trainers(event=event, at=at) for event in sorted(events, key=lambda event: (event.starts_on, event.pk)))


def give_certificates(at: datetime) -> int:
    """Certificates of events whose registers have been closed for long enough, and letters about them; returns how many letters.

    One query when nobody is left to certify or to write to.
    """
    due = [plan.event for plan in certificates.certificate_plans(certificates.unfinished(at)).values() if plan.is_due(at)]
    return sum(certify(event=event, at=at) for event in due)
