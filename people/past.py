"""What an older system knew of partnerships, organisations and people, written in bulk.

Beside the live operations: the same constraints, no messages, one audit entry for each call.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.utils.text import slugify

from core import audit
from people.models import (
    Borough,
    Organisation,
    OrganisationAlias,
    PartnerAgency,
    Partnership,
    Person,
    Sector,
)
from people.wording import organisation_key


@dataclass(frozen=True, slots=True)
class PastPartnership:
    id: uuid.UUID
    short_name: str


@dataclass(frozen=True, slots=True)
class PastSector:
    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class PastBorough:
    id: uuid.UUID
    name: str
    partnership_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class PastOrganisation:
    id: uuid.UUID
    name: str
    sector_id: uuid.UUID
    borough_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class PastAlias:
    """Another name people type for an organisation."""

    text: str
    organisation_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PastPerson:
    """``address`` is as people.wording.clean_address leaves it. ``affiliation`` holds the values of AFFILIATION_FIELDS.

    ``first_seen_at`` is the earliest thing the older system knows of them.
    """

    id: uuid.UUID
    address: str
    forename: str
    surname: str
    first_seen_at: datetime
    affiliation: dict[str, Any]


@transaction.atomic
def record_past_partnerships(*, partnerships: Sequence[PastPartnership], by: Person | None, at: datetime) -> None:
    """Partnerships that were not known. The first becomes the default where none is.

    ``messages_from`` stays empty: nothing is ever sent for a partnership made here until an officer sets the day.
    """
    made = [
        Partnership(
            id=row.id,
            name=f"{row.short_name} Safeguarding Children Partnership",
            short_name=row.short_name,
            slug=_free_slug(row),
            team_email="",
        )
        for row in partnerships
    ]
    if made and not Partnership.objects.filter(is_default=True).exists():
        made[0].is_default = True
    Partnership.objects.bulk_create(made)
    for partnership in made:
        audit.record(action="partnership recorded", about=partnership, by=by, at=at)


def _free_slug(row: PastPartnership) -> str:
    slug = slugify(row.short_name)
    taken = not slug or Partnership.objects.filter(slug=slug).exists()
    return f"{slug}-{row.id.hex[:8]}".strip("-") if taken else slug


@transaction.atomic
def record_past_organisations(
    *,
    partnership: Partnership,
    sectors: Sequence[PastSector],
    boroughs: Sequence[PastBorough],
    organisations: Sequence[PastOrganisation],
    partner_agency_ids: Iterable[uuid.UUID],
    aliases: Sequence[PastAlias],
    about: models.Model,
    by: Person | None,
    at: datetime,
) -> None:
    """Organisations, their sectors and boroughs, whose people book free, and the other names people type for them."""
    first = Sector.objects.count()
    Sector.objects.bulk_create([Sector(id=row.id, name=row.name, position=first + n) for n, row in enumerate(sectors)])
    Borough.objects.bulk_create([Borough(id=row.id, name=row.name, partnership_id=row.partnership_id) for row in boroughs])
    Organisation.objects.bulk_create(
        [Organisation(id=row.id, name=row.name, sector_id=row.sector_id, borough_id=row.borough_id) for row in organisations]
    )
    PartnerAgency.objects.bulk_create(
        [PartnerAgency(partnership=partnership, organisation_id=found) for found in partner_agency_ids], ignore_conflicts=True
    )
    OrganisationAlias.objects.bulk_create(
        [
            OrganisationAlias(
                partnership=partnership,
                organisation_id=alias.organisation_id,
                text=alias.text,
                key=organisation_key(alias.text)[:200],
            )
            for alias in aliases
        ]
    )
    if organisations or aliases:
        counts = {"organisations": [0, len(organisations)], "aliases": [0, len(aliases)]}
        audit.record(action="past organisations recorded", about=about, by=by, at=at, changes=counts)


@transaction.atomic
def record_past_people(
    *,
    partnership: Partnership,
    people: Sequence[PastPerson],
    known_ids: Iterable[uuid.UUID],
    about: models.Model,
    by: Person | None,
    at: datetime,
) -> None:
    """People known by their address, who have not signed in yet: the first sign-in asks the questions of the profile.

    The partnership's officers look after them, and after ``known_ids``, whom the rows speak of and who had a record before; of
    that nothing else is changed.
    """
    Person.objects.bulk_create(
        [
            Person(
                id=row.id,
                forename=row.forename,
                surname=row.surname,
                joined_at=row.first_seen_at,
                password=make_password(None),
                **row.affiliation,
            )
            for row in people
        ]
    )
    EmailAddress.objects.bulk_create(
        [EmailAddress(user_id=row.id, email=row.address, primary=True, verified=False) for row in people]
    )
    looked_after = Person.partnerships.through
    looked_after.objects.bulk_create(
        [
            looked_after(person_id=person_id, partnership_id=partnership.pk)
            for person_id in [*(row.id for row in people), *known_ids]
        ],
        ignore_conflicts=True,
    )
    if people:
        audit.record(action="past people recorded", about=about, by=by, at=at, changes={"people": [0, len(people)]})
