from __future__ import annotations

import pytest
from django.test import Client

from people.models import Person
from tests.factories.people import officer


@pytest.fixture
def olu(client: Client) -> Person:
    """Olu Officer, signed in on ``client``."""
    person = officer(forename="Olu", surname="Officer")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return person
