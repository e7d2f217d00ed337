"""Who did not come is charged two working days after the register was closed, and not when it is corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bookings.charging import Policy
from bookings.due import draft_fees
from bookings.models import Charge
from bookings.operations import approve_charges, excuse_charges, switch_charges, work_out_again
from core.refusals import Refused
from events.models import Event
from people.models import Person
from registers.due import charge_for_absence, charge_for_unbooked_arrival, take_back_corrected_charges
from registers.models import Mark
from registers.operations import add_walk_in, close_register, mark, reopen_register
from tests.bookings.published_policies import PUBLISHED
from tests.factories.charging import accepted_booking, charging, priced_event
from tests.factories.people import PartnershipFactory, PersonFactory, officer
from tests.factories.registers import session_of, take_register

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# The register of Tuesday 26 January 2027 is closed that day: Wednesday and Thursday are left to correct it.
TOO_EARLY = datetime(2027, 1, 28, 23, 59, 59, tzinfo=UTC)
DUE = datetime(2027, 1, 29, 0, 0, tzinfo=UTC)


def taken(policy: Policy, at: datetime, *values: str, fee: int | None = None, sessions: int = 1) -> tuple[Event, list[Person]]:
    """An event under this policy with a person for each mark; its first register is closed."""
    charging(policy, at=at)
    event = priced_event(fee, sessions=sessions)
    people = [accepted_booking(event=event, at=at).person for _ in values]
    take_register(session_of(event), dict(zip(people, values, strict=True)))
    return event, people


def corrected(event: Event, person: Person, value: str, at: datetime) -> None:
    session = session_of(event)
    reopen_register(session=session, reason="The wrong Sam", by=officer(), at=at)
    mark(session=session, person=person, value=value, version=Mark.objects.get(person=person).version, by=None, at=at)
    close_register(session=session, by=None, at=at)


def charged() -> list[tuple[Any, ...]]:
    return sorted(Charge.objects.values_list("person", "kind", "state", "amount"))


def test_only_who_was_not_there_is_charged_and_only_when_the_register_has_settled(at: datetime) -> None:
    _, [_, absent, _] = taken(PUBLISHED["Sutton"], at, "present", "absent", "late")
    assert charge_for_absence(TOO_EARLY) == 0
    assert (charge_for_absence(DUE), charge_for_absence(DUE)) == (1, 0)
    assert charged() == [(absent.pk, "absence", "draft", Decimal(75))]
    assert Charge.objects.get().workings == "Did not attend: £75 for a full day"


def test_a_bank_holiday_is_no_day_to_correct_a_register(at: datetime) -> None:
    event, [_] = taken(PUBLISHED["Sutton"], at, "absent")
    friday_before_may_day = datetime(2027, 4, 30, 15, tzinfo=UTC)
    register = session_of(event)
    reopen_register(session=register, reason="Once more", by=officer(), at=friday_before_may_day)
    close_register(session=register, by=None, at=friday_before_may_day)
    Event.objects.filter(pk=event.pk).update(ends_on="2027-04-30", starts_on="2027-04-30")
    assert charge_for_absence(datetime(2027, 5, 5, 22, 59, 59, tzinfo=UTC)) == 0
    assert charge_for_absence(datetime(2027, 5, 5, 23, 0, tzinfo=UTC)) == 1


def test_nobody_is_charged_while_a_register_of_the_event_is_open(at: datetime) -> None:
    event, [absent] = taken(PUBLISHED["Salford"], at, "absent", sessions=2)
    assert charge_for_absence(DUE + timedelta(days=30)) == 0
    take_register(session_of(event, 2), {absent: "absent"})
    assert charge_for_absence(DUE + timedelta(days=1)) == 1
    assert Charge.objects.get().workings == "Did not attend: 2 days at £50 = £100"


def test_nobody_pays_both_for_coming_and_for_not_coming(at: datetime) -> None:
    taken(PUBLISHED["Staffordshire"], at, "left_early", "absent", fee=50)
    assert (charge_for_absence(DUE), draft_fees(DUE)) == (0, 2)
    assert set(Charge.objects.values_list("kind", "amount")) == {("fee", Decimal(50))}


def test_leaving_early_counts_as_not_coming_only_under_such_a_policy(at: datetime) -> None:
    strict = replace(PUBLISHED["Sutton"], charges_leaving_early=True)
    _, [left, _] = taken(strict, at, "left_early", "present")
    assert charge_for_absence(DUE) == 1
    assert charged() == [(left.pk, "absence", "draft", Decimal(75))]
    assert Charge.objects.get().workings == "Left early, which counts as not coming: £75 for a full day"
    assert take_back_corrected_charges(DUE) == 0


def test_leaving_early_costs_nothing_otherwise(at: datetime) -> None:
    taken(PUBLISHED["Leicester and Rutland"], at, "left_early")
    assert charge_for_absence(DUE) == 0


def test_a_draft_goes_when_the_register_is_corrected_and_comes_back_with_it(at: datetime) -> None:
    event, [person] = taken(PUBLISHED["Sutton"], at, "absent")
    charge_for_absence(DUE)
    corrected(event, person, "present", DUE)
    assert (take_back_corrected_charges(DUE), take_back_corrected_charges(DUE)) == (1, 0)
    assert charged() == [(person.pk, "absence", "excused", Decimal(75))]
    assert charge_for_absence(DUE + timedelta(days=9)) == 0
    corrected(event, person, "absent", DUE + timedelta(days=9))
    assert charge_for_absence(DUE + timedelta(days=14)) == 1
    assert charged() == [(person.pk, "absence", "draft", Decimal(75))]


def test_an_approved_charge_is_credited_when_the_register_is_corrected(at: datetime) -> None:
    event, [person] = taken(PUBLISHED["Sutton"], at, "absent")
    charge_for_absence(DUE)
    approve_charges(partnership=PartnershipFactory(), charges=[Charge.objects.get().pk], by=officer(), at=DUE)
    corrected(event, person, "late", DUE)
    assert (take_back_corrected_charges(DUE), take_back_corrected_charges(DUE)) == (1, 0)
    assert charged() == [(person.pk, "absence", "approved", Decimal(75)), (person.pk, "credit", "draft", Decimal(-75))]


def test_while_the_register_is_open_again_nothing_changes(at: datetime) -> None:
    event, [_] = taken(PUBLISHED["Sutton"], at, "absent")
    charge_for_absence(DUE)
    reopen_register(session=session_of(event), reason="To look", by=officer(), at=DUE)
    assert take_back_corrected_charges(DUE) == 0
    assert Charge.objects.get().state == "draft"


def test_whom_an_officer_excused_is_not_charged_again(at: datetime) -> None:
    taken(PUBLISHED["Sutton"], at, "absent")
    charge_for_absence(DUE)
    ids = [Charge.objects.get().pk]
    excuse_charges(partnership=PartnershipFactory(), charges=ids, reason="operational_duty", by=officer(), at=DUE)
    assert charge_for_absence(DUE + timedelta(days=1)) == 0
    assert Charge.objects.get().state == "excused"


def test_nothing_is_charged_while_charging_is_off(at: datetime) -> None:
    taken(PUBLISHED["Sutton"], at, "absent")
    switch_charges(partnership=PartnershipFactory(), is_on=False, by=None, at=at)
    assert charge_for_absence(DUE) == 0


def test_the_work_of_every_round_is_one_question_where_nobody_is_to_be_charged(
    at: datetime, django_assert_num_queries: Any
) -> None:
    taken(PUBLISHED["Sutton"], at, "present", "present")
    with django_assert_num_queries(1):
        charge_for_absence(DUE)
    with django_assert_num_queries(1):
        take_back_corrected_charges(DUE)


def test_who_came_without_a_booking_pays_for_it_on_top_of_attending(at: datetime) -> None:
    event, [_] = taken(PUBLISHED["Richmond and Wandsworth"], at, "present", fee=80)
    session, person = session_of(event), PersonFactory()
    reopen_register(session=session, reason="One more", by=officer(), at=session.ends_at)
    add_walk_in(session=session, person=person, by=officer(), at=session.ends_at)
    close_register(session=session, by=None, at=session.ends_at)
    assert charge_for_unbooked_arrival(TOO_EARLY) == 0
    assert (charge_for_unbooked_arrival(DUE), charge_for_unbooked_arrival(DUE)) == (2, 0)
    assert charged() == [(person.pk, "fee", "draft", Decimal(80)), (person.pk, "unbooked_arrival", "draft", Decimal(30))]
    assert set(Charge.objects.values_list("booking", "organisation")) == {(None, person.organisation_id)}
    fee = Charge.objects.get(kind="fee")
    with pytest.raises(Refused, match="belongs to no booking"):
        work_out_again(charge=fee, payer_class="school", reason="It is a school", by=officer(), at=DUE)
