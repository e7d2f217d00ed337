"""Draft, approve, excuse, restore, credit and list in any order, beside a model of a few lines."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bookings.models import CHARGE_STATES, Charge, ChargeChange, ChargeKind, ChargeState
from bookings.operations import (
    add_extra_charge,
    approve_charges,
    excuse_charges,
    list_for_finance,
    restore_charge,
    reverse_charge,
)
from core.refusals import Refused
from people.models import Partnership
from tests.factories.bookings import bookable_event
from tests.factories.charging import accepted_booking, charging
from tests.factories.people import OtherPartnershipFactory, officer

AT = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
NUMBERS = st.integers(0, 5)


class Charges(RuleBasedStateMachine):
    """``states`` and ``credit_of`` are the model: the state of each charge, and which one it takes back."""

    def __init__(self) -> None:
        super().__init__()
        name = f"Partnership {Partnership.objects.count()}"  # each example has its own: rows of another stay where they are
        self.partnership = OtherPartnershipFactory(name=name, short_name=name, slug=name.replace(" ", "-").lower())
        charging(partnership=self.partnership, at=AT)
        self.booking, self.by = accepted_booking(event=bookable_event(lead_host=self.partnership), at=AT), officer()
        self.charges: list[Charge] = []
        self.states: list[str] = []
        self.credit_of: list[int | None] = []

    def one(self, number: int) -> int | None:
        return number % len(self.charges) if self.charges else None

    def has_live_credit(self, index: int) -> bool:
        return any(of == index and self.states[credit] != "excused" for credit, of in enumerate(self.credit_of))

    def is_done(self, expected: bool, action, **kwargs):
        try:
            made = action(by=self.by, at=AT, **kwargs)
        except Refused:
            assert not expected
            return None
        assert expected
        return made

    def keep(self, charge: Charge, of: int | None) -> None:
        self.charges.append(charge)
        self.states.append("draft")
        self.credit_of.append(of)

    @rule(pounds=st.integers(1, 90))
    def draft(self, pounds):
        self.keep(add_extra_charge(booking=self.booking, amount=Decimal(pounds), what="Lunch", by=self.by, at=AT), None)

    @rule(number=NUMBERS)
    def approve(self, number):
        if (index := self.one(number)) is not None:
            dealt = approve_charges(partnership=self.partnership, charges=[self.charges[index].pk], by=self.by, at=AT)
            assert bool(dealt.done) == (self.states[index] == "draft")
            self.states[index] = "approved" if dealt.done else self.states[index]

    @rule(number=NUMBERS)
    def excuse(self, number):
        if (index := self.one(number)) is not None:
            ids = [self.charges[index].pk]
            dealt = excuse_charges(partnership=self.partnership, charges=ids, reason="sickness", by=self.by, at=AT)
            assert bool(dealt.done) == (self.states[index] == "draft")
            self.states[index] = "excused" if dealt.done else self.states[index]

    @rule(number=NUMBERS)
    def restore(self, number):
        if (index := self.one(number)) is not None:
            of = self.credit_of[index]
            may = self.states[index] == "excused" and (of is None or not self.has_live_credit(of))
            self.is_done(may, restore_charge, charge=self.charges[index], reason="After all")
            self.states[index] = "draft" if may else self.states[index]

    @rule(number=NUMBERS)
    def credit(self, number):
        if (index := self.one(number)) is not None:
            is_credit, is_approved = self.credit_of[index] is not None, self.states[index] in ("approved", "listed")
            may = not is_credit and is_approved and not self.has_live_credit(index)
            made = self.is_done(may, reverse_charge, charge=self.charges[index], reason="Wrong")
            if made is not None:
                self.keep(made, index)

    @rule()
    def list_all(self):
        waiting = [index for index, state in enumerate(self.states) if state == "approved"]
        self.is_done(bool(waiting), list_for_finance, partnership=self.partnership)
        for index in waiting:
            self.states[index] = "listed"

    @invariant()
    def every_charge_is_there_in_the_state_of_the_model(self):
        states = dict(Charge.objects.filter(partnership=self.partnership).values_list("pk", "state"))
        assert states == {charge.pk: state for charge, state in zip(self.charges, self.states, strict=True)}

    @invariant()
    def the_history_is_a_chain_of_allowed_steps_that_ends_where_it_is(self):
        chains: dict[object, list[tuple[str, str]]] = {}
        steps = ChargeChange.objects.filter(charge__partnership=self.partnership)
        for charge, before, after in steps.values_list("charge", "from_state", "to_state"):
            chains.setdefault(charge, []).append((before, after))
        for charge, state in zip(self.charges, self.states, strict=True):
            chain = chains[charge.pk]
            assert all(before == "" or CHARGE_STATES.allows(before, after) for before, after in chain)
            came, left = [after for _, after in chain], [before for before, _ in chain if before]
            for one in left:
                came.remove(one)
            assert came == [state]

    @invariant()
    def nobody_gets_back_more_than_was_charged(self):
        live = Charge.objects.filter(partnership=self.partnership).exclude(state=ChargeState.EXCUSED)
        assert (live.aggregate(sum=Sum("amount"))["sum"] or 0) >= 0
        assert not live.filter(kind=ChargeKind.CREDIT, reverses__state__in=["draft", "excused"]).exists()


def check(examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Charges, settings=chosen)


@pytest.mark.django_db
@pytest.mark.both_databases
def test_in_any_order_charges_are_those_of_the_model():
    check(examples=6, steps=25)


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.slow
def test_in_ten_thousand_steps_charges_are_those_of_the_model():
    check(examples=200, steps=50)
