"""Events in every state that matters to whoever books, and the shortest way to ask for a place."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bookings.models import BookingTerms, InvitedPerson
from events.models import Event, EventHost
from people.models import Person
from tests.conftest import MONDAY_MORNING
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory
from tests.factories.tokens import Program


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()["results"]]


def book(program: Program, event: Event, **more: Any) -> Any:
    return program.post("bookings/", {"event": str(event.pk), **more})


def closed(person: Person) -> Event:
    return bookable_event(is_closed=True, neutral_title="A meeting")


def invited(person: Person) -> Event:
    event = closed(person)
    InvitedPerson.objects.create(event=event, address=person.main_address())
    return event


def booked_and_cancelled(person: Person) -> Event:
    event = closed(person)
    BookingFactory(event=event, person=person, status="cancelled", cancelled_by="delegate")
    return event


def elsewhere(person: Person) -> Event:
    return bookable_event(lead_host=OtherPartnershipFactory())


def hosted_with_us(person: Person) -> Event:
    event = elsewhere(person)
    EventHost.objects.create(event=event, partnership=PartnershipFactory())
    return event


def started(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 11))
    event.sessions.update(starts_at=MONDAY_MORNING - timedelta(hours=1), ends_at=MONDAY_MORNING + timedelta(hours=1))


def over(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(starts_on=date(2027, 1, 8), ends_on=date(2027, 1, 8))
    event.sessions.update(starts_at=MONDAY_MORNING - timedelta(days=3), ends_at=MONDAY_MORNING - timedelta(days=2))


def terms(event: Event, **changed: Any) -> None:
    BookingTerms.objects.filter(event=event).update(**changed)


def full_without_a_list(event: Event) -> None:
    terms(event, booking_limit=1, has_waiting_list=False)
    BookingFactory(event=event)
