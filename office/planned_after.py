"""What follows an event: evaluations, registers not taken, absences, certificates and follow-ups, as officers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.models import PlannedKind
from bookings.planned import TO_BE_WRITTEN, changes_of, settings_of, silent_until
from core import wording
from events.models import Event, EventTrainer
from events.queries import ends_at
from feedback import asking, follow_up_plans
from office.planned_row import CLOSED, HELD, KEPT_FROM, LATE, LATER, NONE, OLD, PLANNED, SENT, PlannedRow, leaves, when_due
from office.written import Written
from registers.certificates import CertificatePlan, booked, certificate_plan, left_to_tell
from registers.planned import AbsencePlan, absence_plan, absences, unwritten_absences
from registers.queries import are_all_closed


def _absence(event: Event, written: dict[str, Written], *, at: datetime) -> PlannedRow:
    plan, has = absence_plan(event), written.get(PlannedKind.ABSENCE, Written())
    change = changes_of([event], [PlannedKind.ABSENCE]).get((event.pk, PlannedKind.ABSENCE))
    common: dict[str, Any] = {
        "kind": PlannedKind.ABSENCE,
        "written": has,
        "days": plan.days if plan else None,
        "has_own_days": change is not None and change.days is not None,
        "note": change.note if change else "",
    }
    if plan is None:
        is_held = change is not None and change.is_held_back
        return PlannedRow(state=HELD if is_held else LATER, when="After every register is closed", to=0, **common)
    to = absences().filter(event=event, **TO_BE_WRITTEN).count()
    if to and silent_until(event, at) is None and not unwritten_absences(at).filter(event=event).exists():
        return PlannedRow(state=OLD, when="Nobody is written to so long afterwards", to=0, **common)
    held = absences().filter(event=event, **KEPT_FROM).count()
    return PlannedRow(state=_state_of(plan, to, has), when=_when(plan, at), to=to, held=held, **common)


def _state_of(plan: AbsencePlan, to: int, has: Written) -> str:
    if plan.is_held_back:
        return HELD
    if plan.leaves_at is None and not plan.is_released:
        return NONE
    return when_due(to, has)


def _when(plan: AbsencePlan, at: datetime) -> str:
    if plan.leaves_at is None:
        return "When you release them"
    if plan.is_released or plan.leaves_at <= at:
        return "Now"
    return f"{wording.day(plan.leaves_at)}, {wording.clock(plan.leaves_at)}, unless you release or hold them back"


def _certificate(event: Event, written: dict[str, Written], *, at: datetime) -> PlannedRow:
    plan, has = certificate_plan(event), written.get(PlannedKind.CERTIFICATE, Written())
    if plan is None:
        change = changes_of([event], [PlannedKind.CERTIFICATE]).get((event.pk, PlannedKind.CERTIFICATE))
        own = change.days if change else None
        state = HELD if change is not None and change.is_held_back else LATER
        return PlannedRow(
            kind=PlannedKind.CERTIFICATE,
            state=state,
            when="After every register is closed",
            to=0,
            written=has,
            days=own,
            has_own_days=own is not None,
            note=change.note if change else "",
        )
    to = left_to_tell([event])
    if plan.is_held_back:
        state = HELD
    elif to and plan.is_too_old(at):
        state = OLD
    elif plan.leaves_at is None and not (has and not to):
        state = NONE
    else:
        state = when_due(to, has)
    return PlannedRow(
        kind=PlannedKind.CERTIFICATE,
        state=state,
        when=_when_certified(plan, state, at),
        to=to,
        written=has,
        held=booked().filter(event=event, **KEPT_FROM).count() if state == SENT else 0,
        days=plan.days,
        has_own_days=plan.has_own_days,
        note=plan.note,
    )


def _when_certified(plan: CertificatePlan, state: str, at: datetime) -> str:
    if state == SENT:
        return "It has left"
    if state == OLD:
        return "Nobody is certified so long afterwards"
    return "Now" if plan.leaves_at is not None and plan.leaves_at <= at else leaves(plan.leaves_at)


def asked_row(event: Event, kind: str, written: dict[str, Written], *, at: datetime) -> PlannedRow:
    plan, has = asking.asking_plan(event, kind), written.get(kind, Written())
    if plan is None:
        return PlannedRow(kind=kind, state=LATER, when="Once the event has its evaluation form", to=0, written=has)
    to = asking.left_to_ask(plan, at)
    if plan.is_held_back:
        state = HELD
    elif plan.leaves_at is None:
        state = NONE
    elif at >= plan.form.closes_at:
        state = LATE
    else:
        state = PLANNED if at < plan.leaves_at and not has else when_due(to, has)
    when = leaves(plan.leaves_at)
    return PlannedRow(
        kind=kind, state=state, when=when, to=to, written=has, days=plan.days, has_own_days=plan.has_own_days, note=plan.note
    )


def _follow_up(event: Event, written: dict[str, Written], *, at: datetime) -> PlannedRow:
    plan, has = follow_up_plans.follow_up_plan(event), written.get(PlannedKind.FOLLOW_UP, Written())
    to = follow_up_plans.left_to_ask([event])
    if plan.is_held_back:
        state = HELD
    elif plan.leaves_at is None:
        state = NONE
    elif has and not to:
        state = SENT
    elif plan.is_too_old:
        state = OLD
    elif not are_all_closed(event):
        state = LATER
    else:
        state = LATE if plan.until is not None and at >= plan.until else when_due(to, has)
    when = leaves(plan.leaves_at)
    if state == LATER:
        when += ", once every register is closed"
    if state == OLD:
        when, to = "Nobody is asked about what was before the partnership wrote to people", 0
    return PlannedRow(
        kind=PlannedKind.FOLLOW_UP,
        state=state,
        when=when,
        to=to,
        written=has,
        held=follow_up_plans.entitled([event]).filter(**KEPT_FROM).count(),
        days=plan.days,
        has_own_days=plan.has_own_days,
        note=plan.note,
        is_too_early=at < plan.evaluated_at,
    )


def _register(event: Event, written: dict[str, Written], *, at: datetime) -> PlannedRow:
    change = changes_of([event], [PlannedKind.REGISTER]).get((event.pk, PlannedKind.REGISTER))
    days = settings_of([event.lead_host_id])[event.lead_host_id].register_days
    trainers = EventTrainer.objects.filter(event=event, person__is_active=True).count()
    if are_all_closed(event):
        state, trainers = CLOSED, 0
    elif change is not None and change.is_held_back:
        state = HELD
    elif days is None:
        state = NONE
    else:
        state = PLANNED if at < ends_at(event) or not written.get(PlannedKind.REGISTER) else SENT
    after = f"{wording.count(days, 'working day')} after a day whose register is not closed" if days is not None else "Never"
    has = written.get(PlannedKind.REGISTER, Written())
    return PlannedRow(kind=PlannedKind.REGISTER, state=state, when=after, to=trainers, written=has, days=days)


# What follows an event, once its evaluation is asked for.
AFTER = {
    PlannedKind.REGISTER: _register,
    PlannedKind.ABSENCE: _absence,
    PlannedKind.CERTIFICATE: _certificate,
    PlannedKind.FOLLOW_UP: _follow_up,
}
