"""Whoever has no business with an object gets nothing of it: every address that names one, for each kind of outsider.

A new address with a new kind of object fails here until ``foreign_objects`` knows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from bookings.models import ChargeList, Hold, SessionRequest
from events.models import Event
from imports.models import Batch
from notifications.bounces import mark_bounced
from notifications.models import Message
from people.models import OrganisationAlias, PartnerAgency, Person, Role
from people.operations import make_token
from records.operations import accept_as_equal
from registers.models import HeadCount
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import cancelled_late, charging
from tests.factories.courses import CourseFactory
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
)
from tests.factories.records import CertificateFactory

pytestmark = pytest.mark.django_db

CANARY = "Canarysson"
OPEN_TO_EVERYBODY = {"book", "want_course"}  # any practitioner may book an event and want a course
SIGN_IN = ("/sign-in/", "/profile/")


def named_addresses(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named_addresses(pattern.url_patterns)
        elif getattr(pattern.callback, "access", "") not in ("public", "token") and set(pattern.pattern.converters) - {"key"}:
            yield pattern  # the key of a measure is no object


ADDRESSES = {str(pattern.name): list(pattern.pattern.converters) for pattern in named_addresses(get_resolver().url_patterns)}


@pytest.fixture
def objects(at) -> dict[str, Any]:
    """One object of each kind, all of the default partnership and all about the same person."""
    partnership = PartnershipFactory()
    person = PersonFactory(surname=CANARY)
    event = bookable_event()
    booking = BookingFactory(event=event, person=person)
    grant = GrantFactory(role=Role.TRAINING_LEAD, organisation=person.organisation, person=person)
    charging(at=at)
    charge = cancelled_late(at=at, person=person)
    more = {"grant_id": grant.pk, "charge_id": charge.pk, "number": 1, "kind": "joining_instructions"}
    return objects_of(partnership, person, event, booking, at) | more


def objects_of(partnership, person, event, booking, at) -> dict[str, Any]:
    hold = Hold.objects.create(
        event=event, kind="unnamed", places=1, organisation=person.organisation, until=event.starts_on, made_at=at
    )
    message = Message.objects.create(
        partnership=partnership, person=person, kind="x", about=f"booking:{booking.pk}", dedupe_key="x", to_address="a@b.example",
        subject=CANARY, text=CANARY, created_at=at, due_at=at, next_attempt_at=at,
    )  # fmt: skip
    asked = SessionRequest.objects.create(
        partnership=partnership, subject=CANARY, people=3, wanted_when="May", asked_by=person, asked_at=at
    )
    course = CourseFactory(partnership=partnership)
    ChargeList.objects.create(partnership=partnership, number=1, made_at=at)
    alias = OrganisationAlias.objects.create(partnership=partnership, text=CANARY, key=CANARY.lower(), organisation=None)
    partner = PartnerAgency.objects.create(partnership=partnership, organisation=person.organisation)
    return {
        "event_id": event.pk,
        "booking_id": booking.pk,
        "person_id": person.pk,
        "hold_id": hold.pk,
        "message_id": message.pk,
        "bounced_id": mark_bounced(address=message.to_address, reason=CANARY, at=at).pk,
        "request_id": asked.pk,
        "course_id": course.pk,
        "certificate_id": CertificateFactory(person=person, partnership=partnership, course=course).pk,
        "credit_id": accept_as_equal(person=person, course=course, note=CANARY, by=None, at=at).pk,
        "session_id": event.sessions.first().pk,
        "head_count_id": HeadCount.objects.create(event=event, count=3, note=CANARY, entered_at=at).pk,
        "alias_id": alias.pk,
        "partner_id": partner.pk,
        "batch_id": Batch.objects.create(partnership=partnership, started_at=at, is_dry_run=True).pk,
        "token_id": make_token(person=person, name=CANARY, scopes=["events:read"], days=30, by=person, at=at)[0].pk,
    }


def outsiders() -> dict[str, Any]:
    """Everybody who can sign in and has nothing to do with those objects. The partnership at hand is the officer's own."""
    other = OtherPartnershipFactory()
    elsewhere = OrganisationFactory()
    return {
        "a visitor": None,
        "a practitioner": PersonFactory(),
        "a training lead of another agency": GrantFactory(
            role=Role.TRAINING_LEAD, organisation=elsewhere, person=PersonFactory(organisation=elsewhere)
        ).person,
        "a trainer of another event": GrantFactory(role=Role.TRAINER).person,
        "a subgroup member": GrantFactory(role=Role.SUBGROUP_MEMBER).person,
        "an officer of another partnership": GrantFactory(role=Role.OFFICER, partnership=other).person,
    }


def signed_in(person: Person | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def let_in(response: HttpResponse) -> bool:
    if response.status_code in (301, 302):
        return not response["Location"].startswith(SIGN_IN)
    return response.status_code < 400


def leaks(objects: dict[str, Any], names: Iterable[str]) -> list[tuple[str, str, str]]:
    """Who was let in where, or saw something of the person."""
    clients, found = {who: signed_in(person) for who, person in outsiders().items()}, []
    for name in names:
        path = reverse(name, kwargs={converter: objects[converter] for converter in ADDRESSES[name]})
        for who, client in clients.items():
            for method in ("get", "post"):
                response = getattr(client, method)(path)
                is_in = let_in(response) and name not in OPEN_TO_EVERYBODY
                if is_in or CANARY in response.content.decode(errors="replace"):
                    found.append((who, method, name))
    return found


def test_outsiders_get_nothing_of_anybodys_objects(objects) -> None:
    assert leaks(objects, ADDRESSES) == []


def test_a_page_that_asks_nobody_whose_event_it_is_would_be_found(objects, monkeypatch) -> None:
    monkeypatch.setattr("office.views.own.events_of", lambda _: Event.objects.all())
    found = leaks(objects, ["office_event_people"])
    assert ("an officer of another partnership", "get", "office_event_people") in found
