"""What the components need to draw themselves: small sums and questions that templates can't ask."""

from __future__ import annotations

from collections.abc import Iterator

from django import template
from django.core.paginator import Page

register = template.Library()


@register.filter
def minus(value: object, taken: object) -> int:
    """The difference of two whole numbers; an empty one counts as nothing."""
    return _whole(value) - _whole(taken)


@register.filter
def plus(value: object, more: object) -> int:
    """The sum of two whole numbers; an empty one counts as nothing."""
    return _whole(value) + _whole(more)


@register.filter
def share_of(part: object, whole: object) -> str:
    """A part of a whole as the length of a bar on a scale of 0 to 100: never more than all of it, and nothing of nothing."""
    of = float(str(whole or 0))
    share = 100 * float(str(part or 0)) / of if of else 0.0
    return f"{min(100.0, max(0.0, share)):.2f}".rstrip("0").rstrip(".")


@register.filter
def one_of(value: object, words: str) -> bool:
    """Whether the value is one of the words, which stand apart by spaces."""
    return str(value) in words.split()


@register.filter
def starts_with(value: object, start: str) -> bool:
    return bool(start) and str(value or "").startswith(start)


@register.filter
def page_numbers(page: Page) -> Iterator[int | str]:
    """The numbers under a long list, with gaps: 1 … 4 5 6 … 12."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


def _whole(value: object) -> int:
    return int(str(value or 0))
