"""Everything that can happen to places, in any order, beside a small model of who holds one and who waits.

Two dates of one course: at the first managers approve and freed places are confirmed, at the second freed places are offered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bookings import due
from bookings.counting import place_counts
from bookings.models import Booking, Hold, HoldKind, ManagerRole, Priority
from bookings.operations import (
    accept_offer,
    approve_booking,
    book_place,
    cancel_booking,
    change_terms,
    decline_booking,
    decline_offer,
    hold_places,
    place_by_hand,
    promote_waiting,
    release_hold,
    set_priority,
    substitute,
    transfer,
)
from bookings.queries import live_booking
from core.refusals import Refused
from tests.factories.bookings import bookable_event
from tests.factories.people import OrganisationFactory, PersonFactory, officer

NOW = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
START = datetime(2031, 1, 28, 9, 30, tzinfo=UTC)
LONG_ENOUGH = timedelta(days=14)  # for every question and every offer to lapse
CROWD = 7

PLACED, ASKED, OFFERED = "confirmed", "asked", "offered"  # each takes a place
WAITING, ASKED_IN_LINE = "waiting", "asked in line"  # neither does
DATES = st.integers(0, 1)
PICKS = st.integers(0, 29)


class Line:
    """One date: what everybody's claim is, and who stands where."""

    def __init__(self, limit: int, *, approves: bool, offers: bool) -> None:
        self.limit, self.approves, self.offers = limit, approves, offers
        self.claims: dict[int, str] = {}
        self.numbers: dict[int, tuple[int, int]] = {}  # (minus the priority, when they joined)
        self.counter = self.kept = 0

    def holding(self) -> set[int]:
        return {who for who, claim in self.claims.items() if claim in (PLACED, ASKED, OFFERED)}

    def queue(self) -> list[int]:
        return sorted((who for who, claim in self.claims.items() if claim == WAITING), key=lambda who: self.numbers[who])

    def free(self) -> int:
        return self.limit - len(self.holding()) - self.kept

    def fill(self) -> None:
        while self.free() > 0 and self.queue():
            self.claims[self.queue()[0]] = OFFERED if self.offers else PLACED

    def end(self, who: int, *claims: str) -> bool:
        if self.claims.get(who) not in (claims or (PLACED, ASKED, OFFERED, WAITING, ASKED_IN_LINE)):
            return False
        del self.claims[who]
        self.fill()
        return True

    def book(self, who: int) -> bool:
        if who in self.claims:
            return False
        has_place = self.free() > 0
        if has_place:
            self.claims[who] = ASKED if self.approves else PLACED
        else:
            self.counter += 1
            self.numbers[who] = (0, self.counter)
            self.claims[who] = ASKED_IN_LINE if self.approves else WAITING
        return True

    def approve(self, who: int) -> bool:
        if self.claims.get(who) not in (ASKED, ASKED_IN_LINE):
            return False
        self.claims[who] = PLACED if self.claims[who] == ASKED else WAITING
        self.fill()
        return True

    def accept(self, who: int) -> bool:
        if self.claims.get(who) != OFFERED:
            return False
        self.claims[who] = PLACED
        return True

    def lapse(self, *claims: str) -> None:
        for who in [who for who, claim in self.claims.items() if claim in claims]:
            del self.claims[who]
        self.fill()

    def resize(self, limit: int) -> bool:
        if limit < max(1, len(self.holding()) + self.kept):
            return False
        self.limit = limit
        self.fill()
        return True

    def prefer(self, who: int, priority: int) -> bool:
        if self.claims.get(who) not in (WAITING, ASKED_IN_LINE):
            return False
        self.numbers[who] = (-priority, self.numbers[who][1])
        return True

    def replace(self, who: int, by: int) -> bool:
        if self.claims.get(who) != PLACED or who == by or self.claims.get(by, WAITING) != WAITING:
            return False
        del self.claims[who]
        self.claims[by] = ASKED if self.approves and by not in self.claims else PLACED
        return True

    def move(self, who: int, to: Line) -> bool:
        if self.claims.get(who) != PLACED or who in to.claims or to.free() <= 0:
            return False
        del self.claims[who]
        to.claims[who] = PLACED
        self.fill()
        return True

    def hold(self, places: int) -> bool:
        if self.free() < places:
            return False
        self.kept += places
        return True

    def release(self) -> None:
        self.kept = 0
        self.fill()


class Places(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.lines = [Line(2, approves=True, offers=False), Line(2, approves=False, offers=True)]
        first = bookable_event(places=2, first_start=START, terms={"manager_role": ManagerRole.APPROVES})
        second = bookable_event(
            places=2, first_start=START, course=first.course, terms={"confirm_until_days": 1100, "offer_hours": 4}
        )
        self.events = [first, second]
        self.people = [PersonFactory(manager_email="manager@school.example") for _ in range(CROWD)]
        self.officer, self.agency = officer(), OrganisationFactory()

    @initialize(crowds=st.tuples(st.integers(2, CROWD), st.integers(2, CROWD)))
    def a_crowd_has_booked(self, crowds: tuple[int, int]) -> None:
        for at, crowd in enumerate(crowds):
            for who in range(crowd):
                self.book(at, who)

    def pick(self, at: int, pick: int, *claims: str) -> int:
        """Mostly somebody with such a claim, so that what is tried can mostly be done; now and then anybody."""
        fitting = sorted(who for who, claim in self.lines[at].claims.items() if claim in claims)
        return fitting[pick % len(fitting)] if fitting and pick % 5 else pick % CROWD

    def agrees(self, expected: bool, action: Callable[..., Any], **kwargs: Any) -> None:
        """The operation does it exactly when the model does."""
        did, said = True, ""
        try:
            action(at=self.now, **kwargs)
        except Refused as refused:
            did, said = False, str(refused)
        assert did == expected, said

    def on_booking(self, at: int, who: int, expected: bool, action: Callable[..., Any], **kwargs: Any) -> None:
        """The same for what is done to somebody's booking: without one there is nothing to do it to."""
        booking = live_booking(self.events[at], self.people[who])
        if booking is None:
            assert not expected
        else:
            self.agrees(expected, action, booking=booking, **kwargs)

    def answers(self, at: int, who: int, expected: bool, action: Callable[..., Any]) -> None:
        booking = live_booking(self.events[at], self.people[who])
        request = getattr(booking, "approval", None)
        if request is None:
            assert not expected
        else:
            self.agrees(expected, action, request=request, approver="manager", by=None)

    @rule(at=DATES, who=st.integers(0, CROWD - 1))
    def book(self, at: int, who: int) -> None:
        person = self.people[who]
        self.agrees(self.lines[at].book(who), book_place, event=self.events[at], person=person, by=person)

    @rule(at=DATES, pick=PICKS)
    def cancel(self, at: int, pick: int) -> None:
        who = self.pick(at, pick, PLACED, ASKED, OFFERED, WAITING, ASKED_IN_LINE)
        by = self.people[who]
        self.on_booking(at, who, self.lines[at].end(who), cancel_booking, cancelled_by="delegate", by=by)

    @rule(at=DATES, limit=st.integers(0, 5))
    def resize(self, at: int, limit: int) -> None:
        self.agrees(self.lines[at].resize(limit), change_terms, event=self.events[at], by=None, booking_limit=limit)

    @rule(at=DATES)
    def promote(self, at: int) -> None:
        assert promote_waiting(event=self.events[at], at=self.now) == []

    @rule(at=DATES, pick=PICKS)
    def approve(self, at: int, pick: int) -> None:
        who = self.pick(at, pick, ASKED, ASKED_IN_LINE)
        self.answers(at, who, self.lines[at].approve(who), approve_booking)

    @rule(at=DATES, pick=PICKS)
    def decline(self, at: int, pick: int) -> None:
        who = self.pick(at, pick, ASKED, ASKED_IN_LINE)
        self.answers(at, who, self.lines[at].end(who, ASKED, ASKED_IN_LINE), decline_booking)

    @rule(at=DATES, pick=PICKS)
    def take_the_offer(self, at: int, pick: int) -> None:
        who = self.pick(at, pick, OFFERED)
        self.on_booking(at, who, self.lines[at].accept(who), accept_offer, by=self.people[who])

    @rule(at=DATES, pick=PICKS)
    def turn_the_offer_down(self, at: int, pick: int) -> None:
        who = self.pick(at, pick, OFFERED)
        self.on_booking(at, who, self.lines[at].end(who, OFFERED), decline_offer, by=self.people[who])

    @rule()
    def let_time_pass(self) -> None:
        """Every question and every offer that is open now lapses; nothing else does."""
        self.now += LONG_ENOUGH
        due.lapse_requests(self.now)
        due.lapse_offers(self.now)
        for line in self.lines:
            line.lapse(ASKED, ASKED_IN_LINE, OFFERED)

    @rule(at=DATES, pick=PICKS, by=st.integers(0, CROWD - 1))
    def substitute(self, at: int, pick: int, by: int) -> None:
        who = self.pick(at, pick, PLACED)
        expected = self.lines[at].replace(who, by)
        self.on_booking(at, who, expected, substitute, person=self.people[by], by=self.people[who])

    @rule(at=DATES, pick=PICKS)
    def transfer(self, at: int, pick: int) -> None:
        who = self.pick(at, pick, PLACED)
        expected = self.lines[at].move(who, self.lines[1 - at])
        over = {"by": self.officer, "rule_set_aside": True, "reason": "The manager rang."}
        self.on_booking(at, who, expected, transfer, to_event=self.events[1 - at], **over)

    @rule(at=DATES, pick=PICKS, priority=st.sampled_from(Priority.values))
    def prefer(self, at: int, pick: int, priority: int) -> None:
        who = self.pick(at, pick, WAITING, ASKED_IN_LINE)
        expected = self.lines[at].prefer(who, priority)
        self.on_booking(at, who, expected, set_priority, priority=priority, reason="New to the role.", by=self.officer)

    @rule(at=DATES, pick=PICKS)
    def place_by_hand(self, at: int, pick: int) -> None:
        """Places that are free have gone to those who wait already, so there is never one to give by hand."""
        who = self.pick(at, pick, WAITING)
        self.on_booking(at, who, False, place_by_hand, by=self.officer, reason="Rang.")

    @rule(at=DATES, places=st.integers(1, 2))
    def hold(self, at: int, places: int) -> None:
        fields = {"kind": HoldKind.RESERVED, "organisation": self.agency, "until": date(2031, 1, 1), "by": self.officer}
        self.agrees(self.lines[at].hold(places), hold_places, event=self.events[at], places=places, **fields)

    @rule(at=DATES)
    def release(self, at: int) -> None:
        for hold in Hold.objects.in_force().filter(event=self.events[at]):
            release_hold(hold=hold, by=self.officer, at=self.now)
        self.lines[at].release()

    @invariant()
    def the_same_people_hold_places_and_wait_in_the_same_order(self) -> None:
        number = {person.pk: index for index, person in enumerate(self.people)}
        counts = place_counts(self.events)
        for event, line in zip(self.events, self.lines, strict=True):
            bookings = Booking.objects.filter(event=event)
            holding = {number[booking.person_id] for booking in bookings.holding_a_place()}
            confirmed = {number[booking.person_id] for booking in bookings.filter(status="confirmed")}
            queue = [number[booking.person_id] for booking in bookings.waiting()]
            assert (holding, queue) == (line.holding(), line.queue())
            assert confirmed == {who for who, claim in line.claims.items() if claim == PLACED}
            seen = counts[event.pk]
            assert (seen.limit, seen.taken, seen.waiting, seen.held) == (line.limit, len(holding), len(queue), line.kept)
            assert len(holding) + line.kept <= line.limit

    @invariant()
    def whoever_holds_a_place_has_no_number(self) -> None:
        assert not Booking.objects.holding_a_place().filter(queue_number__isnull=False).exists()


def check(examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.generate],  # each step is a few transactions: the first failing run says enough
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Places, settings=chosen)


@pytest.mark.django_db
@pytest.mark.both_databases
def test_in_any_order_the_places_are_those_of_the_model():
    check(examples=6, steps=40)


@pytest.mark.django_db
@pytest.mark.parametrize("freeing", ["cancelling", "offers"])
def test_the_model_notices_a_path_that_frees_a_place_and_forgets_who_waits(freeing, monkeypatch):
    monkeypatch.setattr(f"bookings.operations.{freeing}.fill_places", lambda *_, **__: [])
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        check(examples=400, steps=40)  # it ends with the first that notices: mostly within ten, by bad luck after forty


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.slow
def test_in_ten_thousand_steps_the_places_are_those_of_the_model():
    check(examples=200, steps=50)
