"""Shares and changes as every page and report prints them: rounded half up, away from zero where negative.

Python's own ``round`` takes a half to the even neighbour and databases differ, so figures are rounded here and nowhere else.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def rounded(value: Decimal, decimals: int) -> Decimal:
    """2.25 to one decimal is 2.3, and -2.25 is -2.3."""
    result = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result  # never "-0.0"


def percent(n: int, of: int, decimals: int = 1) -> Decimal | None:
    """How many of a hundred. None where there is nothing to take a share of."""
    if of == 0:
        return None
    return rounded(Decimal(n * 100) / Decimal(of), decimals)


def change(now: int, before: int) -> int:
    """How many more (or, negative, fewer) than in the period before."""
    return now - before


def change_percent(now: int, before: int) -> int | None:
    """The change against the period before in whole percent. None where there was nothing before."""
    if before == 0:
        return None
    return int(rounded(Decimal((now - before) * 100) / Decimal(before), 0))
