"""The lists that courses and events choose from: how each is read, written down, added to and changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Length

from bookings.operations import change_bookable_venue
from courses.models import Level, Priority, Theme
from courses.operations import add_tag, rename_tag
from events.models import Recommendation, Review, Venue
from events.operations import (
    add_recommendation,
    add_review,
    add_venue,
    change_recommendation,
    change_review,
)
from office.forms.lists import PriorityForm, RecommendationForm, ReviewForm, TagForm, VenueForm
from office.venues import check_of
from people.models import Partnership


@dataclass(frozen=True)
class NamedList:
    """``add`` takes what the form holds and where it belongs (``partnership``, or ``review``); ``change`` the row first.

    ``check`` takes what ``change`` takes and says who would be told; None for nobody.
    """

    key: str
    title: str
    one: str
    form: type[forms.Form]
    rows: Callable[[Partnership], QuerySet[Any]]
    add: Callable[..., Any]
    change: Callable[..., Any]
    check: Callable[..., Any] = lambda row, **fields: None

    @property
    def tab(self) -> str:
        """The key of the list on whose page this one stands."""
        return "reviews" if self.key == "recommendations" else self.key

    def values_of(self, row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in self.form.base_fields}


def _tags(kind: Any, key: str, title: str, form: type[forms.Form]) -> NamedList:
    return NamedList(
        key,
        title,
        str(kind._meta.verbose_name),
        form,
        lambda partnership: kind.objects.filter(partnership=partnership),
        lambda **fields: add_tag(kind, **fields),
        lambda row, **fields: rename_tag(tag=row, **fields),
    )


def _reviews(partnership: Partnership) -> QuerySet[Review]:
    return Review.objects.filter(partnership=partnership).prefetch_related(
        Prefetch("recommendations", Recommendation.objects.order_by(Length("number"), "number"))
    )


LISTS = {
    one.key: one
    for one in (
        _tags(Theme, "themes", "Themes", TagForm),
        _tags(Level, "levels", "Levels", TagForm),
        _tags(Priority, "priorities", "Priorities", PriorityForm),
        NamedList(
            "venues",
            "Venues",
            "venue",
            VenueForm,
            lambda partnership: Venue.objects.filter(partnership=partnership),
            add_venue,
            lambda row, **fields: change_bookable_venue(venue=row, **fields),
            check_of,
        ),
        NamedList(
            "reviews", "Reviews", "review", ReviewForm, _reviews, add_review,
            lambda row, **fields: change_review(review=row, **fields),
        ),
        NamedList(
            "recommendations",
            "Recommendations",
            "recommendation",
            RecommendationForm,
            lambda partnership: Recommendation.objects.filter(review__partnership=partnership).select_related("review"),
            add_recommendation,
            lambda row, **fields: change_recommendation(recommendation=row, **fields),
        ),
    )
}  # fmt: skip
TABS = {one.key: one.title for one in LISTS.values() if one.tab == one.key}
