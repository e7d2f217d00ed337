"""Who did not come, as charges ask it: two working days after the last register of an event was closed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from bookings.charging import finding
from bookings.models import Booking, BookingQuerySet
from core.clock import london_date
from core.working_days import working_days_after
from registers.models import Attendance, Mark, MarkValue, Outcome, Register, WalkIn

WORKING_DAYS = 2  # nothing that hurts leaves earlier: registers are corrected in these days


def absent(at: datetime) -> list[tuple[Booking, str]]:
    """Bookings to charge for not coming, with the words that say why: not there or, where the policy says so, left early."""
    found = finding.may_pay_for_absence(at).filter(Exists(_attendance(outcome=Outcome.DID_NOT_ATTEND)) | _left_early())
    bookings = list(found.annotate(was_there=~Exists(_attendance(outcome=Outcome.DID_NOT_ATTEND))))
    settled = events_settled({booking.event_id for booking in bookings}, at)
    why = {True: "Left early, which counts as not coming", False: "Did not attend"}
    return [(booking, why[booking.was_there]) for booking in bookings if booking.event_id in settled]  # type: ignore[attr-defined]


def there_after_all() -> BookingQuerySet:
    """Bookings that are charged for not coming although the register says now that they came."""
    came = Exists(_attendance(outcome=Outcome.ATTENDED)) | (Exists(_attendance(outcome=Outcome.PART_ATTENDED)) & ~_left_early())
    return finding.charged_for_absence().filter(came)


def unbooked(at: datetime) -> list[WalkIn]:
    """Walk-ins who were there, have no charge, and may have to pay."""
    there = Attendance.objects.filter(event=OuterRef("event"), person=OuterRef("person"), is_walk_in=True)
    found = WalkIn.objects.filter(
        Exists(there.exclude(outcome=Outcome.DID_NOT_ATTEND)),
        ~Exists(finding.charges_without_a_booking()),
        event__in=finding.events_whose_walk_ins_may_pay(at),
    )
    walk_ins = list(found.select_related("event", "person").prefetch_related("event__sessions"))
    settled = events_settled({walk_in.event_id for walk_in in walk_ins}, at)
    return [walk_in for walk_in in walk_ins if walk_in.event_id in settled]


def events_settled(events: Iterable[UUID], at: datetime) -> set[UUID]:
    """Those among them whose last register was closed at least two working days ago."""
    closed = (
        Register.objects.filter(session__event__in=list(events))
        .order_by()
        .values_list("session__event")
        .annotate(last=Max("closed_at"))
    )
    today = london_date(at)
    return {event for event, last in closed if last and today > working_days_after(london_date(last), WORKING_DAYS)}


def _attendance(**what: str) -> QuerySet[Attendance]:
    return Attendance.objects.filter(event=OuterRef("event"), person=OuterRef("person"), is_walk_in=False, **what)


def _left_early() -> Q:
    """Came in part, with a session left early, under a policy for which that is as good as not coming."""
    marks = Mark.objects.filter(booking=OuterRef("pk"), value=MarkValue.LEFT_EARLY)
    in_part = Exists(_attendance(outcome=Outcome.PART_ATTENDED))
    return Q(policy_version__charges_leaving_early=True) & Q(in_part) & Q(Exists(marks))
