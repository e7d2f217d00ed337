from __future__ import annotations

from typing import Any

from people.models import Grant, Organisation, Person, Role
from tests.factories.people import GrantFactory, OrganisationFactory, PersonFactory


def lead_of(organisation: Organisation | None = None, **fields: Any) -> Grant:
    """The grant of somebody of this organisation who leads its training; its ``person`` is who."""
    organisation = organisation or OrganisationFactory()
    person = fields.pop("person", None) or PersonFactory(organisation=organisation)
    return GrantFactory(role=Role.TRAINING_LEAD, organisation=organisation, person=person, **fields)


def colleague_of(grant: Grant, **fields: Any) -> Person:
    return PersonFactory(organisation=grant.organisation, **fields)
