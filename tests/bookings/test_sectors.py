"""Sectors that nobody has booked from, and the letter to those there who agreed to hear of places."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.models import BookingStatus, Condition, ConditionKind
from bookings.operations import call_for_places, cancel_bookable_event, hold_places
from bookings.sectors import BOOKED, HAD_ONE, NO_ADDRESS, NOT_AGREED, NOT_FOR_THEM, STOPPED, WRITTEN_TO, audience, missing_sectors
from core.models import AuditEntry
from core.refusals import Refused
from events.models import Event
from notifications.models import Message, MessageState
from notifications.rendering import full_text, shown_text
from people.models import Person, Sector
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import LONG_AGO, OrganisationFactory, PartnershipFactory, PersonFactory, SectorFactory, officer

pytestmark = pytest.mark.django_db


def sector(name: str) -> Sector:
    return SectorFactory(name=name)


def somebody(of: Sector, *, hears: bool = True, **fields: Any) -> Person:
    """One of the partnership's people in this sector."""
    agreed = LONG_AGO if hears else None
    person = PersonFactory(organisation=OrganisationFactory(sector=of), agreed_to_hear_at=agreed, **fields)
    person.partnerships.add(PartnershipFactory())
    return person


def call(event: Event, sectors: list[Sector], at: datetime, by: Person | None = None) -> int:
    return call_for_places(event=event, sectors=sectors, by=by or officer(), at=at)


def refusal(event: Event, sectors: list[Sector], at: datetime, by: Person | None = None) -> str:
    with pytest.raises(Refused) as refused:
        call(event, sectors, at, by)
    return refused.value.code


def written_to() -> list[str]:
    return sorted(message.person.surname for message in Message.objects.filter(kind="call_for_places"))


@pytest.mark.both_databases
def test_an_event_misses_its_own_sectors_else_its_courses_else_all() -> None:
    schools, police, health = sector("Schools"), sector("Police"), sector("Health")
    own, of_course, of_all = bookable_event(), bookable_event(), bookable_event()
    own.for_sectors.set([schools, police])
    of_course.course.for_sectors.set([health])
    BookingFactory(event=own, person=somebody(police))
    BookingFactory(event=of_all, person=somebody(health), status=BookingStatus.WAITING, queue_number=1)
    missing = missing_sectors([own, of_course, of_all])
    assert [missing[event.pk] for event in (own, of_course, of_all)] == [[schools], [health], [police, schools]]


def test_a_closed_event_and_one_of_an_agency_miss_nobody() -> None:
    sector("Schools")
    closed = bookable_event(is_closed=True, neutral_title="A meeting")
    theirs = bookable_event(for_organisation=OrganisationFactory())
    assert missing_sectors([closed, theirs]) == {}


def test_a_booking_that_ended_counts_for_nobody(at: datetime) -> None:
    schools, event = sector("Schools"), bookable_event()
    BookingFactory(event=event, person=somebody(schools), status=BookingStatus.CANCELLED, cancelled_by="delegate", ended_at=at)
    assert missing_sectors([event])[event.pk] == [schools]


def test_many_events_take_as_many_queries_as_one() -> None:
    def asked(events: list[Event]) -> int:
        with CaptureQueriesContext(connection) as captured:
            missing_sectors(events)
        return len(captured)

    events = [bookable_event() for _ in range(8)]
    for event in events:
        event.for_sectors.set([sector("Schools"), sector("Police")])
        BookingFactory(event=event)
    assert asked(events[:1]) == asked(events) == 4


@pytest.mark.both_databases
def test_those_who_agreed_are_written_to_once_and_the_others_are_counted(at: datetime) -> None:
    schools, police, event = sector("Schools"), sector("Police"), bookable_event()
    somebody(schools, surname="Agreed")
    somebody(schools, surname="Silent", hears=False)
    somebody(schools, surname="Nowhere", address__none=True)
    somebody(schools, surname="Stopped", is_active=False)
    somebody(police, surname="Police")
    BookingFactory(event=event, person=somebody(schools, surname="Booked"))
    ended = {"status": BookingStatus.CANCELLED, "cancelled_by": "delegate", "ended_at": at}
    BookingFactory(event=event, person=somebody(schools, surname="Ill"), **ended)
    found = audience(event, [schools])
    assert [person.surname for person in found.people] == ["Agreed"]
    assert dict(found.left_out) == {NOT_AGREED: 1, NO_ADDRESS: 1, STOPPED: 1, BOOKED: 1, HAD_ONE: 1}
    assert (call(event, [schools], at), written_to()) == (1, ["Agreed"])
    assert audience(event, [schools]).left_out[WRITTEN_TO] == 1
    somebody(schools, surname="Later")
    assert (call(event, [schools], at), written_to()) == (1, ["Agreed", "Later"])
    assert refusal(event, [schools], at) == "nobody"
    assert AuditEntry.objects.filter(action="called for places", object_id=str(event.pk)).count() == 2


def test_somebody_who_could_not_book_is_not_written_to(at: datetime) -> None:
    schools, event = sector("Schools"), bookable_event()
    condition = Condition.objects.create(event=event, kind=ConditionKind.SECTOR)
    condition.sectors.set([sector("Police")])
    somebody(schools)
    assert dict(audience(event, [schools]).left_out) == {NOT_FOR_THEM: 1}
    condition.delete()
    assert len(audience(event, [schools]).people) == 1


def test_a_hundred_people_take_as_many_queries_as_one() -> None:
    schools, event = sector("Schools"), bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.PARTNERS_ONLY)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            audience(event, [schools])
        return len(captured)

    somebody(schools)
    few = asked()
    for _ in range(20):
        somebody(schools)
    assert asked() == few


def test_people_another_partnership_looks_after_are_not_ours_to_write_to(at: datetime) -> None:
    schools, event = sector("Schools"), bookable_event()
    PersonFactory(organisation=OrganisationFactory(sector=schools), agreed_to_hear_at=LONG_AGO)
    assert refusal(event, [schools], at) == "nobody"


def test_the_letter_says_what_when_and_how_to_stop_it(at: datetime) -> None:
    schools, event = sector("Schools"), bookable_event(title="Neglect")
    somebody(schools, forename="Ana")
    call(event, [schools], at)
    message = Message.objects.get()
    assert (message.subject, message.about) == ("Places left: Neglect", f"event:{event.pk}")
    assert "Hello Ana," in message.text
    assert "people from Schools" in message.text
    assert "Tuesday 26 January 2027, 9.30am to 4pm" in message.text
    assert f"/events/{event.pk}/" in full_text(message)
    assert "{signed:people.hearing:" not in full_text(message)
    assert "(a personal link, which only the message itself holds)" in shown_text(message)


def test_nobody_is_called_where_they_could_not_book(at: datetime) -> None:
    schools = sector("Schools")
    somebody(schools)
    full = bookable_event(places=1)
    BookingFactory(event=full)
    closed = bookable_event(is_closed=True, neutral_title="A meeting")
    not_open = bookable_event(terms={"opens_at": datetime(2027, 1, 20, tzinfo=at.tzinfo)})
    draft = bookable_event(status="draft")
    event = bookable_event()
    waited_for = bookable_event(terms={"late_places": "officer"})
    BookingFactory(event=waited_for, status=BookingStatus.WAITING, queue_number=1)
    assert refusal(full, [schools], at) == "full"
    assert refusal(waited_for, [schools], at) == "full"
    assert refusal(closed, [schools], at) == "closed_event"
    assert refusal(not_open, [schools], at) == "not_open_yet"
    assert refusal(draft, [schools], at) == "not_published"
    assert refusal(event, [], at) == "no_sectors"
    assert refusal(event, [schools], at, by=PersonFactory()) == "not_allowed"
    assert Message.objects.count() == 0


def test_places_held_for_the_sector_are_worth_calling_for(at: datetime) -> None:
    schools, police, event, olu = sector("Schools"), sector("Police"), bookable_event(places=1), officer()
    somebody(schools)
    somebody(police)
    hold_places(event=event, places=1, until=date(2027, 1, 20), kind="reserved", sector=schools, by=olu, at=at)
    assert refusal(event, [police], at) == "full"
    assert call(event, [schools], at) == 1


def test_a_letter_that_has_not_left_goes_with_an_event_that_is_cancelled(at: datetime) -> None:
    schools, event, olu = sector("Schools"), bookable_event(), officer()
    somebody(schools)
    call(event, [schools], at, olu)
    cancel_bookable_event(event=event, reason="Snow", by=olu, at=at)
    assert Message.objects.get(kind="call_for_places").state == MessageState.WITHDRAWN
