"""An officer sends the letter about a charge at the very moment at which another approves its credit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event as Signal

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction

from bookings.models import Charge
from bookings.operations import approve_charges, charge_letters, reverse_charge, send_letter_by_mail
from notifications.models import Message
from tests.factories.charging import cancelled_late, charging
from tests.factories.people import PersonFactory, officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def letters_after_both(at: datetime) -> list[tuple[str, str]]:
    """What stands in the outbox when the letter's transaction ends after the credit's has begun."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, so the two never meet")
    charging(at=at)
    olu = officer()
    charge = cancelled_late(at=at, person=PersonFactory(address__none=True))
    approve_charges(partnership=charge.partnership, charges=[charge.pk], by=olu, at=at)
    credit = reverse_charge(charge=charge, reason="A mistake", by=olu, at=at)
    EmailAddress.objects.create(user=charge.person, email="new@school.example", primary=True)
    is_sent, may_end = Signal(), Signal()

    def send() -> None:
        with transaction.atomic():
            send_letter_by_mail(charge=Charge.objects.get(pk=charge.pk), by=olu, at=at)
            is_sent.set()
            may_end.wait(2)
        connection.close()

    def approve() -> None:
        is_sent.wait(10)
        approve_charges(partnership=charge.partnership, charges=[credit.pk], by=olu, at=at)
        may_end.set()
        connection.close()

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(send), threads.submit(approve)]:
            done.result(30)
    return list(Message.objects.values_list("kind", "state"))


def test_the_letter_does_not_leave_after_the_charge_was_taken_back(at: datetime) -> None:
    assert letters_after_both(at) == [("charge_approved", "withdrawn")]


def test_the_control_without_the_lock_it_leaves(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charge_letters, "_lock_taken_back", lambda credits: None)
    assert letters_after_both(at) == [("charge_approved", "waiting")]
