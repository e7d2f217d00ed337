"""The officers' page of the lists behind events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.operations import book_place
from courses.models import Level, Priority, Theme
from events.models import Recommendation, Review, Venue
from notifications.models import Message
from people.models import Partnership, Person
from tests.factories.bookings import bookable_event
from tests.factories.courses import ThemeFactory
from tests.factories.events import VenueFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, subgroup_member, trainer
from tests.office.pages import sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("olu")]

PAGE = "/office/lists/"
TAGS = [("themes", Theme), ("levels", Level), ("priorities", Priority)]


def at_list(key: str, **more: Any) -> str:
    return f"{PAGE}?" + "&".join(f"{name}={value}" for name, value in {"list": key, **more}.items())


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    assert "<title>Error: " in response.content.decode()
    return dict(response.context["form"].errors)


def review_of(partnership: Partnership, title: str, recommendations: int = 1) -> Review:
    review = Review.objects.create(partnership=partnership, title=title)
    for number in range(recommendations):
        Recommendation.objects.create(review=review, number=str(number + 1), text=f"Ask {number + 1} times")
    return review


@pytest.mark.parametrize(("key", "model"), TAGS)
def test_a_tag_is_added_and_renamed(client: Client, key: str, model: Any) -> None:
    address = at_list(key)
    assert client.post(address, sent_by(client.get(address), name="Neglect")).url == address
    change = at_list(key, change=model.objects.get().pk)
    assert sent_by(client.get(change))["name"] == ["Neglect"]
    assert client.post(change, {"name": "Neglect and poverty"}).url == address
    assert list(model.objects.values_list("partnership", "name")) == [(PartnershipFactory().pk, "Neglect and poverty")]


@pytest.mark.parametrize(("key", "model"), TAGS)
def test_a_taken_name_is_refused_at_its_field_and_nothing_is_lost(client: Client, key: str, model: Any) -> None:
    for name in ("Neglect", "Abuse"):
        model.objects.create(partnership=PartnershipFactory(), name=name)
    change = at_list(key, change=model.objects.get(name="Abuse").pk)
    for address in (at_list(key), change):
        response = client.post(address, {"name": "NEGLECT"})
        assert errors(response) == {"name": ["“Neglect” has this name already. Choose another one."]}
        assert response.context["form"]["name"].value() == "NEGLECT"
    assert "Change “Abuse”" in response.content.decode()
    assert sorted(model.objects.values_list("name", flat=True)) == ["Abuse", "Neglect"]


def test_a_venue_is_added_and_changed(client: Client) -> None:
    address = at_list("venues")
    client.post(address, {"name": "Town Hall", "address": "1 High Street", "room_places": "30"})
    venue = Venue.objects.get()
    change = at_list("venues", change=venue.pk)
    client.post(change, sent_by(client.get(change), address="2 High Street", is_online="on"))
    venue.refresh_from_db()
    assert (venue.name, venue.address, venue.room_places, venue.is_online) == ("Town Hall", "2 High Street", 30, True)
    assert list(errors(client.post(address, {"name": "town hall"}))) == ["name"]
    assert list(errors(client.post(change, {"name": "Town Hall", "room_places": "many"}))) == ["room_places"]


def test_a_review_and_its_recommendations_are_added_and_changed(client: Client) -> None:
    back = at_list("reviews")
    assert client.post(back, {"title": "Learning review 7"}).url == back
    review = Review.objects.get()
    add = at_list("recommendations", review=review.pk)
    assert client.get(add).status_code == 200
    assert client.post(add, {"number": "1", "text": "Ask twice"}).url == back
    assert list(errors(client.post(add, {"number": "1", "text": "Again"}))) == ["number"]
    change = at_list("recommendations", change=Recommendation.objects.get().pk)
    client.post(change, sent_by(client.get(change), text="Ask three times"))
    client.post(at_list("reviews", change=review.pk), {"title": "Learning review Seven"})
    assert [str(one) + ": " + one.text for one in Recommendation.objects.all()] == [
        "Learning review Seven, recommendation 1: Ask three times"
    ]


def test_recommendations_stand_in_the_order_of_their_numbers(client: Client) -> None:
    review_of(PartnershipFactory(), "Learning review 7", recommendations=11)
    page = client.get(at_list("reviews")).context["page"]
    assert [one.number for one in page[0].recommendations.all()] == [str(number) for number in range(1, 12)]


def test_the_page_one_was_on_comes_back(client: Client) -> None:
    for number in range(51):
        theme = ThemeFactory(name=f"Theme {number:02}")
    page = client.get(at_list("themes", page=2))
    assert [one.name for one in page.context["page"]] == ["Theme 50"]
    change = at_list("themes", change=theme.pk, page=2)
    assert change.replace("&", "&amp;").removeprefix(PAGE) in page.content.decode()
    assert client.post(change, {"name": "Theme 99"}).url == at_list("themes", page=2)


def test_opening_a_page_changes_nothing_and_nothing_is_deleted(client: Client) -> None:
    theme = ThemeFactory(name="Neglect")
    client.get(at_list("themes", change=theme.pk, name="Other"))
    assert client.delete(at_list("themes", change=theme.pk)).status_code == 405
    assert list(Theme.objects.values_list("name", flat=True)) == ["Neglect"]


def test_an_unknown_list_is_the_list_of_themes(client: Client) -> None:
    assert client.get(at_list("kings")).context["shown"].key == client.get(PAGE).context["shown"].key == "themes"


def booked_at(venue: Venue) -> None:
    for _ in range(2):
        person = PersonFactory()
        book_place(event=bookable_event(venue=venue, title="Neglect"), person=person, by=person, at=timezone.now())


def test_who_would_be_told_of_another_address_is_shown_before_it_is_saved(client: Client) -> None:
    venue = VenueFactory(name="Town Hall", address="1 High Street")
    with time_machine.travel(datetime(2027, 1, 11, 9, tzinfo=UTC), tick=False):
        booked_at(venue)
        written, change = Message.objects.count(), at_list("venues", change=venue.pk)
        asked = client.post(change, sent_by(client.get(change), address="2 High Street"))
        for words in ("2 people with a place will be told", "Town Hall, 2 High Street", "2 events to come here"):
            assert words in asked.content.decode()
        venue.refresh_from_db()
        assert (Message.objects.count(), venue.address) == (written, "1 High Street")
        back = client.post(change, sent_by(asked, again="yes"))
        assert sent_by(back)["address"] == ["2 High Street"]
        assert client.post(change, sent_by(asked, checked="yes")).url == at_list("venues")
    venue.refresh_from_db()
    assert (Message.objects.count(), venue.address) == (written + 2, "2 High Street")


def test_a_refusal_comes_before_the_question_who_would_be_told(client: Client) -> None:
    venue, _ = VenueFactory(name="Town Hall"), VenueFactory(name="Library")
    with time_machine.travel(datetime(2027, 1, 11, 9, tzinfo=UTC), tick=False):
        booked_at(venue)
        change = at_list("venues", change=venue.pk)
        assert list(errors(client.post(change, sent_by(client.get(change), name="library")))) == ["name"]


@pytest.mark.parametrize("key", ["themes", "levels", "priorities", "venues", "reviews"])
def test_a_list_asks_the_database_as_often_for_one_as_for_three(client: Client, key: str) -> None:
    ours, counts = PartnershipFactory(), []
    for name in ("A", "B", "C"):
        for model in (Theme, Level, Priority, Venue):
            model.objects.create(partnership=ours, name=name)
        review_of(ours, name, recommendations=2)
        with CaptureQueriesContext(connection) as asked:
            client.get(at_list(key))
        counts.append(len(asked))
    assert counts == [counts[0]] * 3


def test_what_is_another_partnerships_is_not_there(client: Client) -> None:
    other = OtherPartnershipFactory()
    review = review_of(other, "Theirs")
    addresses = [
        at_list("themes", change=ThemeFactory(partnership=other, name="Theirs").pk),
        at_list("venues", change=VenueFactory(partnership=other, name="Theirs").pk),
        at_list("reviews", change=review.pk),
        at_list("recommendations", review=review.pk),
        at_list("recommendations", change=review.recommendations.get().pk),
        at_list("recommendations"),
        at_list("themes", change="x"),
    ]
    typed = {"name": "Ours", "title": "Ours", "number": "9", "text": "Ours"}
    assert [client.get(address).status_code for address in addresses] == [404] * 7
    assert [client.post(address, typed).status_code for address in addresses] == [404] * 7
    for key in ("themes", "venues", "reviews"):
        assert "Theirs" not in client.get(at_list(key)).content.decode()


@pytest.mark.parametrize("who", [PersonFactory, trainer, subgroup_member])
def test_only_officers_keep_the_lists(client: Client, olu: Person, who: Any) -> None:
    client.force_login(who())
    assert [client.get(PAGE).status_code, client.post(PAGE, {"name": "x"}).status_code] == [403, 403]


def test_a_venues_slip_of_the_pen_is_put_right_without_telling_anybody(client: Client) -> None:
    venue = VenueFactory(name="Town Hall", address="1 High Stret")
    with time_machine.travel(datetime(2027, 1, 11, 9, tzinfo=UTC), tick=False):
        booked_at(venue)
        written, change = Message.objects.count(), at_list("venues", change=venue.pk)
        asked = client.post(change, sent_by(client.get(change), address="1 High Street"))
        assert "Correct it quietly" in asked.content.decode()
        assert "reminders and joining instructions still to come say the new one" in asked.content.decode()
        assert client.post(change, sent_by(asked, checked="quietly")).url == at_list("venues")
        assert "“Town Hall” is saved. Nobody was written to." in client.get(at_list("venues")).content.decode()
    venue.refresh_from_db()
    assert (Message.objects.count(), venue.address) == (written, "1 High Street")
