"""The report over the four imported years: what it says, what it holds, and the names that stand nowhere in it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from elearning.models import Module
from events.models import Event
from people.models import Organisation, Person
from podcasts.models import Episode
from reports.exports import HEADER
from reports.measures import MEASURES

pytestmark = pytest.mark.django_db

ADDRESSES = ["/reports/reach.csv", "/reports/reach_organisations.csv"]
NAMED: list[tuple[Any, str]] = [(Organisation, "name"), (Event, "title"), (Module, "title"), (Episode, "title")]


def test_no_name_or_address_of_anybody_stands_on_any_page_or_in_any_file(reader: Client) -> None:
    pages = [reverse("reach_report"), *(reverse("measure", args=[key]) for key in MEASURES), *ADDRESSES]
    texts = [reader.get(page, {"period": year}).content.decode() for page in pages for year in ("2022-23", "2024-25")]
    words = {word for text in texts for word in re.findall(r"[\w'’-]+", text)}
    names = set(Person.objects.exclude(surname="Zzofreports").values_list("forename", "surname"))
    assert len(names) > 500
    assert "Adultification" in words
    assert {" ".join(name) for name in names if any(" ".join(name) in text for text in texts)} == set()
    # A few names are also a word of an organisation or a title; May is a month.
    titles = [name for model, field in NAMED for name in model.objects.values_list(field, flat=True)]
    ours = {"May"} | {word for title in titles for word in re.findall(r"[\w'’-]+", title)}
    assert {part for name in names for part in name if part in words} - ours == set()
    assert {address for text in texts for address in re.findall(r"[\w.+-]+@[\w.-]+", text)} == set()


def test_without_a_period_it_is_the_last_financial_year_with_figures(reader: Client) -> None:
    assert reader.get(reverse("reach_report")).context["question"].period.text == "2024-25"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"period": "2030-31"}, "2030-31 begins on Monday 1 April 2030"),
        ({"period": "2019-20"}, "Nothing was counted in 2019-20"),
        ({"period": "2024-25", "kind": "briefing"}, "Nothing was counted here in 2024-25"),
    ],
)
def test_a_period_without_figures_says_so(reader: Client, asked: dict[str, str], says: str) -> None:
    assert says in reader.get(reverse("reach_report"), asked).content.decode()


def test_two_days_of_ones_own_become_a_period_in_the_list(reader: Client) -> None:
    response = reader.get(reverse("reach_report"), {"from": "2022-11-01", "to": "2023-02-28"})
    assert response.context["question"].period.text == "01/11/2022 to 28/02/2023"
    assert response.context["form"]["period"].value() == "01/11/2022 to 28/02/2023"
    assert ">1 Nov 2022 to 28 Feb 2023</option>" in response.content.decode()
    assert reader.get(reverse("reach_report"), {"period": "01/11/2022 to 28/02/2023"}).context["question"].period.name == (
        "1 Nov 2022 to 28 Feb 2023"
    )


def test_the_page_says_what_moved_and_why(reader: Client) -> None:
    page = reader.get(reverse("reach_report"), {"period": "2024-25", "kind": "course"}).content.decode()
    assert (
        "Attendances fell from 904 in 2023-24 to 750 (−17%): events delivered fell from 71 to 62, and attendances at each fell "
        "from 12.7 to 12.1 on average." in page
    )
    assert (
        "By sector, the most added came from Voluntary and community (75 to 99, +32%) and the most lost from Primary schools "
        "(285 to 207, −27%)." in page
    )
    assert "The did-not-attend rate rose from 10.0% to 10.5% (88 of 838)." in page
    assert "1 event has no register yet: nobody there is counted until it is taken." in page
    assert "12 attendances name an organisation nobody could match yet." in page


def test_each_row_of_a_breakdown_leads_to_the_rows_behind_it(reader: Client) -> None:
    page = reader.get(reverse("reach_report"), {"period": "2024-25"}).content.decode()
    address = "/reports/reach/attendances/?period=2024-25&amp;sector=Not+matched"
    assert f'href="{address}"' in page
    assert "12</strong> attendances" in reader.get(address.replace("&amp;", "&")).content.decode()


def test_the_file_opens_in_a_spreadsheet_and_holds_every_sum(reader: Client) -> None:
    response = reader.get(reverse("reach_csv"), {"period": "2024-25", "kind": "course"})
    assert response.headers["Content-Disposition"] == 'attachment; filename="reach-2024-04-01-to-2025-03-31.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.content.count(b"\r\n") == response.content.count(b"\n")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == HEADER
    rate = next(row for row in rows if row["Key"] == "did_not_attend_rate_pct")
    assert [rate[name] for name in ("Figure", "Unit", "Numerator", "Denominator")] == ["10.5", "%", "88", "838"]
    assert [rate[name] for name in ("Figure before", "Numerator before", "Denominator before")] == ["10.0", "101", "1005"]
    sector = next(row for row in rows if row["Part"] == "Voluntary and community")
    assert [sector[name] for name in ("Numerator", "Denominator", "Change", "Change in percent")] == ["99", "750", "24", "32"]
