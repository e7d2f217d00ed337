from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory

from people.models import (
    Borough,
    Grant,
    Organisation,
    OrganisationState,
    Partnership,
    Person,
    Role,
    Sector,
)

LONG_AGO = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


class PartnershipFactory(DjangoModelFactory):
    """The default partnership of a test: one row, however often it is asked for."""

    class Meta:
        model = Partnership
        django_get_or_create = ("slug",)

    name = "Riverside Safeguarding Children Partnership"
    short_name = "Riverside"
    slug = "riverside"
    is_default = True
    team_email = "training@riverside.example"
    messages_from = date(2026, 1, 1)


class OtherPartnershipFactory(PartnershipFactory):
    name = "Kingsbridge Safeguarding Children Partnership"
    short_name = "Kingsbridge"
    slug = "kingsbridge"
    is_default = False
    team_email = "training@kingsbridge.example"


class BoroughFactory(DjangoModelFactory):
    class Meta:
        model = Borough
        django_get_or_create = ("name",)

    name = "Riverside"
    partnership = factory.SubFactory(PartnershipFactory)


class SectorFactory(DjangoModelFactory):
    class Meta:
        model = Sector
        django_get_or_create = ("name",)

    name = "Primary schools"


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"School number {n}")
    sector = factory.SubFactory(SectorFactory)
    borough = factory.SubFactory(BoroughFactory)


class PersonFactory(DjangoModelFactory):
    """A practitioner of a matched organisation who has signed in before. ``address=None``: no mailbox of their own."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    forename = "Sam"
    surname = factory.Sequence(lambda n: f"Okafor{n}")
    organisation = factory.SubFactory(OrganisationFactory)
    organisation_state = OrganisationState.MATCHED
    organisation_text = factory.SelfAttribute("organisation.name")
    sector = factory.SelfAttribute("organisation.sector")
    borough = factory.SelfAttribute("organisation.borough")
    job_role = "Teacher"
    profile_done_at = LONG_AGO
    joined_at = LONG_AGO

    @factory.post_generation
    def address(self: Person, create: bool, extracted: Any, **kwargs: Any) -> None:  # type: ignore[misc]
        if create and not kwargs.get("none"):
            email = extracted or f"{self.forename}.{self.surname}@school.example".lower().replace(" ", "")
            EmailAddress.objects.create(user=self, email=email, primary=True, verified=True)


class GrantFactory(DjangoModelFactory):
    class Meta:
        model = Grant

    person = factory.SubFactory(PersonFactory)
    role = Role.OFFICER
    partnership = factory.SubFactory(PartnershipFactory)
    given_at = LONG_AGO


def officer(**fields: Any) -> Person:
    """A person who is an officer of the default partnership."""
    return GrantFactory(role=Role.OFFICER, person=PersonFactory(**fields)).person


def subgroup_member(**fields: Any) -> Person:
    return GrantFactory(role=Role.SUBGROUP_MEMBER, person=PersonFactory(**fields)).person


def trainer(**fields: Any) -> Person:
    return GrantFactory(role=Role.TRAINER, person=PersonFactory(**fields)).person


def newcomer(**fields: Any) -> Person:
    """Somebody who has signed in for the first time and not answered the questions yet."""
    unsaid: dict[str, Any] = dict.fromkeys(("forename", "surname", "organisation_text", "job_role"), "")
    nowhere = {"organisation": None, "organisation_state": OrganisationState.NONE, "sector": None, "borough": None}
    return PersonFactory(**{**unsaid, **nowhere, "profile_done_at": None, "made_by_sign_in": True, **fields})
