from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.people import officer

pytestmark = pytest.mark.django_db


def test_an_address_that_only_takes_a_form_says_so(client: Client) -> None:
    client.force_login(officer())
    answer = client.get(reverse("office_event_publish", args=[uuid.uuid4()]))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "nothing has been done" in answer.content.decode()


def test_a_program_that_asks_wrongly_gets_no_page(client: Client) -> None:
    client.force_login(officer())
    assert client.put(reverse("office_event_publish", args=[uuid.uuid4()])).content == b""
