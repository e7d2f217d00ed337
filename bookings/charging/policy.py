"""A policy on charges as plain values: what a version in the database says, or one that nobody has saved yet."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import time
from decimal import Decimal
from typing import Any

from bookings.models import (
    ExcuseReason,
    InvoiceTiming,
    NoticeUnit,
    PolicyVersion,
    Substitutes,
    Trigger,
    WhoMayCancel,
)

# What a policy may name; a charge that was raised in error is excused under every policy.
WAIVERS = tuple(value for value in ExcuseReason.values if value != ExcuseReason.CORRECTION)


@dataclass(frozen=True)
class RateLine:
    """One amount. See bookings.models.Rate for what each field means."""

    trigger: str
    payer_class: str = ""
    notice: int | None = None
    half_day: Decimal | None = None
    day: Decimal | None = None
    is_per_day: bool = False
    percent_of_fee: int | None = None

    @property
    def is_free(self) -> bool:
        return not self.day and not self.percent_of_fee


@dataclass(frozen=True)
class Policy:
    """See bookings.models.PolicyVersion for what each field means."""

    name: str
    text: str = ""
    notice: int = 2
    notice_unit: str = NoticeUnit.WORKING_DAYS
    is_more_than: bool = False
    cut_off: time | None = None
    half_day_hours: Decimal = Decimal(4)
    charges_late_cancellation: bool = True
    charges_absence: bool = True
    charges_refused_late: bool = False
    charges_leaving_early: bool = False
    recharges_extras: bool = False
    late_after_minutes: int | None = None
    substitutes: str = Substitutes.BEFORE_START
    substitutes_days: int = 0
    who_may_cancel: str = WhoMayCancel.ANYBODY
    invoice_timing: str = InvoiceTiming.MONTHLY
    pay_within_days: int | None = None
    waiver_reasons: tuple[str, ...] = WAIVERS
    rates: tuple[RateLine, ...] = field(default=())

    @classmethod
    def of(cls, version: PolicyVersion) -> Policy:
        """What a version says. Whoever asks for several prefetches ``rates``."""
        values: dict[str, Any] = {name: getattr(version, name) for name in VERSION_FIELDS}
        values["waiver_reasons"] = tuple(version.waiver_reasons)
        rates = sorted(version.rates.all(), key=lambda rate: (rate.trigger, rate.payer_class, -(rate.notice or 0)))
        return cls(**values, rates=tuple(RateLine(**{name: getattr(rate, name) for name in RATE_FIELDS}) for rate in rates))

    def lines(self, trigger: str, payer_class: str) -> list[RateLine]:
        """What counts for this payer class: its own amounts, else everybody's. Late tiers with the longest notice first."""
        return self._exact(trigger, payer_class) or self._exact(trigger, "")

    def absence_line(self, payer_class: str) -> RateLine | None:
        """What not coming costs: the amount set for it, else the strictest of cancelling late; a payer class's own go first."""
        for whose in (payer_class, ""):
            for trigger in (Trigger.ABSENCE, Trigger.LATE_CANCELLATION):
                found = self._exact(trigger, whose)
                if found:
                    return found[-1]
        return None

    def _exact(self, trigger: str, payer_class: str) -> list[RateLine]:
        found = [rate for rate in self.rates if rate.trigger == trigger and rate.payer_class == payer_class]
        return sorted(found, key=lambda rate: -(rate.notice or 0))


VERSION_FIELDS = tuple(one.name for one in fields(Policy) if one.name != "rates")
RATE_FIELDS = tuple(one.name for one in fields(RateLine))


def flat(trigger: str, amount: int, *, notice: int | None = None, per_day: bool = False) -> RateLine:
    """The same money for half a day and a day."""
    return RateLine(trigger, notice=notice, half_day=Decimal(amount), day=Decimal(amount), is_per_day=per_day)


# What most of the published policies come to; docs/decisions/ says how that was counted.
COMMONEST = Policy(
    name="Charges for cancelling late and not coming",
    notice=2,
    rates=(flat(Trigger.LATE_CANCELLATION, 50, notice=2, per_day=True),),
)
