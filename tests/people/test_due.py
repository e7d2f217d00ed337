from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from people import operations
from people.due import forget_unproved_addresses
from people.models import Person, Role
from tests.factories.bookings import BookingFactory
from tests.factories.people import PartnershipFactory, newcomer

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def asked_for_a_code(at: datetime, address: str = "typo@school.example") -> Person:
    return operations.ensure_person(address=address, at=at)


def test_an_address_nobody_proved_is_forgotten_after_a_day(at: datetime) -> None:
    asked_for_a_code(at)
    assert forget_unproved_addresses(at + DAY) == 0
    assert forget_unproved_addresses(at + DAY + timedelta(seconds=1)) == 1
    assert (Person.objects.count(), EmailAddress.objects.count()) == (0, 0)


def test_the_worker_may_look_again_and_again(at: datetime) -> None:
    asked_for_a_code(at)
    assert [forget_unproved_addresses(at + 2 * DAY) for _ in range(2)] == [1, 0]


def test_whoever_entered_the_code_stays(at: datetime) -> None:
    proved, signed_in = asked_for_a_code(at), asked_for_a_code(at, "in@school.example")
    EmailAddress.objects.filter(user=proved).update(verified=True)
    Person.objects.filter(pk=signed_in.pk).update(last_login=at)
    assert forget_unproved_addresses(at + 2 * DAY) == 0


def test_whoever_was_added_or_brought_over_stays(at: datetime) -> None:
    nothing = {"organisation_text": "", "job_role": "", "manager_email": "", "by": None, "at": at}
    operations.add_person(
        partnership=PartnershipFactory(), forename="Ana", surname="Núñez", address="a@school.example", **nothing
    )
    brought_over = newcomer(made_by_sign_in=False, joined_at=at, address="old@school.example")
    EmailAddress.objects.filter(user=brought_over).update(verified=False)
    assert forget_unproved_addresses(at + 2 * DAY) == 0


def test_whoever_has_anything_else_stays(at: datetime) -> None:
    booked, granted, looked_after = (asked_for_a_code(at, f"{n}@school.example") for n in range(3))
    BookingFactory(person=booked)
    operations.give_role(person=granted, role=Role.TRAINER, partnership=PartnershipFactory(), by=None, at=at)
    operations.look_after(person=looked_after, partnership=PartnershipFactory(), by=None, at=at)
    assert forget_unproved_addresses(at + 2 * DAY) == 0
