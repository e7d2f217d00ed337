"""What the people of an event need, as officers see it: counts for the caterer, names apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bookings.due import delete_needs
from bookings.needs import Needs
from bookings.operations import book_place
from people.models import Person
from tests.factories.bookings import bookable_event
from tests.factories.people import PersonFactory, officer, trainer

pytestmark = pytest.mark.django_db
CANARY = "Zanthoxylum allergy"
ADDRESSES = ("office_event_needs", "office_event_needs_sheet", "office_event_needs_csv")


@pytest.fixture
def event(at):
    made = bookable_event(title="Neglect")
    needs = Needs(("vegan",), CANARY, ("step_free",), "", "BSL")
    for forename, said in (("Ana", needs), ("Ben", Needs(("vegan",)))):
        person = PersonFactory(forename=forename, surname="Bell")
        book_place(event=made, person=person, by=person, at=at, needs=said)
    return made


@pytest.fixture
def olu(client: Client) -> Person:
    person = officer(forename="Olu", surname="Adeyemi")
    client.force_login(person)
    return person


def read(client: Client, name: str, event) -> str:
    response = client.get(reverse(name, args=[event.pk]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_tab_counts_and_names_apart(client, olu, event):
    html = read(client, "office_event_needs", event)
    counts, names = html.split("Who needs what", 1)
    assert ("Ana Bell" in counts, CANARY in counts, "Ana Bell" in names, CANARY in names) == (False, True, True, True)


def test_the_caterers_sheet_has_food_and_no_name(client, olu, event):
    html = read(client, "office_event_needs_sheet", event)
    assert ('<td class="t-break">Vegan</td><td>2</td>' in html, CANARY in html) == (True, True)
    assert ("Bell" in html, "Step-free" in html, "BSL" in html, "2 people expected" in html) == (False, False, False, True)


def test_the_file_has_counts_and_no_name(client, olu, event):
    text = client.get(reverse("office_event_needs_csv", args=[event.pk])).content.decode("utf-8-sig")
    assert text.splitlines() == [
        "Kind,Need,How many",
        "Food,Vegan,2",
        f"Food,{CANARY},1",
        "Access,Step-free access,1",
        "Interpreter,BSL,1",
    ]


def test_after_the_set_days_only_counts_are_left(client, olu, event, at):
    delete_needs(at + timedelta(days=60))
    html = read(client, "office_event_needs", event)
    assert ("Vegan" in html, "The counts stay." in html, "Bell" in html, CANARY in html) == (True, True, False, False)
    assert "Something else" in read(client, "office_event_needs_sheet", event)


def test_an_event_where_nobody_needs_anything_says_so(client, olu):
    nothing = bookable_event()
    assert "Nobody has said that they need anything" in read(client, "office_event_needs", nothing)
    assert "Nobody needs anything special." in read(client, "office_event_needs_sheet", nothing)


@pytest.mark.parametrize("name", ADDRESSES)
def test_nobody_but_officers_opens_them(client, event, name):
    for person in (PersonFactory(), trainer()):
        client.force_login(person)
        assert client.get(reverse(name, args=[event.pk])).status_code == 403
