"""What is planned for one event, as officers see it: before it, and after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bookings.models import BEFORE, Booking, BookingQuerySet, PlannedKind
from bookings.operations.planned import letter_for
from bookings.planned import (
    LINK,
    LINK_AND_VENUE,
    REMINDERS,
    TO_BE_WRITTEN,
    VENUE,
    Plan,
    changes_of,
    plan_of,
    plans_of,
    recipients,
    settings_of,
    silent_until,
    unwritten,
    waiting_for_details,
)
from bookings.preview import unsent_message
from core import wording
from core.clock import london_date
from events.models import Event, EventStatus, EventTrainer
from events.queries import ends_at, starts_at
from feedback import asking, follow_up_plans
from feedback.messages import follow_up as follow_up_letter
from feedback.models import FollowUp
from notifications.rendering import shown_text
from office.written import Written, written_of
from registers import messages as register_letters
from registers.certificates import CertificatePlan, booked, certificate_of, certificate_plan, left_to_tell
from registers.planned import AbsencePlan, absence_plan, absences, unwritten_absences
from registers.queries import are_all_closed

MISSING = {LINK: "add the joining link", VENUE: "choose the venue", LINK_AND_VENUE: "add the venue and the joining link"}
KEPT_FROM = {"is_held": True, "has_it": False}  # of recipients()
SENT, PLANNED, HELD, WAITS, NONE, LATE, LATER = "sent", "planned", "held", "waits", "none", "late", "later"
CLOSED, TOLD, BEGUN, OLD = "closed", "told", "begun", "old"
STATES = {
    SENT: "Everybody has it",
    PLANNED: "Planned",
    HELD: "Held back",
    WAITS: "Waits",
    NONE: "Not sent",
    LATE: "Its time is over",
    LATER: "Not yet",
    CLOSED: "Every register is closed",
    TOLD: "Not sent: everybody was just told of a change",
    BEGUN: "Never leaves: its hour is after the start",
    OLD: "Too old",
}
COLOURS = {SENT: "green", CLOSED: "green", PLANNED: "blue", HELD: "yellow", WAITS: "red", BEGUN: "red"}


@dataclass(frozen=True)
class PlannedRow:
    """One kind of letter: ``when`` and ``state`` in words, ``to`` so many it was not written to yet."""

    kind: str
    state: str
    when: str
    to: int
    written: Written
    held: int = 0
    days: int | None = None
    has_own_days: bool = False
    note: str = ""
    missing: str = ""
    is_too_early: bool = False

    @property
    def label(self) -> str:
        return str(PlannedKind(self.kind).label)

    @property
    def state_words(self) -> str:
        if self.state == WAITS:
            return f"Waits: {self.missing}"
        if self.state != SENT:
            return STATES[self.state]
        held = f"Held back from {wording.count(self.held, 'person', 'people')}" if self.held else ""
        return self.written.trouble or held or STATES[SENT]

    @property
    def colour(self) -> str:
        if self.state == SENT and self.written.trouble:
            return "red" if self.written.failed or self.written.paused else "blue"
        if self.state == SENT and self.held:
            return "yellow"
        return COLOURS.get(self.state, "grey")

    @property
    def is_held_back(self) -> bool:
        return self.state == HELD

    @property
    def can_be_sent(self) -> bool:
        """Whether an officer may let it leave now."""
        is_theirs = self.kind != PlannedKind.REGISTER and not self.is_too_early
        return self.state in (PLANNED, NONE, LATE, TOLD, BEGUN) and self.to > 0 and is_theirs


def planned_rows(event: Event, at: datetime) -> list[PlannedRow]:
    """What may still leave about a published event: before it starts what leads up to it, from its start on what follows."""
    if event.status != EventStatus.PUBLISHED:
        return []
    written = written_of(event)
    if at < starts_at(event):
        return [_before(plan, written, at=at) for plan in plans_of([event])]
    asked = [_asked(event, kind, written, at=at) for kind in asking.KINDS]
    return [*asked, *(row(event, written, at=at) for row in AFTER.values())]


def planned_row(event: Event, kind: str, at: datetime) -> PlannedRow | None:
    """One of them, whether it is its time or not; None where the event is not published."""
    if event.status != EventStatus.PUBLISHED:
        return None
    written = written_of(event)
    if kind in BEFORE:
        return _before(plan_of(event, kind), written, at=at)
    if kind in asking.KINDS:
        return _asked(event, kind, written, at=at)
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
    when = "Never" if plan.leaves_at is None else f"{wording.day(plan.leaves_at)}, {wording.clock(plan.leaves_at)}"
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
    return SENT if has and not to else PLANNED


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
    elif has and not to:
        state = SENT
    else:
        state = NONE if plan.leaves_at is None else PLANNED
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
    if plan.leaves_at is None:
        return "Never"
    return "Now" if plan.leaves_at <= at else f"{wording.day(plan.leaves_at)}, {wording.clock(plan.leaves_at)}"


def _asked(event: Event, kind: str, written: dict[str, Written], *, at: datetime) -> PlannedRow:
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
        state = SENT if has and not to else PLANNED
    when = "Never" if plan.leaves_at is None else f"{wording.day(plan.leaves_at)}, {wording.clock(plan.leaves_at)}"
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
        state = LATE if plan.until is not None and at >= plan.until else PLANNED
    when = "Never" if plan.leaves_at is None else f"{wording.day(plan.leaves_at)}, {wording.clock(plan.leaves_at)}"
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


def recipients_of(event: Event, kind: str) -> BookingQuerySet:
    """Whom a kind of letter is about, by name, with ``has_it``, ``is_held`` and ``can_be_reached``, ready to show."""
    if kind == PlannedKind.CERTIFICATE:
        found = booked().filter(event=event)
    elif kind == PlannedKind.ABSENCE:
        found = absences().filter(event=event)
    elif kind == PlannedKind.FOLLOW_UP:
        found = follow_up_plans.entitled([event])
    else:
        found = asking.entitled(kind, [event]) if kind in asking.KINDS else recipients(kind, [event])
    shown: BookingQuerySet = found.to_write_to()
    return shown.order_by("person__surname", "person__forename", "pk")


def preview(event: Event, kind: str, booking: Booking, note: str, *, at: datetime) -> dict[str, str]:
    """The letter as that booking's person would read it, its personal links left out."""
    booking.event = event
    plan = asking.asking_plan(event, kind) if kind in asking.KINDS else None
    if plan is not None:
        letter = asking.letter_for(plan, booking.person)
    elif kind == PlannedKind.ABSENCE:
        letter = register_letters.did_not_attend(booking, note=note)
    elif kind == PlannedKind.CERTIFICATE:
        certificate = certificate_of(event, booking.person_id)
        letter = register_letters.certificate_ready(event, booking.person, certificate, note=note)
    elif kind == PlannedKind.FOLLOW_UP:
        letter = follow_up_letter(_would_be_asked(event, booking, at=at), note=note)
    else:
        letter = letter_for(plan_of(event, kind), booking)
    unsent = unsent_message(event.lead_host, letter)
    return {"subject": unsent.subject, "text": shown_text(unsent)}


def _would_be_asked(event: Event, booking: Booking, *, at: datetime) -> FollowUp:
    """What asked them or, unsaved, what would."""
    asked = FollowUp.objects.filter(event=event, person=booking.person).first()
    asked = asked or FollowUp(sent_on=follow_up_plans.day_of(follow_up_plans.follow_up_plan(event), at))
    asked.event, asked.person = event, booking.person
    return asked


def preview_for_trainer(event: Event, trainer: EventTrainer) -> dict[str, str]:
    """The letter about the registers of the event's first day."""
    assert trainer.person is not None  # noqa: S101 - only trainers who can be written to; tells the type checker
    sessions = list(event.sessions.all())
    day = london_date(sessions[0].starts_at)
    letter = register_letters.register_not_taken(
        [one for one in sessions if london_date(one.starts_at) == day], day, trainer.person
    )
    unsent = unsent_message(event.lead_host, letter)
    return {"subject": unsent.subject, "text": shown_text(unsent)}


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
