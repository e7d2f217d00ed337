"""The questions of the first sign-in, and changing the answers later."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from people.models import Person
from tests.factories.people import OrganisationFactory, PartnershipFactory, newcomer

pytestmark = pytest.mark.django_db

ANSWERS = {"forename": "Ana", "surname": "Núñez", "job_role": "Teacher", "manager_email": ""}


@pytest.fixture
def person(client: Client) -> Person:
    PartnershipFactory()
    person = newcomer(address="ana@school.example")
    client.force_login(person)
    return person


def answer(client: Client, address: str = "/profile/", **changed: Any) -> Any:
    return client.post(address, {**ANSWERS, "organisation_text": "Alder Primary School", **changed})


def test_somebody_new_answers_before_anything_else_of_theirs(client: Client, person: Person) -> None:
    assert client.get("/my-learning/?tab=past").url == "/profile/?next=%2Fmy-learning%2F%3Ftab%3Dpast"
    assert client.post("/my-learning/").url == "/profile/"
    assert client.get("/").status_code == 200
    assert client.get("/profile/").status_code == 200


def test_after_the_answers_somebody_goes_on(client: Client, person: Person) -> None:
    school = OrganisationFactory(name="Alder Primary School")
    assert answer(client, next="/my-learning/?tab=past").url == "/my-learning/?tab=past"
    person.refresh_from_db()
    assert (person.name, person.organisation, person.organisation_state) == ("Ana Núñez", school, "matched")
    assert client.get("/my-learning/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_answers_lead_to_no_other_site(client: Client, person: Person, elsewhere: str) -> None:
    assert answer(client, next=elsewhere).url == "/my-learning/"
    assert answer(client, f"/profile/?next={elsewhere}").url == "/profile/"


def test_an_unlisted_organisation_goes_to_the_officers_list(client: Client, person: Person) -> None:
    answer(client, organisation_text="The Corner House")
    person.refresh_from_db()
    assert (person.organisation_text, person.organisation_state) == ("The Corner House", "unmatched")


def test_a_name_like_one_we_know_is_asked_about(client: Client, person: Person) -> None:
    school = OrganisationFactory(name="Alder Primary School")
    response = answer(client, organisation_text="Alder")
    form = response.context["form"]
    assert form.errors == {"organisation_choice": ["Say which organisation you mean by “Alder”"]}
    assert [value for value, _ in form.fields["organisation_choice"].choices] == ["Alder Primary School", "not listed"]
    answer(client, organisation_text="Alder", organisation_choice="Alder Primary School")
    person.refresh_from_db()
    assert (person.organisation, person.organisation_text) == (school, "Alder Primary School")


def test_somebody_may_keep_what_they_typed(client: Client, person: Person) -> None:
    OrganisationFactory(name="Alder Primary School")
    answer(client, organisation_text="Alder", organisation_choice="not listed")
    person.refresh_from_db()
    assert (person.organisation_text, person.organisation_state) == ("Alder", "unmatched")


def test_a_choice_that_was_not_offered_is_not_taken(client: Client, person: Person) -> None:
    OrganisationFactory(name="Alder Primary School")
    OrganisationFactory(name="Beech Primary School")
    response = answer(client, organisation_text="Alder", organisation_choice="Beech Primary School")
    assert list(response.context["form"].errors) == ["organisation_choice"]


def test_foster_carers_residents_and_volunteers_have_none(client: Client, person: Person) -> None:
    answer(client, organisation_text="", has_no_organisation="on", job_role="Foster carer")
    person.refresh_from_db()
    assert (person.organisation_state, person.profile_done_at is not None) == ("none", True)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"forename": " "}, "forename"),
        ({"surname": ""}, "surname"),
        ({"organisation_text": ""}, "organisation_text"),
        ({"has_no_organisation": "on"}, "has_no_organisation"),
        ({"job_role": ""}, "job_role"),
        ({"manager_email": "boss"}, "manager_email"),
        ({"forename": "x" * 81}, "forename"),
        ({"organisation_text": "x" * 100_000}, "organisation_text"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_the_question(
    client: Client, person: Person, changed: dict[str, str], field: str
) -> None:
    response = answer(client, **changed)
    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert "<title>Error: " in response.content.decode()


def test_the_manager_is_asked_for_where_the_partnership_wants_it(client: Client, person: Person) -> None:
    partnership = PartnershipFactory()
    partnership.asks_for_manager = True
    partnership.save()
    assert list(answer(client).context["form"].errors) == ["manager_email"]
    assert answer(client, organisation_text="", has_no_organisation="on").status_code == 302


def test_what_was_typed_is_shown_as_text(client: Client, person: Person) -> None:
    page = answer(client, forename="<script>alert(1)</script>", job_role="").content.decode()
    assert ("<script>alert(1)" in page, "&lt;script&gt;alert(1)" in page) == (False, True)


def test_the_answers_can_be_changed_later(client: Client, person: Person) -> None:
    answer(client)
    page = client.get("/profile/")
    assert page.context["form"].initial["surname"] == "Núñez"
    assert answer(client, surname="Ng").url == "/profile/"
    person.refresh_from_db()
    assert person.surname == "Ng"


def test_the_search_answers_with_names_and_places(client: Client, person: Person) -> None:
    OrganisationFactory(name="Alder Primary School")
    response = client.get("/organisations/search/", {"q": "ald"})
    assert response.json() == {"organisations": [{"name": "Alder Primary School", "detail": "Riverside"}]}
    assert client.get("/organisations/search/", {"q": "\x00" * 5000}).json() == {"organisations": []}


def test_only_people_who_signed_in_search(client: Client) -> None:
    assert client.get("/organisations/search/", {"q": "ald"}).url == "/sign-in/?next=/organisations/search/%3Fq%3Dald"


def test_before_there_is_a_partnership_the_first_page_says_how_to_begin(client: Client) -> None:
    client.force_login(newcomer(address="ana@school.example"))
    assert client.get("/profile/").url == "/"
