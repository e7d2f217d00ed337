"""Local reviews and what they recommend."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import audit
from core.refusals import Refused
from core.text import one_line
from events.models import Recommendation, Review
from people.models import Partnership, Person
from people.naming import free_name, one_after_the_other


@transaction.atomic
def add_review(*, partnership: Partnership, title: str, by: Person | None, at: datetime) -> Review:
    """A review whose learning events can teach. Raises Refused where there is one of that title ("title_taken")."""
    one_after_the_other(partnership)
    title = free_name(Review.objects.filter(partnership=partnership), title, what="review", field="title")
    review = Review.objects.create(partnership=partnership, title=title)
    audit.record(action="review added", about=review, by=by, at=at)
    return review


@transaction.atomic
def change_review(*, review: Review, title: str, by: Person | None, at: datetime) -> Review:
    """Another title. Raises Refused where another review has it ("title_taken")."""
    one_after_the_other(review.partnership)
    reviews = Review.objects.filter(partnership=review.partnership)
    title = free_name(reviews, title, what="review", field="title", own=review)
    if title != review.title:
        review.title = title
        review.save(update_fields=["title"])
        audit.record(action="review renamed", about=review, by=by, at=at, changes={"title": []})
    return review


@transaction.atomic
def add_recommendation(*, review: Review, number: str, text: str, by: Person | None, at: datetime) -> Recommendation:
    """What the review recommends under that number. Raises Refused where the number is taken ("number_taken")."""
    one_after_the_other(review.partnership)
    recommendation = Recommendation.objects.create(review=review, number=_free_number(review, number), text=_text(text))
    audit.record(action="recommendation added", about=recommendation, by=by, at=at)
    return recommendation


@transaction.atomic
def change_recommendation(
    *, recommendation: Recommendation, number: str, text: str, by: Person | None, at: datetime
) -> Recommendation:
    """Another number or text. Raises Refused where another of the review has the number ("number_taken")."""
    one_after_the_other(recommendation.review.partnership)
    new = {"number": _free_number(recommendation.review, number, own=recommendation), "text": _text(text)}
    changes: dict[str, list[object]] = {name: [] for name, value in new.items() if getattr(recommendation, name) != value}
    if changes:
        recommendation.number, recommendation.text = new["number"], new["text"]
        recommendation.save(update_fields=list(changes))
        audit.record(action="recommendation changed", about=recommendation, by=by, at=at, changes=changes)
    return recommendation


def _free_number(review: Review, number: str, own: Recommendation | None = None) -> str:
    rows = Recommendation.objects.filter(review=review).select_related("review")
    return free_name(rows, number, what="recommendation", field="number", own=own)


def _text(text: str) -> str:
    text = one_line(text)
    if not text:
        raise Refused("Enter what is recommended", code="text_missing", field="text")
    return text
