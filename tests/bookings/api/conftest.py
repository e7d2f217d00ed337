from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from people.models import Person
from tests.factories.people import PartnershipFactory, PersonFactory
from tests.factories.tokens import Program, program_of


@pytest.fixture
def monday(db: None, at: Any) -> Iterator[None]:
    PartnershipFactory()
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def person(monday: None) -> Person:
    return PersonFactory()


@pytest.fixture
def program(person: Person) -> Program:
    return program_of(person)
