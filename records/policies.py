"""What an officer may accept and withdraw."""

from __future__ import annotations

from datetime import date, datetime

from core.clock import london_date
from core.refusals import Refused
from records.models import Credit, SourceKind


def check_may_be_accepted(*, note: str, earned_on: date, at: datetime) -> None:
    if not note:
        raise Refused("Write what they learned and why it is equal: it is kept.", code="note_missing", field="note")
    if earned_on > london_date(at):
        raise Refused("This day is still to come. Accept the learning once it is done.", code="not_yet", field="earned_on")


def check_may_be_withdrawn(credit: Credit, *, reason: str) -> None:
    if credit.source_kind != SourceKind.ACCEPTED_AS_EQUAL:
        raise Refused("This follows from a register. Reopen the register and correct it there.", code="not_accepted")
    if credit.withdrawn_at is not None:
        raise Refused("This was withdrawn already. Accept it again if it should count.", code="withdrawn")
    if not reason:
        raise Refused("Say why it no longer counts: the reason is kept.", code="reason_missing", field="reason")
