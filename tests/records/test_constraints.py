"""What the database itself refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from records.models import Credit
from tests.factories.courses import CourseFactory
from tests.factories.people import PersonFactory
from tests.factories.records import AcceptedFactory, CreditFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def refused_by_the_database(write: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


def changed(credit: Credit, **fields: Any) -> Callable[[], int]:
    return lambda: Credit.objects.filter(pk=credit.pk).update(**fields)


def test_a_source_gives_a_person_one_credit_for_a_course() -> None:
    first = CreditFactory()
    same = {"person": first.person, "course": first.course, "source_uuid": first.source_uuid}
    assert refused_by_the_database(lambda: CreditFactory(**same))
    assert not refused_by_the_database(lambda: CreditFactory(**same | {"person": PersonFactory()}))
    assert not refused_by_the_database(lambda: CreditFactory(**same | {"course": CourseFactory()}))


def test_a_source_without_a_course_gives_a_person_one_credit() -> None:
    first = CreditFactory(course=None)
    same = {"person": first.person, "course": None, "source_uuid": first.source_uuid}
    assert refused_by_the_database(lambda: CreditFactory(**same))
    assert not refused_by_the_database(lambda: CreditFactory(**same | {"person": PersonFactory()}))


def test_a_course_is_accepted_once_at_a_time(at: datetime) -> None:
    first = AcceptedFactory()
    same = {"person": first.person, "course": first.course}
    assert refused_by_the_database(lambda: AcceptedFactory(**same))
    changed(first, withdrawn_at=at, withdrawn_reason="Wrong course")()
    assert not refused_by_the_database(lambda: AcceptedFactory(**same))


def test_an_acceptance_says_for_which_course_and_why() -> None:
    accepted = AcceptedFactory()
    assert refused_by_the_database(changed(accepted, note=""))
    assert refused_by_the_database(changed(accepted, course=None))
    assert not refused_by_the_database(changed(CreditFactory(), note="", course=None))


def test_every_credit_but_an_acceptance_names_its_source() -> None:
    accepted, attended = AcceptedFactory(), CreditFactory()
    assert refused_by_the_database(changed(attended, source_uuid=None))
    assert refused_by_the_database(changed(accepted, source_uuid=attended.source_uuid))


def test_only_an_acceptance_is_withdrawn_and_says_why(at: datetime) -> None:
    accepted, attended = AcceptedFactory(), CreditFactory()
    withdrawn = {"withdrawn_at": at, "withdrawn_reason": "Wrong course"}
    assert refused_by_the_database(changed(attended, **withdrawn))
    assert refused_by_the_database(changed(accepted, withdrawn_at=at))
    assert refused_by_the_database(changed(accepted, withdrawn_reason="Wrong course"))
    assert not refused_by_the_database(changed(accepted, **withdrawn))


def test_a_credit_has_a_known_source_a_title_and_hours_that_can_be() -> None:
    credit = CreditFactory()
    assert refused_by_the_database(changed(credit, source_kind="dreamt"))
    assert refused_by_the_database(changed(credit, title=""))
    assert refused_by_the_database(changed(credit, hours=-1))
    assert not refused_by_the_database(changed(credit, hours=0))
