"""Whether a policy can hold, asked before it is saved. Each refusal names the field to mend."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from bookings.charging.policy import WAIVERS, Policy, RateLine
from bookings.models import InvoiceTiming, NoticeUnit, PayerClass, Substitutes, Trigger, WhoMayCancel
from core.refusals import Refused

LONGEST = {NoticeUnit.WORKING_DAYS: 250, NoticeUnit.CALENDAR_DAYS: 365, NoticeUnit.WEEKS: 52, NoticeUnit.HOURS: 8760}
DEAREST = Decimal(10_000)


def check_policy(policy: Policy) -> None:
    """Raises Refused for the first thing that can't hold."""
    if not policy.name.strip():
        raise Refused("Give the policy a name.", code="name_missing", field="name")
    _check_choices(policy)
    _check_notice(policy)
    _check_numbers(policy)
    for rate in policy.rates:
        _check_rate(rate)
    _check_tiers(policy)


def _check_choices(policy: Policy) -> None:
    asked = {
        "notice_unit": (policy.notice_unit, NoticeUnit.values),
        "substitutes": (policy.substitutes, Substitutes.values),
        "who_may_cancel": (policy.who_may_cancel, WhoMayCancel.values),
        "invoice_timing": (policy.invoice_timing, InvoiceTiming.values),
    }
    for field, (value, known) in asked.items():
        if value not in known:
            raise Refused("Choose one of the answers.", code="choice_unknown", field=field)
    if set(policy.waiver_reasons) - set(WAIVERS):
        raise Refused("Choose reasons from the list.", code="choice_unknown", field="waiver_reasons")


def _check_notice(policy: Policy) -> None:
    if policy.notice < 0:
        raise Refused("Notice can't be less than nothing. Enter 0 or more.", code="notice_negative", field="notice")
    longest = LONGEST[NoticeUnit(policy.notice_unit)]
    if policy.notice > longest:
        raise Refused(f"That is more than a year. Enter {longest} or less.", code="notice_too_long", field="notice")
    if policy.notice == 0 and policy.is_more_than:
        raise Refused("More than nothing is not clear. Enter 1 or more.", code="notice_unclear", field="notice")
    if policy.cut_off is not None and policy.notice_unit == NoticeUnit.HOURS:
        raise Refused("Hours are counted from the start. Leave the time of day empty.", code="cut_off_of_hours", field="cut_off")


def _check_numbers(policy: Policy) -> None:
    if not 0 < policy.half_day_hours <= 12:
        raise Refused("Enter hours between 1 and 12.", code="half_day_hours", field="half_day_hours")
    for field in ("late_after_minutes", "pay_within_days"):
        value = getattr(policy, field)
        if value is not None and not 0 <= value <= 366:
            raise Refused("Enter a number from 0 to 366, or leave it empty.", code="number_out_of_range", field=field)
    if policy.substitutes == Substitutes.DAYS_BEFORE and not 1 <= policy.substitutes_days <= 30:
        raise Refused("Enter from 1 to 30 working days.", code="number_out_of_range", field="substitutes_days")


def _check_rate(rate: RateLine) -> None:
    if rate.trigger not in Trigger.values or rate.payer_class not in ("", *PayerClass.values):
        raise Refused("Choose from the list.", code="choice_unknown", field="rates")
    has_money = rate.half_day is not None or rate.day is not None
    if has_money and rate.percent_of_fee is not None:
        raise Refused(
            f"{_called(rate)}: give pounds or a share of the course cost, not both.", code="amount_twice", field="rates"
        )
    if rate.percent_of_fee is not None:
        if not 0 <= rate.percent_of_fee <= 100:
            raise Refused(f"{_called(rate)}: a share is from 0 to 100 per cent.", code="percent_out_of_range", field="rates")
        return
    if rate.half_day is None or rate.day is None:
        raise Refused(f"{_called(rate)}: give both amounts, for half a day and a day.", code="amount_missing", field="rates")
    if rate.half_day < 0 or rate.day < 0 or rate.day > DEAREST:
        raise Refused(f"{_called(rate)}: an amount is from £0 to £10,000.", code="amount_out_of_range", field="rates")
    if rate.half_day > rate.day:
        raise Refused(f"{_called(rate)}: half a day costs more than a day. Check the two.", code="half_day_dearer", field="rates")


def _check_tiers(policy: Policy) -> None:
    seen: dict[tuple[str, str], list[RateLine]] = {}
    for rate in policy.rates:
        seen.setdefault((rate.trigger, rate.payer_class), []).append(rate)
    for (trigger, payer_class), rates in seen.items():
        if trigger == Trigger.LATE_CANCELLATION:
            _check_late_tiers(policy, payer_class, rates)
        elif any(rate.notice is not None for rate in rates):
            raise Refused(f"{_called(rates[0])}: only cancelling goes by notice.", code="notice_unclear", field="rates")
        elif len(rates) > 1:
            raise Refused(f"{_called(rates[0])}: there are two amounts. Keep one.", code="tiers_overlap", field="rates")
    if policy.charges_late_cancellation and (Trigger.LATE_CANCELLATION, "") not in seen and policy.notice:
        raise Refused("Say what cancelling late costs, or that it costs nothing.", code="amount_missing", field="rates")
    if policy.charges_absence and not {(Trigger.ABSENCE, ""), (Trigger.LATE_CANCELLATION, "")} & set(seen):
        raise Refused("Say what not coming costs, or that it costs nothing.", code="amount_missing", field="rates")


def _check_late_tiers(policy: Policy, payer_class: str, rates: list[RateLine]) -> None:
    """Tiers of one payer class: each notice once, none within what is free, no gap, and never dearer for who cancels earlier."""
    whose = f" of “{PayerClass(payer_class).label}”" if payer_class else ""
    notices = [rate.notice for rate in rates]
    if any(notice is None or notice < 1 for notice in notices):
        raise Refused(f"Each step{whose} needs a notice of 1 or more.", code="notice_negative", field="rates")
    if len(set(notices)) < len(notices):
        raise Refused(
            f"Two steps{whose} overlap: they have the same notice. Change or leave out one.", code="tiers_overlap", field="rates"
        )
    tiers = sorted(rates, key=lambda rate: -(rate.notice or 0))
    if (tiers[0].notice or 0) > policy.notice:
        raise Refused(
            f"A step{whose} begins while cancelling is still free. Steps overlap: make it {policy.notice} or less.",
            code="tiers_overlap",
            field="rates",
        )
    if (tiers[0].notice or 0) < policy.notice:
        raise Refused(
            f"The first step{whose} must begin where cancelling free of charge ends, at {policy.notice}.",
            code="tiers_gap",
            field="rates",
        )
    for earlier, later in pairwise(tiers):
        if (earlier.percent_of_fee is None) != (later.percent_of_fee is None) or earlier.is_per_day != later.is_per_day:
            raise Refused(
                f"Steps{whose} must be of one kind: pounds, pounds for each day, or shares.", code="tiers_mixed", field="rates"
            )
        if _money(earlier) > _money(later) or (earlier.half_day or 0) > (later.half_day or 0):
            raise Refused(
                f"Who cancels earlier{whose} would pay more. Let the amounts rise as the notice falls.",
                code="tiers_fall",
                field="rates",
            )


def _money(rate: RateLine) -> Decimal:
    return Decimal(rate.percent_of_fee) if rate.percent_of_fee is not None else rate.day or Decimal(0)


def _called(rate: RateLine) -> str:
    whose = f" ({PayerClass(rate.payer_class).label})" if rate.payer_class in PayerClass.values else ""
    return f"{Trigger(rate.trigger).label}{whose}"
