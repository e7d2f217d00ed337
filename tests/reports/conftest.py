from __future__ import annotations

import pytest
from django.test import Client

from people.models import Partnership, Role
from tests.factories.people import GrantFactory, PersonFactory
from tests.legacy import imported_riverside, riverside

__all__ = ["imported_riverside", "riverside"]


def client_of(partnership: Partnership, role: str = Role.SUBGROUP_MEMBER) -> Client:
    """A browser in which somebody with this role has signed in. Their name stands on every page: it is nobody's in the data."""
    person = PersonFactory(forename="Zzreader", surname="Zzofreports", address=None, address__none=True)
    GrantFactory(person=person, role=role, partnership=partnership)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def reader(riverside: Partnership) -> Client:
    """A subgroup member of Riverside, over the four imported years."""
    return client_of(riverside)
