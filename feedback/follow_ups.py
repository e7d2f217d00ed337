"""Asking, months after an event, what became of it in practice: writing to whoever is left to ask, and taking that back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bookings.models import Booking
from bookings.planned import message_key
from core import audit
from core.clock import london_date
from core.refusals import Refused
from events.models import Event
from feedback import messages, policies
from feedback.follow_up_plans import (
    KIND,
    UNSENT,
    FollowUpPlan,
    follow_up_plan,
    that_ask,
    unasked,
    unasked_walk_ins,
    without_reason,
)
from feedback.models import FollowUp, Purpose, Questionnaire
from feedback.questionnaires import ensure_questionnaire
from notifications.keys import withdraw_and_free_key
from notifications.models import Message, MessageState
from notifications.operations import draft_message, write_messages
from notifications.single import keep_held
from people.models import Person, addresses_at_hand
from registers.models import WalkIn
from registers.operations import lock_event

AT_ONCE = 200


@transaction.atomic
def ask_for_follow_up(*, event: Event, at: datetime, by: Person | None = None) -> int:
    """Write to everybody entitled who was not asked; returns how many. With ``by`` at once, because an officer says so.

    All is read again under the lock that correcting a register, cancelling and holding back take.

    Raises Refused to an officer: not_published, silent, evaluation_open, held_back, nobody.
    """
    lock_event(event)
    plan = follow_up_plan(event)
    _forget_unsent(event)
    if by is None:
        is_due = plan.is_due(at) and that_ask(at).filter(pk=event.pk).exists()
        return _write(plan, limit=AT_ONCE, at=at) if is_due else 0
    policies.check_can_be_followed_up(plan.event, evaluated_at=plan.evaluated_at, is_held_back=plan.is_held_back, at=at)
    written = _write(plan, limit=None, at=at)
    if not written:
        raise Refused("Everybody who was there and can be asked has had this already, or is held back.", code="nobody")
    audit.record(action="follow-up asked for at once", about=event, by=by, at=at, changes={str(KIND): [0, written]})
    return written


def _write(plan: FollowUpPlan, *, limit: int | None, at: datetime) -> int:
    event = plan.event
    bookings = list(unasked([event]).to_write_to()[:limit])
    room = None if limit is None else limit - len(bookings)
    walk_ins = unasked_walk_ins([event]).select_related("person").prefetch_related(addresses_at_hand("person__"))[:room]
    rows: dict[UUID, Booking | WalkIn] = {}
    for booking in bookings:
        rows.setdefault(booking.person_id, booking)
    for walk_in in walk_ins:
        rows.setdefault(walk_in.person_id, walk_in)
    if not rows:
        return 0
    questionnaire = ensure_questionnaire(event.lead_host, Purpose.FOLLOW_UP)
    asked = [_asked(plan, row, questionnaire, at=at) for row in rows.values()]
    written = [(one, draft) for one in asked if (draft := _draft(plan, one, rows[one.person_id], at=at)) is not None]
    keep_held(draft for _, draft in written)
    write_messages(draft for _, draft in written)
    for one, draft in written:
        one.message = draft
    FollowUp.objects.bulk_create(one for one, _ in written)
    return len(written)


def _asked(plan: FollowUpPlan, row: Booking | WalkIn, questionnaire: Questionnaire, *, at: datetime) -> FollowUp:
    return FollowUp(event=plan.event, person=row.person, questionnaire=questionnaire, sent_on=london_date(at))


def _draft(plan: FollowUpPlan, asked: FollowUp, row: Booking | WalkIn, *, at: datetime) -> Message | None:
    letter = messages.follow_up(asked, note=plan.note)
    return draft_message(
        partnership=plan.event.lead_host,
        kind=letter.kind,
        about=row.about if isinstance(row, Booking) else f"event:{plan.event.pk}",
        dedupe_key=message_key(row.pk, KIND, plan.event.starts_on),
        to_address=asked.person.main_address(),
        subject=letter.subject,
        text=letter.text,
        links=letter.links,
        text_kind=letter.text_kind,
        values=letter.values,
        person=asked.person,
        happened_on=london_date(at),
        at=at,
    )


@transaction.atomic
def take_back_follow_ups(*, event: Event, at: datetime) -> int:
    """Withdraw the event's letters whose reason has gone and forget that they were to ask; returns for how many people.

    What has left stays, answered or not. Whoever should be asked after all is written to anew.
    """
    lock_event(event)
    gone = without_reason(at).filter(event=event)
    waiting = Message.objects.filter(state__in=UNSENT, pk__in=list(gone.values_list("message", flat=True)))
    withdraw_and_free_key(waiting)
    return _forget_unsent(event)


def _forget_unsent(event: Event) -> int:
    """Who was to be asked by a letter that was withdrawn was not asked."""
    rows = FollowUp.objects.filter(event=event, answered_on=None, message__state=MessageState.WITHDRAWN)
    return rows.delete()[1].get(FollowUp._meta.label, 0)
