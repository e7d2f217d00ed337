"""Results as spreadsheets: the same groups as on the pages, nothing below five answers, and never a row that is a person."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from events.models import Event
from feedback.models import EvaluationForm
from people.models import Person
from tests.factories.events import EventFactory, EventTrainerFactory
from tests.factories.feedback import answer, attended, evaluated_event
from tests.factories.people import OtherPartnershipFactory, PersonFactory, officer, trainer
from tests.feedback.test_follow_up_results import AT, event_with_answers

pytestmark = pytest.mark.django_db

HEADER = ["Question", "Answer", "Number", "Of", "Percent"]


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def rows(client: Client, name: str, event: Event, who: Person | None = None) -> list[list[str]]:
    client.force_login(who or officer())
    page = client.get(reverse(name, args=[event.pk]))
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))


def evaluated(count: int) -> EvaluationForm:
    form = evaluated_event(title="Neglect")
    for number in range(count):
        answer(form, overall="good" if number else "fair", comment="=HYPERLINK(1)" if number == 1 else "")
    attended(form.event, 8)
    return form


def test_an_evaluation_has_a_row_for_each_answer_with_its_n_of_n_and_what_was_written(client: Client) -> None:
    form = evaluated(5)
    found = rows(client, "event_results_csv", form.event)
    assert found[:2] == [HEADER, ["Answered", "", "5", "8", "62.5"]]
    good = [row for row in found if row[1] == "Good"]
    assert [row[2:4] for row in good] == [["4", "5"]]
    assert [row[1:] for row in found if "HYPERLINK" in row[1]] == [["'=HYPERLINK(1)", "", "", ""]]


def test_below_five_answers_there_is_only_how_many_answered(client: Client) -> None:
    found = rows(client, "event_results_csv", evaluated(4).event)
    assert (len(found), found[1][:4]) == (2, ["Answered", "", "4", "8"])


def test_an_event_without_a_form_has_an_empty_table(client: Client) -> None:
    assert rows(client, "event_results_csv", EventFactory()) == [HEADER]


def test_follow_ups_have_the_same_table_for_those_who_are_shown(client: Client) -> None:
    found = rows(client, "event_follow_up_csv", event_with_answers(5))
    assert found[1][:4] == ["Answered", "", "5", "7"]
    assert [row[2:4] for row in found if row[1].startswith("Yes")] == [["3", "5"]]
    assert sorted(row[1] for row in found if row[1].startswith("Example")) == ["Example 0 <b>", "Example 1 <b>", "Example 4 <b>"]


def test_fewer_follow_ups_than_five_say_nothing_but_how_many(client: Client) -> None:
    found = rows(client, "event_follow_up_csv", event_with_answers(4))
    assert (len(found), found[1][:4]) == (2, ["Answered", "", "4", "6"])


def test_follow_ups_wait_until_they_are_shown_among_others(client: Client, clock: Any) -> None:
    event = event_with_answers(5)
    clock.move_to(AT - timedelta(days=1))  # the day on which they answered
    assert len(rows(client, "event_follow_up_csv", event)) == 2


def test_the_pages_lead_to_them_once_something_is_shown(client: Client) -> None:
    few, many = evaluated(4), evaluated(5)
    client.force_login(officer())
    for form, is_there in ((few, False), (many, True)):
        page = client.get(reverse("event_results", args=[form.event_id])).content.decode()
        assert (reverse("event_results_csv", args=[form.event_id]) in page) == is_there
    event = event_with_answers(5)
    tab = client.get(reverse("office_event_evaluation", args=[event.pk])).content.decode()
    assert reverse("event_follow_up_csv", args=[event.pk]) in tab


def test_a_trainer_gets_the_evaluation_of_their_event_and_no_follow_ups(client: Client) -> None:
    form, tom = evaluated(5), trainer()
    EventTrainerFactory(event=form.event, person=tom)
    assert rows(client, "event_results_csv", form.event, tom)[1][2] == "5"
    assert client.get(reverse("event_follow_up_csv", args=[form.event_id])).status_code == 403


@pytest.mark.parametrize("name", ["event_results_csv", "event_follow_up_csv"])
def test_nobody_else_gets_them(client: Client, name: str) -> None:
    event = evaluated(5).event
    address = reverse(name, args=[event.pk])
    assert client.get(address).status_code == 302
    client.force_login(PersonFactory())
    assert client.get(address).status_code == 403
    theirs = EventFactory(lead_host=OtherPartnershipFactory(), course=None)
    client.force_login(officer())
    assert client.get(reverse(name, args=[theirs.pk])).status_code == 404
