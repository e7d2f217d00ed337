"""What happens to places and queues when the clock says so. Found from the data, so nothing is ever stranded."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from bookings import counting, demand, operations, planned, queries, refreshing
from bookings.charging.finding import cancelled_late_and_unpaid, confirmed_and_unpaid
from bookings.models import (
    ApprovalRequest,
    Booking,
    BookingNeeds,
    BookingSettings,
    BookingStatus,
    Charge,
    ChargeKind,
    ChargeState,
    DigestEvery,
    Hold,
    HoldKind,
    InvoiceTiming,
    MessageSettings,
)
from bookings.operations.drafting import take_back_of
from core.clock import london_date
from core.working_days import working_days_after
from events.models import Event, EventStatus
from events.queries import ends_at, starts_at

AT_ONE_TICK = 200
HOLD_REMINDER_DAYS = 2  # working days before the last one
NOT_AT_ONCE = timedelta(hours=20)  # whoever has just held places knows until when


def end_waiting_for_started_events(at: datetime) -> int:
    """Whoever waits for an event that has started, or was cancelled, is not placed; returns how many."""
    waiting = Booking.objects.filter(status=BookingStatus.WAITING).values("event_id")
    begun = Event.objects.filter(pk__in=waiting, starts_on__lte=london_date(at)).prefetch_related("sessions")
    cancelled = Event.objects.filter(pk__in=waiting, status=EventStatus.CANCELLED).prefetch_related("sessions")
    over = [event for event in begun if starts_at(event) <= at]
    return sum(operations.end_waiting(event=event, at=at) for event in {*over, *cancelled})


def promote_waiting(at: datetime) -> int:
    """Give places to those who wait where some are free: a second net under the operations that free them. Returns how many."""
    events = Event.objects.filter(pk__in=queries.events_with_places_for_those_who_wait())
    return sum(len(operations.promote_waiting(event=event, at=at)) for event in events)


def draft_fees(at: datetime) -> int:
    """Draft what attending costs where the event has ended, or at once where the policy invoices at booking. Returns how many."""
    unpaid = confirmed_and_unpaid(at).select_related("event", "policy_version").prefetch_related("event__sessions")
    due = [booking for booking in unpaid[:AT_ONE_TICK] if ends_at(booking.event) <= at or _is_invoiced_at_booking(booking)]
    return sum(operations.draft_fee(booking=booking, at=at) is not None for booking in due)


def draft_late_cancellations(at: datetime) -> int:
    """Draft what cancelling late costs where it could not be known when somebody cancelled. Returns how many."""
    found = list(cancelled_late_and_unpaid(at)[:AT_ONE_TICK])
    return sum(operations.draft_late_cancellation(booking=booking, by=None, at=at) is not None for booking in found)


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


def lapse_offers(at: datetime) -> int:
    """Offers that nobody answered in time go on to the next in line; returns how many lapsed."""
    over = Booking.objects.filter(status=BookingStatus.OFFERED, offered_until__lte=at).values("event_id")
    return sum(len(operations.lapse_offers(event=event, at=at)) for event in Event.objects.filter(pk__in=over))


def remind_approvers(at: datetime) -> int:
    """Managers who have not answered, and their deputies, are written to once more; returns for how many bookings."""
    open_requests = ApprovalRequest.objects.filter(decision="", reminded_at=None, remind_at__lte=at, lapses_at__gt=at)
    waiting = open_requests.filter(booking__status=BookingStatus.AWAITING_APPROVAL).select_related("booking")
    return sum(operations.remind_approver(request=request, at=at) for request in waiting)


def lapse_requests(at: datetime) -> int:
    """Bookings that nobody approved in time end, and their places go on; returns how many."""
    over = ApprovalRequest.objects.filter(decision="", lapses_at__lte=at, booking__status=BookingStatus.AWAITING_APPROVAL)
    return sum(operations.lapse_request(request=request, at=at) for request in over.select_related("booking"))


def remind_of_holds(at: datetime) -> int:
    """Agencies whose unnamed places end in two working days are asked for names; returns how many people were written to."""
    latest = working_days_after(london_date(at), HOLD_REMINDER_DAYS)
    unnamed = Hold.objects.in_force().filter(kind=HoldKind.UNNAMED, reminded_at=None)
    soon = unnamed.filter(until__gte=london_date(at), until__lte=latest, made_at__lt=at - NOT_AT_ONCE)
    ids = set(soon.values_list("pk", flat=True))
    without_names = [one.hold for one in counting.held_places(set(soon.values_list("event_id", flat=True))) if one.left]
    return sum(operations.remind_of_hold(hold=hold, at=at) for hold in without_names if hold.pk in ids)


def release_holds(at: datetime) -> int:
    """Holds whose last day is over are released; returns how many."""
    over = list(Hold.objects.in_force().filter(until__lt=london_date(at)))
    for hold in over:
        operations.release_hold(hold=hold, by=None, at=at)
    return len(over)


def end_requests_of_started_events(at: datetime) -> int:
    """Requests for a tentative event that has started without anybody saying that it goes ahead: not held, nobody's fault."""
    requested = Booking.objects.filter(status=BookingStatus.REQUESTED).values("event_id")
    begun = Event.objects.filter(pk__in=requested, starts_on__lte=london_date(at)).prefetch_related("sessions")
    return sum(operations.end_requests(event=event, at=at) for event in begun if starts_at(event) <= at)


def delete_needs(at: datetime) -> int:
    """What people needed is health data: it goes a set number of days after the event. Returns how many answers went."""
    noted = BookingNeeds.objects.values("booking__event")
    over = list(Event.objects.filter(pk__in=noted, ends_on__lt=london_date(at)).select_related("lead_host"))
    settings = {one.partnership_id: one for one in BookingSettings.objects.filter(partnership__in={e.lead_host for e in over})}
    usual = BookingSettings().needs_kept_days
    return sum(
        operations.forget_needs(event=event, at=at)
        for event in over
        for kept in [settings[event.lead_host_id].needs_kept_days if event.lead_host_id in settings else usual]
        if event.ends_on + timedelta(days=kept) < london_date(at)
    )


def tell_interested(at: datetime) -> int:
    """Those who want a course hear of a date that can be booked, once for each date; returns how many were written to."""
    return sum(operations.tell_interested(event=event, at=at) for event in demand.events_to_tell_of(at))


def tell_of_planned_sessions(at: datetime) -> int:
    """Who asked for a session hears that it has a date, once its event is published; returns how many were told."""
    return sum(operations.tell_of_planned_session(request=request, at=at) for request in demand.sessions_to_tell_of(at))


def end_met_interests(at: datetime) -> int:
    """Whoever has booked a course they wanted is off its list; returns how many."""
    return operations.end_met_interests(at=at)


def send_planned_letters(at: datetime) -> int:
    """Reminders and joining instructions that should have left by now; returns to how many people letters were written.

    Asked every minute: eight queries when nobody is left to write to, however many are booked.
    """
    due: dict[str, list[planned.Plan]] = {}
    for plan in planned.due_plans(at):
        due.setdefault(plan.kind, []).append(plan)
    written = 0
    for kind, plans in due.items():
        missing = set(planned.unwritten(plans).order_by().values_list("event_id", flat=True))
        for plan in plans:
            if plan.event.pk in missing:
                written += operations.send_planned(event=plan.event, kind=kind, at=at)
    return written


def withdraw_overtaken_letters(at: datetime) -> int:
    """What still waits for a mail server when its event begins is not sent; returns how many messages were withdrawn."""
    overtaken = planned.begun_but_unsent(at)
    return operations.withdraw_overtaken(about=overtaken, at=at) if overtaken else 0


def send_digests(at: datetime) -> int:
    """Write the programme to those who agreed to hear of learning, where one is due; returns to how many."""
    wanted = MessageSettings.objects.exclude(digest_every=DigestEvery.NEVER).select_related("partnership")
    return sum(operations.send_digest(settings=settings, at=at) for settings in wanted)


def send_refreshers(at: datetime) -> int:
    """Write to those whose learning is to be refreshed soon and who have not heard of it; returns to how many.

    Two queries when nobody is left to write to, however many have learned; one where no course is ever refreshed.
    """
    return operations.send_refreshers(at=at) if refreshing.unwritten(at).exists() else 0


def withdraw_needless_refreshers(at: datetime) -> int:
    """What waits for somebody who has booked meanwhile, or about learning that no longer counts, is not sent; how many.

    One query when none waits.
    """
    needless = refreshing.without_reason(at)
    return operations.withdraw_refreshers(about=needless, at=at) if needless else 0


def withdraw_unwanted_letters(at: datetime) -> int:
    """What waits for somebody who has stopped hearing of learning is not sent; returns how many messages were withdrawn."""
    return operations.withdraw_unwanted()
