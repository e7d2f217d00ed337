"""Who sees what somebody needs: everybody opens every page about the event, the booking and the person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bookings.models import Booking
from bookings.needs import Needs
from bookings.operations import book_place
from people.models import Grant, Person, Role
from tests.factories.bookings import bookable_event
from tests.factories.events import EventTrainerFactory
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db

CANARY = "Zanthoxylum"
LISTS = {"my_learning", "agency", "office", "office_people", "office_events", "office_messages", "registers_today"}
FOR_PROGRAMS = "token"  # asked with a token, see the tests of the API
OFFICE = {"booking", "booking_needs", "office_event_needs", "office_event_needs_sheet", "office_event_needs_csv"}
SEEN_BY = {
    "the person": {
        "booking",
        "booking_needs",
        "book",
        "booking_bill",
    },  # booking again, or a bill of nothing, leads to the booking
    "an officer": OFFICE,
    "their trainer": {"event_needs"},
}


def named(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns)
        elif pattern.name and getattr(pattern.callback, "access", FOR_PROGRAMS) != FOR_PROGRAMS:
            yield pattern


def addresses(ids: dict[str, Any]) -> dict[str, str]:
    """Every page about what these ids name, and the lists that somebody begins with."""
    found = {str(one.name): set(one.pattern.converters) for one in named(get_resolver().url_patterns)}
    asked = {name: keys for name, keys in found.items() if name in LISTS or (keys and keys <= set(ids))}
    return {name: reverse(name, kwargs={key: ids[key] for key in keys}) for name, keys in asked.items()}


@pytest.fixture
def booking(at) -> Booking:
    person = PersonFactory()
    needs = Needs(diet_other=f"{CANARY} food", access_other=f"{CANARY} air", interpreter=f"{CANARY} speech")
    return book_place(event=bookable_event(), person=person, by=person, at=at, needs=needs)


@pytest.fixture
def lead(booking) -> Grant:
    """The role of whoever leads the training of the agency that the booking was made from."""
    agency = booking.organisation
    return GrantFactory(role=Role.TRAINING_LEAD, organisation=agency, person=PersonFactory(organisation=agency))


def readers(booking: Booking, lead: Grant) -> dict[str, Person]:
    trainer = GrantFactory(role=Role.TRAINER).person
    EventTrainerFactory(event=booking.event, person=trainer)
    return {
        "the person": booking.person,
        "an officer": officer(),
        "their trainer": trainer,
        "a training lead of the agency": lead.person,
        "a colleague": PersonFactory(organisation=booking.organisation),
        "another trainer": GrantFactory(role=Role.TRAINER).person,
        "a subgroup member": GrantFactory(role=Role.SUBGROUP_MEMBER).person,
        "an officer elsewhere": GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory()).person,
    }


def test_nobody_elses_page_shows_what_somebody_needs(booking, lead) -> None:
    session = booking.event.sessions.get()
    ids = {"event_id": booking.event_id, "booking_id": booking.pk, "person_id": booking.person_id}
    ids |= {"session_id": session.pk, "grant_id": lead.pk}
    pages, seen = addresses(ids), {}
    for who, reader in readers(booking, lead).items():
        client = Client()
        client.force_login(reader)
        texts = {name: client.get(path, follow=True).content.decode(errors="replace") for name, path in pages.items()}
        seen[who] = {name for name, text in texts.items() if CANARY in text}
    assert {who: names for who, names in seen.items() if names} == SEEN_BY
    assert len(pages) > 50  # it does walk


def test_the_trainers_page_says_nothing_of_food(booking, lead) -> None:
    client = Client()
    client.force_login(readers(booking, lead)["their trainer"])
    text = client.get(reverse("event_needs", args=[booking.event_id])).content.decode()
    assert (f"{CANARY} air" in text, f"{CANARY} speech" in text, f"{CANARY} food" in text) == (True, True, False)
