"""Bookings that something has to be charged for, found from the data. What exactly, the operations work out one by one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings.models import (
    Booking,
    BookingChange,
    BookingQuerySet,
    BookingStatus,
    BookingTerms,
    Charge,
    ChargeKind,
    ChargeState,
    ChargingSettings,
    ExcuseReason,
    InvoiceTiming,
    Rate,
    Trigger,
)
from core.clock import london_date
from events.models import Event, EventStatus

LOOKED_BACK = timedelta(days=60)  # nobody gets a bill out of the blue months later: an officer adds it by hand
WALK_INS_LOOKED_BACK = timedelta(days=30)


def confirmed_and_unpaid(at: datetime) -> BookingQuerySet:
    """Confirmed bookings whose attending costs and that have no fee yet: events of today and before, or invoiced at booking."""
    has_fee = Charge.objects.filter(booking=OuterRef("pk"), kind=ChargeKind.FEE)
    pays_for_absence = Charge.objects.filter(booking=OuterRef("pk"), kind=ChargeKind.ABSENCE).exclude(state=ChargeState.EXCUSED)
    today = london_date(at)
    is_due = Q(event__ends_on__lte=today) | Q(policy_version__invoice_timing=InvoiceTiming.AT_BOOKING)
    found = _chargeable(_events_that_charge(at)).filter(is_due, ~Exists(has_fee), ~Exists(pays_for_absence))
    return found.filter(_costs(Trigger.ATTEND)).order_by("event__starts_on", "pk")


def may_pay_for_absence(at: datetime) -> BookingQuerySet:
    """Confirmed bookings whose policy charges for not coming and that have no such charge. One the product took back is none.

    Whether somebody came, the registers say.
    """
    charged = Charge.objects.filter(booking=OuterRef("pk"), kind=ChargeKind.ABSENCE).exclude(
        state=ChargeState.EXCUSED, excused_reason=ExcuseReason.CORRECTION, excused_by__isnull=True
    )
    ended = _events_that_charge(at).filter(ends_on__lte=london_date(at))
    found = _chargeable(ended).filter(~Exists(charged))
    not_coming = _costs(Trigger.ABSENCE) | _costs(Trigger.LATE_CANCELLATION)
    return found.filter(not_coming, policy_version__charges_absence=True).order_by("event__starts_on", "pk")


def late_charges_to_take_back(event: Event) -> QuerySet[Charge]:
    """The charges for cancelling late that fall when the event is called off: drafts, and approved ones without a credit."""
    credits = Charge.objects.filter(reverses=OuterRef("pk")).exclude(state=ChargeState.EXCUSED)
    charged = Charge.objects.filter(~Exists(credits), event=event, kind=ChargeKind.LATE_CANCELLATION)
    return charged.exclude(state=ChargeState.EXCUSED)


def cancelled_late_and_unpaid(at: datetime) -> BookingQuerySet:
    """Confirmed bookings that their person or manager cancelled late, without a charge although the policy has an amount.

    Found when the event's course cost was set afterwards: the cancellation itself could not say what it costs. Nothing more is
    charged for an event that was called off.
    """
    has_charge = Charge.objects.filter(booking=OuterRef("pk"), kind=ChargeKind.LATE_CANCELLATION)
    was_confirmed = BookingChange.objects.filter(
        booking=OuterRef("pk"), from_status=BookingStatus.CONFIRMED, to_status=BookingStatus.CANCELLED
    )
    cancelled = Booking.objects.filter(
        ~Exists(has_charge),
        Exists(was_confirmed),
        event__in=_events_that_charge(at).exclude(status=EventStatus.CANCELLED),
        status=BookingStatus.CANCELLED,
        cancelled_in_time=False,
        policy_version__charges_late_cancellation=True,
        queue_number__isnull=True,
    )
    return cancelled.filter(_costs(Trigger.LATE_CANCELLATION)).order_by("ended_at", "pk")


def _chargeable(events: QuerySet[Event]) -> BookingQuerySet:
    """Confirmed bookings under a policy at these events."""
    return Booking.objects.filter(event__in=events, status=BookingStatus.CONFIRMED, policy_version__isnull=False)


def _events_that_charge(at: datetime) -> QuerySet[Event]:
    """Events not long ago and ahead, of partnerships that charge: the worker asks every minute, so few are looked at."""
    is_on = ChargingSettings.objects.filter(is_on=True).values("partnership")
    return Event.objects.filter(lead_host__in=is_on, ends_on__gte=london_date(at) - LOOKED_BACK)


def _costs(trigger: str) -> Q:
    """Whether the policy of a booking has an amount above nothing for its payer class, or may have for one not settled yet."""
    rates = Rate.objects.filter(version=OuterRef("policy_version"), trigger=trigger)
    own, general = rates.filter(payer_class=OuterRef("payer_class")), rates.filter(payer_class="")
    has_fee = Exists(BookingTerms.objects.filter(event=OuterRef("event"), fee__gt=0))

    def above_nothing(found: QuerySet[Rate]) -> Q:
        return Q(Exists(found.filter(day__gt=0))) | Q(Exists(found.filter(percent_of_fee__gt=0))) & Q(has_fee)

    return above_nothing(own) | (~Q(Exists(own)) & above_nothing(general)) | (Q(payer_class="") & above_nothing(rates))


def charged_for_absence() -> BookingQuerySet:
    """Bookings that have a charge for not coming which is neither excused nor credited."""
    credits = Charge.objects.filter(reverses=OuterRef("pk"))
    charges = Charge.objects.filter(~Exists(credits), kind=ChargeKind.ABSENCE).exclude(state=ChargeState.EXCUSED)
    return Booking.objects.filter(pk__in=charges.values("booking"))


def events_whose_walk_ins_may_pay(at: datetime) -> QuerySet[Event]:
    """Events of the last weeks in partnerships that charge for attending or for coming without a booking."""
    rates = Rate.objects.filter(
        version__partnership=OuterRef("lead_host"), trigger__in=[Trigger.ATTEND, Trigger.UNBOOKED_ARRIVAL]
    )
    is_on = ChargingSettings.objects.filter(partnership=OuterRef("lead_host"), is_on=True)
    today = london_date(at)
    return Event.objects.filter(Exists(is_on), Exists(rates), ends_on__lte=today, ends_on__gte=today - WALK_INS_LOOKED_BACK)


def charges_without_a_booking() -> QuerySet[Charge]:
    """Of the event and person of an outer row: for ``Exists``."""
    return Charge.objects.filter(event=OuterRef("event"), person=OuterRef("person"), booking__isnull=True)
