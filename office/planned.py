"""What is planned for one event, as officers see it: before it, and after it."""

from __future__ import annotations

from datetime import date, datetime

from bookings.models import BEFORE, PlannedKind
from bookings.planned import REMINDERS, Plan, plan_of, plans_of, recipients, silent_until, unwritten, waiting_for_details
from core import wording
from events.models import Event, EventStatus
from events.queries import starts_at
from feedback import asking
from office.planned_after import AFTER, asked_row
from office.planned_row import BEGUN, HELD, KEPT_FROM, LATE, MISSING, NONE, PLANNED, SENT, TOLD, WAITS, PlannedRow, leaves
from office.written import Written, written_of
from registers.planned import absence_plan, unwritten_absences


def planned_rows(event: Event, at: datetime) -> list[PlannedRow]:
    """What may still leave about a published event: before it starts what leads up to it, from its start on what follows."""
    if event.status != EventStatus.PUBLISHED:
        return []
    written = written_of(event)
    if at < starts_at(event):
        return [_before(plan, written, at=at) for plan in plans_of([event])]
    asked = [asked_row(event, kind, written, at=at) for kind in asking.KINDS]
    return [*asked, *(row(event, written, at=at) for row in AFTER.values())]


def planned_row(event: Event, kind: str, at: datetime) -> PlannedRow | None:
    """One of them, whether it is its time or not; None where the event is not published."""
    if event.status != EventStatus.PUBLISHED:
        return None
    written = written_of(event)
    if kind in BEFORE:
        return _before(plan_of(event, kind), written, at=at)
    if kind in asking.KINDS:
        return asked_row(event, kind, written, at=at)
    return AFTER[PlannedKind(kind)](event, written, at=at)


def _before(plan: Plan, written: dict[str, Written], *, at: datetime) -> PlannedRow:
    to, has = unwritten([plan]).count(), written.get(plan.kind, Written())
    if plan.is_held_back:
        state = HELD
    elif plan.leaves_at is None:
        state = NONE
    elif at >= plan.until:
        state = LATE
    elif has and not to:
        state = SENT
    elif plan.leaves_at >= plan.until:
        state = BEGUN
    elif plan.waits_for and to:
        state = WAITS
    elif plan.was_just_told():
        state = TOLD
    else:
        is_over = plan.kind in REMINDERS and not to and plan.leaves_at <= at  # all have heard of their place since
        state = LATE if is_over else PLANNED
    when = leaves(plan.leaves_at)
    if state == SENT:
        when = "It has left"
    elif state == PLANNED and plan.leaves_at is not None and plan.leaves_at <= at:
        when = "Now" if to else "At once, when somebody books"
    return PlannedRow(
        kind=plan.kind,
        state=state,
        when=when,
        to=to,
        written=has,
        held=recipients(plan.kind, [plan.event]).filter(**KEPT_FROM).count(),
        days=plan.days,
        has_own_days=plan.has_own_days,
        note=plan.note,
        missing=MISSING.get(plan.waits_for, ""),
    )


def managers_copied(event: Event, kind: str, at: datetime) -> int:
    """Of how many people the managers get a letter too when this kind of letter is sent now."""
    if kind in BEFORE:
        plan = plan_of(event, kind)
        found = unwritten([plan], to_everybody=True) if plan.copies_manager else None
    else:
        absent = absence_plan(event) if kind == PlannedKind.ABSENCE else None
        found = unwritten_absences(at).filter(event=event) if absent is not None and absent.to_manager else None
    return 0 if found is None else found.exclude(manager_email="").count()


def silence(event: Event, at: datetime) -> str:
    """Until when nothing of all this is sent, in words; empty where it is."""
    first = silent_until(event, at)
    if first is None:
        return ""
    return "until the partnership sets the day from which it writes" if first == date.max else f"before {wording.day(first)}"


def what_waits(event: Event, at: datetime) -> str:
    """What an officer has to do so that joining instructions can leave; empty where nothing is missing or it is early."""
    waiting = {plan.event.pk: plan for plan in waiting_for_details(event.lead_host, at, only=event)}
    return MISSING[waiting[event.pk].waits_for] if event.pk in waiting else ""
