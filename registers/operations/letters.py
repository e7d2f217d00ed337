"""Letters after an event: to trainers about a register, and to whoever was not there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import prefetch_related_objects

from bookings.models import PlannedChange, PlannedKind
from bookings.operations.telling import Drafts, for_manager_by_key, for_person_by_key, without_booking
from bookings.planned import MANAGERS, about_session, message_key
from bookings.policies.planned import check_is_not_silent
from core import audit
from core.clock import london_date
from core.refusals import Refused
from events.models import Event, Session
from events.queries import ends_at
from notifications.models import Message
from notifications.operations import withdraw_to_write_again, write_messages
from notifications.single import keep_held
from people.models import Person
from registers import messages
from registers.operations.attendance import lock_event
from registers.planned import (
    AbsencePlan,
    UntakenDay,
    absence_plan,
    register_key,
    trainers_to_remind,
    untaken_days,
    unwritten_absences,
)


@transaction.atomic
def send_absence_letters(*, event: Event, at: datetime) -> int:
    """Write to everybody who was not there by the closed registers, and to their managers; returns to how many people.

    All is read again under the lock that closing and reopening a register take.
    """
    plan = absence_plan(lock_event(event))
    return _write(plan, at=at) if plan is not None and plan.is_due(at) else 0


@transaction.atomic
def release_absence_letters(*, event: Event, by: Person, at: datetime) -> int:
    """An officer lets these letters leave without waiting any longer; returns to how many people they were written.

    Raises Refused: registers_open, not_over, silent, nobody. Registers that are closed again afterwards are held anew.
    """
    plan = absence_plan(lock_event(event))
    if plan is None:
        raise Refused("Close every register of this event first: only then is it known who was not there.", code="registers_open")
    if at < ends_at(plan.event):
        raise Refused("This event is not over. Release these letters once it has ended.", code="not_over")
    check_is_not_silent(event, at=at)
    change = PlannedChange.objects.filter(event=event, kind=PlannedKind.ABSENCE).first()
    change = change or PlannedChange(event=event, kind=PlannedKind.ABSENCE)
    change.is_held_back, change.released_at = False, at
    change.save()
    written = _write(plan, at=at)
    if not written:
        raise Refused("Nobody is left to write to: everybody came, is excused, held back or has the letter.", code="nobody")
    audit.record(action="letters of absence released", about=event, by=by, at=at, changes={"written_to": [0, written]})
    return written


def _write(plan: AbsencePlan, *, at: datetime) -> int:
    drafts: Drafts = []
    found = list(unwritten_absences(at).filter(event=plan.event.pk).to_write_to())
    prefetch_related_objects([plan.event], "sessions")
    for booking in found:
        booking.event = plan.event
        key = message_key(booking.pk, PlannedKind.ABSENCE, plan.event.starts_on)
        drafts += for_person_by_key(booking, messages.did_not_attend(booking, note=plan.note), key, at=at)
        if plan.to_manager and booking.manager_email:
            drafts += for_manager_by_key(booking, messages.did_not_attend_to_manager(booking), f"{key}{MANAGERS}", at=at)
    keep_held(drafts)
    write_messages(drafts)
    return len(found)


@transaction.atomic
def remind_trainers(*, event: Event, at: datetime) -> int:
    """Ask the event's trainers to close the registers of each day whose time has come; returns how many letters were written.

    All is looked at again under the lock that closing a register, holding back and cancelling take.
    """
    lock_event(event)
    asked = trainers_to_remind(untaken_days(at, only=event), at)
    sessions = event.sessions.order_by("-starts_at") if asked else []
    # Its register may be closed by now: a letter that is written anew is about what it was about before.
    first = {london_date(one.starts_at): one for one in sessions}
    drafts = [_to_trainer(day, trainer, about=about_session(first[day.day].pk), at=at) for day, trainer in asked]
    keep_held(drafts)
    write_messages(drafts)
    return len(asked)


def _to_trainer(day: UntakenDay, trainer: Person, *, about: str, at: datetime) -> Message | None:
    letter = messages.register_not_taken(day.sessions, day.day, trainer)
    key = register_key(day.event.pk, day.day, trainer.pk)
    return without_booking(letter, trainer, event=day.event, about=about, key=key, at=at)


def plan_reminders_again(session: Session, *, at: datetime) -> int:
    """What waits about the registers of that day is taken back: the next look asks for those that are open still."""
    day = london_date(session.starts_at)
    same_day = [one for one in session.event.sessions.all() if london_date(one.starts_at) == day]
    return withdraw_to_write_again(about=[about_session(one.pk) for one in same_day], kinds=[PlannedKind.REGISTER], at=at)
