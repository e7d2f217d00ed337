from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from people.models import Partnership, Person
from tests.factories.people import PartnershipFactory, PersonFactory


@pytest.fixture(autouse=True)
def monday(at: datetime) -> Iterator[None]:
    """Every page of these tests is opened on Monday 11 January 2027, 9am."""
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def partnership(db: None) -> Partnership:
    return PartnershipFactory()


@pytest.fixture
def person(partnership: Partnership) -> Person:
    return PersonFactory(forename="Priya", surname="Nair")


@pytest.fixture
def signed_in(client: Client, person: Person) -> Client:
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
