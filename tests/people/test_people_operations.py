from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction

from core.models import AuditEntry
from core.refusals import Refused
from people import operations
from people.models import Grant, Organisation, OrganisationState, Person, PersonChange, Role
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    SectorFactory,
    officer,
)

pytestmark = pytest.mark.django_db

DETAILS = {"forename": "Ana", "surname": "Núñez", "organisation_text": "", "job_role": "", "manager_email": ""}


def actions() -> list[str]:
    return sorted(AuditEntry.objects.values_list("action", flat=True))


def test_an_address_has_one_person_however_often_it_is_asked_for(at: datetime) -> None:
    first = operations.ensure_person(address="Ana@School.example ", at=at)
    assert operations.ensure_person(address="ana@school.example", at=at) == first
    assert actions() == ["person made by sign-in"]


@pytest.mark.both_databases
def test_the_database_lets_nobody_else_have_an_address(at: datetime) -> None:
    operations.ensure_person(address="ana@school.example", at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailAddress.objects.create(user=PersonFactory(), email="ANA@school.example")


def test_a_person_is_added_with_an_address(at: datetime) -> None:
    by, school = officer(), OrganisationFactory(name="Alder Primary School")
    person = operations.add_person(
        partnership=PartnershipFactory(),
        **{**DETAILS, "organisation_text": "alder primary school", "job_role": "Teacher"},
        address=" Ana@School.example",
        by=by,
        at=at,
    )
    assert (person.name, person.main_address(), person.organisation) == ("Ana Núñez", "ana@school.example", school)
    assert (person.made_by_sign_in, person.profile_done_at, person.joined_at) == (False, None, at)
    assert list(person.partnerships.all()) == [PartnershipFactory()]
    assert list(person.changes.values_list("what", "by")) == [("added", by.pk)]
    assert actions() == ["person added"]


def test_a_person_without_a_mailbox_can_be_added_again_and_again(at: datetime) -> None:
    for _ in range(2):
        operations.add_person(partnership=PartnershipFactory(), **DETAILS, address=" ", by=officer(), at=at)
    people = Person.objects.filter(forename="Ana")
    assert [(person.main_address(), person.organisation_state) for person in people] == [("", OrganisationState.NONE)] * 2


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"forename": " "}, "forename_missing", "forename"),
        ({"surname": "\n"}, "surname_missing", "surname"),
        ({"address": "ana@"}, "address_not_valid", "address"),
        ({"address": "TAKEN@school.example"}, "address_taken", "address"),
        ({"manager_email": "boss"}, "address_not_valid", "manager_email"),
    ],
)
def test_who_can_not_be_added_is_said(changed: dict[str, str], code: str, field: str, at: datetime) -> None:
    PersonFactory(address="taken@school.example")
    with pytest.raises(Refused) as refusal:
        operations.add_person(partnership=PartnershipFactory(), **{**DETAILS, "address": "", **changed}, by=officer(), at=at)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_names_stay_on_one_line(at: datetime) -> None:
    odd = {**DETAILS, "forename": "Ana\r\nBcc: x@y.example", "surname": "N\x00ú\u2028ñez"}
    person = operations.add_person(partnership=PartnershipFactory(), **odd, address="", by=None, at=at)
    assert person.name == "Ana Bcc: x@y.example N ú ñez"


def profile(person: Person, at: datetime, **changed: Any) -> Person:
    answers = {**DETAILS, "has_no_organisation": True, **changed}
    return operations.complete_profile(person=person, partnership=PartnershipFactory(), at=at, **answers)


def test_the_first_answers_finish_the_profile(at: datetime) -> None:
    person = operations.ensure_person(address="ana@school.example", at=at)
    done = profile(person, at, job_role="Foster carer")
    assert (done.profile_done_at, done.name, done.job_role) == (at, "Ana Núñez", "Foster carer")
    assert list(done.partnerships.all()) == [PartnershipFactory()]
    later = profile(done, at + timedelta(days=1), job_role="Volunteer")
    assert (later.profile_done_at, later.job_role) == (at, "Volunteer")
    assert actions() == ["person made by sign-in", "profile changed", "profile completed"]


def test_the_same_answers_again_leave_no_trace(at: datetime) -> None:
    person = profile(operations.ensure_person(address="ana@school.example", at=at), at)
    profile(person, at)
    assert actions() == ["person made by sign-in", "profile completed"]


def test_an_organisation_nobody_knows_is_kept_for_an_officer(at: datetime) -> None:
    person = profile(PersonFactory(), at, has_no_organisation=False, organisation_text="The Corner House")
    assert (person.organisation_text, person.organisation_state, person.organisation) == ("The Corner House", "unmatched", None)


def test_what_an_officer_settled_stays_while_the_words_are_the_same(at: datetime) -> None:
    settled = PersonFactory(organisation_text="The Corner House")
    again = profile(settled, at, has_no_organisation=False, organisation_text="The Corner House")
    assert (again.organisation_state, again.organisation) == ("matched", settled.organisation)


def test_the_organisation_is_asked_for(at: datetime) -> None:
    with pytest.raises(Refused) as refusal:
        profile(PersonFactory(), at, has_no_organisation=False)
    assert refusal.value.field == "organisation_text"


def test_the_manager_is_asked_for_where_the_partnership_wants_it(at: datetime) -> None:
    partnership = PartnershipFactory()
    partnership.asks_for_manager = True
    partnership.save()
    works = {"has_no_organisation": False, "organisation_text": "Alder"}
    with pytest.raises(Refused) as refusal:
        profile(PersonFactory(), at, **works)
    assert refusal.value.field == "manager_email"
    assert profile(PersonFactory(), at, **works, manager_email="Boss@School.example").manager_email == "boss@school.example"
    assert profile(PersonFactory(), at, has_no_organisation=True).manager_email == ""


def test_an_officer_corrects_a_person(at: datetime) -> None:
    person, by = PersonFactory(), officer()
    school = OrganisationFactory(name="Alder Primary School")
    operations.change_person(
        person=person,
        partnership=PartnershipFactory(),
        **{**DETAILS, "organisation_text": "Alder Primary School"},
        by=by,
        at=at,
    )
    person.refresh_from_db()
    assert (person.name, person.organisation, person.sector) == ("Ana Núñez", school, school.sector)
    assert actions() == ["person changed"]


def test_the_audit_trail_holds_no_personal_value(at: datetime) -> None:
    person = operations.ensure_person(address="ana@school.example", at=at)
    profile(person, at, job_role="Foster carer", manager_email="boss@school.example")
    operations.change_address(person=person, address="new@school.example", reason="left Alder", by=officer(), at=at)
    operations.deactivate_person(person=person, reason="asked to", by=officer(), at=at)
    kept = str([(entry.actor_label, entry.action, entry.changes) for entry in AuditEntry.objects.all()])
    assert [word for word in ("Ana", "Núñez", "school.example", "carer", "Alder", "asked") if word in kept] == []


def test_a_new_address_takes_the_place_of_the_old_one(at: datetime) -> None:
    person = PersonFactory(address="old@school.example")
    before = person.get_session_auth_hash()
    operations.change_address(person=person, address=" New@School.example", reason="Moved", by=officer(), at=at)
    person.refresh_from_db()
    assert list(EmailAddress.objects.filter(user=person).values_list("email", "verified")) == [("new@school.example", False)]
    assert person.get_session_auth_hash() != before
    assert list(person.changes.values_list("what", "reason")) == [("address", "Moved")]


def test_nobody_is_given_the_address_of_somebody_else(at: datetime) -> None:
    PersonFactory(address="taken@school.example")
    with pytest.raises(Refused) as refusal:
        operations.change_address(person=PersonFactory(), address="Taken@school.example", reason="Moved", by=officer(), at=at)
    assert refusal.value.code == "address_taken"


def test_the_address_they_have_is_no_new_one(at: datetime) -> None:
    person = PersonFactory(address="old@school.example")
    with pytest.raises(Refused) as refusal:
        operations.change_address(person=person, address="OLD@school.example", reason="Moved", by=officer(), at=at)
    assert (refusal.value.code, refusal.value.field, person.changes.count()) == ("same_address", "address", 0)
    EmailAddress.objects.create(user=person, email="second@school.example")
    operations.change_address(person=person, address="old@school.example", reason="Left the second", by=officer(), at=at)
    assert [one.email for one in EmailAddress.objects.filter(user=person)] == ["old@school.example"]


def test_a_person_is_stopped_and_let_in_again_with_a_reason(at: datetime) -> None:
    person, by = PersonFactory(), officer()
    operations.deactivate_person(person=person, reason="Left", by=by, at=at)
    assert Person.objects.get(pk=person.pk).is_active is False
    operations.reactivate_person(person=person, reason="Came back", by=by, at=at + timedelta(days=1))
    assert Person.objects.get(pk=person.pk).is_active is True
    assert list(person.changes.values_list("what", "reason")) == [("reactivated", "Came back"), ("deactivated", "Left")]


def test_stopping_somebody_needs_a_reason(at: datetime) -> None:
    with pytest.raises(Refused) as refusal:
        operations.deactivate_person(person=PersonFactory(), reason=" ", by=officer(), at=at)
    assert refusal.value.code == "reason_missing"


@pytest.mark.both_databases
@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUBGROUP_MEMBER, Role.TRAINER])
def test_an_officer_takes_no_sign_in_of_another_partnerships_people_with_a_role(at: datetime, role: str) -> None:
    by, theirs = officer(), GrantFactory(role=role, partnership=OtherPartnershipFactory()).person
    GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory())  # so that nobody here is the last one
    acts: list[Any] = [
        lambda: operations.change_address(person=theirs, address="mine@school.example", reason="x", by=by, at=at),
        lambda: operations.deactivate_person(person=theirs, reason="x", by=by, at=at),
        lambda: operations.reactivate_person(person=theirs, reason="x", by=by, at=at),
    ]
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "role_elsewhere"
    assert not EmailAddress.objects.filter(email="mine@school.example").exists()

    GrantFactory(person=by, role=Role.OFFICER, partnership=OtherPartnershipFactory())
    operations.change_address(person=theirs, address="theirs@school.example", reason="Moved", by=by, at=at)
    assert theirs.main_address() == "theirs@school.example"


def test_a_role_that_has_ended_elsewhere_stands_in_nobodys_way(at: datetime) -> None:
    ended = GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory(), ended_at=at).person
    operations.change_address(person=ended, address="new@school.example", reason="Moved", by=officer(), at=at)
    assert ended.main_address() == "new@school.example"


def test_the_database_wants_a_reason_too(at: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonChange.objects.create(person=PersonFactory(), at=at, what=PersonChange.What.DEACTIVATED)


def test_nobody_stops_themselves_or_the_last_officer(at: datetime) -> None:
    one, outsider = officer(), PersonFactory()
    for by, code in ((one, "oneself"), (outsider, "last_officer")):
        with pytest.raises(Refused) as refusal:
            operations.deactivate_person(person=one, reason="x", by=by, at=at)
        assert refusal.value.code == code


def test_a_role_is_given_once_and_ended_with_a_reason(at: datetime) -> None:
    person, by, partnership = PersonFactory(), officer(), PartnershipFactory()
    grant = operations.give_role(person=person, role=Role.TRAINER, partnership=partnership, reason="Asked", by=by, at=at)
    with pytest.raises(Refused) as refusal:
        operations.give_role(person=person, role=Role.TRAINER, partnership=partnership, by=by, at=at)
    assert refusal.value.code == "has_role"
    with pytest.raises(Refused):
        operations.end_role(grant=grant, reason="", by=by, at=at)
    operations.end_role(grant=grant, reason="Left", by=by, at=at)
    operations.give_role(person=person, role=Role.TRAINER, partnership=partnership, by=by, at=at)
    kept = Grant.objects.filter(person=person).order_by("given_at", "-ended_at").values_list("reason", "end_reason", "ended_by")
    assert sorted(kept, key=str) == sorted([("Asked", "Left", by.pk), ("", "", None)], key=str)
    assert actions() == ["role ended", "role given", "role given"]


def test_a_role_that_has_ended_is_not_ended_again(at: datetime) -> None:
    grant = GrantFactory(role=Role.TRAINER)
    operations.end_role(grant=grant, reason="Left", by=None, at=at)
    with pytest.raises(Refused) as refusal:
        operations.end_role(grant=grant, reason="Left", by=None, at=at)
    assert refusal.value.code == "role_ended"


def test_a_partnership_keeps_its_last_officer(at: datetime) -> None:
    first, second = GrantFactory(role=Role.OFFICER), GrantFactory(role=Role.OFFICER)
    GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory())
    operations.end_role(grant=first, reason="Left", by=None, at=at)
    with pytest.raises(Refused) as refusal:
        operations.end_role(grant=second, reason="Left", by=None, at=at)
    assert refusal.value.code == "last_officer"


@pytest.mark.parametrize(
    ("role", "with_agency", "code"),
    [
        (Role.TRAINING_LEAD, False, "organisation_missing"),
        (Role.OFFICER, True, "organisation_not_wanted"),
        ("king", False, "role_unknown"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(role: str, with_agency: bool, code: str, at: datetime) -> None:
    organisation = OrganisationFactory() if with_agency else None
    with pytest.raises(Refused) as refusal:
        operations.give_role(
            person=PersonFactory(), role=role, partnership=PartnershipFactory(), organisation=organisation, by=None, at=at
        )
    assert refusal.value.code == code


def test_a_training_lead_may_lead_two_agencies(at: datetime) -> None:
    person = PersonFactory()
    for _ in range(2):
        operations.give_role(
            person=person,
            role=Role.TRAINING_LEAD,
            partnership=PartnershipFactory(),
            organisation=OrganisationFactory(),
            by=None,
            at=at,
        )
    assert person.grants.count() == 2


def test_somebody_who_may_not_sign_in_gets_no_role(at: datetime) -> None:
    with pytest.raises(Refused) as refusal:
        operations.give_role(
            person=PersonFactory(is_active=False), role=Role.TRAINER, partnership=PartnershipFactory(), by=None, at=at
        )
    assert refusal.value.code == "not_active"


def test_another_name_stands_for_one_organisation(at: datetime) -> None:
    school, partnership = OrganisationFactory(), PartnershipFactory()
    alias = operations.add_alias(partnership=partnership, text=" St M’s ", organisation=school, by=None, at=at)
    assert (alias.text, alias.key) == ("St M’s", "st m's")
    assert operations.add_alias(partnership=partnership, text="ST M'S", organisation=school, by=None, at=at) == alias
    with pytest.raises(Refused) as refusal:
        operations.add_alias(partnership=partnership, text="st m's", organisation=None, by=None, at=at)
    assert refusal.value.code == "alias_taken"
    assert actions() == ["organisation alias added"]


def test_an_organisation_is_added_once(at: datetime) -> None:
    sector = SectorFactory()
    operations.add_organisation(name="St Mary's  School", sector=sector, borough=None, by=None, at=at)
    with pytest.raises(Refused) as refusal:
        operations.add_organisation(name="ST MARY’S SCHOOL", sector=sector, borough=None, by=None, at=at)
    assert refusal.value.code == "organisation_exists"
    assert list(Organisation.objects.values_list("name", flat=True)) == ["St Mary's School"]


def test_whoever_acts_is_called_by_the_role_of_the_request() -> None:
    person = PersonFactory()
    labels = []
    for roles in ((), (Role.TRAINER,), (Role.TRAINER, Role.OFFICER)):
        person.roles_at_hand = frozenset(roles)
        labels.append(person.audit_label())
    assert labels == ["a person", "a trainer", "an officer"]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_an_address_asked_for_by_eight_at_once_has_one_person(at: datetime, is_sqlite: bool) -> None:
    if is_sqlite:
        pytest.skip("a database in memory has one writer at a time: there is no race to lose")

    def ask(_: int) -> Person:
        try:
            return operations.ensure_person(address="ana@school.example", at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as askers:
        people = set(askers.map(ask, range(8)))
    assert (len(people), Person.objects.count()) == (1, 1)
