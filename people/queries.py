"""Finding people and organisations by what somebody typed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import F, Q, QuerySet

from people.models import (
    AFFILIATION_FIELDS,
    Affiliation,
    Grant,
    Organisation,
    OrganisationAlias,
    OrganisationState,
    Partnership,
    Person,
)
from people.wording import clean_address, organisation_key

__all__ = [
    "OrganisationMatcher",
    "affiliation_of",
    "affiliation_with",
    "grants_of",
    "match_organisation",
    "organisation_key",
    "person_by_address",
    "search_organisations",
]

LIKE_ENOUGH = 0.8  # how much of two names must agree, from 0 to 1, before one is offered for the other


def person_by_address(address: str) -> Person | None:
    """Whose address this is, however it is written; a person who may not sign in any more is found too."""
    found = EmailAddress.objects.select_related("user").filter(email=clean_address(address)).first()
    return found.user if found else None


def affiliation_of(who: Affiliation) -> dict[str, Any]:
    """Where the person works now, or did on the day of a booking, ready to be kept on a booking or a walk-in."""
    return {field: getattr(who, field) for field in AFFILIATION_FIELDS}


class OrganisationMatcher:
    """Matches typed organisations for one partnership. Reads names and other names once: for many texts, keep it."""

    def __init__(self, partnership: Partnership | None) -> None:
        self._named = {organisation_key(found.name): found for found in Organisation.objects.all()}
        by_id = {found.pk: found for found in self._named.values()}
        aliases = OrganisationAlias.objects.filter(partnership=partnership).values_list("key", "organisation_id")
        self._aliased = {key: by_id.get(organisation_id) for key, organisation_id in aliases}

    def learn(self, organisation: Organisation, aliases: Iterable[str]) -> None:
        """Match this organisation too, which is about to be written."""
        self._named[organisation_key(organisation.name)] = organisation
        for alias in aliases:
            self._aliased[organisation_key(alias)] = organisation

    def match(self, text: str) -> dict[str, Any]:
        """The affiliation fields for this text, job role apart. An empty text means none."""
        text = text.strip()
        key = organisation_key(text)
        if not key:
            return affiliation_with("", OrganisationState.NONE, None)
        if key in self._named:
            return affiliation_with(text, OrganisationState.MATCHED, self._named[key])
        if key in self._aliased:
            found = self._aliased[key]
            return affiliation_with(text, OrganisationState.MATCHED if found else OrganisationState.NONE, found)
        return affiliation_with(text, OrganisationState.UNMATCHED, None)


def affiliation_with(text: str, state: str, organisation: Organisation | None) -> dict[str, Any]:
    """The affiliation fields, job role apart, for a text that was matched to this organisation, or to none."""
    return {
        "organisation_text": text[:200],
        "organisation_state": str(state),
        "organisation_id": organisation.pk if organisation else None,
        "sector_id": organisation.sector_id if organisation else None,
        "borough_id": organisation.borough_id if organisation else None,
    }


def match_organisation(*, partnership: Partnership, text: str) -> dict[str, Any]:
    """What the text was matched to: by the organisation's name, or by another name this partnership knows it by."""
    return OrganisationMatcher(partnership).match(text)


def search_organisations(*, partnership: Partnership, text: str, limit: int = 10, on: date | None = None) -> list[Organisation]:
    """Organisations that somebody who typed ``text`` may mean, the likeliest first.

    Each word typed must begin a word of the name or of another name; when too few do, names that look alike follow. With ``on``,
    organisations that had ended by that day are left out. A fixed number of queries.
    """
    key = organisation_key(text)
    if not key:
        return []
    known = Organisation.objects.select_related("sector", "borough")
    if on is not None:
        known = known.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    organisations = {found.pk: found for found in known}
    names: dict[Any, list[str]] = {pk: [organisation_key(found.name)] for pk, found in organisations.items()}
    aliases = OrganisationAlias.objects.filter(partnership=partnership, organisation__isnull=False)
    for organisation_id, alias in aliases.values_list("organisation_id", "key"):
        if organisation_id in names:
            names[organisation_id].append(alias)
    likeness = {pk: max(_likeness(key, name) for name in known_as) for pk, known_as in names.items()}
    likely = sorted((pk for pk, score in likeness.items() if score), key=lambda pk: (-likeness[pk], organisations[pk].name))
    return [organisations[pk] for pk in likely[:limit]]


def _likeness(typed: str, name: str) -> float:
    """From 0 (something else) to 3 (the very name)."""
    if typed == name:
        return 3.0
    if name.startswith(typed):
        return 2.5
    words = name.replace("-", " ").split()
    if all(any(word.startswith(part) for word in words) for part in typed.replace("-", " ").split()):
        return 2.0
    matcher = SequenceMatcher(None, typed, name)
    if matcher.real_quick_ratio() < LIKE_ENOUGH or matcher.quick_ratio() < LIKE_ENOUGH:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= LIKE_ENOUGH else 0.0


def grants_of(person: Person, partnership: Partnership) -> QuerySet[Grant]:
    """Every role the person has or had in the partnership, those in force first."""
    grants = Grant.objects.filter(person=person, partnership=partnership)
    return grants.select_related("organisation", "given_by", "ended_by").order_by(
        F("ended_at").desc(nulls_first=True), "-given_at"
    )
