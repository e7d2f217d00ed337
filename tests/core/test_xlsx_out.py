"""A workbook read back by another library holds what was put in, and nothing that runs."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.xlsx_out import xlsx_bytes, xlsx_response
from tests.architecture.rooms import ROOT


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(rows: list[list[object]], header: list[str] | None = None) -> list[tuple[object, ...]]:
    header = header or [f"Column {number}" for number in range(len(rows[0]))]
    return list(read(xlsx_bytes("Charges", header, rows)).active.iter_rows(min_row=2, values_only=True))


def test_text_dates_instants_and_amounts_come_back_as_what_they_were():
    summer = datetime(2027, 7, 1, 8, 30, tzinfo=UTC)
    row = ["Café", date(2027, 1, 26), summer, Decimal("75.50"), Decimal("-75.50"), 3, True, None, ""]
    assert cells([row]) == [
        ("Café", datetime(2027, 1, 26), datetime(2027, 7, 1, 9, 30), 75.5, -75.5, 3, "Yes", None, None)  # noqa: DTZ001
    ]


def test_dates_and_amounts_are_shown_as_such():
    sheet = read(xlsx_bytes("Charges", ["Day", "Amount"], [[date(2027, 1, 26), Decimal("1204.5")]])).active
    assert (sheet["A2"].is_date, sheet["A2"].number_format, sheet["B2"].number_format) == (True, "dd/mm/yyyy", "#,##0.00")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x")',
        "+44 20",
        "-5",
        "@SUM(A1)",
        "\t=1",
        "0012",
        "1e5",
        "https://x.example",
        "{=1}",
        "=_x0041_",
    ],
)
def test_text_stays_text_whatever_it_looks_like(text):
    sheet = read(xlsx_bytes("Charges", ["Text"], [[text]])).active
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].hyperlink) == (text, "s", None)


def test_the_header_is_text_too():
    assert read(xlsx_bytes("Charges", ["=1+1"], [])).active["A1"].data_type == "s"


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_makes_a_workbook_that_opens_and_never_a_formula(text):
    sheet = read(xlsx_bytes("Charges", ["Text", "End"], [[text, "end"]])).active
    assert sheet["A2"].data_type in ("s", "n") if not text else sheet["A2"].data_type != "f"
    assert sheet["B2"].value == "end"


def test_what_no_workbook_can_hold_is_left_out():
    assert cells([["a\x00b\x1bc", "x" * 40_000]])[0] == ("abc", "x" * 32_767)


def test_the_same_rows_make_the_same_file():
    assert xlsx_bytes("Charges", ["A"], [["b"]]) == xlsx_bytes("Charges", ["A"], [["b"]])


def test_a_browser_saves_it_under_its_name():
    response = xlsx_response("charges-7.xlsx", "Charges", ["A"], [["b"]])
    assert response.headers["Content-Disposition"] == 'attachment; filename="charges-7.xlsx"'
    assert response.content[:2] == b"PK"


def test_only_who_downloads_a_workbook_waits_for_the_library():
    code = "import core.xlsx_out, sys; assert 'xlsxwriter' not in sys.modules"
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings"}
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment).returncode == 0
