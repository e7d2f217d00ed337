"""What an officer may accept and withdraw, and who sees a certificate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from core.clock import london_date
from core.refusals import Refused
from people.models import Grant, Partnership, Person
from people.policies import can
from records.models import Certificate, Credit, SourceKind


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


def check_name_may_be_corrected(certificate: Certificate) -> None:
    if not certificate.stands:
        raise Refused("This certificate was withdrawn, so there is no name to correct on it.", code="withdrawn")
    if not certificate.has_other_name:
        raise Refused("It says their name as it is. Change their details first, if that is wrong.", code="same_name")


def can_see_certificate(certificate: Certificate, *, person: Person, partnership: Partnership, grants: Iterable[Grant]) -> bool:
    """Its owner, and whoever sees the learning records of the partnership that issued it, while at work there."""
    if certificate.person_id == person.pk:
        return True
    return certificate.partnership_id == partnership.pk and can(grants, "manage_people", partnership)
