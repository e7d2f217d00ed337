from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from elearning.models import Module
from people.models import Partnership, Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import officer, subgroup_member, trainer
from tests.website.pages import titles, words

pytestmark = pytest.mark.django_db


def test_before_there_is_a_partnership_the_page_says_how_to_begin(client: Client, db: None) -> None:
    assert words(client.get("/")).count("This site has no partnership.") == 1


def test_an_empty_programme_says_so(client: Client, partnership: Partnership) -> None:
    assert words(client.get("/")).count("No events at the moment") == 1


def test_the_next_six_events_are_there_with_their_places(client: Client, partnership: Partnership) -> None:
    for day in range(1, 9):
        bookable_event(title=f"E{day}", course=None, places=5, first_start=datetime(2027, 2, day, 9, 30, tzinfo=UTC))
    response = client.get("/")
    assert titles(response) == ["E1", "E2", "E3", "E4", "E5", "E6"]
    assert words(response).count("5 places left") == 6


def test_short_learning_stands_shortest_first(client: Client, partnership: Partnership) -> None:
    for title, minutes in (("Long", 40), ("Short", 10), ("Unknown", None), ("Middle", 20)):
        Module.objects.create(partnership=partnership, title=title, minutes=minutes)
    assert titles(client.get("/")) == ["Short", "Middle", "Long"]


def test_somebody_signed_in_sees_their_next_date_and_what_is_for_their_sector(signed_in: Client, person: Person) -> None:
    BookingFactory(person=person, event=bookable_event(title="Mine"))
    bookable_event(title="For schools").for_sectors.set([person.sector])
    page = words(signed_in.get("/"))
    assert page.count("Next up for you Mine Tuesday 26 January 2027") == 1
    assert page.count("Because you work in primary schools") == 1


@pytest.mark.parametrize(
    ("role", "links"),
    [
        (None, ["Find learning", "My learning", "Podcasts"]),
        (trainer, ["Find learning", "My learning", "Podcasts", "Registers"]),
        (subgroup_member, ["Find learning", "My learning", "Podcasts", "Reports"]),
        (officer, ["Find learning", "My learning", "Podcasts", "Registers", "Office", "Reports"]),
    ],
)
def test_the_menu_offers_what_each_role_may_do(client: Client, partnership: Partnership, role: object, links: list[str]) -> None:
    if callable(role):
        client.force_login(role(), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/").content.decode()
    menu = page.split('id="navigation">')[1].split("</ul>")[0]
    assert [part.split(">")[1].split("<")[0] for part in menu.split("<a ")[1:]] == links


def test_the_plain_pages_open(client: Client, partnership: Partnership) -> None:
    module = Module.objects.create(partnership=partnership, title="Bruising in babies")
    for path in ("/accessibility/", "/privacy/", f"/modules/{module.pk}/", "/components/"):
        assert client.get(path).status_code == 200


def test_no_page_carries_styles_or_scripts_of_its_own(client: Client, partnership: Partnership) -> None:
    bookable_event()
    for path in ("/", "/events/", "/components/", "/accessibility/"):
        page = client.get(path).content.decode()
        assert (page.count(" style="), page.count("<style"), page.count("<script>"), page.count("onclick")) == (0, 0, 0, 0)


def test_a_page_that_is_not_there_says_who_can_help(client: Client, partnership: Partnership) -> None:
    response = client.get("/nothing/here/")
    assert (response.status_code, response.content.count(b"training@riverside.example") > 0) == (404, True)


def test_a_page_that_is_not_open_says_who_can_help(signed_in: Client) -> None:
    response = signed_in.get("/office/")
    assert response.status_code == 403
    assert response.content.count(b"This page is not open to you</h1>") == 1
    assert response.content.count(b"mailto:training@riverside.example") >= 1
