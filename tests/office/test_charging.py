"""The settings of charges: off, filled with the commonest policy, shown before they are saved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.charging import COMMONEST, Policy
from bookings.models import ChargingSettings, OrganisationClass, PayerClass, PolicyVersion
from core.clock import now
from office.forms.charging import PolicyForm, initial_of
from people.models import PartnerAgency
from tests.bookings.published_policies import PUBLISHED
from tests.factories.bookings import bookable_event
from tests.factories.charging import cancelled_late, charging
from tests.factories.people import (
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    subgroup_member,
    trainer,
)
from tests.office.pages import Page, sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("olu")]

SETTINGS, PAYERS = "/office/partnership/charges/", "/office/partnership/charges/payers/"
OTHERS = ["/office/charges/", "/office/charges/lists/", SETTINGS, PAYERS]


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def saved(client: Client, **changed: Any) -> Any:
    response = client.get(SETTINGS)
    values = sent_by(response, **changed)
    for name in ("is_on", "show"):
        values.pop(name, None)
    return client.post(SETTINGS, {**values, "save": "yes"})


def test_charges_are_off_and_the_page_holds_the_commonest_policy(client: Client) -> None:
    page = client.get(SETTINGS)
    assert "Nothing is charged" in text_of(page)
    assert "Switch charges on" not in text_of(page)
    assert page.context["form"].initial == initial_of(COMMONEST)
    assert saved(client).url == SETTINGS
    version = PolicyVersion.objects.get()
    assert (version.number, Policy.of(version).rates) == (1, COMMONEST.rates)
    assert "Switch charges on" in text_of(client.get(SETTINGS))


def test_while_charges_are_off_nothing_of_them_shows_but_the_switch(client: Client) -> None:
    event = bookable_event()
    pages = ["/office/", f"/office/events/{event.pk}/", "/office/events/"]
    for address in pages:
        assert "harges" not in text_of(client.get(address))
        assert "Money" not in text_of(client.get(address))
    assert "Charges and notice" in text_of(client.get("/office/partnership/"))
    assert client.get(f"/office/events/{event.pk}/money/").status_code == 404
    charging(at=now() - timedelta(days=1))
    assert "Charges</a>" in text_of(client.get("/office/"))
    assert "Money" in text_of(client.get(f"/office/events/{event.pk}/"))


def test_what_was_typed_is_shown_in_examples_before_it_is_saved(client: Client) -> None:
    values = sent_by(client.get(SETTINGS), late_half="20", late_day="80", notice="3")
    page = client.post(SETTINGS, {**values, "show": "yes"})
    assert "Nothing is saved yet" in text_of(page)
    amounts = [(example.late[0].cost.amount, example.absence.amount) for example in page.context["examples"]]
    assert amounts == [(20, 20), (80, 80), (160, 160)]
    assert "Cancelling less than 3 working days before costs £20 for half a day and £80 for each day." in text_of(page)
    assert not PolicyVersion.objects.exists()


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_policy_can_be_typed_and_comes_back_as_it_was(client: Client, name: str) -> None:
    policy = PUBLISHED[name]
    values = {name: "" if value is None else value for name, value in initial_of(policy).items()}
    unticked = {name for name, value in values.items() if value is False}
    form = PolicyForm({name: "on" if value is True else value for name, value in values.items() if name not in unticked})
    assert form.errors == {}
    typed = form.policy()
    assert set(typed.rates) == set(policy.rates)
    assert (typed.notice, typed.notice_unit, typed.is_more_than) == (policy.notice, policy.notice_unit, policy.is_more_than)
    response = client.post(SETTINGS, {**form.data, "save": "yes"})
    assert response.status_code == 302
    assert set(Policy.of(PolicyVersion.objects.get()).rates) == set(policy.rates)


def test_saving_again_makes_a_version_and_keeps_the_text_with_the_rules(client: Client) -> None:
    saved(client)
    saved(client, notice="5")
    first, second = PolicyVersion.objects.order_by("number")
    assert "2 working days before" in first.text
    assert "5 working days before" in second.text
    page = client.get(SETTINGS)
    assert [counts for _, _, counts in page.context["versions"]] == [True, False]
    assert "Save as a new version" in text_of(page)


def test_an_own_text_is_kept(client: Client) -> None:
    saved(client, text="Please ring us.")
    assert PolicyVersion.objects.get().text == "Please ring us."
    assert client.get(SETTINGS).context["form"].initial["text"] == "Please ring us."


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"notice": "-1"}, "notice", "Notice can't be less than nothing. Enter 0 or more."),
        ({"notice": "two"}, "notice", "Write a number in digits, like 30."),
        ({"late_day": "many"}, "late_day", "Write pounds like 50 or 37.50."),
        ({"late_day": ""}, None, "Say what cancelling late costs, or that it costs nothing."),
        (
            {"late2_notice": "2", "late2_day": "60"},
            None,
            "Two steps overlap: they have the same notice. Change or leave out one.",
        ),
        (
            {"late2_notice": "1", "late2_day": "40"},
            None,
            "Who cancels earlier would pay more. Let the amounts rise as the notice falls.",
        ),
        ({"late_percent": "50"}, None, "Cancelling late: give pounds or a share of the course cost, not both."),
        ({"cut_off": "teatime"}, "cut_off", "Write a time like 17:00."),
        ({"in_force_from": "1/1/2020"}, "in_force_from", "A policy can't begin in the past. Choose today or a later day."),
    ],
)
def test_what_is_no_policy_is_refused_in_words_and_nothing_is_lost(client: Client, typed: Any, field: Any, sentence: str) -> None:
    response = saved(client, **typed)
    assert response.status_code == 200
    assert dict(response.context["form"].errors) == {field or "__all__": [sentence]}
    page = Page(response)
    for name, value in typed.items():
        assert page.values[name] == [value]
    assert not PolicyVersion.objects.exists()


def test_pounds_may_be_written_as_people_write_them(client: Client) -> None:
    saved(client, late_day="£1,200.50", is_per_day=None)
    assert str(Policy.of(PolicyVersion.objects.get()).rates[0].day) == "1200.50"


def test_charges_are_switched_on_and_off(client: Client) -> None:
    switch = f"{SETTINGS}switch/"
    assert "Save a policy first" in text_of(client.post(switch, {"is_on": "yes"}, follow=True))
    saved(client)
    assert "Charges are on." in text_of(client.post(switch, {"is_on": "yes", "needs_second_person": "on"}, follow=True))
    settings = ChargingSettings.objects.get()
    assert (settings.is_on, settings.needs_second_person) == (True, True)
    client.post(switch, {"is_on": "no"})
    settings.refresh_from_db()
    assert (settings.is_on, settings.needs_second_person) == (False, False)
    assert client.get(switch).status_code == 405


def test_after_switching_off_the_pages_stay_until_all_is_dealt_with(client: Client, at: Any) -> None:
    charging(at=at)
    cancelled_late(at=at)
    ChargingSettings.objects.update(is_on=False)
    assert "Charges</a>" in text_of(client.get("/office/"))


def test_another_partnerships_versions_are_not_shown(client: Client) -> None:
    charging(partnership=OtherPartnershipFactory())
    assert client.get(SETTINGS).context["versions"] == []


def test_an_organisation_is_found_and_told_what_it_pays_as(client: Client) -> None:
    partner, school = OrganisationFactory(name="Adult Care"), OrganisationFactory(name="Zion School")
    PartnerAgency.objects.create(partnership=PartnershipFactory(), organisation=partner)
    page = text_of(client.get(PAYERS))
    assert page.index("Adult Care") < page.index("Zion School")
    assert f"{PayerClass.PARTNER.label} (worked out)" in page
    assert client.post(f"{PAYERS}?q=zion", {str(school.pk): "independent_school"}).url == f"{PAYERS}?q=zion&page=1"
    row = OrganisationClass.objects.get()
    assert (row.organisation, row.payer_class) == (school, "independent_school")
    assert [one.name for one in client.get(f"{PAYERS}?q=zion").context["page"]] == ["Zion School"]
    wrong = client.post(PAYERS, {str(school.pk): "king"})
    assert list(wrong.context["form"].errors) == [str(school.pk)]
    client.post(PAYERS, {str(school.pk): "", str(partner.pk): ""})
    assert not OrganisationClass.objects.exists()


def test_the_list_of_organisations_asks_a_fixed_number_of_questions(client: Client) -> None:
    OrganisationFactory()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PAYERS)
        return len(queries)

    one = asked()
    for _ in range(3):
        OrganisationFactory()
    assert asked() == one


@pytest.mark.parametrize("somebody", [PersonFactory, trainer, subgroup_member])
@pytest.mark.parametrize("address", OTHERS)
def test_only_officers_see_money(client: Client, somebody: Any, address: str) -> None:
    client.force_login(somebody(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(address).status_code == 403
