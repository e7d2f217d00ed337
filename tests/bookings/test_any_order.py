"""Book, cancel, resize and promote in any order, beside a model of thirty lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bookings.models import Booking, BookingStatus
from bookings.operations import book_place, cancel_booking, change_terms, promote_waiting
from bookings.queries import live_booking, place_counts
from core.refusals import Refused
from tests.factories.bookings import bookable_event
from tests.factories.people import PersonFactory

AT = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
PEOPLE = st.integers(0, 7)


class Model:
    """What must be true: who holds a place, and who waits, in order."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.placed: set[int] = set()
        self.queue: list[int] = []

    def fill(self) -> None:
        while self.queue and len(self.placed) < self.limit:
            self.placed.add(self.queue.pop(0))

    def book(self, person: int) -> bool:
        if person in self.placed or person in self.queue:
            return False
        self.queue.append(person)
        self.fill()
        return True

    def cancel(self, person: int) -> bool:
        if person not in self.placed and person not in self.queue:
            return False
        self.placed.discard(person)
        self.queue = [other for other in self.queue if other != person]
        self.fill()
        return True

    def resize(self, limit: int) -> bool:
        if limit < max(1, len(self.placed)):
            return False
        self.limit = limit
        self.fill()
        return True


class Places(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model(limit=2)
        self.event = bookable_event(places=2)
        self.people = [PersonFactory() for _ in range(8)]

    def agrees(self, expected: bool, action, **kwargs) -> None:
        """The operation does it exactly when the model does."""
        try:
            action(at=AT, **kwargs)
        except Refused:
            assert not expected
        else:
            assert expected

    @rule(number=PEOPLE)
    def book(self, number):
        person = self.people[number]
        self.agrees(self.model.book(number), book_place, event=self.event, person=person, by=person)

    @rule(number=PEOPLE)
    def cancel(self, number):
        person = self.people[number]
        booking = live_booking(self.event, person)
        if booking is None:
            assert not self.model.cancel(number)
        else:
            self.agrees(self.model.cancel(number), cancel_booking, booking=booking, cancelled_by="delegate", by=person)

    @rule(limit=st.integers(0, 5))
    def resize(self, limit):
        self.agrees(self.model.resize(limit), change_terms, event=self.event, by=None, booking_limit=limit)

    @rule()
    def promote(self):
        assert promote_waiting(event=self.event, at=AT) == []

    @invariant()
    def the_same_people_are_placed_and_wait_in_the_same_order(self):
        number = {person.pk: index for index, person in enumerate(self.people)}
        bookings = Booking.objects.filter(event=self.event)
        placed = {number[booking.person_id] for booking in bookings.holding_a_place()}
        queue = [number[booking.person_id] for booking in bookings.waiting()]
        assert (placed, queue) == (self.model.placed, self.model.queue)
        counts = place_counts([self.event])[self.event.pk]
        assert (counts.limit, counts.taken, counts.waiting) == (self.model.limit, len(placed), len(queue))
        assert len(placed) <= self.model.limit

    @invariant()
    def only_who_waits_or_left_the_queue_has_a_number(self):
        numbered = Booking.objects.filter(event=self.event, queue_number__isnull=False)
        assert set(numbered.values_list("status", flat=True)) <= {BookingStatus.WAITING, BookingStatus.CANCELLED}


def check(examples: int, steps: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Places, settings=chosen)


@pytest.mark.django_db
@pytest.mark.both_databases
def test_in_any_order_the_places_are_those_of_the_model():
    check(examples=8, steps=30)


@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.slow
def test_in_ten_thousand_steps_the_places_are_those_of_the_model():
    check(examples=200, steps=50)
