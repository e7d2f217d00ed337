"""Partnerships, the organisations around them, the people who learn, and the tokens their programs use."""

from people.models.people import (
    AFFILIATION_FIELDS,
    HEARING_LINK,
    Affiliation,
    Borough,
    Grant,
    GrantQuerySet,
    Organisation,
    OrganisationAlias,
    OrganisationState,
    PartnerAgency,
    Partnership,
    Person,
    PersonChange,
    PersonManager,
    PersonQuerySet,
    Role,
    Sector,
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
]
