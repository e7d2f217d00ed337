"""Eighteen policies as partnerships publish them, each as the values our settings page would hold.

Where a partnership states no amount, or no notice, the policy charges nothing for it and its text says what was left out.
"""

from __future__ import annotations

from decimal import Decimal

from bookings.charging import Policy, RateLine, flat
from bookings.models import ExcuseReason, InvoiceTiming, NoticeUnit, PayerClass, Trigger, WhoMayCancel

ATTEND, LATE, UNBOOKED = Trigger.ATTEND, Trigger.LATE_CANCELLATION, Trigger.UNBOOKED_ARRIVAL


def rate(trigger: str, half: int, day: int, *, notice: int | None = None, who: str = "", per_day: bool = False) -> RateLine:
    return RateLine(trigger, who, notice, Decimal(half), Decimal(day), per_day)


def share(trigger: str, percent: int, *, notice: int | None = None, who: str = "") -> RateLine:
    return RateLine(trigger, who, notice, percent_of_fee=percent)


def free(trigger: str, who: str, *, notice: int | None = None) -> RateLine:
    return share(trigger, 0, notice=notice, who=who)


NOTHING = {"charges_late_cancellation": False, "charges_absence": False, "notice": 0}
CALENDAR = {"notice_unit": NoticeUnit.CALENDAR_DAYS}

PUBLISHED = {
    "Sutton": Policy(
        "Sutton",
        notice=2,
        charges_refused_late=True,
        rates=(rate(LATE, 50, 75, notice=2),),
    ),
    "Greenwich": Policy(
        "Greenwich",
        notice=2,
        **CALENDAR,
        rates=(
            *(rate(ATTEND, 50, 100, who=who) for who in ("private", "independent_school", "out_of_area")),
            rate(LATE, 40, 80, notice=2),
        ),
    ),
    "Brent": Policy(
        "Brent",
        notice=7,
        **CALENDAR,
        late_after_minutes=20,
        invoice_timing=InvoiceTiming.AFTER_24_HOURS,
        pay_within_days=30,
        rates=(flat(LATE, 50, notice=7),),
    ),
    "Leicester and Rutland": Policy(
        "Leicester and Rutland",
        notice=2,
        **CALENDAR,
        is_more_than=True,
        late_after_minutes=30,
        charges_refused_late=True,
        invoice_timing=InvoiceTiming.WITHIN_2_WEEKS,
        rates=(rate(LATE, 25, 50, notice=2, per_day=True),),
    ),
    "Leeds": Policy(
        "Leeds",
        "Everybody who does not come is charged, at an amount that is not stated. Training for trainers costs £150.",
        **NOTHING,
        rates=(rate(ATTEND, 35, 50, who=PayerClass.PRIVATE), rate(ATTEND, 35, 50, who=PayerClass.LARGE_VOLUNTARY)),
    ),
    "Wirral": Policy(
        "Wirral",
        notice=3,
        rates=(
            rate(LATE, 50, 90, notice=3),
            share(LATE, 100, notice=3, who=PayerClass.SCHOOL),
            share(LATE, 100, notice=3, who=PayerClass.INDEPENDENT_SCHOOL),
        ),
    ),
    "Northamptonshire": Policy("Northamptonshire", notice=3, rates=(flat(LATE, 50, notice=3),)),
    "Oxfordshire": Policy("Oxfordshire", notice=6, rates=(flat(LATE, 50, notice=6),)),
    "Salford": Policy("Salford", notice=10, charges_refused_late=True, rates=(flat(LATE, 50, notice=10, per_day=True),)),
    "West Sussex": Policy(
        "West Sussex",
        notice=10,
        is_more_than=True,
        charges_refused_late=True,
        rates=(rate(LATE, 35, 70, notice=10, per_day=True),),
    ),
    "North Yorkshire": Policy(
        "North Yorkshire",
        notice=7,
        **CALENDAR,
        waiver_reasons=(ExcuseReason.SICKNESS,),
        rates=(rate(LATE, 50, 50, notice=7, per_day=True),),
    ),
    "Plymouth": Policy("Plymouth", notice=14, **CALENDAR, rates=(share(ATTEND, 100), share(LATE, 100, notice=14))),
    "Staffordshire": Policy(
        "Staffordshire",
        notice=4,
        notice_unit=NoticeUnit.WEEKS,
        charges_leaving_early=True,
        late_after_minutes=15,
        waiver_reasons=(),
        rates=(
            share(ATTEND, 100),
            *(free(ATTEND, who) for who in ("partner", "voluntary")),
            share(LATE, 50, notice=4),
            share(LATE, 100, notice=2),
            *(free(LATE, who, notice=4) for who in ("partner", "voluntary")),
        ),
    ),
    "Cambridgeshire": Policy(
        "Cambridgeshire",
        **NOTHING,
        rates=(
            *(rate(ATTEND, 50, 50, who=who, per_day=True) for who in ("school", "independent_school")),
            *(rate(ATTEND, 75, 150, who=who, per_day=True) for who in ("private", "out_of_area", "large_voluntary")),
        ),
    ),
    "Croydon": Policy(
        "Croydon",
        **NOTHING,
        invoice_timing=InvoiceTiming.AT_BOOKING,
        rates=(share(ATTEND, 100, who=PayerClass.OUT_OF_AREA),),
    ),
    "Teeswide": Policy(
        "Teeswide",
        notice=7,
        **CALENDAR,
        is_more_than=True,
        recharges_extras=True,
        rates=(flat(LATE, 50, notice=7, per_day=True),),
    ),
    "Salford Care": Policy(
        "Salford Care",
        notice=2,
        who_may_cancel=WhoMayCancel.MANAGER,
        invoice_timing=InvoiceTiming.MONTHLY,
        rates=(share(LATE, 100, notice=2),),
    ),
    "Richmond and Wandsworth": Policy("Richmond and Wandsworth", **NOTHING, rates=(share(ATTEND, 100), flat(UNBOOKED, 30))),
}
