"""How a freed place reaches those who wait: confirmed early on, offered close to the start, or left to an officer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bookings import due
from bookings.models import Booking, BookingStatus, BookingTerms, LatePlaces, Priority
from bookings.operations import (
    accept_offer,
    book_place,
    cancel_booking,
    change_bookable_event,
    change_terms,
    decline_offer,
    place_by_hand,
    promote_waiting,
    set_priority,
)
from bookings.queries import place_in_queue
from bookings.queue import confirms_until, offered_until
from core.models import AuditEntry
from core.refusals import Refused
from events.operations import SessionTimes
from events.queries import starts_at
from notifications.models import Message
from tests.factories.bookings import bookable_event
from tests.factories.people import PersonFactory, officer

pytestmark = pytest.mark.django_db

# The event of the factory is on Tuesday 26 January 2027, 9.30am: two working days before is Friday the 22nd.
STILL_CONFIRMED = datetime(2027, 1, 22, 9, 30, tzinfo=UTC)
OFFERED = datetime(2027, 1, 22, 9, 31, tzinfo=UTC)


def book(event, at, person=None) -> Booking:
    person = person or PersonFactory()
    return book_place(event=event, person=person, by=person, at=at)


def full(at, *, waiting: int, places: int = 1, **terms):
    """Holders of every place, and people who wait."""
    event = bookable_event(places=places, terms=terms)
    return [book(event, at) for _ in range(places + waiting)]


def cancel(booking, at) -> None:
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at)


def statuses(bookings) -> list[str]:
    by_id = dict(Booking.objects.values_list("pk", "status"))
    return [by_id[booking.pk] for booking in bookings]


def refusal(action, *args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        action(*args, **kwargs)
    return refused.value.code


@pytest.mark.both_databases
@pytest.mark.parametrize(("moment", "status"), [(STILL_CONFIRMED, "confirmed"), (OFFERED, "offered")])
def test_until_two_working_days_before_the_next_in_line_is_confirmed_and_then_offered(at, moment, status):
    holder, waiting = full(at, waiting=1)
    assert confirms_until(_terms(holder), holder.event) == STILL_CONFIRMED
    cancel(holder, moment)
    assert statuses([waiting]) == [status]


def _terms(booking):
    return BookingTerms.objects.get(event=booking.event_id)


@pytest.mark.both_databases
def test_an_offer_lasts_four_working_hours_and_then_goes_on(at):
    holder, first, second = full(at, waiting=2)
    cancel(holder, OFFERED)
    first.refresh_from_db()
    assert first.offered_until == datetime(2027, 1, 22, 13, 31, tzinfo=UTC)
    assert due.lapse_offers(first.offered_until - timedelta(seconds=1)) == 0
    assert due.lapse_offers(first.offered_until) == 1
    assert statuses([first, second]) == ["lapsed", "offered"]
    assert Message.objects.filter(kind="place_offered").count() == 2


def test_who_let_an_offer_go_by_reads_whether_others_can_have_the_place(at):
    holder, first, last = full(at, waiting=2)
    cancel(holder, OFFERED)
    Booking.objects.filter(pk=last.pk).update(status="offered", offered_until=starts_at(last.event), queue_number=None)
    due.lapse_offers(starts_at(last.event))
    letters = {message.person_id: message.text for message in Message.objects.filter(kind="place_offer_lapsed")}
    assert "Others can have it now." in letters[first.person_id]
    assert "Book again here" in letters[first.person_id]
    assert "The event has begun, so nobody else gets it." in letters[last.person_id]
    assert "Book again here" not in letters[last.person_id]


def test_working_hours_end_in_the_evening_and_an_offer_never_outlasts_the_start(at):
    (holder,) = full(at, waiting=0)
    terms, event = _terms(holder), holder.event
    assert offered_until(terms, event, at=datetime(2027, 1, 22, 16, 0, tzinfo=UTC)) == datetime(2027, 1, 25, 12, 0, tzinfo=UTC)
    assert offered_until(terms, event, at=datetime(2027, 1, 25, 16, 0, tzinfo=UTC)) == starts_at(event)


@pytest.mark.both_databases
def test_an_offer_is_taken_or_turned_down_by_the_person(at):
    holder, first, second = full(at, waiting=2)
    cancel(holder, OFFERED)
    assert refusal(accept_offer, booking=first, by=second.person, at=OFFERED) == "not_allowed"
    decline_offer(booking=first, by=first.person, at=OFFERED)
    assert statuses([first, second]) == ["declined", "offered"]
    accept_offer(booking=second, by=second.person, at=OFFERED)
    assert statuses([second]) == ["confirmed"]
    assert refusal(accept_offer, booking=first, by=first.person, at=OFFERED) == "not_offered"
    assert refusal(decline_offer, booking=second, by=second.person, at=OFFERED) == "not_offered"


def test_an_offer_can_not_be_taken_when_its_time_is_over(at):
    holder, first = full(at, waiting=1)
    cancel(holder, OFFERED)
    first.refresh_from_db()
    assert refusal(accept_offer, booking=first, by=first.person, at=first.offered_until) == "offer_over"


def test_an_offer_is_not_taken_once_an_event_that_was_moved_forward_has_begun(at):
    first, second = full(at, waiting=1)
    cancel(first, OFFERED)
    sooner = SessionTimes(OFFERED + timedelta(hours=1), OFFERED + timedelta(hours=7))
    change_bookable_event(event=first.event, sessions=[sooner], by=officer(), at=OFFERED)
    assert refusal(accept_offer, booking=second, by=second.person, at=sooner.starts_at) == "started"
    assert accept_offer(booking=second, by=second.person, at=OFFERED).status == BookingStatus.CONFIRMED


def test_an_offered_place_is_nobody_elses(at):
    holder, _ = full(at, waiting=1)
    cancel(holder, OFFERED)
    assert book(holder.event, OFFERED).status == BookingStatus.WAITING
    assert promote_waiting(event=holder.event, at=OFFERED) == []


@pytest.mark.both_databases
def test_late_places_can_be_left_to_an_officer_who_rings(at):
    holder, first, second = full(at, waiting=2, late_places=LatePlaces.OFFICER)
    cancel(holder, OFFERED)
    assert statuses([first, second]) == ["waiting", "waiting"]
    assert book(holder.event, OFFERED).status == BookingStatus.WAITING  # nobody walks past those who wait
    place_by_hand(booking=second, by=officer(), at=OFFERED, reason="Rang both; the first can't come.")
    assert statuses([first, second]) == ["waiting", "confirmed"]
    assert refusal(place_by_hand, booking=first, by=officer(), at=OFFERED, reason="Rang.") == "full"


def test_only_an_officer_with_a_reason_places_by_hand(at):
    holder, first = full(at, waiting=1, late_places=LatePlaces.OFFICER)
    cancel(holder, OFFERED)
    assert refusal(place_by_hand, booking=first, by=first.person, at=OFFERED, reason="Me!") == "not_allowed"
    assert refusal(place_by_hand, booking=first, by=officer(), at=OFFERED, reason=" ") == "no_reason"


@pytest.mark.both_databases
def test_priority_comes_before_time(at):
    holder, first, second, third = full(at, waiting=3)
    set_priority(booking=third, priority=Priority.HIGH, reason="New to the role.", by=officer(), at=at)
    assert [place_in_queue(Booking.objects.get(pk=one.pk)) for one in (first, second, third)] == [2, 3, 1]
    cancel(holder, at)
    assert statuses([first, second, third]) == ["waiting", "waiting", "confirmed"]
    assert AuditEntry.objects.get(action="priority set").changes == {"priority": [0, 1]}


def test_a_priority_needs_an_officer_and_a_reason(at):
    _, waiting = full(at, waiting=1)
    assert refusal(set_priority, booking=waiting, priority=1, reason="", by=officer(), at=at) == "no_reason"
    assert refusal(set_priority, booking=waiting, priority=1, reason="x", by=waiting.person, at=at) == "not_allowed"
    assert refusal(set_priority, booking=waiting, priority=9, reason="x", by=officer(), at=at) == "unknown_priority"


def test_raised_places_close_to_the_start_are_offered_too(at):
    _, first, second = full(at, waiting=2)
    change_terms(event=first.event, booking_limit=2, by=officer(), at=OFFERED)
    assert statuses([first, second]) == ["offered", "waiting"]
