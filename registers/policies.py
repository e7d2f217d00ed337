"""Who may take a register, and when.

Who: a trainer named on the event, or somebody with "take_registers" in the event's lead host's partnership.
When: from the day of the session on, London time; officers at any time. A closed register is reopened with a reason, by an
officer at any time, by a trainer until the end of the second working day after it closed (core.working_days: no bank holidays).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bookings.models import Booking, BookingStatus
from core import wording
from core.clock import london_date
from core.refusals import Refused
from core.working_days import working_days_after
from events.models import Event, EventStatus, EventTrainer, Session
from events.queries import ends_at
from people.models import Grant, Person
from people.policies import can
from registers.models import Attendance, HeadCount, Register, RegisterState, WalkIn

TRAINER_REOPENS_WITHIN = 2


def is_officer_for(person: Person, event: Event, grants: Iterable[Grant] | None = None) -> bool:
    """Whether the person takes every register of the event's lead host. ``grants``: theirs in force, where read already."""
    if grants is None:
        grants = Grant.objects.in_force().filter(person=person, partnership=event.lead_host_id)
    return can(grants, "take_registers", event.lead_host)


def is_trainer_of(person: Person, event: Event) -> bool:
    return EventTrainer.objects.filter(event=event, person=person).exists()


def can_see(person: Person, event: Event, grants: Iterable[Grant] | None = None) -> bool:
    """Whether the event's registers are this person's to see and take."""
    return is_officer_for(person, event, grants) or is_trainer_of(person, event)


def check_may_take(*, session: Session, by: Person | None, at: datetime) -> None:
    """Raises Refused unless ``by`` may write in the session's register now. None is the product itself, which may."""
    event = session.event
    if event.status != EventStatus.PUBLISHED:
        state = "cancelled" if event.status == EventStatus.CANCELLED else "a draft"
        raise Refused(f"This event is {state}: it has no register to take.", code="event_not_running")
    if by is None or is_officer_for(by, event):
        return
    if not is_trainer_of(by, event):
        raise Refused(
            "Only trainers and officers of the event take this register. Ask an officer to name you as a trainer.",
            code="not_yours",
        )
    if london_date(at) < london_date(session.starts_at):
        raise Refused(f"This register opens on the day, {wording.day(session.starts_at)}.", code="too_early")


def check_may_count(*, event: Event, by: Person | None, at: datetime) -> None:
    """The same for a head count, which belongs to the whole event: from its first day on."""
    first = event.sessions.order_by("starts_at").select_related("event__lead_host").first()
    if first is None:
        raise Refused("This event has no session yet. Add one, then count.", code="no_session")
    check_may_take(session=first, by=by, at=at)


def check_nobody_came(event: Event, *, at: datetime) -> None:
    """Raises Refused unless the event is over and nobody had a place, walked in or was counted: it did not take place."""
    if ends_at(event) > at:
        raise Refused("This event is not over yet. Cancel it instead.", code="not_over")
    booked = Booking.objects.filter(event=event, status=BookingStatus.CONFIRMED)
    closed = Register.objects.filter(session__event=event, state=RegisterState.CLOSED)
    counted = [kind.objects.filter(event=event) for kind in (WalkIn, HeadCount, Attendance)]
    if any(rows.exists() for rows in (booked, closed, *counted)):
        raise Refused(
            "Somebody had a place or was counted, so the event can't be called off any more. Its register says who was there.",
            code="past",
        )


def did_nobody_come(event: Event, *, at: datetime) -> bool:
    """Whether a published event may be called off although it is over."""
    if event.status != EventStatus.PUBLISHED:
        return False
    try:
        check_nobody_came(event, at=at)
    except Refused:
        return False
    return True


def check_is_open(register: Register) -> None:
    if register.state == RegisterState.CLOSED:
        raise Refused("This register is closed. Reopen it to change it.", code="register_closed")


def check_may_close(*, session: Session, at: datetime) -> None:
    if at < session.starts_at:
        when = f"{wording.day(session.starts_at)}, {wording.clock(session.starts_at)}"
        raise Refused(f"This session starts on {when}. Close its register once it has begun.", code="not_started")


def check_may_reopen(*, register: Register, reason: str, by: Person | None, at: datetime) -> None:
    if by is not None and register.closed_at is not None and not is_officer_for(by, register.session.event):
        if not is_trainer_of(by, register.session.event):
            raise Refused("Only the event's trainers and officers reopen this register. Ask one of them.", code="not_yours")
        last_day = working_days_after(london_date(register.closed_at), TRAINER_REOPENS_WITHIN)
        if london_date(at) > last_day:
            raise Refused(
                f"Trainers could reopen this register until {wording.day(last_day)}. Ask an officer to do it.",
                code="too_late",
            )
    if not reason.strip():
        raise Refused("Say why the register is reopened.", code="no_reason", field="reason")


def why_not(*, session: Session, by: Person, at: datetime) -> str:
    """Why this person may not write in the register now, or an empty text."""
    try:
        check_may_take(session=session, by=by, at=at)
    except Refused as refusal:
        return str(refusal)
    return ""


def can_reopen(*, register: Register, by: Person, at: datetime) -> bool:
    try:
        check_may_reopen(register=register, reason="asking", by=by, at=at)
    except Refused:
        return False
    return True
