"""What leaves as CSV opens in a spreadsheet as it is and runs nothing."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.csv_out import FORMULA_STARTS, csv_response, csv_text, neutral


@pytest.mark.parametrize("cell", ["=1+1", "+44 20", "-1+1", "@SUM(A1)", "\tx", "\rx", " =1", "＝1", "\n=1"])
def test_a_cell_that_begins_like_a_formula_gets_a_quote_before_it(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Oak Primary", "a=b", "", "-87", "-3.5%", "-1,204", "1 of 4"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    assert neutral(cell) == cell


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell() -> None:
    assert [neutral(cell) for cell in (-3, 2.5, None)] == [-3, 2.5, ""]


def test_a_file_has_a_byte_order_mark_and_windows_line_ends() -> None:
    response = csv_response("reach.csv", ["Sector", "n"], [["Housing, all", 3]])
    assert response.content == b'\xef\xbb\xbfSector,n\r\n"Housing, all",3\r\n'
    assert response.headers["Content-Disposition"] == 'attachment; filename="reach.csv"'
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_no_cell_ever_begins_like_a_formula_and_text_comes_back(row: list[str]) -> None:
    text = csv_text(["h"] * len(row), [row]).removeprefix("\ufeff")
    [_, found] = list(csv.reader(io.StringIO(text, newline="")))
    for typed, cell in zip(row, found, strict=True):
        plain = typed.replace("\x00", "")
        assert cell in (plain, f"'{plain}")
        assert not cell.lstrip().startswith(FORMULA_STARTS) or neutral(plain) == plain
