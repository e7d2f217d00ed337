"""Programs that use the API for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.test import Client

from people.models import Person
from people.operations import make_token
from people.permissions import SCOPES
from tests.conftest import MONDAY_MORNING


def token_of(person: Person, *scopes: str, at: datetime = MONDAY_MORNING, name: str = "A program", days: int = 90) -> str:
    """The text of a new token, for everything unless scopes are named."""
    return make_token(person=person, name=name, scopes=scopes or SCOPES, days=days, by=person, at=at)[1]


class Program:
    """Sends JSON with a token, as any client would. ``key`` is the Idempotency-Key."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.client = Client(raise_request_exception=False)

    def get(self, address: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{address}", query, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, address: str, body: Any = None, *, key: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key is not None else {})
        return self.client.post(f"/api/v1/{address}", body or {}, content_type="application/json", headers=headers)


def program_of(person: Person, *scopes: str, **token: Any) -> Program:
    return Program(token_of(person, *scopes, **token))
