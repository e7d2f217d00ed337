"""A policy in plain sentences: the text people read unless an officer writes another, and the page that shows a version."""

from __future__ import annotations

from decimal import Decimal

from bookings.charging import notice as notices
from bookings.charging.policy import Policy, RateLine
from bookings.models import InvoiceTiming, NoticeUnit, PayerClass, Substitutes, Trigger, WhoMayCancel
from core import wording

INVOICED = {
    InvoiceTiming.AT_BOOKING: "Invoices are sent when you book.",
    InvoiceTiming.AFTER_24_HOURS: "Invoices are sent 24 hours after the event.",
    InvoiceTiming.WITHIN_2_WEEKS: "Invoices are sent within two weeks of the event.",
    InvoiceTiming.MONTHLY: "Invoices are sent once a month.",
}


def in_sentences(policy: Policy) -> list[str]:
    """What the policy says, one thing a sentence."""
    return [
        *_attending(policy),
        _free(policy),
        *_late(policy),
        *_absence(policy),
        *_never_both(policy),
        *_others(policy),
        *_money(policy),
    ]


def rate_in_words(rate: RateLine) -> str:
    """£50 for each day, £50 for half a day and £75 for a day, 50% of the course cost."""
    if rate.percent_of_fee is not None:
        return f"{rate.percent_of_fee}% of the course cost" if rate.percent_of_fee < 100 else "the full course cost"
    half_day, day = rate.half_day or Decimal(0), rate.day or Decimal(0)
    if not day:
        return "nothing"
    each = "each day" if rate.is_per_day else "a full day"
    if half_day != day:
        return f"{wording.pounds(half_day)} for half a day and {wording.pounds(day)} for {each}"
    return f"{wording.pounds(day)} for {each}" if rate.is_per_day else f"{wording.pounds(day)}, however long the event is"


def _free(policy: Policy) -> str:
    if policy.notice == 0:
        return "You can cancel free of charge until the event starts."
    least = "" if policy.is_more_than else "at least "
    day = "" if policy.notice_unit == NoticeUnit.HOURS else " The day of the event is not counted."
    bank = " Bank holidays and weekends are not working days." if policy.notice_unit == NoticeUnit.WORKING_DAYS else ""
    cut_off = f", by {policy.cut_off:%H:%M} on the last day" if policy.cut_off else ""
    return f"You can cancel free of charge {least}{notices.in_words(policy)} before the event{cut_off}.{day}{bank}"


def _late(policy: Policy) -> list[str]:
    if not policy.charges_late_cancellation:
        return ["Cancelling later is free of charge too."]
    rates = [rate for rate in policy.rates if rate.trigger == Trigger.LATE_CANCELLATION]
    return [f"Cancelling {_less(policy, rate)} costs {rate_in_words(rate)}{_for_whom(rate)}." for rate in rates]


def _less(policy: Policy, rate: RateLine) -> str:
    words = notices.too_little_in_words(policy, rate.notice or 0)
    return words[0].lower() + words[1:]


def _absence(policy: Policy) -> list[str]:
    if not policy.charges_absence:
        return ["Not coming is free of charge."]
    rates = [rate for rate in policy.rates if rate.trigger == Trigger.ABSENCE]
    if not any(rate.payer_class == "" for rate in rates):
        same = "Not coming without having cancelled costs the same as cancelling at the last moment."
        return [same, *(f"Not coming costs {rate_in_words(rate)}{_for_whom(rate)}." for rate in rates)]
    return [f"Not coming without having cancelled costs {rate_in_words(rate)}{_for_whom(rate)}." for rate in rates]


def _never_both(policy: Policy) -> list[str]:
    fees = any(not rate.is_free for rate in policy.rates if rate.trigger == Trigger.ATTEND)
    is_so = fees and policy.charges_absence
    return ["Nobody pays both for attending and for not coming: the higher of the two counts."] if is_so else []


def _attending(policy: Policy) -> list[str]:
    rates = [rate for rate in policy.rates if rate.trigger == Trigger.ATTEND]
    unbooked = [rate for rate in policy.rates if rate.trigger == Trigger.UNBOOKED_ARRIVAL]
    said = [f"Attending costs {rate_in_words(rate)}{_for_whom(rate)}." for rate in rates] or ["Attending is free of charge."]
    return said + [f"Coming without a booking costs {rate_in_words(rate)} more{_for_whom(rate)}." for rate in unbooked]


def _for_whom(rate: RateLine) -> str:
    return f" for “{PayerClass(rate.payer_class).label}”" if rate.payer_class else ""


def _others(policy: Policy) -> list[str]:
    said = {
        Substitutes.NEVER: "Nobody else may come instead.",
        Substitutes.BEFORE_START: "A colleague may come instead, free of charge, until the event starts.",
        Substitutes.DAYS_BEFORE: "A colleague may come instead, free of charge, until "
        f"{wording.count(policy.substitutes_days, 'working day')} before the event.",
    }[Substitutes(policy.substitutes)]
    late = f" more than {wording.count(policy.late_after_minutes, 'minute')}" if policy.late_after_minutes else ""
    also = [
        (policy.who_may_cancel == WhoMayCancel.MANAGER, "Only a manager may cancel."),
        (policy.charges_refused_late, f"Coming{late} late counts as not coming."),
        (bool(late) and not policy.charges_refused_late, f"Whoever comes{late} late may not be let in."),
        (policy.charges_leaving_early, "Leaving early counts as not coming."),
        (policy.recharges_extras, "What was ordered for you, like an interpreter, is charged as well."),
    ]
    return [said, *(sentence for is_so, sentence in also if is_so)]


def _money(policy: Policy) -> list[str]:
    if not policy.rates:
        return []
    within = f" They are to be paid within {wording.count(policy.pay_within_days, 'day')}." if policy.pay_within_days else ""
    return [INVOICED[InvoiceTiming(policy.invoice_timing)] + within]
