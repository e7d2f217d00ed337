from __future__ import annotations

import pytest

from core import wording


@pytest.mark.parametrize(
    ("months", "said"),
    [
        (1, "every month"),
        (11, "every 11 months"),
        (12, "every year"),
        (18, "every 18 months"),
        (36, "every 3 years"),
        (120, "every 10 years"),
    ],
)
def test_how_often_is_said_in_years_where_they_are_whole(months: int, said: str) -> None:
    assert wording.every(months) == said
