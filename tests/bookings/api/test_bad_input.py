"""Whatever is sent, the answer names the mistake; nothing is taken that was not asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bookings.api.happenings import (
    book,
)
from tests.factories.bookings import bookable_event
from tests.factories.tokens import Program

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def send(program: Program, body: Any, content_type: str = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {program.token}"}
    return program.client.post("/api/v1/bookings/", body, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{}", "event"),
        ('{"event": null}', "event"),
        ('{"event": 5}', "event"),
        ('{"event": "\\u0000"}', "event"),
        ('{"event": "00000000-0000-0000-0000-000000000000", "evnet": 1}', "evnet"),
        ('{"event": "00000000-0000-0000-0000-000000000000", "rule_set_aside": "yes"}', "rule_set_aside"),
        ('{"event": "00000000-0000-0000-0000-000000000000", "reason": 5}', "reason"),
        ('{"event": "00000000-0000-0000-0000-000000000000", "reason": "a\\u0000b"}', "reason"),
        ('{"event": "00000000-0000-0000-0000-000000000000", "reason": "\\ud800"}', "reason"),
        ('{"event": "00000000-0000-0000-0000-000000000000", "address": "me"}', "address"),
        ("[]", ""),
        ("5", ""),
        ("null", ""),
    ],
)
def test_each_mistake_is_named(program: Program, body: str, field: str) -> None:
    response = send(program, body)
    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("body", ["", "{", '{"event": NaN}', "[" * 60_000, b"\xff\xfe", '{"event": ' + "9" * 5000 + "}"])
def test_what_is_no_json_is_a_mistake_of_the_sender(program: Program, body: Any) -> None:
    assert send(program, body).status_code == 400


def test_other_kinds_of_body_are_not_taken(program: Program) -> None:
    for content_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        response = send(program, "event=1", content_type)
        assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_a_body_has_a_size(program: Program) -> None:
    response = send(program, '{"reason": "' + "x" * 70_000 + '"}')
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_method_that_is_not_there(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.token}"}
    for method in ("put", "patch", "delete", "options", "trace"):
        response = getattr(program.client, method)("/api/v1/bookings/", headers=headers)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_json_is_what_comes_whatever_was_asked_for(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.token}", "Accept": "text/html"}
    response = program.client.get("/api/v1/events/", headers=headers)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_nothing_of_it_is_kept_on_the_way(program: Program) -> None:
    assert program.get("bookings/")["Cache-Control"] == "private, no-store"
    assert program.get("nothing/").status_code == 404


def test_a_fault_of_ours_is_a_problem_too(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr("bookings.operations.book_place", breaks)
    response = book(program, bookable_event())
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert (response.json()["code"], "secret words" in str(response.json())) == ("server_error", False)
