"""Who signs in to the demonstration: one of each role, and practitioners who differ in what the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from people.models import Grant, Organisation, Partnership, Person, Role
from people.operations import add_person, complete_profile, give_role
from people.queries import person_by_address


@dataclass(frozen=True)
class Somebody:
    """``role`` empty: a practitioner. ``organisation`` empty: has none."""

    forename: str
    surname: str
    address: str
    organisation: str
    job_role: str
    role: str = ""
    partnership: str = "Riverside"

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"


CHILDRENS_SERVICES = "Riverside Council Children's Services"
OLIVIA = Somebody("Olivia", "Marsh", "officer@riverside.example", CHILDRENS_SERVICES, "Partnership officer", Role.OFFICER)
TOM = Somebody("Tom", "Ashby", "trainer@riverside.example", CHILDRENS_SERVICES, "Trainer", Role.TRAINER)
LENA = Somebody("Lena", "Ford", "lead@riverside.example", CHILDRENS_SERVICES, "Workforce lead", Role.TRAINING_LEAD)
GRACE = Somebody(
    "Grace",
    "Mensah",
    "subgroup@riverside.example",
    "Metropolitan Police - South Area",
    "Detective inspector",
    Role.SUBGROUP_MEMBER,
)
PRIYA = Somebody("Priya", "Nair", "priya.nair@oakprimary.example", "Oak Primary School", "Teacher")
SAM = Somebody("Sam", "O’Hare", "sam.ohare@riverside.example", CHILDRENS_SERVICES, "Social worker")
HALINA = Somebody("Halina", "Zając", "halina.zajac@millroad.example", "Mill Road Surgery", "GP")
JOE = Somebody("Joe", "Baptiste", "joe.baptiste@home.example", "", "Foster carer")
NADIA = Somebody(
    "Nadia",
    "Rahman",
    "officer@kingsbridge.example",
    "Kingsbridge Council Children's Services",
    "Partnership officer",
    Role.OFFICER,
    "Kingsbridge",
)
EVERYBODY = (OLIVIA, TOM, LENA, GRACE, PRIYA, SAM, HALINA, JOE, NADIA)


def add_everybody(*, at: datetime) -> None:
    """Those who are missing, each with their role. Somebody who is there stays as they are."""
    for somebody in EVERYBODY:
        if person_by_address(somebody.address) is None:
            _add(somebody, at)


def _add(somebody: Somebody, at: datetime) -> None:
    partnership = Partnership.objects.get(short_name=somebody.partnership)
    details: dict[str, Any] = {
        "forename": somebody.forename,
        "surname": somebody.surname,
        "organisation_text": somebody.organisation,
        "job_role": somebody.job_role,
        "manager_email": "",
    }
    person = add_person(partnership=partnership, address=somebody.address, by=None, at=at, **details)
    details |= {"has_no_organisation": not somebody.organisation, "hears_of_places": not somebody.role}
    complete_profile(person=person, partnership=partnership, at=at, **details)
    if somebody.role:
        organisation = None
        if somebody.role == Role.TRAINING_LEAD:
            organisation = Organisation.objects.get(name=somebody.organisation)
        give_role(person=person, role=somebody.role, partnership=partnership, organisation=organisation, by=None, at=at)


def person_of(somebody: Somebody) -> Person:
    """Raises LookupError where they have not been added."""
    found = person_by_address(somebody.address)
    if found is None:
        raise LookupError(somebody.address)
    return found


def who_can_sign_in() -> list[tuple[str, str, str]]:
    """Address, name and what they are, for whoever starts the demonstration."""
    roles = dict(Role.choices)
    lines = []
    for somebody in EVERYBODY:
        what = roles.get(somebody.role, "Practitioner")
        where = somebody.partnership if somebody.role == Role.OFFICER else somebody.organisation or "no organisation"
        if Grant.objects.filter(person=person_by_address(somebody.address)).exists() or not somebody.role:
            lines.append((somebody.address, somebody.name, f"{what}, {where}"))
    return lines
