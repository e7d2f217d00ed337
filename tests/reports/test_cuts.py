"""The page, the file, the command and the pages of the measures always say the same."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.measures import MEASURES
from tests.reports.reading import PARTED, RATES, by_command, in_file, measure_page, on_page

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PERIODS = ["2022-23", "2024-25", "2024-25 Q3", "2022-23 Q2", "academic 2023-24", "2024", "01/11/2022 to 28/02/2023"]
SECTORS = ["", "", "Primary schools", "Voluntary and community", "Not matched", "No organisation"]
COURSES = ["", "", "", "Adultification", "Learning from Experience", "Annual Conference: Child Neglect"]
KINDS = ["course", "conference", "learning_event", "single_agency", "team_workshop", "briefing"]
Cut = tuple[str, list[str], str, str]  # the period, the kinds of event, the sector, the course
CUTS = st.tuples(
    st.sampled_from(PERIODS),
    st.lists(st.sampled_from(KINDS), max_size=3, unique=True),
    st.sampled_from(SECTORS),
    st.sampled_from(COURSES),
)


@pytest.mark.parametrize(
    "cut",
    [
        ("2022-23 Q2", [], "Primary schools", ""),
        ("01/11/2022 to 28/02/2023", ["course", "conference"], "", "Adultification"),
    ],
    ids=lambda cut: cut[0],
)
def test_page_file_command_and_the_rows_behind_agree(reader: Client, cut: Cut) -> None:
    assert any(check(reader, cut).values())


@pytest.mark.slow
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CUTS)
def test_they_agree_for_any_cut(reader: Client, cut: Cut) -> None:
    check(reader, cut)


def check(reader: Client, cut: Cut) -> dict[str, object]:
    """What the command says, once all the others say it too."""
    period, kinds, sector, course = cut
    named = [("sector", sector), ("course", course)]
    asked = [("period", period), *[("kind", kind) for kind in kinds], *[(name, value) for name, value in named if value]]
    options = ["--period", period, *[part for kind in kinds for part in ("--kind", kind)]]
    options += [part for name, value in named if value for part in (f"--{name}", value)]
    command = by_command(*options)
    assert in_file(reader, asked) == command
    page = on_page(reader, asked)
    if any(value not in (None, 0, {}) for value in command.values()):  # a cut that holds nothing at all says so instead
        assert page == command
    for key in MEASURES:
        check_rows(reader, key, asked, command[key])
    return command


def check_rows(reader: Client, key: str, asked: list[tuple[str, str]], figure: object) -> None:
    """The measure's page shows the figure, and its rows add up to it."""
    behind = measure_page(reader, key, asked)
    assert (behind.n, behind.of) == (behind.foot_n, behind.foot_of if key in RATES else 0)
    if key in PARTED:
        assert isinstance(figure, dict)
        assert behind.n == sum(figure.values())
    elif key in RATES:
        assert behind.figure == figure
        assert figure is None or behind.figure == float(f"{100 * behind.n / behind.of + 1e-9:.1f}")
    else:
        assert behind.figure == figure
        assert behind.n == (figure or 0)


def test_the_rows_behind_a_whole_year_add_up_to_its_figures(reader: Client) -> None:
    asked = [("period", "2024-25")]
    page = on_page(reader, asked)
    assert set(page) == set(MEASURES)
    for key, figure in page.items():
        check_rows(reader, key, asked, figure)


def test_organisations_by_course_add_up_to_the_attendances(reader: Client) -> None:
    text = reader.get(reverse("reach_organisations_csv"), {"period": "2024-25"}).content.decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    page = on_page(reader, [("period", "2024-25")])
    assert header[-1] == "All courses"
    assert int(rows[-1][-1]) == page["attendances"]
    by_course = dict(zip(header[2:-1], map(int, rows[-1][2:-1]), strict=True))
    assert by_course == page["attendances_by_course"]
    organisations = [row for row in rows[:-1] if row[0] not in ("Not matched", "No organisation")]
    assert len(organisations) == page["organisations_reached"]
    by_sector: dict[str, int] = {}
    for row in rows[:-1]:
        by_sector[row[1] or row[0]] = by_sector.get(row[1] or row[0], 0) + int(row[-1])
    assert by_sector == page["attendances_by_sector"]
