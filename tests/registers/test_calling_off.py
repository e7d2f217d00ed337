"""An event that is over, and that did not take place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bookings.models import BookingStatus
from bookings.operations import cancel_bookable_event
from core.refusals import Refused
from events.models import Event, EventStatus
from notifications.models import Message
from registers.operations import add_head_count, add_walk_in, call_off_afterwards
from registers.policies import did_nobody_come
from registers.queries import sessions_without_register
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import PartnershipFactory, PersonFactory, officer
from tests.factories.registers import event_with_people, session_of, take_register, teaches

pytestmark = pytest.mark.django_db

AFTER = datetime(2027, 1, 27, 9, 0, tzinfo=UTC)


def call_off(event: Event, at: datetime = AFTER) -> Event:
    return call_off_afterwards(event=event, reason="Too few booked", by=officer(), at=at)


def refusal(event: Event, at: datetime = AFTER) -> str:
    with pytest.raises(Refused) as refused:
        call_off(event, at)
    return refused.value.code


@pytest.mark.both_databases
def test_an_event_that_nobody_came_to_can_be_said_not_to_have_taken_place() -> None:
    event = bookable_event(terms={"minimum": 5})
    teaches(event)
    BookingFactory(event=event, status=BookingStatus.LAPSED)
    assert (did_nobody_come(event, at=AFTER), len(sessions_without_register(PartnershipFactory(), AFTER))) == (True, 1)
    call_off(event)
    event.refresh_from_db()
    assert (event.status, event.cancelled_reason) == (EventStatus.CANCELLED, "Too few booked")
    assert (did_nobody_come(event, at=AFTER), sessions_without_register(PartnershipFactory(), AFTER)) == (False, [])
    assert not Message.objects.exists()
    assert refusal(event) == "cancelled"


def walks_in(event: Event) -> None:
    session = session_of(event)
    add_walk_in(session=session, person=PersonFactory(), by=None, at=session.starts_at)


def is_counted(event: Event) -> None:
    add_head_count(event=event, count=12, by=None, at=session_of(event).starts_at)


def is_booked(event: Event) -> None:
    BookingFactory(event=event)


def is_closed(event: Event) -> None:
    take_register(session_of(event), {})


@pytest.mark.parametrize("come", [walks_in, is_counted, is_booked, is_closed])
def test_not_where_somebody_had_a_place_or_was_counted(come: Callable[[Event], None]) -> None:
    event = bookable_event()
    come(event)
    assert (did_nobody_come(event, at=AFTER), refusal(event)) == (False, "past")


def test_not_before_it_is_over(morning: datetime) -> None:
    event = bookable_event()
    assert (did_nobody_come(event, at=morning), refusal(event, morning)) == (False, "not_over")


def test_by_itself_cancelling_refuses_what_is_over() -> None:
    event, _ = event_with_people(0)
    with pytest.raises(Refused) as refused:
        cancel_bookable_event(event=event, reason="Ill", by=None, at=AFTER + timedelta(days=1))
    assert refused.value.code == "past"
