"""Venues, reviews and recommendations, made and changed."""

from __future__ import annotations

from typing import Any

import pytest

from core.models import AuditEntry
from core.refusals import Refused
from events.models import Recommendation, Review, Venue
from events.operations import (
    add_recommendation,
    add_review,
    add_venue,
    change_recommendation,
    change_review,
    change_venue,
    ensure_venue,
)
from tests.factories.events import EventFactory, VenueFactory
from tests.factories.people import PartnershipFactory, officer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def who(at: Any) -> dict[str, Any]:
    return {"by": officer(), "at": at}


def trail() -> list[tuple[str, dict[str, Any]]]:
    return list(AuditEntry.objects.order_by("action").values_list("action", "changes"))


def test_a_venue_is_known_however_its_letters_are_written(who: Any) -> None:
    ours = PartnershipFactory()
    venue = add_venue(partnership=ours, name="Town Hall", address="1 High Street", room_places=30, **who)
    assert ensure_venue(partnership=ours, name="TOWN hall", address="Elsewhere", **who) == venue
    with pytest.raises(Refused) as refusal:
        add_venue(partnership=ours, name="town hall", **who)
    assert (refusal.value.field, list(Venue.objects.values_list("address", "room_places"))) == ("name", [("1 High Street", 30)])


def test_a_venue_is_changed_where_it_differs(who: Any) -> None:
    venue = VenueFactory(name="Town Hall")
    change_venue(venue=venue, name="Town Hall, Room 2", is_online=True, address=venue.address, **who)
    venue.refresh_from_db()
    assert (venue.name, venue.is_online) == ("Town Hall, Room 2", True)
    assert trail() == [("venue changed", {"name": [], "is_online": [False, True]})]
    change_venue(venue=venue, name="Town Hall, Room 2", **who)
    with pytest.raises(TypeError):
        change_venue(venue=venue, partnership=None, **who)
    VenueFactory(name="Library")
    with pytest.raises(Refused) as refusal:
        change_venue(venue=venue, name="library", **who)
    assert (refusal.value.code, len(trail())) == ("name_taken", 1)


def test_a_venue_stays_online_while_an_event_to_come_needs_it(who: Any) -> None:
    venue = VenueFactory(is_online=True)
    event = EventFactory(venue=venue, format="virtual", title="Neglect")
    with pytest.raises(Refused) as refusal:
        change_venue(venue=venue, is_online=False, **who)
    assert (refusal.value.field, str(refusal.value)) == (
        "is_online",
        "“Neglect” takes place here online. Give it a joining link first.",
    )
    event.joining_link = "https://meet.example/abc"
    event.save()
    assert change_venue(venue=venue, is_online=False, **who).is_online is False


def test_a_review_and_its_recommendations_are_added_and_changed(who: Any) -> None:
    review = add_review(partnership=PartnershipFactory(), title="Learning review 7", **who)
    first = add_recommendation(review=review, number="1", text="Ask twice", **who)
    second = add_recommendation(review=review, number="2", text="Write it down", **who)
    change_review(review=review, title="Learning review Seven", **who)
    change_recommendation(recommendation=first, number="1", text="Ask three times", **who)
    assert Review.objects.get().title == "Learning review Seven"
    assert list(Recommendation.objects.values_list("number", "text")) == [("1", "Ask three times"), ("2", "Write it down")]
    assert [entry for entry in trail() if entry[1]] == [
        ("recommendation changed", {"text": []}),
        ("review renamed", {"title": []}),
    ]
    refusals = [
        (lambda: add_review(partnership=review.partnership, title="learning review seven", **who), "title"),
        (lambda: add_recommendation(review=review, number="2", text="Again", **who), "number"),
        (lambda: add_recommendation(review=review, number="3", text=" ", **who), "text"),
        (lambda: change_recommendation(recommendation=second, number="1", text="x", **who), "number"),
    ]
    for refused, field in refusals:
        with pytest.raises(Refused) as refusal:
            refused()
        assert refusal.value.field == field
    assert len(trail()) == 5
