"""What officers do with charges: approve, excuse, take back by a credit, hand over to the finance team. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bookings import policies
from bookings.models import (
    CHARGE_STATES,
    ONCE_A_BOOKING,
    ByPost,
    Charge,
    ChargeChange,
    ChargeKind,
    ChargeList,
    ChargeState,
    ChargingSettings,
    ExcuseReason,
    PayerClass,
)
from bookings.operations.charge_letters import tell_of_approved, write_to_person
from core import audit, wording
from core.clock import london_date
from core.refusals import Refused
from core.text import one_line
from people.models import Partnership, Person

ACTIONS: dict[str, str] = {
    ChargeState.DRAFT: "charge drafted",
    ChargeState.APPROVED: "charge approved",
    ChargeState.LISTED: "charge listed",
    ChargeState.EXCUSED: "charge excused",
}


@dataclass
class Dealt:
    """What became of several charges: those that were done, and for the others the sentence that says why not."""

    done: list[Charge] = field(default_factory=list)
    left: list[tuple[Charge, str]] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """Each reason once, with how many charges it kept back."""
        counted: dict[str, int] = {}
        for _, sentence in self.left:
            counted[sentence] = counted.get(sentence, 0) + 1
        return counted


@transaction.atomic
def approve_charges(*, partnership: Partnership, charges: Iterable[UUID], by: Person | None, at: datetime) -> Dealt:
    """Make drafts into charges that the next list for the finance team holds, and write to the person and whoever is invoiced.

    Leaves those that are no drafts, those of ``by`` themself and, where the partnership wants a second person, those that ``by``
    raised.
    """
    settings = ChargingSettings.objects.filter(partnership=partnership).first()
    dealt = Dealt()
    for charge in _locked(partnership, charges):
        refusal = policies.why_not_approved(charge, by=by, settings=settings)
        if refusal:
            dealt.left.append((charge, refusal))
            continue
        step(charge, ChargeState.APPROVED, by=by, at=at, approved_at=at, approved_by=by)
        dealt.done.append(charge)
    tell_of_approved(dealt.done, at=at)
    return dealt


@transaction.atomic
def excuse_charges(
    *, partnership: Partnership, charges: Iterable[UUID], reason: str, by: Person | None, at: datetime, note: str = ""
) -> Dealt:
    """Let drafts go, for one reason that is kept with who excused them.

    Leaves those that are no drafts, those of ``by`` themself, and those whose accepted policy does not excuse for this reason.
    Raises Refused for an unknown reason, and for "other" without a note.
    """
    note = one_line(note)[:300]
    if reason not in ExcuseReason.values:
        raise Refused("Choose why they are excused.", code="choice_unknown", field="reason")
    if reason == ExcuseReason.OTHER and not note:
        raise Refused("Say why they are excused. The reason is kept.", code="no_reason", field="note")
    dealt = Dealt()
    for charge in _locked(partnership, charges):
        refusal = policies.why_not_excused(charge, by=by) or _not_a_reason(charge, reason)
        if refusal:
            dealt.left.append((charge, refusal))
            continue
        excuse(charge, reason=reason, note=note, by=by, at=at)
        dealt.done.append(charge)
    return dealt


@transaction.atomic
def restore_charge(*, charge: Charge, reason: str, by: Person | None, at: datetime) -> Charge:
    """Make an excused charge a draft again. Raises Refused without a reason, or where it is not excused."""
    charge = _locked_one(charge)
    if charge.state != ChargeState.EXCUSED:
        raise Refused("This charge is not excused. Look at what it is now.", code="not_excused")
    policies.check_is_not_own(charge, by=by)
    reason = _reason(reason)
    if charge.reverses_id and Charge.objects.filter(reverses=charge.reverses_id).exclude(state=ChargeState.EXCUSED).exists():
        raise Refused("The charge it takes back has another credit by now.", code="already_credited")
    step(charge, ChargeState.DRAFT, by=by, at=at, reason=reason)
    return charge


@transaction.atomic
def reverse_charge(*, charge: Charge, reason: str, by: Person | None, at: datetime) -> Charge:
    """Take back an approved or listed charge by a credit of the same amount, a draft to approve like any charge.

    Raises Refused for a draft (excuse it), a credit, one that has a credit already, ``by``'s own, and without a reason.
    """
    charge = _locked_one(charge)
    if charge.kind == ChargeKind.CREDIT:
        raise Refused("This is a credit. Excuse it while it is a draft, or add an extra cost.", code="is_credit")
    if charge.state not in (ChargeState.APPROVED, ChargeState.LISTED):
        raise Refused("Nobody has approved this charge. Excuse it instead.", code="not_approved")
    policies.check_is_not_own(charge, by=by)
    if _live_credit(charge):
        raise Refused("This charge has been taken back already.", code="already_credited")
    return _credit(charge, reason=_reason(reason), by=by, at=at)


@transaction.atomic
def list_for_finance(*, partnership: Partnership, by: Person | None, at: datetime, due_by: date | None = None) -> ChargeList:
    """Put every approved charge into a new list for the finance team; with ``due_by`` only those to be invoiced until then.

    A listed charge stays in its list. Raises Refused "nothing_to_list" where none waits.
    """
    Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)
    waiting = Charge.objects.select_for_update(of=("self",)).filter(partnership=partnership, state=ChargeState.APPROVED)
    if due_by is not None:
        waiting = waiting.filter(invoice_on__lte=due_by)
    found = sorted(waiting.order_by("pk"), key=lambda charge: (charge.raised_at, charge.pk))  # locked as _locked does
    if not found:
        raise Refused("No approved charge waits to be listed. Approve some first.", code="nothing_to_list")
    latest = ChargeList.objects.filter(partnership=partnership).order_by("-number").first()
    made = ChargeList.objects.create(partnership=partnership, number=latest.number + 1 if latest else 1, made_at=at, made_by=by)
    for charge in found:
        step(charge, ChargeState.LISTED, by=by, at=at, charge_list=made)
    audit.record(action="charges listed", about=made, by=by, at=at, changes={"charges": [0, len(found)]})
    return made


@transaction.atomic
def say_letter_is_posted(*, charge: Charge, by: Person | None, at: datetime) -> Charge:
    """Note that the letter about a charge was printed or posted, to somebody without an e-mail address.

    Raises Refused "not_to_post" where none waits.
    """
    charge = _locked_one(charge)
    if charge.by_post != ByPost.WAITS:
        raise Refused("No letter about this charge waits to be posted.", code="not_to_post")
    charge.by_post = ByPost.DONE
    charge.save(update_fields=["by_post"])
    said = "The letter was printed or posted."
    ChargeChange.objects.create(charge=charge, at=at, by=by, from_state=charge.state, to_state=charge.state, reason=said)
    audit.record(action="charge letter posted", about=charge, by=by, at=at, changes={"by_post": ["waits", "done"]})
    return charge


@transaction.atomic
def send_letter_by_mail(*, charge: Charge, by: Person | None, at: datetime) -> Charge:
    """The letter that waited to be printed leaves by e-mail: the person has an address now.

    Raises Refused: not_to_post where none waits, no_address.
    """
    charge = _locked_one(charge)
    if charge.by_post != ByPost.WAITS:
        raise Refused("No letter about this charge waits to be sent.", code="not_to_post")
    if not write_to_person(charge, at=at):
        raise Refused("This person has no e-mail address yet. Give them one first, or print the letter.", code="no_address")
    charge.by_post = ""
    charge.save(update_fields=["by_post"])
    said = "The letter was sent by e-mail."
    ChargeChange.objects.create(charge=charge, at=at, by=by, from_state=charge.state, to_state=charge.state, reason=said)
    audit.record(action="charge letter sent by e-mail", about=charge, by=by, at=at, changes={"by_post": ["waits", ""]})
    return charge


def check_may_rework(charge: Charge, *, payer_class: str, reason: str, by: Person | None) -> None:
    """Raises Refused unless the amount of this charge may be worked out again by ``by``."""
    if charge.state != ChargeState.DRAFT:
        raise Refused("This is no draft any more. Take it back by a credit, or make it a draft again.", code="not_a_draft")
    if charge.booking_id is None:
        raise Refused(
            "This charge belongs to no booking, so nothing is worked out again. Excuse it if it is wrong.", code="no_booking"
        )
    if charge.kind not in ONCE_A_BOOKING or charge.policy_version_id is None:
        raise Refused("This amount was given by hand. Excuse it and add another.", code="by_hand")
    policies.check_is_not_own(charge, by=by)
    if payer_class not in PayerClass.values:
        raise Refused("Choose one of the payer classes.", code="choice_unknown", field="payer_class")
    _reason(reason)


def take_back(charge: Charge, *, reason: str, at: datetime) -> None:
    """What the product does itself when a charge turns out to be wrong: excuse a draft, credit one that was approved."""
    if charge.state == ChargeState.DRAFT:
        excuse(charge, reason=ExcuseReason.CORRECTION, note=reason, by=None, at=at)
    elif charge.state in (ChargeState.APPROVED, ChargeState.LISTED) and not _live_credit(charge):
        _credit(charge, reason=reason, by=None, at=at)


def excuse(charge: Charge, *, reason: str, note: str, by: Person | None, at: datetime) -> None:
    said = ExcuseReason(reason).label + (f": {note}" if note else "")
    fields = {"excused_reason": str(reason), "excused_note": note, "excused_at": at, "excused_by": by}
    step(charge, ChargeState.EXCUSED, by=by, at=at, reason=said, **fields)


def step(charge: Charge, to_state: str, *, by: Person | None, at: datetime, reason: str = "", **fields: Any) -> None:
    """Take the charge to another state with these fields and its history. Raises IllegalStep for one the table does not hold."""
    from_state = charge.state
    CHARGE_STATES.check(from_state, to_state)
    if to_state == ChargeState.DRAFT:
        fields = {"excused_reason": "", "excused_note": "", "excused_at": None, "excused_by": None, **fields}
    for name, value in {**fields, "state": to_state}.items():
        setattr(charge, name, value)
    charge.save(update_fields=["state", *fields])
    remember(charge, from_state, by=by, at=at, reason=reason)


def remember(charge: Charge, from_state: str, *, by: Person | None, at: datetime, reason: str = "") -> None:
    ChargeChange.objects.create(
        charge=charge, at=at, by=by, from_state=from_state, to_state=charge.state, reason=one_line(reason)[:300]
    )
    audit.record(action=ACTIONS[charge.state], about=charge, by=by, at=at, changes={"state": [from_state, str(charge.state)]})


def _credit(charge: Charge, *, reason: str, by: Person | None, at: datetime) -> Charge:
    took = f"Takes back {charge.get_kind_display().lower()} of {wording.pounds(charge.amount)}: {reason}"
    same = ("partnership_id", "event_id", "person_id", "booking_id", "organisation_id", "organisation_text")
    credit = Charge.objects.create(
        **{name: getattr(charge, name) for name in (*same, "payer_class", "policy_version_id")},
        kind=ChargeKind.CREDIT,
        amount=-charge.amount,
        workings=took[:300],
        reverses=charge,
        raised_at=at,
        raised_by=by,
        invoice_on=london_date(at),
    )
    remember(credit, "", by=by, at=at, reason=reason)
    return credit


def _live_credit(charge: Charge) -> bool:
    return Charge.objects.filter(reverses=charge).exclude(state=ChargeState.EXCUSED).exists()


def _locked(partnership: Partnership, ids: Iterable[UUID]) -> list[Charge]:
    """The partnership's charges among these, locked in one order so that two officers never wait for each other."""
    found = Charge.objects.select_for_update(of=("self",)).filter(partnership=partnership, pk__in=list(ids))
    return list(found.select_related("policy_version", "person").order_by("pk"))


def _locked_one(charge: Charge) -> Charge:
    return Charge.objects.select_for_update(of=("self",)).get(pk=charge.pk)


def _not_a_reason(charge: Charge, reason: str) -> str:
    version = charge.policy_version
    if version is None or reason in (ExcuseReason.CORRECTION, *version.waiver_reasons):
        return ""
    return f"The policy they accepted does not excuse for “{ExcuseReason(reason).label.lower()}”."


def _reason(reason: str) -> str:
    reason = one_line(reason)
    if not reason:
        raise Refused("Say why. The reason is kept.", code="no_reason", field="reason")
    return reason
