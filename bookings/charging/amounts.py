"""What it costs to attend, to cancel late and not to come. Every amount carries its sum."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bookings.charging import notice as notices
from bookings.charging.policy import Policy, RateLine
from bookings.models import Trigger
from core import wording
from core.clock import london_date
from core.figures import rounded
from events.models import Event
from events.queries import starts_at

NOTHING = Decimal(0)
WHOLE_DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Occasion:
    """What of an event decides what it costs: its start, how long each of its days lasts, and its course cost if it has one.

    A day lasts from the start of its first session to the end of its last, breaks counted.
    """

    starts_at: datetime
    days: tuple[timedelta, ...]
    fee: Decimal | None = None

    @classmethod
    def of(cls, event: Event, fee: Decimal | None) -> Occasion:
        """``fee`` is BookingTerms.fee. Lists prefetch ``sessions``; an event without any lasts whole days."""
        by_day = defaultdict(list)
        for session in event.sessions.all():
            by_day[london_date(session.starts_at)].append(session)
        days = [max(one.ends_at for one in day) - min(one.starts_at for one in day) for day in by_day.values()]
        return cls(starts_at(event), tuple(days) or (WHOLE_DAY,) * ((event.ends_on - event.starts_on).days + 1), fee)


@dataclass(frozen=True)
class Cost:
    """An amount in pounds, and the words that say how it comes about. Nothing to pay is 0."""

    amount: Decimal
    words: str

    def __bool__(self) -> bool:
        return self.amount > 0


@dataclass(frozen=True)
class Cancelling:
    """What it means to cancel at one moment. ``deadline`` is the first moment that is late."""

    is_in_time: bool
    deadline: datetime
    notice_given: str
    cost: Cost


@dataclass(frozen=True)
class Tier:
    """From when on cancelling costs what."""

    starts: datetime
    cost: Cost


def attending(policy: Policy, occasion: Occasion, payer_class: str) -> Cost:
    return _cost(policy, Trigger.ATTEND, occasion, payer_class, nothing="Attending is free of charge")


def cancelling(policy: Policy, occasion: Occasion, payer_class: str, at: datetime) -> Cancelling:
    """What a delegate or manager who cancels at that moment pays. Never asked for an organiser's cancellation: that is free."""
    deadline = notices.notice_deadline(policy, occasion.starts_at)
    given = notices.notice_given(policy, occasion.starts_at, at)
    if at < deadline:
        cost = Cost(NOTHING, f"Cancelled in time: {notices.in_words(policy)} before costs nothing")
        return Cancelling(True, deadline, given, cost)
    begun = [tier for tier in late_tiers(policy, occasion, payer_class) if at >= tier.starts]
    cost = begun[-1].cost if begun else Cost(NOTHING, "Cancelling late is free of charge")
    return Cancelling(False, deadline, given, cost)


def late_tiers(policy: Policy, occasion: Occasion, payer_class: str) -> list[Tier]:
    """From when on cancelling costs what, the longest notice first. Empty where it never costs."""
    if not policy.charges_late_cancellation:
        return []
    tiers = []
    for rate in policy.lines(Trigger.LATE_CANCELLATION, payer_class):
        if rate.notice is None:
            continue
        cost, less = amount_of(policy, rate, occasion), notices.too_little_in_words(policy, rate.notice)
        starts = notices.notice_deadline(policy, occasion.starts_at, rate.notice)
        tiers.append(Tier(starts, Cost(cost.amount, f"{less}: {cost.words}")))
    return tiers


def not_coming(policy: Policy, occasion: Occasion, payer_class: str, *, because: str = "Did not attend") -> Cost:
    """What somebody pays who did not cancel and was not there: the amount for it, else the strictest for cancelling late."""
    rate = policy.absence_line(payer_class) if policy.charges_absence else None
    if rate is None:
        return Cost(NOTHING, "Not coming is free of charge")
    cost = amount_of(policy, rate, occasion)
    return Cost(cost.amount, f"{because}: {cost.words}")


def arriving_unbooked(policy: Policy, occasion: Occasion, payer_class: str) -> Cost:
    """What somebody pays who came without a booking, on top of attending."""
    return _cost(policy, Trigger.UNBOOKED_ARRIVAL, occasion, payer_class, nothing="Coming without a booking is free of charge")


def _cost(policy: Policy, trigger: Trigger, occasion: Occasion, payer_class: str, *, nothing: str) -> Cost:
    rates = policy.lines(trigger, payer_class)
    if not rates:
        return Cost(NOTHING, nothing)
    cost = amount_of(policy, rates[0], occasion)
    return Cost(cost.amount, f"{trigger.label}: {cost.words}")


def amount_of(policy: Policy, rate: RateLine, occasion: Occasion) -> Cost:
    """One rate for one event: "£75 for a full day", "2 days at £50 = £100", "50% of the course cost of £60 = £30"."""
    if rate.percent_of_fee is not None:
        return _share(rate.percent_of_fee, occasion.fee)
    half_day, day = rate.half_day or NOTHING, rate.day or NOTHING
    halves = sum(length <= _half_day(policy) for length in occasion.days)
    if rate.is_per_day:
        return _for_each_day(half_day, day, halves=halves, days=len(occasion.days) - halves)
    if half_day == day:
        return Cost(day, wording.pounds(day))
    if len(occasion.days) == 1 and halves:
        return Cost(half_day, f"{wording.pounds(half_day)} for half a day (up to {policy.half_day_hours.normalize():f} hours)")
    return Cost(day, f"{wording.pounds(day)} for a full day" if len(occasion.days) == 1 else wording.pounds(day))


def _half_day(policy: Policy) -> timedelta:
    return timedelta(hours=float(policy.half_day_hours))


def _share(percent: int, fee: Decimal | None) -> Cost:
    if fee is None:
        return Cost(NOTHING, "a share of the course cost, and this event has none")
    amount = rounded(fee * percent / 100, 2)
    if percent == 100:
        return Cost(amount, f"the full course cost of {wording.pounds(fee)}")
    return Cost(amount, f"{percent}% of the course cost of {wording.pounds(fee)} = {wording.pounds(amount)}")


def _for_each_day(half_day: Decimal, day: Decimal, *, halves: int, days: int) -> Cost:
    if half_day == day:
        halves, days = 0, halves + days
    parts = [(days, "day", day), (halves, "half day", half_day)]
    used = [(number, one, price) for number, one, price in parts if number]
    amount = sum((number * price for number, _, price in used), NOTHING)
    words = " + ".join(f"{wording.count(number, one)} at {wording.pounds(price)}" for number, one, price in used)
    if len(used) == 1 and used[0][0] == 1:
        return Cost(amount, words)
    return Cost(amount, f"{words} = {wording.pounds(amount)}")
