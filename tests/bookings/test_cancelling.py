"""Giving a place back, and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.models import Booking, BookingChange, BookingStatus, CancelledBy
from bookings.operations import cancel_booking
from core.models import AuditEntry
from core.refusals import Refused
from events.queries import starts_at
from people.models import Role
from tests.factories.bookings import BookingFactory
from tests.factories.people import GrantFactory, OtherPartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db


def refusal(**kwargs) -> str:
    with pytest.raises(Refused) as refused:
        cancel_booking(**kwargs)
    return refused.value.code


@pytest.mark.parametrize(
    ("cancelled_by", "in_time"), [(CancelledBy.DELEGATE, True), (CancelledBy.MANAGER, True), (CancelledBy.ORGANISER, None)]
)
def test_a_cancellation_says_by_whom_when_and_whether_in_time(at, cancelled_by, in_time):
    booking = cancel_booking(booking=BookingFactory(), cancelled_by=cancelled_by, by=officer(), at=at, reason="Ill")
    booking.refresh_from_db()
    assert (booking.status, booking.cancelled_by, booking.cancelled_in_time) == (BookingStatus.CANCELLED, cancelled_by, in_time)
    assert (booking.ended_at, booking.version) == (at, 1)
    change = BookingChange.objects.get()
    assert (change.from_status, change.to_status, change.reason) == ("confirmed", "cancelled", "Ill")
    assert AuditEntry.objects.get().changes == {"status": ["confirmed", "cancelled"]}


def test_a_booking_is_cancelled_once(at):
    booking = BookingFactory()
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at)
    assert refusal(booking=booking, cancelled_by="organiser", by=officer(), at=at) == "already_ended"
    assert Booking.objects.get().cancelled_by == CancelledBy.DELEGATE


def test_from_the_start_on_the_register_says_what_happened(at):
    booking = BookingFactory()
    start = starts_at(booking.event)
    assert refusal(booking=booking, cancelled_by="delegate", by=booking.person, at=start) == "started"
    assert refusal(booking=booking, cancelled_by="organiser", by=officer(), at=start) == "started"
    assert (
        cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=start - timedelta(seconds=1)).status
        == BookingStatus.CANCELLED
    )


def test_nobody_cancels_for_somebody_else_but_an_officer_of_the_lead_host(at):
    booking = BookingFactory()
    elsewhere = GrantFactory(role=Role.OFFICER, partnership=OtherPartnershipFactory()).person
    assert refusal(booking=booking, cancelled_by="delegate", by=PersonFactory(), at=at) == "not_allowed"
    assert refusal(booking=booking, cancelled_by="delegate", by=elsewhere, at=at) == "not_allowed"
    assert cancel_booking(booking=booking, cancelled_by="delegate", by=officer(), at=at).status == BookingStatus.CANCELLED


def test_somebody_may_cancel_what_an_officer_booked_for_them(at):
    booking = BookingFactory(booked_by=officer())
    assert cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=at).cancelled_by == "delegate"
