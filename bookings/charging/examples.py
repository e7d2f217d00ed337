"""What a policy comes to for events like those people book, so that nobody saves one they did not mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from bookings.charging import amounts, notice
from bookings.charging.amounts import Cost, Occasion, Tier
from bookings.charging.policy import Policy
from bookings.models import PayerClass
from core import wording
from core.clock import london_date, london_instant

LIKE = (
    ("half a day, 9.30am to 12.30pm", (timedelta(hours=3),)),
    ("a day, 9.30am to 4pm", (timedelta(hours=6.5),)),
    ("two days, 9.30am to 4pm", (timedelta(hours=6.5), timedelta(hours=6.5))),
)
COURSE_COST = Decimal(100)
WEEKS_AHEAD = 8


@dataclass(frozen=True)
class Example:
    """One event and payer class, with what it would cost."""

    title: str
    who: str
    free_until: str
    attending: Cost
    late: list[Tier]
    absence: Cost


def examples(policy: Policy, at: datetime) -> Iterator[Example]:
    """For a Tuesday some weeks ahead: everybody, and each payer class that has an amount of its own."""
    today = london_date(at)
    tuesday = today + timedelta(days=(1 - today.weekday()) % 7, weeks=WEEKS_AHEAD)
    starts = london_instant(datetime.combine(tuesday, time(9, 30)))
    own = [value for value in PayerClass.values if any(rate.payer_class == value for rate in policy.rates)]
    for title, days in LIKE:
        where = Occasion(starts, days, COURSE_COST)
        deadline = notice.until(notice.notice_deadline(policy, starts))
        for payer_class in dict.fromkeys([PayerClass.OTHER.value, *own]):
            yield Example(
                title=f"{wording.day(tuesday)}: {title}",
                who=PayerClass(payer_class).label if own else "Everybody",
                free_until=deadline,
                attending=amounts.attending(policy, where, payer_class),
                late=amounts.late_tiers(policy, where, payer_class),
                absence=amounts.not_coming(policy, where, payer_class),
            )


def uses_course_cost(policy: Policy) -> bool:
    return any(rate.percent_of_fee for rate in policy.rates)
