"""The partner agencies of a partnership: seen, added, removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.charging.reading import payer_class_of
from bookings.models import Condition, ConditionKind, PayerClass
from bookings.operations import book_place, set_conditions
from bookings.wanted import Wanted
from core.models import AuditEntry
from core.refusals import Refused
from people.models import Organisation, PartnerAgency, Person
from people.operations import add_partner_agencies, remove_partner_agency
from tests.factories.bookings import bookable_event
from tests.factories.people import (
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    subgroup_member,
)

pytestmark = pytest.mark.django_db

LIST, ADD = "/office/partnership/partners/", "/office/partnership/partners/add/"


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def text_of(response: Any) -> str:
    return " ".join(str(response.content.decode()).split())


def partner(**fields: Any) -> PartnerAgency:
    return PartnerAgency.objects.create(partnership=PartnershipFactory(), organisation=OrganisationFactory(**fields))


def names(response: Any) -> list[str]:
    return [getattr(one, "organisation", one).name for one in response.context["page"]]


def test_until_one_is_named_the_page_says_what_that_means(client: Client, olu: Person) -> None:
    assert "No partner agency is named yet" in text_of(client.get(LIST))


def test_several_are_added_at_once_and_audited(client: Client, olu: Person) -> None:
    oak, ash, _ = OrganisationFactory(name="Oak"), OrganisationFactory(name="Ash"), OrganisationFactory(name="Elm")
    done = client.post(ADD, {"organisations": [str(oak.pk), str(ash.pk)]}, follow=True)
    assert "2 partner agencies added." in text_of(done)
    assert names(done) == ["Ash", "Oak"]
    assert [name for name in names(client.get(ADD)) if "School" not in name] == ["Elm"]
    entries = AuditEntry.objects.filter(action="partner agency added")
    assert sorted(entry.changes["organisation"][1] for entry in entries) == sorted([str(oak.pk), str(ash.pk)])


def test_the_same_again_changes_nothing(olu: Person, at: datetime) -> None:
    oak = OrganisationFactory()
    said: Any = {"partnership": PartnershipFactory(), "organisations": [oak], "by": olu, "at": at}
    assert [len(add_partner_agencies(**said)) for _ in range(2)] == [1, 0]
    one = PartnerAgency.objects.get()
    assert [remove_partner_agency(partner=one, by=olu, at=at) for _ in range(2)] == [True, False]
    assert AuditEntry.objects.filter(action__startswith="partner agency").count() == 2


def test_nothing_ticked_is_said_in_words(client: Client, olu: Person) -> None:
    OrganisationFactory()
    assert "Tick at least one organisation." in text_of(client.post(ADD, {}))


def test_one_that_has_ended_is_not_offered(client: Client, olu: Person) -> None:
    OrganisationFactory(name="Gone", valid_to=date(2026, 12, 31))
    assert "Gone" not in names(client.get(ADD))


def test_both_lists_are_searched_by_name_or_sector(client: Client, olu: Person) -> None:
    partner(name="Oak School")
    partner(name="Ash School")
    OrganisationFactory(name="Elm School")
    assert names(client.get(LIST, {"q": "oak primary"})) == ["Oak School"]
    assert names(client.get(ADD, {"q": "elm"})) == ["Elm School"]
    assert "No partner agency fits" in text_of(client.get(LIST, {"q": "zebra"}))
    assert "No other organisation fits" in text_of(client.get(ADD, {"q": "zebra"}))


def test_what_follows_is_said_before_one_is_removed(client: Client, olu: Person) -> None:
    oak = partner(name="Oak")
    Condition.objects.create(event=bookable_event(), kind=ConditionKind.PARTNERS_ONLY)
    page = text_of(client.get(f"{LIST}{oak.pk}/remove/"))
    assert "Is Oak no longer a partner agency?" in page
    assert "only people from partner agencies do: 1 event to come. Who is booked keeps the place" in page
    assert "bookings from there pay as everybody else" in page
    assert "no partner agency is left, so only officers can book people for that event" in page
    assert PartnerAgency.objects.count() == 1
    assert "Oak is no longer a partner agency." in text_of(client.post(f"{LIST}{oak.pk}/remove/", follow=True))
    assert PartnerAgency.objects.count() == 0
    assert AuditEntry.objects.filter(action="partner agency removed").count() == 1


def test_the_condition_and_the_payer_class_follow_the_list(olu: Person, at: datetime) -> None:
    event, person = bookable_event(), PersonFactory()
    where: Any = (event.lead_host_id, person.organisation_id, person.organisation_state)
    partner()
    set_conditions(event=event, wanted=[Wanted(ConditionKind.PARTNERS_ONLY)], by=olu, at=at)
    with pytest.raises(Refused) as refused:
        book_place(event=event, person=person, by=person, at=at)
    assert (refused.value.code, payer_class_of(*where)) == ("partners_only", PayerClass.OTHER)
    organisations = Organisation.objects.filter(pk=person.organisation_id)
    add_partner_agencies(partnership=event.lead_host, organisations=organisations, by=olu, at=at)
    assert book_place(event=event, person=person, by=person, at=at).status == "confirmed"
    assert payer_class_of(*where) == PayerClass.PARTNER


def test_the_condition_says_when_none_is_named_and_leads_there(client: Client, olu: Person) -> None:
    address = f"/office/events/{bookable_event().pk}/conditions/"
    link = f'<a class="govuk-link" href="{LIST}">'
    assert f"No partner agency is named yet: name them first, or nobody could book. {link}" in text_of(client.get(address))
    partner()
    assert f"1 partner agency is named. {link}See the partner agencies" in text_of(client.get(address))


def test_another_partnerships_are_neither_seen_nor_removed(client: Client, olu: Person) -> None:
    other = PartnerAgency.objects.create(partnership=OtherPartnershipFactory(), organisation=OrganisationFactory())
    assert names(client.get(LIST)) == []
    assert client.post(f"{LIST}{other.pk}/remove/").status_code == 404
    assert PartnerAgency.objects.count() == 1


def test_only_who_manages_organisations_sees_them(client: Client) -> None:
    client.force_login(subgroup_member(), backend="allauth.account.auth_backends.AuthenticationBackend")
    one = partner()
    assert [client.get(address).status_code for address in (LIST, ADD, f"{LIST}{one.pk}/remove/")] == [403, 403, 403]


@pytest.mark.parametrize("address", [LIST, ADD])
def test_the_lists_ask_a_fixed_number_of_questions(client: Client, olu: Person, address: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    partner(), OrganisationFactory()
    asked()
    first = asked()
    for _ in range(3):
        partner(), OrganisationFactory()
    assert asked() == first


def test_many_are_paged(client: Client, olu: Person) -> None:
    for _ in range(60):
        partner()
    assert len(names(client.get(LIST, {"page": "2"}))) == 10
