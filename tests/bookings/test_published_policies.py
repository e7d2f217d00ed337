"""The published policies give their published amounts, to the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bookings.charging import (
    Occasion,
    Policy,
    arriving_unbooked,
    attending,
    cancelling,
    late_tiers,
    not_coming,
    notice_deadline,
)
from bookings.models import PayerClass
from bookings.operations import publish_policy
from tests.bookings.published_policies import PUBLISHED
from tests.factories.people import PartnershipFactory

SECOND = timedelta(seconds=1)
FULL, HALF = timedelta(hours=6, minutes=30), timedelta(hours=3)
COURSE_COST = Decimal(120)
TUESDAY = "2027-01-26T09:30+00:00"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def event(starts: str = TUESDAY, *days: timedelta) -> Occasion:
    return Occasion(instant(starts), days or (FULL,), COURSE_COST)


def test_all_published_policies_are_here():
    assert len(PUBLISHED) == 18
    both = [name for name, policy in PUBLISHED.items() if policy.notice and policy.charges_late_cancellation]
    assert len(both) == 14


@pytest.mark.django_db
@pytest.mark.both_databases
def test_every_published_policy_is_saved_and_read_back_as_it_is(at):
    for policy in PUBLISHED.values():
        version = publish_policy(partnership=PartnershipFactory(), policy=policy, by=None, at=at)
        saved = Policy.of(version)
        assert saved.text
        assert (saved.name, saved.notice, saved.notice_unit) == (policy.name, policy.notice, policy.notice_unit)
        assert set(saved.rates) == set(policy.rates)
        for payer_class in PayerClass.values:
            for days in ((HALF,), (FULL,), (FULL, FULL), (FULL, HALF)):
                where = event(TUESDAY, *days)
                assert not_coming(saved, where, payer_class) == not_coming(policy, where, payer_class)
                assert attending(saved, where, payer_class) == attending(policy, where, payer_class)


# For a course on Tuesday 26 January 2027, 9.30am: the first moment that is late, and what half a day, a day and two days cost.
FOR_A_TUESDAY = [
    ("Sutton", "2027-01-23T00:00", (50, 75, 75)),
    ("Greenwich", "2027-01-25T00:00", (40, 80, 80)),
    ("Brent", "2027-01-20T00:00", (50, 50, 50)),
    ("Leicester and Rutland", "2027-01-24T00:00", (25, 50, 100)),
    ("Wirral", "2027-01-22T00:00", (50, 90, 90)),
    ("Northamptonshire", "2027-01-22T00:00", (50, 50, 50)),
    ("Oxfordshire", "2027-01-19T00:00", (50, 50, 50)),
    ("Salford", "2027-01-13T00:00", (50, 50, 100)),
    ("West Sussex", "2027-01-12T00:00", (35, 70, 140)),
    ("North Yorkshire", "2027-01-20T00:00", (50, 50, 100)),
    ("Plymouth", "2027-01-13T00:00", (120, 120, 120)),
    ("Staffordshire", "2026-12-30T00:00", (60, 60, 60)),
    ("Teeswide", "2027-01-19T00:00", (50, 50, 100)),
    ("Salford Care", "2027-01-23T00:00", (120, 120, 120)),
]


@pytest.mark.parametrize(("name", "late_from", "amounts"), FOR_A_TUESDAY, ids=[row[0] for row in FOR_A_TUESDAY])
def test_a_second_earlier_is_free_and_from_then_on_it_costs_what_was_published(name, late_from, amounts):
    policy, late = PUBLISHED[name], instant(f"{late_from}+00:00")
    for days, amount in zip(((HALF,), (FULL,), (FULL, FULL)), amounts, strict=True):
        where = event(TUESDAY, *days)
        assert notice_deadline(policy, where.starts_at) == late
        in_time, too_late = (cancelling(policy, where, PayerClass.OTHER, at) for at in (late - SECOND, late))
        assert (in_time.is_in_time, in_time.cost.amount) == (True, 0)
        assert (too_late.is_in_time, too_late.cost.amount) == (False, amount)
        strictest = 120 if name == "Staffordshire" else amount
        assert not_coming(policy, where, PayerClass.OTHER).amount == strictest


# The same over bank holidays and changes of the clock, in London time.
OVER_HOLIDAYS = [
    ("Sutton", "2027-03-30T09:30+01:00", "2027-03-25T00:00+00:00"),  # the Tuesday after Easter
    ("Salford Care", "2027-03-30T09:30+01:00", "2027-03-25T00:00+00:00"),
    ("Oxfordshire", "2027-03-31T09:30+01:00", "2027-03-20T00:00+00:00"),
    ("Wirral", "2027-04-01T13:00+01:00", "2027-03-26T00:00+00:00"),
    ("Leicester and Rutland", "2027-03-30T09:30+01:00", "2027-03-28T00:00+00:00"),  # calendar days: Easter counts
    ("Brent", "2027-04-01T09:30+01:00", "2027-03-26T00:00+00:00"),
    ("Teeswide", "2027-04-01T09:30+01:00", "2027-03-25T00:00+00:00"),
    ("Northamptonshire", "2027-01-05T09:30+00:00", "2026-12-31T00:00+00:00"),  # 1 January is a Friday
    ("Salford", "2027-01-05T09:30+00:00", "2026-12-18T00:00+00:00"),  # over Christmas, with Monday 28 December free
    ("West Sussex", "2027-01-05T09:30+00:00", "2026-12-17T00:00+00:00"),
    ("North Yorkshire", "2027-01-05T09:30+00:00", "2026-12-30T00:00+00:00"),
    ("Sutton", "2027-12-30T09:30+00:00", "2027-12-25T00:00+00:00"),  # 27 and 28 December 2027 stand for the weekend
    ("Sutton", "2027-05-04T09:30+01:00", "2027-04-30T00:00+01:00"),  # the day after May Day
    ("Greenwich", "2026-10-27T09:30+00:00", "2026-10-26T00:00+00:00"),  # the clock goes back on the 25th
    ("Brent", "2026-10-27T09:30+00:00", "2026-10-21T00:00+01:00"),
    ("Plymouth", "2026-11-03T09:30+00:00", "2026-10-21T00:00+01:00"),
    ("Staffordshire", "2027-04-06T09:30+01:00", "2027-03-10T00:00+00:00"),
]


@pytest.mark.parametrize(("name", "starts", "late_from"), OVER_HOLIDAYS)
def test_the_edge_is_right_over_holidays_and_changes_of_the_clock(name, starts, late_from):
    policy, late = PUBLISHED[name], instant(late_from)
    assert notice_deadline(policy, instant(starts)) == late
    costs = [cancelling(policy, event(starts), PayerClass.OTHER, at).cost.amount for at in (late - SECOND, late)]
    assert (costs[0], costs[1] > 0) == (0, True)


def test_staffordshire_asks_half_within_four_weeks_and_all_within_two():
    policy, where = PUBLISHED["Staffordshire"], event()
    tiers = late_tiers(policy, where, PayerClass.OTHER)
    assert [(tier.starts, tier.cost.amount) for tier in tiers] == [
        (instant("2026-12-30T00:00+00:00"), 60),
        (instant("2027-01-13T00:00+00:00"), 120),
    ]
    assert [tier.cost.words for tier in tiers] == [
        "Less than 4 weeks before: 50% of the course cost of £120 = £60",
        "Less than 2 weeks before: the full course cost of £120",
    ]
    at = instant("2027-01-12T23:59:59+00:00")
    assert [cancelling(policy, where, PayerClass.OTHER, moment).cost.amount for moment in (at, at + SECOND)] == [60, 120]
    for exempt in (PayerClass.PARTNER, PayerClass.VOLUNTARY):
        assert attending(policy, where, exempt).amount == 0
        assert cancelling(policy, where, exempt, at + SECOND).cost.amount == 0
        assert not_coming(policy, where, exempt).amount == 0


def test_four_working_days_for_a_tuesday_end_with_the_wednesday_of_the_week_before():
    policy = Policy("Four days", notice=4)
    assert notice_deadline(policy, instant(TUESDAY)) == instant("2027-01-21T00:00+00:00")
    early = Policy("Four days by five", notice=4, cut_off=datetime(2027, 1, 1, 17, tzinfo=UTC).time())
    assert notice_deadline(early, instant(TUESDAY)) == instant("2027-01-20T17:00+00:00")


@pytest.mark.parametrize(
    ("name", "payer_class", "days", "amount"),
    [
        ("Greenwich", PayerClass.PARTNER, (FULL,), 0),
        ("Greenwich", PayerClass.PRIVATE, (FULL,), 100),
        ("Greenwich", PayerClass.OUT_OF_AREA, (HALF,), 50),
        ("Leeds", PayerClass.PRIVATE, (timedelta(hours=4),), 35),
        ("Leeds", PayerClass.LARGE_VOLUNTARY, (timedelta(hours=4, minutes=1),), 50),
        ("Leeds", PayerClass.SCHOOL, (FULL,), 0),
        ("Cambridgeshire", PayerClass.SCHOOL, (FULL, FULL), 100),
        ("Cambridgeshire", PayerClass.PRIVATE, (FULL,), 150),
        ("Cambridgeshire", PayerClass.LARGE_VOLUNTARY, (HALF,), 75),
        ("Croydon", PayerClass.OUT_OF_AREA, (FULL,), 120),
        ("Croydon", PayerClass.PARTNER, (FULL,), 0),
        ("Plymouth", PayerClass.PARTNER, (FULL,), 120),
        ("Richmond and Wandsworth", PayerClass.OTHER, (FULL,), 120),
        ("Salford", PayerClass.OTHER, (FULL,), 0),
    ],
)
def test_attending_costs_what_was_published(name, payer_class, days, amount):
    assert attending(PUBLISHED[name], event(TUESDAY, *days), payer_class).amount == amount


def test_wirrals_schools_pay_the_full_cost_and_others_half_or_full_day():
    late = instant("2027-01-22T00:00+00:00")
    policy = PUBLISHED["Wirral"]
    assert cancelling(policy, event(), PayerClass.SCHOOL, late).cost.amount == 120
    assert (
        cancelling(policy, event(), PayerClass.PARTNER, late).cost.words == "Less than 3 working days before: £90 for a full day"
    )


def test_richmond_asks_thirty_pounds_of_who_comes_unbooked():
    assert arriving_unbooked(PUBLISHED["Richmond and Wandsworth"], event(), PayerClass.OTHER).amount == 30
    assert arriving_unbooked(PUBLISHED["Sutton"], event(), PayerClass.OTHER).amount == 0


@pytest.mark.parametrize(
    ("name", "days", "words"),
    [
        ("Sutton", (FULL,), "Did not attend: £75 for a full day"),
        ("Sutton", (HALF,), "Did not attend: £50 for half a day (up to 4 hours)"),
        ("Brent", (FULL, FULL), "Did not attend: £50"),
        ("Leicester and Rutland", (FULL, FULL), "Did not attend: 2 days at £50 = £100"),
        ("West Sussex", (FULL, HALF), "Did not attend: 1 day at £70 + 1 half day at £35 = £105"),
        ("North Yorkshire", (HALF, HALF), "Did not attend: 2 days at £50 = £100"),
        ("Leicester and Rutland", (HALF,), "Did not attend: 1 half day at £25"),
        ("Salford Care", (FULL,), "Did not attend: the full course cost of £120"),
    ],
)
def test_every_amount_says_how_it_comes_about(name, days, words):
    assert not_coming(PUBLISHED[name], event(TUESDAY, *days), PayerClass.OTHER).words == words


def test_a_share_of_an_event_without_a_course_cost_is_nothing_and_says_so():
    cost = not_coming(PUBLISHED["Plymouth"], Occasion(instant(TUESDAY), (FULL,)), PayerClass.OTHER)
    assert (cost.amount, cost.words) == (0, "Did not attend: a share of the course cost, and this event has none")
