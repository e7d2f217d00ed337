"""Texts that nobody could match wait for an officer, who says what was meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from core.models import AuditEntry
from core.refusals import Refused
from imports.operations import settle_organisation, unsettle_organisation
from imports.queries import unmatched_texts
from people.models import Organisation, OrganisationAlias, OrganisationState, Partnership, Person
from people.queries import match_organisation
from registers.models import Attendance
from registers.operations import recompute_attendance
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    SectorFactory,
    officer,
    subgroup_member,
)
from tests.imports import exports
from tests.imports.exports import booking, small_export
from tests.legacy import import_folder

pytestmark = pytest.mark.django_db
RECTORY = "The Old Rectory"


@pytest.fixture
def partnership(tmp_path: Path) -> Partnership:
    """Two people of the Old Rectory came, written in two ways, and one waited; one wrote "self"."""
    found: Partnership = PartnershipFactory()
    rows = small_export()
    rows["bookings.csv"] += [
        booking("B5", "fay@x.example", "Attended", Organisation=RECTORY),
        booking("B6", "gus@x.example", "Attended", Organisation="the old  RECTORY "),
        booking("B7", "hal@x.example", "Attended", Organisation="self"),
    ]
    import_folder(exports.write(tmp_path, rows))
    return found


@pytest.fixture
def rectory() -> Organisation:
    return OrganisationFactory(name="Rectory Nursery", sector=SectorFactory(name="Early years"))


@pytest.fixture
def olivia(partnership: Partnership, client: Client) -> Person:
    person = officer()
    client.force_login(person)
    return person


def address(name: str, **query: str) -> str:
    return reverse(name, query=query)


def test_every_text_waits_once_with_how_often_it_stands(partnership: Partnership) -> None:
    found = [(row.text, row.attendances, row.bookings, row.people, row.walk_ins) for row in unmatched_texts(partnership)]
    assert found == [(RECTORY, 2, 3, 3, 0), ("self", 1, 1, 1, 0)]


@pytest.mark.both_databases
def test_settling_a_text_matches_everybody_who_typed_it(partnership: Partnership, rectory: Organisation, at: datetime) -> None:
    changed = settle_organisation(partnership=partnership, text="the OLD rectory", organisation=rectory, by=None, at=at)
    assert changed == 6
    for model in (Booking, Person, Attendance):
        rows = model._default_manager.filter(organisation_text__iexact="the old rectory")
        assert set(rows.values_list("organisation", "sector__name", "organisation_state")) == {
            (rectory.pk, "Early years", OrganisationState.MATCHED)
        }
    assert Attendance.objects.filter(organisation=rectory).count() == 2
    assert [row.text for row in unmatched_texts(partnership)] == ["self"]
    matched = match_organisation(partnership=partnership, text=RECTORY)
    assert matched["organisation_id"] == rectory.pk


def test_the_attendance_is_what_recomputing_it_gives(partnership: Partnership, rectory: Organisation, at: datetime) -> None:
    settle_organisation(partnership=partnership, text=RECTORY, organisation=rectory, by=None, at=at)
    event = Booking.objects.select_related("event")[0].event
    assert not recompute_attendance(event=event, at=at)


def test_settling_a_text_as_no_organisation(partnership: Partnership, at: datetime) -> None:
    assert settle_organisation(partnership=partnership, text="Self", organisation=None, by=None, at=at) == 2
    [attendance] = Attendance.objects.filter(organisation_text="self")
    assert (attendance.organisation_state, attendance.organisation, attendance.sector) == (OrganisationState.NONE, None, None)


def test_a_text_that_stands_for_another_organisation_is_refused(
    partnership: Partnership, rectory: Organisation, at: datetime
) -> None:
    settle_organisation(partnership=partnership, text=RECTORY, organisation=rectory, by=None, at=at)
    with pytest.raises(Refused) as refused:
        settle_organisation(partnership=partnership, text=RECTORY, organisation=OrganisationFactory(), by=None, at=at)
    assert refused.value.code == "alias_taken"


def test_another_partnerships_rows_stay_as_they_are(partnership: Partnership, rectory: Organisation, at: datetime) -> None:
    other = OtherPartnershipFactory()
    assert unmatched_texts(other) == []
    assert settle_organisation(partnership=other, text=RECTORY, organisation=rectory, by=None, at=at) == 0
    assert Booking.objects.filter(organisation=rectory).count() == 0


def test_settling_is_audited_with_how_many_rows_changed(partnership: Partnership, rectory: Organisation, at: datetime) -> None:
    by = officer()
    settle_organisation(partnership=partnership, text=RECTORY, organisation=rectory, by=by, at=at)
    entry = AuditEntry.objects.get(action="organisation settled")
    assert (entry.actor_id, entry.changes) == (by.pk, {"people": [0, 3], "bookings": [0, 3], "walk_ins": [0, 0]})


def test_taking_it_back_leaves_everything_as_it_was_before(partnership: Partnership, rectory: Organisation, at: datetime) -> None:
    def standing() -> list[object]:
        fields = ("organisation_text", "organisation_state", "organisation", "sector", "borough")
        return [sorted(map(str, m._default_manager.values_list("pk", *fields))) for m in (Booking, Person, Attendance)]

    before = standing()
    settle_organisation(partnership=partnership, text=RECTORY, organisation=rectory, by=None, at=at)
    assert standing() != before
    assert unsettle_organisation(alias=OrganisationAlias.objects.get(organisation=rectory), by=None, at=at) == 6
    assert standing() == before
    assert match_organisation(partnership=partnership, text=RECTORY)["organisation_state"] == OrganisationState.UNMATCHED


def test_an_officer_takes_a_name_back(client: Client, olivia: Person, rectory: Organisation, at: datetime) -> None:
    settle_organisation(partnership=PartnershipFactory(), text=RECTORY, organisation=rectory, by=None, at=at)
    alias = OrganisationAlias.objects.get(organisation=rectory)
    undo = reverse("unsettle_organisation", args=[alias.pk])
    assert undo in client.get(reverse("organisation_names")).content.decode()
    assert "3 bookings, 3 people and 2 attendances." in client.get(undo).content.decode()
    assert "“The Old Rectory” waits to be matched again: 6 rows changed." in client.post(undo, follow=True).content.decode()
    assert client.get(undo).status_code == 404


def test_the_other_names_take_the_same_queries_for_one_and_for_three(
    client: Client, olivia: Person, rectory: Organisation, django_assert_num_queries: Callable[..., Any]
) -> None:
    OrganisationAlias.objects.all().delete()
    for number in range(3):
        OrganisationAlias.objects.create(
            partnership=PartnershipFactory(), organisation=rectory, text=f"R{number}", key=f"r{number}"
        )
        with django_assert_num_queries(7):
            client.get(reverse("organisation_names"))


def test_an_officer_finds_the_organisation_and_is_told_to_how_many_it_applies(
    client: Client, olivia: Person, rectory: Organisation
) -> None:
    listed = client.get(reverse("unmatched_organisations")).content.decode()
    assert address("match_organisation", text=RECTORY).replace("+", "%20") in listed
    search = client.get(address("match_organisation", text=RECTORY, q="rectory")).content.decode()
    assert f"organisation={rectory.pk}" in search
    settle = address("settle_organisation", text=RECTORY, organisation=str(rectory.pk))
    asked = client.get(settle).content.decode()
    assert "3 bookings, 3 people and 2 attendances" in asked
    assert Booking.objects.filter(organisation=rectory).count() == 0
    done = client.post(settle, follow=True).content.decode()
    assert "“The Old Rectory” now stands for Rectory Nursery: 6 rows changed." in done
    assert client.post(settle).status_code == 404


def test_an_officer_adds_the_organisation_that_was_meant(client: Client, olivia: Person) -> None:
    sector = SectorFactory()
    response = client.post(address("add_organisation", text=RECTORY), {"name": RECTORY, "sector": sector.pk, "borough": ""})
    made = Organisation.objects.get(name=RECTORY)
    assert response.headers["Location"] == address("settle_organisation", text=RECTORY, organisation=str(made.pk))
    assert client.post(response.headers["Location"]).status_code == 302
    assert Attendance.objects.filter(organisation=made).count() == 2


def test_an_organisation_that_is_there_already_is_not_added_again(client: Client, olivia: Person, rectory: Organisation) -> None:
    data = {"name": "rectory nursery", "sector": rectory.sector_id}
    response = client.post(address("add_organisation", text=RECTORY), data)
    assert response.context["form"].errors["name"] == [
        "There is already an organisation called rectory nursery. Search for it and choose it."
    ]


def test_there_is_a_page_when_everything_is_matched(client: Client) -> None:
    PartnershipFactory()
    client.force_login(officer())
    assert "Every organisation is matched" in client.get(reverse("unmatched_organisations")).content.decode()


def test_only_officers_match(client: Client, partnership: Partnership) -> None:
    client.force_login(subgroup_member())
    assert client.get(reverse("unmatched_organisations")).status_code == 403


def test_another_partnerships_texts_are_not_there(client: Client, partnership: Partnership) -> None:
    client.force_login(GrantFactory(partnership=OtherPartnershipFactory()).person)
    assert client.get(address("match_organisation", text=RECTORY)).status_code == 404


@pytest.mark.parametrize("choice", ["", "nonsense", "5f0c1f0e-0000-4000-8000-000000000000"])
def test_a_choice_that_is_no_organisation_is_not_there(client: Client, olivia: Person, choice: str) -> None:
    assert client.get(address("settle_organisation", text=RECTORY, organisation=choice)).status_code == 404


def test_the_list_takes_the_same_queries_for_one_text_and_for_three(
    client: Client, olivia: Person, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number, text in enumerate(("A", "B", "C"), start=1):
        Booking.objects.filter(pk=Booking.objects.order_by("pk")[number].pk).update(
            organisation_text=text, organisation_state=OrganisationState.UNMATCHED, organisation=None, sector=None
        )
        with django_assert_num_queries(9):
            client.get(reverse("unmatched_organisations"))
