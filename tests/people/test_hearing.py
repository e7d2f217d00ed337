"""Whether we may write to somebody about places, and the link that stops it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from core import personal_links
from core.models import AuditEntry
from people.models import HEARING_LINK, Person
from people.operations import set_hearing
from tests.factories.people import LONG_AGO, PartnershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Person:
    PartnershipFactory()
    return PersonFactory(agreed_to_hear_at=LONG_AGO)


def link_of(person: Person, purpose: str = HEARING_LINK) -> str:
    token = personal_links.fill(personal_links.placeholder(purpose, str(person.pk)))
    return reverse("stop_hearing", args=[token])


def test_opening_the_link_changes_nothing_and_the_button_stops_the_letters(client: Client, ana: Person) -> None:
    page = client.get(link_of(ana))
    assert "Stop letters about learning?" in page.content.decode()
    assert ana.name not in page.content.decode()
    ana.refresh_from_db()
    assert ana.agreed_to_hear_at == LONG_AGO
    after = client.post(link_of(ana), follow=True)
    assert "You hear no more about learning" in after.content.decode()
    ana.refresh_from_db()
    assert ana.agreed_to_hear_at is None


def test_pressing_twice_does_no_more(client: Client, ana: Person) -> None:
    client.post(link_of(ana))
    client.post(link_of(ana))
    assert AuditEntry.objects.filter(action="hearing of places changed").count() == 1


def test_a_link_that_we_did_not_sign_or_for_something_else_opens_nothing(client: Client, ana: Person) -> None:
    for wrong in (link_of(ana)[:-2] + "/", reverse("stop_hearing", args=[str(ana.pk)]), link_of(ana, "bookings.approval")):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong).status_code == 404
    ana.refresh_from_db()
    assert ana.agreed_to_hear_at == LONG_AGO


def test_agreeing_keeps_the_moment_and_agreeing_again_keeps_the_first(at: datetime) -> None:
    person = PersonFactory()
    set_hearing(person=person, agrees=True, by=person, at=LONG_AGO)
    assert set_hearing(person=person, agrees=True, by=person, at=at).agreed_to_hear_at == LONG_AGO
