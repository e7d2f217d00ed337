"""Who may see the report, and what it says when there is nothing to show."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import Role
from reports import frames, periods
from reports.measures import MEASURES
from reports.questions import Question
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory
from tests.reports.conftest import client_of
from tests.reports.happened import held, was_there
from tests.reports.reading import in_file, page_of

pytestmark = pytest.mark.django_db

ADDRESSES = ["/reports/reach/", "/reports/reach.csv", "/reports/reach_organisations.csv", "/reports/reach/attendances/"]
MAY = date(2026, 5, 12)


@pytest.fixture
def member() -> Client:
    """A subgroup member of a partnership that has nothing yet."""
    return client_of(PartnershipFactory())


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_subgroup_member_and_an_officer_may_see_reports(address: str) -> None:
    partnership = PartnershipFactory()
    assert [client_of(partnership, role).get(address).status_code for role in (Role.SUBGROUP_MEMBER, Role.OFFICER)] == [200, 200]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_else_may(address: str) -> None:
    practitioner = Client()
    practitioner.force_login(PersonFactory())
    trainer = client_of(PartnershipFactory(), Role.TRAINER)
    assert [client.get(address).status_code for client in (practitioner, trainer)] == [403, 403]
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_report_cannot_be_posted_to(address: str, member: Client) -> None:
    assert member.post(address).status_code == 405


def test_a_measure_that_is_not_there_is_not_found(member: Client) -> None:
    assert member.get("/reports/reach/happiness/").status_code == 404


def test_a_member_of_another_partnership_sees_their_own_figures() -> None:
    was_there(held(MAY))
    reader = client_of(OtherPartnershipFactory())
    assert in_file(reader, [("period", "2026-27")])["attendances"] == 0


def test_the_page_asks_the_same_number_of_questions_however_much_there_is(member: Client) -> None:
    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page_of(member, [("period", "2026-27")])
        return len(asked)

    was_there(held(MAY))
    one = questions()
    for _ in range(3):
        event = held(MAY)
        was_there(event)
        was_there(event)
    assert questions() == one
    assert one <= 25


def test_every_measures_page_asks_the_same_number_of_questions_however_much_there_is(member: Client) -> None:
    def questions(key: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert member.get(reverse("measure", args=[key]), {"period": "2026-27"}).status_code == 200
        return len(asked)

    was_there(held(MAY))
    one = {key: questions(key) for key in MEASURES}
    for _ in range(3):
        was_there(held(MAY))
    assert {key: questions(key) for key in MEASURES} == one


def test_a_partnership_without_anything_yet_is_told_how_figures_come_about(member: Client) -> None:
    assert "Nothing to report yet" in member.get(reverse("reach_report")).content.decode()


def test_a_period_that_is_not_over_says_so(member: Client) -> None:
    was_there(held(MAY))
    with time_machine.travel(date(2026, 11, 21)):
        page = member.get(reverse("reach_report"), {"period": "2026-27"}).content.decode()
    assert "2026-27 is not over" in page


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"period": "2024-26"}, "“2024-26”: a year that begins in 2024 is written 2024-25."),
        ({"from": "2024-04-01"}, "Say both days: from and to."),
        ({"from": "2024-09-30", "to": "2024-04-01"}, "The period ends on 1 Apr 2024, before it begins on 30 Sep 2024."),
        ({"from": "31/02/2024", "to": "2024-04-01"}, "“From” is not a day."),
        ({"kind": "zoo"}, "There is no kind of event “zoo” here."),
        ({"kind": "forum"}, "There is no kind of event “forum” here."),
        ({"sector": "Circus"}, "There is no sector “Circus” here."),
        ({"course": "<script>"}, "There is no course “&lt;script&gt;” here."),
        ({"theme": "=cmd"}, "There is no theme “=cmd” here."),
    ],
)
def test_bad_input_gets_a_clear_answer_on_the_page(member: Client, asked: dict[str, str], says: str) -> None:
    page = member.get(reverse("reach_report"), asked).content.decode()
    assert says in page
    assert "<title>Error: " in page
    for address in ADDRESSES[1:]:
        assert member.get(address, asked).status_code == 302


def test_a_title_that_a_spreadsheet_would_run_is_made_harmless(member: Client) -> None:
    was_there(held(MAY, course=None, title="=cmd|'/c calc'!A1"))
    for address in ADDRESSES[1:3]:
        text = member.get(address, {"period": "2026-27"}).content.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
        assert "'=cmd|'/c calc'!A1" in cells
        assert [cell for cell in cells if cell.startswith("=")] == []


def test_a_table_that_does_not_add_up_is_refused() -> None:
    import pandas as pd

    event = held(MAY)
    was_there(event)
    question = Question(PartnershipFactory(), periods.financial_year(2026), date(2027, 1, 11))
    attended = frames.attended_in_period(question)
    organisation = attended.get().organisation.name
    index = pd.MultiIndex.from_tuples([(organisation, "Primary schools")], names=["Organisation", "Sector"])
    right = pd.DataFrame({event.title: [1], frames.TOTAL: [1]}, index=index)
    frames.check_sums(right, attended)
    wrong = pd.DataFrame({event.title: [2], frames.TOTAL: [2]}, index=index)
    with pytest.raises(frames.SumsDiffer):
        frames.check_sums(wrong, attended)


def test_the_page_never_imports_pandas() -> None:
    import subprocess
    import sys

    code = "import django, sys; django.setup(); import reports.views; sys.exit('pandas' in sys.modules)"
    environment = {**__import__("os").environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0
