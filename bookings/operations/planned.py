"""Letters that the clock sends before an event, and what officers change about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from bookings.messages import Letter
from bookings.messages import planned as letters
from bookings.models import BEFORE, Booking, HeldBackLetter, PlannedChange, PlannedKind
from bookings.operations import lock, telling
from bookings.planned import MANAGERS, Plan, about_session, changes_of, message_key, plan_of, settings_of, unwritten
from bookings.policies import planned as policies
from core import audit
from core.refusals import Refused
from events.models import Event, EventStatus
from notifications.models import Message, MessageState
from notifications.operations import withdraw, withdraw_to_write_again, write_messages
from notifications.single import keep_held
from people.models import Person

AT_ONCE = 200  # letters of one event written under its lock: the rest follow at the next tick
LETTERS = {
    PlannedKind.FIRST_REMINDER: letters.first_reminder,
    PlannedKind.LAST_REMINDER: letters.last_reminder,
    PlannedKind.JOINING: letters.joining_instructions,
}


@transaction.atomic
def send_planned(*, event: Event, kind: str, at: datetime) -> int:
    """Write this kind of letter to everybody at the event who should have it by now; returns how many people were written to.

    Whatever the caller read before counts for nothing: all is read again under the lock that cancelling and moving take, so
    nobody is reminded of a place that has just gone. Whoever's place became sure after ``at`` reads of that first: it is their
    turn in the next round.
    """
    lock.lock_terms(event.pk)
    plan = plan_of(lock.read_event(event.pk), kind)
    if plan.event.status != EventStatus.PUBLISHED or not plan.is_due(at):
        return 0
    return _write(plan, unwritten([plan]).filter(Q(confirmed_at__lte=at)).to_write_to()[:AT_ONCE], at=at)


@transaction.atomic
def send_planned_now(*, event: Event, kind: str, by: Person, at: datetime) -> int:
    """The same before its time, because an officer says so, to everybody who has not had it; returns how many.

    Raises Refused: not_published, silent, started, held_back, details_missing, nobody.
    """
    lock.lock_terms(event.pk)
    plan = plan_of(lock.read_event(event.pk), kind)
    policies.check_can_send_now(plan, at=at)
    written = _write(plan, unwritten([plan], to_everybody=True).to_write_to(), at=at)
    if not written:
        raise Refused("Everybody who is booked has had this already, or is held back.", code="nobody")
    audit.record(action="planned letter sent at once", about=event, by=by, at=at, changes={str(kind): [0, written]})
    return written


def letter_for(plan: Plan, booking: Booking) -> Letter:
    """What the booking's person reads. ``booking`` knows its person."""
    booking.event = plan.event
    return LETTERS[PlannedKind(plan.kind)](booking, note=plan.note)


def _write(plan: Plan, bookings: Iterable[Booking], *, at: datetime) -> int:
    drafts: telling.Drafts = []
    found = list(bookings)
    for booking in found:
        letter, key = letter_for(plan, booking), message_key(booking.pk, plan.kind, plan.event.starts_on)
        drafts += telling.for_person_by_key(booking, letter, key, at=at)
        if plan.copies_manager and booking.manager_email:
            copy = letters.manager_copy(booking, letter)
            drafts += telling.for_manager_by_key(booking, copy, f"{key}{MANAGERS}", at=at)
    keep_held(drafts)
    write_messages(drafts)
    return len(found)


@transaction.atomic
def withdraw_overtaken(*, about: Sequence[str], at: datetime) -> int:
    """What was to reach somebody before an event that has begun is not sent any more; returns how many messages."""
    return sum(withdraw(about=one, kinds=list(BEFORE), at=at) for one in about)


def plan_again(bookings: Iterable[Booking], *, at: datetime, kinds: Sequence[str] = BEFORE) -> int:
    """Letters that wait in the outbox while their event changes are withdrawn, and written again from what it is now.

    A manager's copy of what its person has already is left alone: it would not be written again. ``bookings`` know their event.
    """
    bookings = list(bookings)
    keys = [message_key(booking.pk, kind, booking.event.starts_on) for booking in bookings for kind in kinds]
    had = Message.objects.filter(dedupe_key__in=keys, state=MessageState.SENT).values_list("dedupe_key", flat=True)
    copies = [f"{key}{MANAGERS}" for key in had] if keys else []
    return withdraw_to_write_again(about=[booking.about for booking in bookings], kinds=kinds, at=at, but=copies)


def take_back(bookings: Iterable[Booking], *, at: datetime, kinds: Sequence[str]) -> int:
    """The same for letters that shall not leave as things are: managers' copies too."""
    return withdraw_to_write_again(about=[booking.about for booking in bookings], kinds=kinds, at=at)


def _around(event: Event) -> list[str]:
    """What messages about the event are about that are about no booking: whoever walked in, and its registers."""
    return [f"event:{event.pk}", *(about_session(pk) for pk in event.sessions.values_list("pk", flat=True))]


@transaction.atomic
def change_planned(*, event: Event, kind: str, by: Person, at: datetime, days: int | None, note: str) -> PlannedChange:
    """Give this event its own number of days (None: the partnership's) and a paragraph in that letter.

    Letters that wait in the outbox are written again. Raises Refused: no_days, days, order.
    """
    _lock(event.pk)
    policies.check_has_days(kind, days)
    change = _change_of(event, kind)
    if change.days != days:
        own = {other: one.days for (_, other), one in changes_of([event], BEFORE).items()} | {kind: days}
        policies.check_order_of(event, own, settings_of([event.lead_host_id])[event.lead_host_id], field="days")
    changes: dict[str, list[Any]] = {}
    if change.days != days:
        changes["days"] = [change.days, days]
    if change.note != note:
        changes["note"] = []
    change.days, change.note = days, note
    if changes:
        change.save()
        audit.record(action=f"planned letter changed: {label_of(kind)}", about=event, by=by, at=at, changes=changes)
        plan_again(Booking.objects.live().filter(event=event).select_related("event"), kinds=[kind], at=at)
        withdraw_to_write_again(about=_around(event), kinds=[kind], at=at)
    return change


@transaction.atomic
def hold_back(*, event: Event, kind: str, by: Person, at: datetime) -> None:
    """This kind of letter does not leave for this event until somebody lets it go; what waits in the outbox is taken back."""
    _set_held_back(event, kind, True, by=by, at=at)
    take_back(Booking.objects.filter(event=event), kinds=[kind], at=at)
    withdraw_to_write_again(about=_around(event), kinds=[kind], at=at)


@transaction.atomic
def let_go(*, event: Event, kind: str, by: Person, at: datetime) -> None:
    """The contrary: it leaves at its time, at once where that has passed."""
    _set_held_back(event, kind, False, by=by, at=at)


def _set_held_back(event: Event, kind: str, is_held_back: bool, *, by: Person, at: datetime) -> None:
    _lock(event.pk)
    change = _change_of(event, kind)
    if change.is_held_back == is_held_back:
        return
    change.is_held_back, change.released_at = is_held_back, None
    change.save()
    action = "planned letter held back" if is_held_back else "planned letter let go"
    audit.record(action=f"{action}: {label_of(kind)}", about=event, by=by, at=at)


def _lock(event_id: UUID) -> None:
    """Both rows under which planned letters are written: the terms' before an event, the event's own after it."""
    lock.lock_terms(event_id)
    lock.lock_event(event_id)


def label_of(kind: str) -> str:
    """For the history, where officers read it."""
    return str(PlannedKind(kind).label).lower()


def _change_of(event: Event, kind: str) -> PlannedChange:
    return PlannedChange.objects.filter(event=event, kind=kind).first() or PlannedChange(event=event, kind=PlannedKind(kind))


@transaction.atomic
def hold_back_from(*, booking: Booking, kind: str, by: Person, at: datetime) -> None:
    """One person does not get this kind of letter; the others do. Raises Refused: for_everybody."""
    policies.check_can_hold_back_from(kind)
    _lock(booking.event_id)
    _, is_new = HeldBackLetter.objects.get_or_create(
        booking=booking, kind=PlannedKind(kind), defaults={"held_at": at, "held_by": by}
    )
    if is_new:
        take_back([booking], kinds=[kind], at=at)
        _record_of_one("held back from one person", booking, kind, by=by, at=at)


@transaction.atomic
def let_go_to(*, booking: Booking, kind: str, by: Person, at: datetime) -> None:
    _lock(booking.event_id)
    if HeldBackLetter.objects.filter(booking=booking, kind=kind).delete()[0]:
        _record_of_one("let go to one person", booking, kind, by=by, at=at)


def _record_of_one(what: str, booking: Booking, kind: str, *, by: Person, at: datetime) -> None:
    """With the booking, and in the event's history, which does not say whom."""
    for about in (booking, booking.event):
        audit.record(action=f"planned letter {what}: {label_of(kind)}", about=about, by=by, at=at)
