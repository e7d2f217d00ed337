from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from events.models import Event, Session
from people.models import Person
from registers.models import Mark, MarkValue, Register
from registers.operations import close_register, mark
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.events import EventTrainerFactory
from tests.factories.people import PersonFactory


def session_of(event: Event, number: int = 1) -> Session:
    return Session.objects.select_related("event__lead_host").get(event=event, number=number)


def event_with_people(people: int = 3, **fields: Any) -> tuple[Event, list[Person]]:
    """An event on Tuesday 26 January 2027, 9.30am to 4pm, with so many confirmed bookings."""
    event = bookable_event(**fields)
    return event, [BookingFactory(event=event).person for _ in range(people)]


def teaches(event: Event, **fields: Any) -> Person:
    """A person named as a trainer of the event, without any role."""
    person = PersonFactory(**fields)
    EventTrainerFactory(event=event, person=person, name=person.name)
    return person


def marked(session: Session, person: Person, value: str, *, at: datetime, by: Person | None = None) -> Mark:
    return mark(session=session, person=person, value=value, version=0, by=by, at=at)


def take_register(session: Session, values: dict[Person, str], *, close: bool = True) -> Register | None:
    """The register taken and closed when the session ends, by nobody in particular."""
    at = session.ends_at + timedelta(minutes=5)
    for person, value in values.items():
        marked(session, person, MarkValue(value), at=at)
    return close_register(session=session, by=None, at=at) if close else None
