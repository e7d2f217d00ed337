"""Whether a place can be given back, passed to a colleague or moved to another date."""

from __future__ import annotations

from datetime import datetime

from bookings import conditions
from bookings.charging.reading import consequence_of_cancelling
from bookings.models import (
    ApprovalRequest,
    Booking,
    BookingStatus,
    BookingTerms,
    CancelledBy,
    Decision,
    Substitutes,
)
from bookings.policies.acting import may_act_for_others
from bookings.policies.approving import needs_approval
from bookings.policies.booking import is_invited
from bookings.policies.states import check_has_not_started, write_to
from core import wording
from core.clock import london_date
from core.refusals import Refused
from core.working_days import working_days_before
from events import queries as event_queries
from events.models import Event
from people.models import Person


def check_can_pass_on(booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the booking holds a place that a colleague, or another date, can take over now."""
    if booking.status not in (BookingStatus.CONFIRMED, BookingStatus.REQUESTED):
        raise Refused("This booking holds no place that could be passed on. Look at how it stands now.", code="no_place")
    check_has_not_started(booking.event, at=at)


def check_may_be_substituted(booking: Booking, *, at: datetime, set_aside: bool = False) -> list[str]:
    """Raises Refused where the policy that the booking accepted lets no colleague come instead, or not so late.

    Returns the codes that an officer went over with ``set_aside``.
    """
    refusal = _why_no_substitute(booking, at=at)
    if refusal is not None and not set_aside:
        raise refusal
    return [refusal.code] if refusal else []


def _why_no_substitute(booking: Booking, *, at: datetime) -> Refused | None:
    version, write = booking.policy_version, write_to(booking.event)
    if version is None or version.substitutes == Substitutes.BEFORE_START:
        return None
    if version.substitutes == Substitutes.NEVER:
        return Refused(f"Places at this event can't be passed on. {write} to ask.", code="no_substitutes")
    last = working_days_before(booking.event.starts_on, version.substitutes_days)
    if london_date(at) <= last:
        return None
    until = f"A colleague could take this place until {wording.day(last)}."
    return Refused(f"{until} {write} to ask.", code="too_late_to_substitute")


def check_may_take_over(person: Person, *, booking: Booking, by: Person | None, set_aside: bool) -> list[str]:
    """Raises Refused where an invitation or a condition keeps the colleague out; returns the codes an officer went over."""
    event = booking.event
    broken = []
    if event.is_closed and not is_invited(person, event=event, by=by):
        broken.append(Refused(f"{person.name} is not invited to this event. {write_to(event)} to ask.", code="not_invited"))
    broken += conditions.broken(event, person, instead_of=booking, reader=by)
    if broken and not set_aside:
        raise broken[0]
    return [refusal.code for refusal in broken]


def check_can_move(booking: Booking, *, to_event: Event, at: datetime) -> None:
    """Raises Refused unless the booking can move to that date: another one of the same course."""
    check_can_pass_on(booking, at=at)
    if to_event.pk == booking.event_id:
        raise Refused("This is the date of the booking. Choose another one.", code="same_event", field="to_event")
    if booking.event.course_id is None or booking.event.course_id != to_event.course_id:
        raise Refused("A place moves only to another date of the same course.", code="other_course", field="to_event")


def check_may_move_now(booking: Booking, *, at: datetime, set_aside: bool = False) -> list[str]:
    """Raises Refused where cancelling now would cost: moving away and cancelling there would go round what was accepted.

    Returns the codes that an officer went over with ``set_aside``.
    """
    meant = consequence_of_cancelling(booking, at)
    if meant is None or not meant.cost:
        return []
    refusal = Refused(
        f"It is too late to move this place: giving it back now costs {wording.pounds(meant.cost.amount)}. A colleague can come "
        f"instead, or {write_to(booking.event, start=False)} to ask.",
        code="too_late_to_move",
    )
    if not set_aside:
        raise refusal
    return [refusal.code]


def check_may_move_unasked(
    booking: Booking, *, to_event: Event, terms: BookingTerms, by: Person | None, set_aside: bool
) -> list[str]:
    """Raises Refused for a move to a date where the manager approves and has not: they would lose this place if it is declined.

    Whom the manager has approved for this date moves freely. Returns the codes that an officer went over with ``set_aside``.
    """
    is_approved = ApprovalRequest.objects.filter(booking=booking, decision=Decision.APPROVED).exists()
    if is_approved or not needs_approval(terms, booking.person, by=by, event=to_event):
        return []
    if not set_aside:
        raise no_approval()
    return ["no_approval"]


def check_may_wait_for_manager(booking: Booking, *, at: datetime) -> None:
    """Raises Refused where cancelling now would cost and the colleague's manager would only be asked.

    If nobody approves, nobody comes: that would be a late cancellation for nothing.
    """
    meant = consequence_of_cancelling(booking, at)
    if meant is not None and meant.cost:
        raise Refused(
            f"Giving this place back now costs {wording.pounds(meant.cost.amount)}, and the manager of whoever comes instead "
            f"would still have to approve. {write_to(booking.event)}: an officer can give them the place at once.",
            code="too_late_to_ask",
        )


def no_approval() -> Refused:
    return Refused(
        "That date needs the manager's approval. Book it, and give this place back once it is approved.", code="no_approval"
    )


def check_may_cancel_oneself(booking: Booking, *, by: Person | None) -> None:
    """Raises Refused where the policy that the booking accepted leaves cancelling a sure place to managers."""
    is_own = by is not None and by.pk == booking.person_id
    if is_own and booking.only_a_manager_cancels:
        team = booking.event.lead_host.team_email
        ask = f"Only your manager can cancel this place. Ask them to write to {team}."
        nobody = f"Only a manager can cancel this place, and your booking names none. Write to {team} if you can't come."
        raise Refused(ask if booking.manager_email else nobody, code="manager_only")


def why_not_oneself(booking: Booking, *, by: Person | None) -> Refused | None:
    """Why the person can't cancel it themselves though it can be cancelled, or None."""
    try:
        check_may_cancel_oneself(booking, by=by)
    except Refused as refusal:
        return refusal
    return None


def check_may_cancel_as(booking: Booking, cancelled_by: str, *, by: Person | None) -> None:
    """Raises Refused for an organiser's cancellation by anybody else: it never costs, and counts against nobody."""
    if cancelled_by == CancelledBy.ORGANISER and not may_act_for_others(by, booking.event):
        raise Refused("Only an officer cancels as the organiser.", code="not_allowed", field="cancelled_by")


def check_can_cancel(booking: Booking, *, at: datetime) -> None:
    """Raises Refused unless the booking is live and the event has not started: from then on the register says what happened."""
    if not booking.is_live:
        raise Refused("This booking has ended already. There is nothing to cancel.", code="already_ended")
    if event_queries.starts_at(booking.event) <= at:
        raise Refused(
            f"The event has started: this booking can't be cancelled any more. {write_to(booking.event)} if something is wrong.",
            code="started",
        )


def can_cancel(booking: Booking, *, at: datetime) -> bool:
    try:
        check_can_cancel(booking, at=at)
    except Refused:
        return False
    return True
