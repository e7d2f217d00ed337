"""A request that comes twice: one effect with a key, and what becomes of it without."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.models import Booking
from people.models import Person
from tests.bookings.api.happenings import (
    book,
    terms,
)
from tests.conftest import MONDAY_MORNING
from tests.factories.bookings import bookable_event
from tests.factories.people import PersonFactory
from tests.factories.tokens import Program, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def test_the_second_gets_the_first_answer(program: Program) -> None:
    body = {"event": str(bookable_event().pk)}
    first, second = (program.post("bookings/", body, key="a") for _ in range(2))
    assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
    assert [response.get("Idempotency-Replayed") for response in (first, second)] == [None, "true"]
    assert Booking.objects.count() == 1


def test_without_a_key_the_second_is_refused_although_the_first_was_done(program: Program) -> None:
    """What a program could not tell from somebody else's booking: the reason why there are keys."""
    event = bookable_event()
    assert [book(program, event).status_code for _ in range(2)] == [201, 409]


def test_a_late_repetition_does_not_book_again_what_was_cancelled_in_between(program: Program, person: Person) -> None:
    body = {"event": str(bookable_event().pk)}
    made = program.post("bookings/", body, key="a").json()
    program.post(f"bookings/{made['id']}/cancel/", key="b")
    assert program.post("bookings/", body, key="a").json() == made
    assert Booking.objects.live().count() == 0


def test_without_a_key_it_books_again(program: Program) -> None:
    """The control of the one above: one wish, two bookings."""
    body = {"event": str(bookable_event().pk)}
    made = program.post("bookings/", body).json()
    program.post(f"bookings/{made['id']}/cancel/")
    program.post("bookings/", body)
    assert (Booking.objects.count(), Booking.objects.live().count()) == (2, 1)


def test_another_body_is_refused(program: Program) -> None:
    program.post("bookings/", {"event": str(bookable_event().pk)}, key="a")
    response = program.post("bookings/", {"event": str(bookable_event().pk)}, key="a")
    assert (response.status_code, response.json()["code"]) == (422, "key_reused")
    assert Booking.objects.count() == 1


def test_somebody_elses_key_tells_nothing(program: Program) -> None:
    body = {"event": str(bookable_event().pk)}
    theirs = program.post("bookings/", body, key="a").json()
    mine = program_of(PersonFactory()).post("bookings/", body, key="a")
    assert (mine.status_code, mine.get("Idempotency-Replayed")) == (201, None)
    assert mine.json()["id"] != theirs["id"]


def test_what_was_refused_may_be_tried_again_with_the_same_key(program: Program) -> None:
    event = bookable_event(terms={"opens_at": MONDAY_MORNING + timedelta(days=1)})
    body = {"event": str(event.pk)}
    assert program.post("bookings/", body, key="a").status_code == 409
    terms(event, opens_at=None)
    assert program.post("bookings/", body, key="a").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
def test_a_key_that_is_none_is_refused_instead_of_left_out(program: Program, key: str) -> None:
    response = program.post("bookings/", {"event": str(bookable_event().pk)}, key=key)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert Booking.objects.count() == 0
