"""Every figure that the partnerships printed is what the page prints, what the CSV holds and what the command says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from events.models import EventKind
from tests.legacy import EXPECTED
from tests.reports.reading import by_command, in_file, on_page, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FIGURES: dict[str, Any] = json.loads(EXPECTED.read_text())
HEADLINES = FIGURES["headlines"]
KINDS = {label: value for value, label in EventKind.choices}
CUTS = [(year, kind) for year, kinds in FIGURES.items() if year != "headlines" for kind in kinds]


@pytest.mark.parametrize(("year", "kind"), CUTS)
def test_a_year_and_kind_of_event_prints_what_was_printed(reader: Client, year: str, kind: str) -> None:
    expected = FIGURES[year][kind]
    asked = [("period", year), ("kind", KINDS[kind])]
    page, file, command = on_page(reader, asked), in_file(reader, asked), by_command("--period", year, "--kind", kind)
    assert {key: page[key] for key in expected} == expected
    assert {key: file[key] for key in expected} == expected
    assert {key: command[key] for key in expected} == expected


def everywhere(reader: Client, year: str, kind: str = "") -> dict[str, Any]:
    """The figures of the page, once they are those of the CSV and of the command."""
    asked = [("period", year), *([("kind", KINDS[kind])] if kind else [])]
    page = on_page(reader, asked)
    assert in_file(reader, asked) == page
    assert by_command("--period", year, *(["--kind", kind] if kind else [])) == page
    return page


def printed_change(reader: Client, year: str, kind: str, key: str, part: str = "") -> str:
    """What the last column of the page's table says, as −516 (−25%)."""
    rows = page_of(reader, [("period", year), ("kind", KINDS[kind])]).rows
    if part:
        found = [row for row in rows if row.attributes.get("data-measure") == key and row.cells[0].strip() == part]
    else:
        found = [row for row in rows if row.attributes.get("id") == key]
    return found[0].cells[-1].strip()


WORKSHOP = "Anti-Racist Practice in Safeguarding: Team Workshop"
# Each headline by its name: year, kind of event ("" for all), measure, and the part of a breakdown.
WHERE: dict[str, tuple[str, ...]] = {
    "attendances at courses 2022-23": ("2022-23", "Course", "attendances"),
    "courses delivered 2022-23": ("2022-23", "Course", "events_delivered"),
    "school employees in single-agency sessions 2022-23": ("2022-23", "Single agency", "attendances"),
    "schools": ("2022-23", "Single agency", "organisations_reached"),
    "conference delegates 2022-23": ("2022-23", "Conference", "attendances"),
    "conference delegates 2024-25": ("2024-25", "Conference", "attendances"),
    "attendances at courses 2024-25": ("2024-25", "Course", "attendances"),
    "team workshop attendances on anti-racist practice 2024-25": ("2024-25", "Team workshop", "attendances_by_course", WORKSHOP),
    "course evaluations 2024-25": ("2024-25", "Course", "evaluations"),
    "rated good or excellent pct": ("2024-25", "Course", "rated_good_or_excellent_pct"),
    "confidence rose pct": ("2024-25", "Course", "confidence_rose_pct"),
    "conference evaluations by QR": ("2024-25", "Conference", "evaluations_by_channel", "QR code"),
    "conference response rate pct": ("2024-25", "Conference", "response_rate_pct"),
    "conference rated good or excellent pct": ("2024-25", "Conference", "rated_good_or_excellent_pct"),
    "conference likely to apply pct": ("2024-25", "Conference", "likely_to_apply_pct"),
    "follow-ups sent": ("2024-25", "", "follow_ups_sent"),
    "follow-ups answered": ("2024-25", "", "follow_ups_answered"),
    "changed practice pct": ("2024-25", "", "changed_practice_pct"),
    "e-learning modules": ("2024-25", "", "elearning_modules"),
    "e-learning people completing at least one": ("2024-25", "", "elearning_people"),
    "e-learning completions": ("2024-25", "", "elearning_completions"),
    "podcast episodes": ("2024-25", "", "podcast_episodes"),
    "podcast listens": ("2024-25", "", "podcast_listens"),
}
# Headlines that compare two years: what the page prints as the change, and how the headline stands in it.
CHANGES: dict[str, tuple[tuple[str, ...], str]] = {
    "change in attendances at courses on 2021-22": (("2022-23", "Course", "attendances"), "{:+,} (−25%)"),
    "change in cancellations pct": (("2022-23", "Course", "cancelled_by_delegate"), "−46 ({:+}%)"),
    "change in voluntary and community attendances 2023-24 -> 2024-25 pct (75 -> 99)": (
        ("2024-25", "Course", "attendances_by_sector", "Voluntary and community"),
        "+24 ({:+}%)",
    ),
}
CANCELLING = "delegates cancelling 2021-22 -> 2022-23"


@pytest.mark.parametrize("headline", WHERE)
def test_a_headline_is_printed(reader: Client, headline: str) -> None:
    year, kind, key, *part = WHERE[headline]
    found = everywhere(reader, year, kind)[key]
    assert (found[part[0]] if part else found) == HEADLINES[headline]


@pytest.mark.parametrize("headline", CHANGES)
def test_a_headline_about_a_change_is_printed(reader: Client, headline: str) -> None:
    where, how = CHANGES[headline]
    assert printed_change(reader, *where) == how.format(HEADLINES[headline]).replace("-", "−")


def test_the_headline_about_cancelling_is_printed_for_both_years(reader: Client) -> None:
    years = [everywhere(reader, year, "Course")["cancelled_by_delegate"] for year in ("2021-22", "2022-23")]
    assert years == HEADLINES[CANCELLING]


def test_no_headline_is_left_out() -> None:
    assert {*WHERE, *CHANGES, CANCELLING} == set(HEADLINES)


def test_podcast_counters_stand_apart(reader: Client) -> None:
    assert everywhere(reader, "2024-25")["podcast_listens_by_source"] == {"Website": 264, "YouTube": 270}


def test_each_hosts_share_of_the_joint_conference_stands_apart(reader: Client) -> None:
    conference = everywhere(reader, "2024-25", "Conference")
    assert conference["joint_attendances_by_host"] == {
        "Riverside": 260,
        "Richford": 30,
        "Kingsbridge": 23,
        "Out of area, counted for Riverside as lead host": 6,
    }
    assert conference["own_share_attendances"] == 266
