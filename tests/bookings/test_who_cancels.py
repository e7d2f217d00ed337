"""Whose cancellation it is decides what it costs, so not everybody may say so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bookings.models import Booking, BookingStatus, Charge
from bookings.operations import cancel_booking
from core.refusals import Refused
from people.models import Role
from tests.factories.charging import accepted_booking, charging
from tests.factories.people import GrantFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db


def refusal(booking: Booking, at: datetime, by: Any, cancelled_by: str = "delegate") -> str:
    with pytest.raises(Refused) as refused:
        cancel_booking(booking=booking, cancelled_by=cancelled_by, by=by, at=at)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED
    return refused.value.code


def lead_of(booking: Booking) -> Any:
    grant = GrantFactory(role=Role.TRAINING_LEAD, organisation=booking.organisation, partnership=booking.event.lead_host)
    return grant.person


def test_only_an_officer_cancels_as_the_organiser_and_so_without_a_charge(at: datetime) -> None:
    charging(at=at)
    booking = accepted_booking(at=at)
    late = booking.event.sessions.get().starts_at - timedelta(hours=1)
    assert refusal(booking, late, booking.person, "organiser") == "not_allowed"
    assert refusal(booking, late, lead_of(booking), "organiser") == "not_allowed"
    cancel_booking(booking=booking, cancelled_by="organiser", by=officer(), at=late)
    assert not Charge.objects.exists()


def test_without_that_a_training_lead_would_not_be_charged(at: datetime) -> None:
    charging(at=at)
    booking = accepted_booking(at=at)
    late = booking.event.sessions.get().starts_at - timedelta(hours=1)
    cancel_booking(booking=booking, cancelled_by="manager", by=lead_of(booking), at=late)
    assert Charge.objects.get().kind == "late_cancellation"


def test_a_policy_can_leave_cancelling_a_sure_place_to_managers(at: datetime) -> None:
    charging(at=at, who_may_cancel="manager")
    booking = accepted_booking(at=at)
    assert refusal(booking, at, booking.person) == "manager_only"
    assert refusal(booking, at, PersonFactory()) == "not_allowed"
    cancel_booking(booking=booking, cancelled_by="manager", by=lead_of(booking), at=at)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CANCELLED
    without = accepted_booking(at=at, policy_version=None, payer_class="")
    cancel_booking(booking=without, cancelled_by="delegate", by=without.person, at=at)
    without.refresh_from_db()
    assert without.status == BookingStatus.CANCELLED
