"""How a partnership books, on one page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from bookings.models import BookingSettings
from people.models import Person
from tests.factories.people import PartnershipFactory, PersonFactory, trainer
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db

PAGE = "/office/partnership/booking/"


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def test_it_shows_the_usual_rules_and_keeps_what_is_changed(client: Client, olu: Person) -> None:
    assert PAGE in text_of(client.get("/office/partnership/"))
    values = sent_by(client.get(PAGE), offer_hours="8", manager_role="approves", sector_warning_days="14")
    assert "Saved. Events that you make from now on take it." in text_of(client.post(PAGE, values, follow=True))
    settings = BookingSettings.of(PartnershipFactory())
    assert (settings.offer_hours, settings.manager_role, settings.sector_warning_days) == (8, "approves", 14)
    assert (settings.confirm_until_days, settings.late_places, settings.needs_kept_days) == (2, "offer", 28)
    assert (settings.approval_reminder_days, settings.approval_lapse_days) == (2, 5)
    assert sent_by(client.get(PAGE))["offer_hours"] == ["8"]


def test_joining_links_stay_out_of_subscribed_calendars_until_somebody_lets_them_in(client: Client, olu: Person) -> None:
    assert BookingSettings.of(PartnershipFactory()).feed_shows_links is False
    client.post(PAGE, sent_by(client.get(PAGE), feed_shows_links="on"))
    assert BookingSettings.of(PartnershipFactory()).feed_shows_links is True
    values = sent_by(client.get(PAGE))
    assert values.pop("feed_shows_links") == ["on"]
    client.post(PAGE, values)
    assert BookingSettings.of(PartnershipFactory()).feed_shows_links is False


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"offer_hours": "0"}, "Time to answer an offer: give 1 or more working hours."),
        ({"offer_hours": "a few"}, "Time to answer an offer: write the number of working hours in digits, like 2."),
        ({"offer_hours": ""}, "Time to answer an offer: give a number of working hours, from 1 to 80."),
        ({"confirm_until_days": "-1"}, "Confirm whoever is next until: give 0 or more working days."),
        ({"sector_warning_days": "91"}, "Warn us of missing sectors: give 90 days at most."),
        ({"approval_reminder_days": "5"}, "A manager must be reminded before the request lapses"),
        ({"manager_role": "decides"}, "Select a valid choice."),
    ],
)
def test_what_can_not_hold_is_refused_with_a_sentence(
    client: Client, olu: Person, changed: dict[str, str], sentence: str
) -> None:
    values = sent_by(client.get(PAGE), **changed)
    response = client.post(PAGE, values)
    assert (response.status_code, sentence in text_of(response)) == (200, True)
    assert not BookingSettings.objects.exists()


def test_it_is_for_officers(client: Client) -> None:
    PartnershipFactory()
    assert client.get(PAGE).status_code == 302
    for person in (PersonFactory(), trainer()):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get(PAGE).status_code == 403
