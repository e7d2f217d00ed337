"""Figures are rounded half up, the same on every machine and database."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.figures import change, change_percent, percent


@pytest.mark.parametrize(
    ("n", "of", "printed"),
    [
        (1, 8, "12.5"),
        (1, 16, "6.3"),
        (3, 16, "18.8"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 80, "1.3"),
        (0, 7, "0.0"),
        (7, 7, "100.0"),
    ],
)
def test_a_share_is_rounded_half_up_to_one_decimal(n: int, of: int, printed: str) -> None:
    assert str(percent(n, of)) == printed


def test_a_share_of_nothing_is_no_figure() -> None:
    assert percent(0, 0) is None


def test_a_share_can_be_asked_for_in_whole_percent() -> None:
    assert percent(1, 8, decimals=0) == Decimal("13")


def test_more_answers_than_people_is_more_than_a_hundred_percent() -> None:
    assert percent(9, 8) == Decimal("112.5")


@pytest.mark.parametrize(("now", "before", "expected"), [(9, 8, 13), (7, 8, -13), (8, 8, 0), (399, 400, 0), (0, 5, -100)])
def test_a_change_is_rounded_half_up_away_from_zero(now: int, before: int, expected: int) -> None:
    assert change_percent(now, before) == expected


def test_a_change_from_nothing_has_no_percentage() -> None:
    assert change_percent(5, 0) is None


def test_a_change_is_the_difference() -> None:
    assert change(7, 9) == -2
