"""Partnerships, the organisations around them, the people who learn, and the tokens their programs use."""

from people.models.organisations import (
    AFFILIATION_FIELDS,
    Affiliation,
    Borough,
    Organisation,
    OrganisationAlias,
    OrganisationState,
    PartnerAgency,
    Partnership,
    Sector,
)
from people.models.people import (
    HEARING_LINK,
    Grant,
    GrantQuerySet,
    Person,
    PersonChange,
    PersonManager,
    PersonQuerySet,
    Role,
    addresses_at_hand,
)
from people.models.tokens import ApiToken

__all__ = [
    "AFFILIATION_FIELDS",
    "HEARING_LINK",
    "Affiliation",
    "ApiToken",
    "Borough",
    "Grant",
    "GrantQuerySet",
    "Organisation",
    "OrganisationAlias",
    "OrganisationState",
    "PartnerAgency",
    "Partnership",
    "Person",
    "PersonChange",
    "PersonManager",
    "PersonQuerySet",
    "Role",
    "Sector",
    "addresses_at_hand",
]
