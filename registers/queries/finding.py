"""Finding the person who walked in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, Q

from bookings.models import Booking, BookingStatus
from events.models import Event, EventHost, EventTrainer, Session
from people.models import Person, PersonQuerySet
from people.wording import clean_address
from registers.queries.lines import expected_people

SHORTEST = 3
MOST = 20


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody a trainer may mean. ``address`` shows only enough to tell two people of one name apart."""

    person: Person
    address: str
    standing: str
    may_be_added: bool


@dataclass(frozen=True, slots=True)
class FoundPeople:
    people: list[FoundPerson]
    has_more: bool
    is_too_short: bool


def find_people(*, session: Session, text: str) -> FoundPeople:
    """People whose name or address holds every word of ``text`` (three letters at least), those of the waiting list first.

    At most twenty, so that nobody reads the whole list of people through it. Somebody whom only partnerships look after that do
    not host the event is found by the exact address, or where they booked it. A fixed number of queries.
    """
    if len(text) < SHORTEST:
        return FoundPeople([], has_more=False, is_too_short=bool(text))
    matching = _around(session.event, text).matching(text).with_address()
    found: list[Any] = list(matching.order_by("surname", "forename", "id")[: MOST + 1])
    expected = expected_people(session.event)
    trainers = set(EventTrainer.objects.filter(event=session.event).values_list("person_id", flat=True))
    bookings = Booking.objects.filter(event=session.event, person__in=found).order_by("booked_at", "id")
    booked = {booking.person_id: booking for booking in bookings}
    people = []
    for person in found[:MOST]:
        standing, may_be_added = "", True
        if person.pk in expected and not expected[person.pk].has_cancelled:
            standing, may_be_added = "On the register already", False
        elif person.pk in trainers:
            standing, may_be_added = "Trainer of this event", False
        elif person.pk in booked:
            standing = booked[person.pk].get_status_display()
        people.append(FoundPerson(person, _masked(person.address), standing, may_be_added))
    people.sort(key=lambda one: booked.get(one.person.pk) is None or booked[one.person.pk].status != BookingStatus.WAITING)
    return FoundPeople(people, has_more=len(found) > MOST, is_too_short=False)


def _around(event: Event, text: str) -> PersonQuerySet:
    looked_after = Person.partnerships.through._default_manager.filter(person_id=OuterRef("pk"))
    by_a_host = looked_after.filter(partnership_id__in=EventHost.objects.filter(event=event).values("partnership_id"))
    booked = Booking.objects.filter(event=event, person_id=OuterRef("pk"))
    has_this_address = EmailAddress.objects.filter(user_id=OuterRef("pk"), email=clean_address(text))
    may_be_found = ~Q(Exists(looked_after)) | Q(Exists(by_a_host)) | Q(Exists(booked)) | Q(Exists(has_this_address))
    found: PersonQuerySet = Person.objects.active().filter(may_be_found)
    return found


def _masked(address: str | None) -> str:
    """s…@school.example."""
    name, _, domain = (address or "").partition("@")
    return f"{name[:1]}…@{domain}" if domain else ""
