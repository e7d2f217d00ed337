"""Certificates: issued once, withdrawn with a reason, found by their code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEntry
from events.models import Event
from people.models import Person
from records.models import Certificate, Earned, SourceKind
from records.operations import issue_certificates, withdraw_certificates
from records.queries import certificate_by_code, certificates_by_source, certificates_of, standing_instead_of
from tests.factories.courses import CourseFactory
from tests.factories.events import EventFactory
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory, PersonFactory, officer
from tests.factories.records import CertificateFactory

pytestmark = pytest.mark.django_db

DAY = date(2027, 1, 26)
WHY = "The register was corrected."


def earned(person: Person, **fields: Any) -> Earned:
    known = {"course_id": None, "title": "Recognising neglect", "hours": Decimal("6.50"), "earned_on": DAY}
    return Earned(person_id=person.pk, **(known | fields))


def issue(event: Event, *people: Person, at: datetime, by: Person | None = None) -> int:
    return issue_certificates(
        source_kind=SourceKind.ATTENDANCE,
        source=event,
        partnership=event.lead_host,
        earned=[earned(person) for person in people],
        by=by,
        at=at,
    )


def withdraw(event: Event, *people: Person, at: datetime, reason: str = WHY) -> int:
    return withdraw_certificates(source=event, people=[person.pk for person in people], reason=reason, by=None, at=at)


def test_a_certificate_keeps_the_name_and_all_it_says_as_it_was(at: datetime) -> None:
    event, ana = EventFactory(), PersonFactory(forename="Ana", surname="Obi")
    issue(event, ana, at=at)
    Person.objects.filter(pk=ana.pk).update(surname="Changed")
    kept = Certificate.objects.get()
    assert (kept.name, kept.title, kept.hours, kept.awarded_on) == ("Ana Obi", "Recognising neglect", Decimal("6.50"), DAY)
    assert (kept.person, kept.partnership, kept.source_uuid, kept.issued_at) == (ana, event.lead_host, event.pk, at)
    assert kept.stands


@pytest.mark.both_databases
def test_whoever_holds_one_gets_no_second(at: datetime) -> None:
    event, ana, ben = EventFactory(), PersonFactory(), PersonFactory()
    assert [issue(event, ana, at=at), issue(event, ana, at=at), issue(event, ana, ben, at=at)] == [1, 0, 1]
    assert Certificate.objects.count() == 2
    assert len({one.code for one in Certificate.objects.all()}) == 2


@pytest.mark.both_databases
def test_whoever_has_no_name_gets_none_and_the_others_do(at: datetime) -> None:
    event, ana, nameless = EventFactory(), PersonFactory(), PersonFactory(forename="", surname="")
    assert issue(event, ana, nameless, at=at) == 1
    assert [one.person for one in Certificate.objects.all()] == [ana]


@pytest.mark.both_databases
def test_what_was_withdrawn_stays_with_its_reason_and_another_has_another_code(at: datetime) -> None:
    event, ana, ben = EventFactory(), PersonFactory(), PersonFactory()
    issue(event, ana, ben, at=at)
    assert [withdraw(event, ana, at=at, reason=f" {WHY}\n"), withdraw(event, ana, at=at), issue(event, ana, at=at)] == [1, 0, 1]
    first, second = Certificate.objects.filter(person=ana).order_by("withdrawn_at")
    gone, stands = (first, second) if first.withdrawn_at else (second, first)
    assert (gone.withdrawn_at, gone.withdrawn_reason, gone.code == stands.code) == (at, WHY, False)
    assert (standing_instead_of(gone), standing_instead_of(stands)) == (stands, None)
    assert certificates_by_source(ana) == {event.pk: stands}
    assert Certificate.objects.standing().count() == 2


def test_both_leave_one_trace_for_everybody_without_a_name(at: datetime) -> None:
    event, by = EventFactory(), officer()
    people = [PersonFactory() for _ in range(3)]
    issue(event, *people, at=at, by=by)
    withdraw(event, *people[:2], at=at)
    traces = AuditEntry.objects.filter(object_id=str(event.pk)).order_by("action")
    assert [(trace.action, trace.actor_id, trace.changes) for trace in traces] == [
        ("certificates issued", by.pk, {"certificates": [0, 3]}),
        ("certificates withdrawn", None, {"certificates": [3, 1]}),
    ]


def test_nothing_to_do_leaves_no_trace(at: datetime) -> None:
    event = EventFactory()
    assert [issue(event, at=at), withdraw(event, PersonFactory(), at=at)] == [0, 0]
    assert not AuditEntry.objects.filter(object_id=str(event.pk)).exists()


def test_other_learning_is_not_certified_and_nothing_is_withdrawn_without_a_reason(at: datetime) -> None:
    event = EventFactory()
    with pytest.raises(ValueError, match="certified there"):
        issue_certificates(
            source_kind=SourceKind.ACCEPTED_AS_EQUAL, source=event, partnership=event.lead_host, earned=[], by=None, at=at
        )
    with pytest.raises(ValueError, match="say why"):
        withdraw(event, at=at, reason=" ")


@pytest.mark.both_databases
def test_many_cost_as_much_as_one(at: datetime, django_assert_num_queries: Any) -> None:
    for people in ([PersonFactory()], [PersonFactory() for _ in range(30)]):
        event = EventFactory()
        with django_assert_num_queries(6):  # with the savepoint around it: holders, people, certificates, trace
            assert issue(event, *people, at=at) == len(people)


@pytest.mark.parametrize("typed", ["7K3QD9XM2PTV", "7k3q-d9xm-2ptv", " 7K3Q D9XM 2PTV "])
def test_a_certificate_is_found_however_its_code_is_typed(typed: str) -> None:
    certificate = CertificateFactory(code="7K3QD9XM2PTV")
    assert certificate_by_code(typed) == certificate


@pytest.mark.parametrize("typed", ["", "7K3QD9XM2PTW", "7K3QD9XM2PT", "x" * 10_000, "\0" * 12, "7K3QD9XM2PTU"])
@pytest.mark.both_databases
def test_what_is_no_code_of_ours_finds_nothing(typed: str) -> None:
    CertificateFactory(code="7K3QD9XM2PTV")
    assert certificate_by_code(typed) is None


def test_a_partnership_sees_what_it_certified_itself() -> None:
    ana = PersonFactory()
    older, newer = CertificateFactory(person=ana), CertificateFactory(person=ana, awarded_on=DAY)
    CertificateFactory(person=ana, partnership=OtherPartnershipFactory())
    assert list(certificates_of(ana, PartnershipFactory())) == [newer, older]


def refused_by_the_database(write: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


@pytest.mark.both_databases
def test_the_database_allows_one_standing_certificate_of_a_source_to_a_person(at: datetime) -> None:
    first = CertificateFactory()
    same = {"person": first.person, "source_uuid": first.source_uuid}
    assert refused_by_the_database(lambda: CertificateFactory(**same))
    assert not refused_by_the_database(lambda: CertificateFactory(**same | {"person": PersonFactory()}))
    assert not refused_by_the_database(lambda: CertificateFactory(**same, withdrawn_at=at, withdrawn_reason=WHY))
    Certificate.objects.filter(pk=first.pk).update(withdrawn_at=at, withdrawn_reason=WHY)
    assert not refused_by_the_database(lambda: CertificateFactory(**same))


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"name": ""},
        {"hours": -1},
        {"ended_on": date(2026, 12, 1)},
        {"source_kind": SourceKind.ACCEPTED_AS_EQUAL},
        {"withdrawn_reason": WHY},
        {"withdrawn_at": datetime(2027, 1, 11, 9).astimezone()},
        {"code": "7K3QD9XM2PTV"},
    ],
)
def test_the_database_refuses_what_can_not_be(wrong: dict[str, Any]) -> None:
    CertificateFactory(code="7K3QD9XM2PTV")
    certificate = CertificateFactory()
    write = Certificate.objects.filter(pk=certificate.pk).update
    assert refused_by_the_database(lambda: write(**wrong))
    assert not refused_by_the_database(lambda: write(hours=None, course=CourseFactory(), ended_on=date(2026, 12, 2)))
