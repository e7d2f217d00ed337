"""Notice in any unit, and what can't be a policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bookings.charging import (
    COMMONEST,
    Occasion,
    Policy,
    RateLine,
    attending,
    cancelling,
    check_policy,
    flat,
    notice_deadline,
    notice_given,
    until,
)
from bookings.charging.words import in_sentences
from bookings.models import NoticeUnit, PayerClass, Trigger
from core.refusals import Refused
from tests.bookings.published_policies import PUBLISHED, rate, share

LATE = Trigger.LATE_CANCELLATION
STARTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31)).map(lambda when: when.replace(tzinfo=UTC, microsecond=0))  # noqa: DTZ001
UNITS = st.sampled_from(NoticeUnit.values)


def refusal(policy: Policy) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        check_policy(policy)
    return refused.value.code, refused.value.field


@settings(deadline=None)
@given(
    policy=st.sampled_from(list(PUBLISHED.values())), starts=STARTS, hours=st.tuples(st.integers(0, 2000), st.integers(0, 2000))
)
def test_who_cancels_earlier_never_pays_more(policy, starts, hours):
    earlier, later = (starts - timedelta(hours=number) for number in (max(hours), min(hours)))
    where = Occasion(starts, (timedelta(hours=6), timedelta(hours=2)), Decimal(99))
    for payer_class in PayerClass.values:
        first, second = (cancelling(policy, where, payer_class, at) for at in (earlier, later))
        assert first.cost.amount <= second.cost.amount
        assert first.is_in_time or not second.is_in_time


@settings(deadline=None)
@given(starts=STARTS, unit=UNITS, notice=st.integers(0, 60), more=st.booleans())
def test_a_longer_notice_ends_earlier_and_never_after_the_start(starts, unit, notice, more):
    assume(notice or not more)
    policy = Policy("Any", notice=notice, notice_unit=unit, is_more_than=more)
    deadline = notice_deadline(policy, starts)
    assert deadline <= starts + timedelta(seconds=1)
    assert notice_deadline(replace(policy, notice=notice + 1), starts) <= deadline


@settings(deadline=None)
@given(starts=STARTS, notice=st.integers(1, 40), unit=st.sampled_from([NoticeUnit.WORKING_DAYS, NoticeUnit.CALENDAR_DAYS]))
def test_more_than_a_number_of_days_is_one_day_more(starts, notice, unit):
    policy = Policy("Any", notice=notice, notice_unit=unit)
    assert notice_deadline(replace(policy, is_more_than=True), starts) == notice_deadline(
        replace(policy, notice=notice + 1), starts
    )


def test_hours_are_counted_through_a_change_of_the_clock():
    starts = datetime(2027, 3, 29, 9, 0, tzinfo=UTC)  # Monday 10am in London; on Sunday the clock went forward
    policy = Policy("72 hours", notice=72, notice_unit=NoticeUnit.HOURS)
    exactly = datetime(2027, 3, 26, 9, 0, tzinfo=UTC)
    assert cancelling(policy, Occasion(starts, ()), "other", exactly).is_in_time
    assert not cancelling(policy, Occasion(starts, ()), "other", exactly + timedelta(seconds=1)).is_in_time
    more = replace(policy, is_more_than=True)
    assert not cancelling(more, Occasion(starts, ()), "other", exactly).is_in_time


@pytest.mark.parametrize(
    ("policy", "at", "given_then"),
    [
        (Policy("", notice=2), "2027-01-22T23:59", "2 working days"),
        (Policy("", notice=2), "2027-01-23T00:00", "1 working day"),
        (Policy("", notice=2), "2027-01-26T08:00", "no notice"),
        (Policy("", notice=2, cut_off=time(12)), "2027-01-22T12:00", "1 working day"),
        (Policy("", notice=2, cut_off=time(12)), "2027-01-22T11:59", "2 working days"),
        (Policy("", notice=2, notice_unit=NoticeUnit.CALENDAR_DAYS), "2027-01-25T08:00", "1 day"),
        (Policy("", notice=2, notice_unit=NoticeUnit.HOURS), "2027-01-26T09:00", "less than an hour"),
        (Policy("", notice=2, notice_unit=NoticeUnit.HOURS), "2027-01-26T07:00", "2 hours"),
        (Policy("", notice=2), "2027-01-26T10:00", "no notice"),
    ],
)
def test_the_notice_that_was_given_is_said_in_words(policy, at, given_then):
    starts = datetime(2027, 1, 26, 9, 30, tzinfo=UTC)
    assert notice_given(policy, starts, datetime.fromisoformat(f"{at}+00:00")) == given_then


def test_the_last_moment_is_said_as_people_say_it():
    assert until(datetime(2027, 1, 23, tzinfo=UTC)) == "the end of Friday 22 January 2027"
    assert until(datetime(2027, 1, 22, 17, tzinfo=UTC)) == "5pm on Friday 22 January 2027"
    assert until(datetime(2027, 6, 30, 23, tzinfo=UTC)) == "the end of Wednesday 30 June 2027"


def test_the_policy_a_partnership_begins_with_holds():
    check_policy(COMMONEST)
    assert in_sentences(COMMONEST) == [
        "Attending is free of charge.",
        "You can cancel free of charge at least 2 working days before the event. The day of the event is not counted. "
        "Bank holidays and weekends are not working days.",
        "Cancelling less than 2 working days before costs £50 for each day.",
        "Not coming without having cancelled costs the same as cancelling at the last moment.",
        "A colleague may come instead, free of charge, until the event starts.",
        "Invoices are sent once a month.",
    ]


@pytest.mark.parametrize("policy", PUBLISHED.values(), ids=PUBLISHED)
def test_every_published_policy_holds_and_can_be_said_in_sentences(policy):
    check_policy(policy)
    assert all(sentence[0].isupper() and sentence.endswith((".", "”.")) for sentence in in_sentences(policy))


def with_rates(*rates: RateLine, **values: object) -> Policy:
    return replace(COMMONEST, rates=rates, **values)


@pytest.mark.parametrize(
    ("policy", "code", "field"),
    [
        (replace(COMMONEST, notice=-1), "notice_negative", "notice"),
        (replace(COMMONEST, notice=900), "notice_too_long", "notice"),
        (replace(COMMONEST, name=" "), "name_missing", "name"),
        (replace(COMMONEST, notice_unit="moons"), "choice_unknown", "notice_unit"),
        (replace(COMMONEST, notice_unit="hours", cut_off=time(9)), "cut_off_of_hours", "cut_off"),
        (replace(COMMONEST, notice=0, is_more_than=True), "notice_unclear", "notice"),
        (replace(COMMONEST, half_day_hours=Decimal(0)), "half_day_hours", "half_day_hours"),
        (replace(COMMONEST, waiver_reasons=("hangover",)), "choice_unknown", "waiver_reasons"),
        (replace(COMMONEST, late_after_minutes=-5), "number_out_of_range", "late_after_minutes"),
        (replace(COMMONEST, substitutes="days_before"), "number_out_of_range", "substitutes_days"),
        (with_rates(flat(LATE, 50, notice=2), flat(LATE, 60, notice=2)), "tiers_overlap", "rates"),
        (with_rates(flat(LATE, 50, notice=3), flat(LATE, 60, notice=2)), "tiers_overlap", "rates"),
        (with_rates(flat(LATE, 50, notice=1)), "tiers_gap", "rates"),
        (with_rates(flat(LATE, 50, notice=2), flat(LATE, 40, notice=1)), "tiers_fall", "rates"),
        (with_rates(flat(LATE, 50, notice=2), share(LATE, 100, notice=1)), "tiers_mixed", "rates"),
        (with_rates(flat(LATE, 50, notice=-1), notice=2), "notice_negative", "rates"),
        (with_rates(flat(LATE, 50)), "notice_negative", "rates"),
        (with_rates(), "amount_missing", "rates"),
        (with_rates(charges_late_cancellation=False), "amount_missing", "rates"),
        (with_rates(RateLine(LATE, notice=2, half_day=Decimal(5))), "amount_missing", "rates"),
        (with_rates(rate(LATE, 60, 50, notice=2)), "half_day_dearer", "rates"),
        (with_rates(rate(LATE, -5, 50, notice=2)), "amount_out_of_range", "rates"),
        (with_rates(share(LATE, 101, notice=2)), "percent_out_of_range", "rates"),
        (with_rates(replace(flat(LATE, 50, notice=2), percent_of_fee=5)), "amount_twice", "rates"),
        (with_rates(flat(LATE, 50, notice=2), flat(Trigger.ATTEND, 5), flat(Trigger.ATTEND, 6)), "tiers_overlap", "rates"),
        (with_rates(flat(LATE, 50, notice=2), flat(Trigger.ATTEND, 5, notice=1)), "notice_unclear", "rates"),
    ],
)
def test_what_is_no_policy_is_refused_at_its_field(policy, code, field):
    assert refusal(policy) == (code, field)


TIERS = st.lists(st.tuples(st.integers(-3, 12), st.integers(0, 90)), min_size=1, max_size=4)


@settings(deadline=None)
@given(notice=st.integers(0, 10), tiers=TIERS)
def test_whatever_tiers_are_let_through_never_cost_less_for_who_cancels_later(notice, tiers):
    rates = tuple(flat(LATE, amount, notice=before) for before, amount in tiers)
    policy = replace(COMMONEST, notice=notice, rates=rates)
    try:
        check_policy(policy)
    except Refused:
        return
    starts = datetime(2027, 1, 26, 9, 30, tzinfo=UTC)
    moments = [starts - timedelta(days=number) for number in range(20, 0, -1)]
    costs = [cancelling(policy, Occasion(starts, (timedelta(hours=6),)), "other", at).cost.amount for at in moments]
    assert costs == sorted(costs)


@settings(deadline=None)
@given(days=st.lists(st.integers(1, 12), min_size=1, max_size=6), starts=st.dates(date(2026, 1, 1), date(2029, 1, 1)))
def test_the_sum_of_an_amount_is_the_amount(days, starts):
    policy = Policy("Any", rates=(rate(Trigger.ATTEND, 35, 70, per_day=True),))
    begins = datetime.combine(starts, time(9), tzinfo=UTC)
    cost = attending(policy, Occasion(begins, tuple(timedelta(hours=hours) for hours in days)), "other")
    assert cost.amount == sum(35 if hours <= 4 else 70 for hours in days)
    assert cost.words.endswith(f"£{cost.amount}")
