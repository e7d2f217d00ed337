"""What a training lead is told beforehand is what happens, whatever the event and the list are like."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.foreseeing import HAS_BOOKING, QUEUE, foresee
from bookings.models import Booking, BookingTerms, Condition, ConditionKind, HoldKind
from bookings.operations import Colleague, book_colleagues, book_place, hold_places
from core.clock import london_date
from core.refusals import Refused
from tests.factories.agency import colleague_of, lead_of
from tests.factories.bookings import bookable_event
from tests.factories.people import PersonFactory, officer

pytestmark = pytest.mark.django_db

MOMENT = datetime.fromisoformat("2027-01-11T09:00:00+00:00")
KINDS = ["ours", "new", "booked", "elsewhere", "twice"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.integers(1, 6),
    taken=st.integers(0, 7),
    held=st.integers(0, 3),
    reserved=st.integers(0, 2),
    at_most=st.none() | st.integers(1, 5),
    has_waiting_list=st.booleans(),
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=8),
)
def test_what_is_foreseen_is_what_happens(
    db: Any,
    places: int,
    taken: int,
    held: int,
    reserved: int,
    at_most: int | None,
    has_waiting_list: bool,
    kinds: list[str],
) -> None:
    grant, by = lead_of(), officer()
    assert grant.organisation is not None
    event = bookable_event(places=places, terms={"has_waiting_list": has_waiting_list})
    if at_most is not None:
        Condition.objects.create(event=event, kind=ConditionKind.AGENCY_LIMIT, number=at_most)
    holds = [
        hold
        for kind, number in ((HoldKind.UNNAMED, held), (HoldKind.RESERVED, reserved))
        if (hold := _hold(event, kind, number, grant, by))
    ]
    for _ in range(taken):
        _book(event, PersonFactory())
    people = [_colleague(kind, number, event, grant) for number, kind in enumerate(kinds)]
    people += [people[0]] if "twice" in kinds else []
    given_holds = [hold for hold in holds if hold.kind == HoldKind.UNNAMED]
    terms = BookingTerms.objects.get(event=event)
    lines = foresee(event, terms, people, organisation=grant.organisation, holds=given_holds, by=grant.person)
    ready = [line for line in lines if line.can_be_booked]
    outcomes = book_colleagues(
        event=event,
        people=[line.colleague for line in ready],
        organisation=grant.organisation,
        partnership=grant.partnership,
        holds=given_holds,
        by=grant.person,
        at=MOMENT,
    )
    assert [one.refused for one in outcomes] == [None] * len(ready)
    assert [one.booking and not one.booking.has_a_place for one in outcomes] == [line.fate == QUEUE for line in ready]
    others = [line.colleague for line in lines if not line.can_be_booked and line.fate != HAS_BOOKING and line.colleague.person]
    again = book_colleagues(
        event=event,
        people=others,
        organisation=grant.organisation,
        partnership=grant.partnership,
        by=grant.person,
        at=MOMENT,
    )
    assert [one.booking for one in again] == [None] * len(others)


def _hold(event: Any, kind: str, places: int, grant: Any, by: Any) -> Any:
    if not places:
        return None
    try:
        return hold_places(
            event=event, places=places, until=london_date(MOMENT), kind=kind, organisation=grant.organisation, by=by, at=MOMENT
        )
    except Refused:
        return None


def _book(event: Any, person: Any) -> Booking | None:
    try:
        return book_place(event=event, person=person, by=person, at=MOMENT)
    except Refused:
        return None


def _colleague(kind: str, number: int, event: Any, grant: Any) -> Colleague:
    if kind == "new":
        return Colleague(address=f"new{number}@school.example", forename="New", surname=str(number))
    if kind == "elsewhere":
        return Colleague(address=PersonFactory().main_address())
    person = colleague_of(grant)
    if kind == "booked":
        _book(event, person)
    return Colleague(person=person)
