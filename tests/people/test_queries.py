from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import AFFILIATION_FIELDS, OrganisationAlias, Person, Role
from people.queries import (
    affiliation_of,
    match_organisation,
    organisation_key,
    person_by_address,
    search_organisations,
)
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("St Mary’s  School", "st mary's school"),
        (" ST MARY`S\tSCHOOL\n", "st mary's school"),
        ("Ｓt Mary's School", "st mary's school"),
        ("Straße", "strasse"),
        ("", ""),
        (" \u200b ", "\u200b"),
    ],
)
def test_a_name_is_compared_without_its_capitals_spaces_and_kinds_of_apostrophe(typed: str, key: str) -> None:
    assert organisation_key(typed) == key


def test_an_address_finds_its_person_however_it_is_written() -> None:
    person = PersonFactory(address="sam@school.example")
    assert person_by_address(" SAM@School.example ") == person
    assert person_by_address("else@school.example") is None


def test_a_typed_organisation_is_matched_by_name() -> None:
    school = OrganisationFactory(name="St Mary's School")
    assert match_organisation(partnership=PartnershipFactory(), text=" st mary’s school ") == {
        "organisation_text": "st mary’s school",
        "organisation_state": "matched",
        "organisation_id": school.pk,
        "sector_id": school.sector_id,
        "borough_id": school.borough_id,
    }


def test_a_typed_organisation_is_matched_by_another_name_of_the_partnership_only() -> None:
    ours, theirs, school = PartnershipFactory(), OtherPartnershipFactory(), OrganisationFactory()
    OrganisationAlias.objects.create(partnership=ours, organisation=school, text="St M's", key="st m's")
    assert match_organisation(partnership=ours, text="St M’s")["organisation_id"] == school.pk
    assert match_organisation(partnership=theirs, text="St M’s")["organisation_state"] == "unmatched"


def test_a_word_for_having_none_matches_none() -> None:
    ours = PartnershipFactory()
    OrganisationAlias.objects.create(partnership=ours, organisation=None, text="N/A", key="n/a")
    nothing = {"organisation_id": None, "sector_id": None, "borough_id": None, "organisation_state": "none"}
    assert match_organisation(partnership=ours, text="n/a") == {**nothing, "organisation_text": "n/a"}
    assert match_organisation(partnership=ours, text="  ") == {**nothing, "organisation_text": ""}


def test_what_nobody_knows_is_kept_as_typed() -> None:
    found = match_organisation(partnership=PartnershipFactory(), text="=cmd|' /C calc'!A0")
    assert (found["organisation_state"], found["organisation_text"]) == ("unmatched", "=cmd|' /C calc'!A0")


def names(text: str, **how: object) -> list[str]:
    return [found.name for found in search_organisations(partnership=PartnershipFactory(), text=text, **how)]  # type: ignore[arg-type]


@pytest.fixture
def _schools() -> None:
    for name in ("Alder Primary School", "Beech Primary School", "Primrose Nursery", "St George's Hospital"):
        OrganisationFactory(name=name)


@pytest.mark.usefixtures("_schools")
def test_each_word_typed_begins_a_word_of_the_name() -> None:
    assert names("alder pri") == ["Alder Primary School"]
    assert names("primary") == ["Alder Primary School", "Beech Primary School"]
    assert names("george") == ["St George's Hospital"]
    assert names("st george’s") == ["St George's Hospital"]
    assert names("lder") == []
    assert names("  ") == []


@pytest.mark.usefixtures("_schools")
def test_a_name_that_starts_like_the_text_comes_first() -> None:
    assert names("prim") == ["Primrose Nursery", "Alder Primary School", "Beech Primary School"]
    assert names("prim", limit=1) == ["Primrose Nursery"]


@pytest.mark.usefixtures("_schools")
def test_a_mistyped_name_is_offered_too() -> None:
    assert names("Aldar Primry School")[0] == "Alder Primary School"


def test_other_names_are_searched_too() -> None:
    school = OrganisationFactory(name="Alder Primary School")
    OrganisationAlias.objects.create(partnership=PartnershipFactory(), organisation=school, text="APS", key="aps")
    assert names("aps") == ["Alder Primary School"]


def test_an_organisation_that_has_ended_is_not_offered() -> None:
    OrganisationFactory(name="Riverside CCG", valid_to=date(2022, 6, 30))
    assert names("riverside", on=date(2022, 6, 30)) == ["Riverside CCG"]
    assert names("riverside", on=date(2022, 7, 1)) == []


def test_searching_asks_the_database_as_often_for_one_as_for_three() -> None:
    PartnershipFactory()
    counts = []
    for _ in range(3):
        OrganisationFactory()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            names("school")
        counts.append(len(asked))
    assert counts == [counts[0]] * 3


def test_an_affiliation_is_where_the_person_works_now() -> None:
    person = PersonFactory(job_role="Head")
    assert affiliation_of(person) == {field: getattr(person, field) for field in AFFILIATION_FIELDS}


def test_people_can_be_asked_for_by_role() -> None:
    partnership = PartnershipFactory()
    trainer = GrantFactory(role=Role.TRAINER).person
    GrantFactory(role=Role.TRAINER, partnership=OtherPartnershipFactory())
    GrantFactory(role=Role.TRAINER, ended_at=trainer.joined_at)
    assert list(Person.objects.holding(Role.TRAINER, partnership)) == [trainer]


def test_people_are_found_by_every_word_in_name_or_address() -> None:
    sam = PersonFactory(forename="Sam", surname="O’Neill", address="s.oneill@trust.example")
    PersonFactory(forename="Sam", surname="Smith")
    assert list(Person.objects.matching("sam trust")) == [sam]
    assert list(Person.objects.matching("SAM o’n")) == [sam]


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", ["O'Hare", "O’Hare", "o‘hare", "O`Hare", "OʼHare"])
@pytest.mark.parametrize("stored", ["O'Hare", "O’Hare", "O‘Hare", "O`Hare", "OʼHare"])
def test_a_name_is_found_whichever_apostrophe_it_is_written_with(stored: str, typed: str) -> None:
    found = PersonFactory(surname=stored, address="a@trust.example")
    for number, other in enumerate(("OHare", "O Hare", "O-Hare", 'O"Hare', "O´Hare")):
        PersonFactory(surname=other, address=f"other{number}@trust.example")
    assert list(Person.objects.matching(typed)) == [found]


def test_an_address_is_found_by_its_apostrophe_too() -> None:
    found = PersonFactory(address="o'hare@trust.example")
    assert list(Person.objects.matching("o’hare@")) == [found]


@pytest.mark.both_databases
def test_who_is_called_as_typed_comes_first_then_colleagues() -> None:
    here = OrganisationFactory()
    names = [("Samir", "Adams", None), ("Samira", "Young", here), ("Sam", "Zola", None), ("Anna", "Sam", here)]
    for forename, surname, organisation in names:
        at_work = {"organisation": organisation} if organisation else {}
        PersonFactory(forename=forename, surname=surname, **at_work)
    found = Person.objects.matching("sam").nearest_first("sam", organisation_id=here.pk)
    assert [one.name for one in found] == ["Anna Sam", "Sam Zola", "Samira Young", "Samir Adams"]
    assert [one.name for one in Person.objects.matching("Sam").nearest_first("Sam")][2:] == ["Samir Adams", "Samira Young"]
