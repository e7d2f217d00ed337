"""Closing a register makes it count; reopening takes that back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import audit
from core.refusals import Refused
from events.models import Session
from people.models import Person
from registers.models import REGISTER_STATES, MarkValue, Register, RegisterChange, RegisterState
from registers.operations.attendance import lock_event, write_attendance
from registers.operations.letters import plan_reminders_again
from registers.operations.marks import mark_rest, open_register
from registers.policies import check_may_close, check_may_reopen, check_may_take
from registers.queries import expected_people, register_lines

NAMED = 5


@transaction.atomic
def close_register(*, session: Session, rest_absent: bool = False, by: Person | None, at: datetime) -> Register:
    """Close the session's register, with ``rest_absent`` after marking everybody unmarked as absent.

    When it is the event's last, attendance is written.

    Raises Refused: "unmarked", naming people without a mark, and "not_started" before the session begins. Closing twice changes
    nothing.
    """
    check_may_take(session=session, by=by, at=at)
    check_may_close(session=session, at=at)
    event = lock_event(session.event)
    closed = Register.objects.filter(session=session, state=RegisterState.CLOSED).first()
    if closed:
        return closed
    register = open_register(session=session, by=by, at=at)
    if rest_absent:
        mark_rest(register, expected_people(event), MarkValue.ABSENT, by=by, at=at)
    unmarked = [line.name for line in register_lines(session) if not line.value]
    if unmarked:
        raise Refused(f"Not marked yet: {_named(unmarked)}. Mark them, or mark the rest absent.", code="unmarked")
    _step(register, RegisterState.CLOSED, reason="", by=by, at=at)
    write_attendance(event, at=at)
    plan_reminders_again(session, at=at)
    return register


@transaction.atomic
def reopen_register(*, session: Session, reason: str, by: Person | None, at: datetime) -> Register:
    """Open a closed register again. The event's attendance is taken away until every register is closed again.

    Raises Refused where nobody closed it, without a reason, and for a trainer "too_late" after the second working day.
    """
    event = lock_event(session.event)
    register = Register.objects.select_for_update().filter(session=session).first()
    if register is None:
        raise Refused("This register has not been taken yet, so there is nothing to reopen. Take it first.", code="not_closed")
    register.session = session
    if register.state == RegisterState.OPEN:
        return register
    check_may_reopen(register=register, reason=reason, by=by, at=at)
    _step(register, RegisterState.OPEN, reason=reason, by=by, at=at)
    write_attendance(event, at=at)
    return register


def _step(register: Register, state: RegisterState, *, reason: str, by: Person | None, at: datetime) -> None:
    before = register.state
    REGISTER_STATES.check(before, state)
    is_closed = state == RegisterState.CLOSED
    register.state = state
    register.closed_at, register.closed_by = (at, by) if is_closed else (None, None)
    register.save(update_fields=["state", "closed_at", "closed_by"])
    RegisterChange.objects.create(
        register=register, at=at, by=by, from_state=before, to_state=state, reason=" ".join(reason.split())[:300]
    )
    action = "register closed" if is_closed else "register reopened"
    audit.record(action=action, about=register, by=by, at=at, changes={"state": [before, state]})


def _named(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
