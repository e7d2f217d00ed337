"""Tokens for a person's own programs: made, shown once, used, revoked."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import AuditEntry
from core.refusals import Refused
from people.models import ApiToken, Person
from people.operations import make_token, revoke_token
from people.operations.tokens import note_use
from tests.conftest import MONDAY_MORNING
from tests.factories.people import PartnershipFactory, PersonFactory, newcomer
from tests.factories.tokens import Program, program_of, token_of

pytestmark = pytest.mark.django_db

ASKED = {"name": "Training system", "scopes": ["events:read"], "days": "90"}


@pytest.fixture(autouse=True)
def monday(at: Any) -> Any:
    PartnershipFactory()
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def person(client: Client) -> Person:
    person = PersonFactory()
    client.force_login(person)
    return person


def refusal_code(**changed: Any) -> str:
    person = changed.pop("person", None) or PersonFactory()
    asked = {"person": person, "by": person, "name": "A", "scopes": ["events:read"], "days": 30, "at": MONDAY_MORNING}
    with pytest.raises(Refused) as refused:
        make_token(**{**asked, **changed})
    return refused.value.code


def test_a_token_is_shown_once_and_kept_only_as_its_hash(client: Client, person: Person) -> None:
    page = client.post("/profile/tokens/new/", ASKED)
    token, text = ApiToken.objects.get(), page.context["text"]
    assert (page.status_code, text in page.content.decode()) == (200, True)
    assert token.hash == hashlib.sha256(text.encode()).hexdigest()
    assert (text[: len(token.prefix)], len(text) >= 40, text in str(vars(token))) == (token.prefix, True, False)
    listed = client.get("/profile/tokens/").content.decode()
    assert (token.prefix in listed, text in listed) == (True, False)
    assert "no-store" in page["Cache-Control"]


def test_the_page_that_shows_it_makes_no_second_one_when_it_is_loaded_again(client: Client, person: Person) -> None:
    client.post("/profile/tokens/new/", ASKED)
    again = client.post("/profile/tokens/new/", ASKED)
    assert list(again.context["form"].errors) == ["name"]
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"name": " "}, "name"), ({"scopes": []}, "scopes"), ({"scopes": ["all"]}, "scopes"), ({"days": "9999"}, "days")],
)
def test_what_is_missing_is_said_beside_the_question(client: Client, person: Person, changed: Any, field: str) -> None:
    page = client.post("/profile/tokens/new/", {**ASKED, **changed})
    assert list(page.context["form"].errors) == [field]


def test_looking_at_the_page_of_a_token_changes_nothing_and_the_button_revokes_it(client: Client, person: Person) -> None:
    program = program_of(person)
    token = ApiToken.objects.get()
    assert client.get(f"/profile/tokens/{token.pk}/revoke/").status_code == 200
    assert program.get("events/").status_code == 200
    client.post(f"/profile/tokens/{token.pk}/revoke/")
    assert (program.get("events/").status_code, program.get("events/").json()["code"]) == (401, "token_unknown")
    assert "Revoked on 11 January 2027" in client.get("/profile/tokens/").content.decode()


def test_nobody_elses_token_is_there(client: Client, person: Person) -> None:
    token_of(PersonFactory())
    token = ApiToken.objects.get()
    assert client.post(f"/profile/tokens/{token.pk}/revoke/").status_code == 404
    with pytest.raises(Refused) as refused:
        revoke_token(token=token, by=person, at=MONDAY_MORNING)
    assert refused.value.code == "not_allowed"


def test_each_rule_of_making_one_has_its_code() -> None:
    person = PersonFactory()
    assert refusal_code(by=person) == "not_allowed"
    assert refusal_code(name="  ") == "name_missing"
    assert refusal_code(scopes=[]) == refusal_code(scopes=["everything"]) == "scopes_missing"
    assert refusal_code(days=0) == refusal_code(days=367) == "days_unknown"
    for number in range(20):
        token_of(person, name=f"Number {number}")
    assert refusal_code(person=person) == "too_many"


def test_making_and_revoking_leave_a_trace_without_the_token() -> None:
    person = PersonFactory()
    token, text = make_token(person=person, name="A", scopes=["events:read"], days=30, by=person, at=MONDAY_MORNING)
    revoke_token(token=token, by=person, at=MONDAY_MORNING)
    entries = AuditEntry.objects.filter(object_id=str(token.pk)).order_by("action")
    assert [(entry.action, entry.changes) for entry in entries] == [
        ("API token made", {"scopes": [[], ["events:read"]]}),
        ("API token revoked", {}),
    ]
    assert text not in str([entry.changes for entry in entries])


def test_the_name_of_a_revoked_token_can_be_used_again() -> None:
    person = PersonFactory()
    token_of(person)
    revoke_token(token=ApiToken.objects.get(), by=person, at=MONDAY_MORNING)
    token_of(person)
    assert ApiToken.objects.in_force(MONDAY_MORNING).count() == 1


def test_a_token_past_its_day_opens_nothing(at: Any) -> None:
    program = program_of(PersonFactory(), days=30)
    with time_machine.travel(at + timedelta(days=30, seconds=-1), tick=False):
        assert program.get("events/").status_code == 200
    with time_machine.travel(at + timedelta(days=30), tick=False):
        assert program.get("events/").status_code == 401


def test_the_tokens_of_somebody_who_may_not_sign_in_open_nothing() -> None:
    person = PersonFactory()
    program = program_of(person)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert program.get("events/").status_code == 401


NO_TOKENS = [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer turnout_wrong", "Bearer \xff\xfe"]


@pytest.mark.parametrize("header", NO_TOKENS)
def test_without_a_good_token_the_answer_says_how_to_get_one(client: Client, header: str | None) -> None:
    response = client.get("/api/v1/events/", headers={} if header is None else {"Authorization": header})
    assert (response.status_code, response["WWW-Authenticate"], response["Content-Type"]) == (
        401,
        "Bearer",
        "application/problem+json",
    )
    assert "on the page API tokens of your profile" in response.json()["detail"]


def test_a_sign_in_opens_no_api(client: Client, person: Person) -> None:
    """So no page of another site can use it, and the API needs no token against forged requests."""
    assert client.get("/api/v1/events/").status_code == 401
    assert client.post("/api/v1/bookings/", {}, content_type="application/json").status_code == 401


def test_a_sign_in_of_somebody_who_has_questions_to_answer_does_not_stop_a_program() -> None:
    program = program_of(PersonFactory())
    program.client.force_login(newcomer(address="new@school.example"))
    assert program.get("events/").status_code == 200


def test_a_token_may_only_what_it_was_made_for() -> None:
    program = program_of(PersonFactory(), "events:read")
    assert program.get("events/").status_code == 200
    refused = program.get("bookings/")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert "it lacks the scope bookings:read" in refused.json()["detail"]
    assert program.post("bookings/").status_code == 403


def test_the_list_shows_the_day_a_token_was_last_used() -> None:
    person = PersonFactory()
    program = program_of(person)
    assert ApiToken.objects.get().last_used_on is None
    program.get("events/")
    assert ApiToken.objects.get().last_used_on == date(2027, 1, 11)


def test_a_token_has_so_many_requests_a_minute(settings: Any, at: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = 3
    person = PersonFactory()
    program, other = program_of(person), program_of(person, name="Another")
    seen = [program.get("events/").status_code for _ in range(4)]
    assert seen == [200, 200, 200, 429]
    assert other.get("events/").status_code == 200
    with time_machine.travel(at + timedelta(seconds=20), tick=False):
        refused = program.get("events/")
        assert (refused.status_code, refused["Retry-After"], refused.json()["code"]) == (429, "40", "throttled")
    with time_machine.travel(at + timedelta(seconds=60), tick=False):
        assert program.get("events/").status_code == 200


def test_counting_takes_one_statement(django_assert_num_queries: Any) -> None:
    """One that reads, adds and writes would let two requests at the same moment count as one."""
    token_of(PersonFactory())
    token = ApiToken.objects.get()
    with django_assert_num_queries(1):
        assert note_use(token=token, at=MONDAY_MORNING)


def test_a_page_with_many_tokens_takes_as_many_queries_as_one(client: Client, person: Person) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/profile/tokens/").status_code == 200
        return len(seen)

    empty = queries()
    for number in range(3):
        token_of(person, name=f"Number {number}")
    assert queries() == empty


def test_an_address_that_is_not_there_answers_as_a_problem() -> None:
    program = Program("none")
    missing = program.get("nothing/")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    assert missing.json()["code"] == "not_found"
