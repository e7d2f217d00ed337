"""A query made once finds what the ORM finds, whatever ids it is given."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from bookings.models import Booking, BookingStatus
from core.prepared import Prepared
from tests.factories.bookings import BookingFactory, bookable_event

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def places_of(event: UUID, person: UUID) -> QuerySet[Booking, Any]:
    mine = Q(person=person, status=BookingStatus.CONFIRMED)
    return Booking.objects.filter(mine | Q(booked_by=person), event=event).order_by("pk").values_list("status", "manager_email")


def test_it_finds_what_the_queryset_finds_for_each_of_the_ids() -> None:
    query = Prepared(places_of)
    bookings = [BookingFactory(event=bookable_event(), manager_email=f"head{n}@school.example") for n in range(3)]
    for booking in bookings:
        found = query.rows(event=booking.event_id, person=booking.person_id)
        assert found == list(places_of(booking.event_id, booking.person_id)) == [("confirmed", booking.manager_email)]
    assert query.rows(event=bookings[0].event_id, person=bookings[1].person_id) == []
    assert query.rows(event=uuid4(), person=bookings[1].person_id) == []


def test_nobody_is_nobodys_booking() -> None:
    booking = BookingFactory(event=bookable_event())
    assert Prepared(places_of).rows(event=booking.event_id, person=None) == []


def test_it_is_one_query_and_made_once() -> None:
    made = []

    def make(event: UUID) -> QuerySet[Booking, Any]:
        made.append(event)
        return Booking.objects.filter(event=event).values_list("pk")

    query = Prepared(make)
    for event in (bookable_event(), bookable_event()):
        with CaptureQueriesContext(connection) as seen:
            query.rows(event=event.pk)
        assert len(seen) == 1
    assert len(made) == 1


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_refused_outside_a_transaction_also_after_the_first_run() -> None:
    booking = BookingFactory(event=bookable_event())
    query = Prepared(lambda event: Booking.objects.select_for_update().filter(event=event).values_list("status"))
    with transaction.atomic():
        assert query.rows(event=booking.event_id) == [("confirmed",)]
    with pytest.raises(TransactionManagementError):
        query.rows(event=booking.event_id)


def test_objects_are_as_the_orm_makes_them_with_what_they_are_joined_to(django_assert_num_queries: Any) -> None:
    def bookings_of(event: UUID) -> QuerySet[Booking, Any]:
        return Booking.objects.filter(event=event).select_related("event__venue", "person", "hold").order_by("pk")

    query = Prepared(bookings_of)
    for event in (bookable_event(), bookable_event(venue=None)):
        for _ in range(2):
            BookingFactory(event=event)
        wanted = list(bookings_of(event.pk))
        with django_assert_num_queries(1):
            found = query.objects(event=event.pk)
            assert [(one.event.venue, one.person, one.hold) for one in found] == [
                (one.event.venue, one.person, None) for one in wanted
            ]
        for one, other in zip(found, wanted, strict=True):
            assert {field.name: field.value_from_object(one) for field in Booking._meta.concrete_fields} == {
                field.name: field.value_from_object(other) for field in Booking._meta.concrete_fields
            }
            assert (one._state.adding, one._state.db) == (False, "default")
        found[0].manager_email = "new@school.example"
        found[0].save()
    assert query.objects(event=uuid4()) == []


@pytest.mark.django_db(transaction=True)
def test_objects_are_locked_only_inside_a_transaction() -> None:
    booking = BookingFactory(event=bookable_event())
    query = Prepared(lambda event: Booking.objects.select_for_update().filter(event=event))
    with transaction.atomic():
        assert query.objects(event=booking.event_id) == [booking]
    with pytest.raises(TransactionManagementError):
        query.objects(event=booking.event_id)
