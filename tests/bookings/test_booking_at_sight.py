"""A place that is simply free is written before its lock: whatever changed meanwhile must decide it anew."""

from __future__ import annotations

import pytest

from bookings.models import BookingChange, BookingStatus, ConditionKind, HoldKind, Invitation
from bookings.operations import (
    ReadBefore,
    book_place,
    cancel_bookable_event,
    change_bookable_event,
    change_terms,
    hold_places,
    set_conditions,
)
from bookings.wanted import Wanted
from core.models import AuditEntry
from core.refusals import Refused
from events.models import Event
from notifications.models import Message
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.people import OrganisationFactory, PersonFactory, SectorFactory, officer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def filled(event, at) -> None:
    BookingFactory.create_batch(2, event=event)


def made_smaller(event, at) -> None:
    BookingFactory(event=event)
    change_terms(event=event, by=None, at=at, booking_limit=1)


def held(event, at) -> None:
    fields = {"kind": HoldKind.RESERVED, "organisation": OrganisationFactory(), "until": event.starts_on}
    hold_places(event=event, places=2, by=officer(), at=at, **fields)


def waited_for(event, at) -> None:
    for person in PersonFactory.create_batch(3):
        book_place(event=event, person=person, by=person, at=at)


MEANWHILE = [filled, made_smaller, held, waited_for]


def book_as_read_before(meanwhile, at):
    """Somebody books by what they read before this happened."""
    event, person = bookable_event(places=2), PersonFactory()
    as_read, read = Event.objects.select_related("lead_host").get(pk=event.pk), ReadBefore.of(event, at)
    meanwhile(event, at)
    return book_place(event=as_read, person=person, by=person, at=at, read=read)


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_what_happened_before_the_lock_decides(meanwhile, at):
    booking = book_as_read_before(meanwhile, at)
    assert booking.status == BookingStatus.WAITING
    assert list(BookingChange.objects.filter(booking=booking).values_list("to_status", flat=True)) == ["waiting"]


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_without_the_look_under_the_lock_too_many_have_a_place(meanwhile, at, monkeypatch):
    """The control."""
    monkeypatch.setattr("bookings.operations.lock.lock_a_free_place", lambda *_: None)
    assert book_as_read_before(meanwhile, at).status == BookingStatus.CONFIRMED


def kept_to_a_sector(event, at) -> None:
    wanted = Wanted(ConditionKind.SECTOR, sectors=(SectorFactory(name="Somewhere else"),))
    set_conditions(event=event, wanted=[wanted], by=officer(), at=at)


def kept_to_an_organisation(event, at) -> None:
    change_bookable_event(event=event, for_organisation=OrganisationFactory(), by=officer(), at=at)


def given_a_course_with_a_condition(event, at) -> None:
    course = CourseFactory(partnership=event.lead_host)
    wanted = Wanted(ConditionKind.SECTOR, sectors=(SectorFactory(name="Somewhere else"),))
    set_conditions(course=course, wanted=[wanted], by=officer(), at=at)
    change_bookable_event(event=event, course=course, by=officer(), at=at)


RULES = [kept_to_a_sector, kept_to_an_organisation, given_a_course_with_a_condition]


@pytest.mark.parametrize("meanwhile", RULES)
def test_a_condition_set_before_the_lock_counts(meanwhile, at):
    with pytest.raises(Refused) as refused:
        book_as_read_before(meanwhile, at)
    assert refused.value.code.startswith("not_your_")


@pytest.mark.parametrize("meanwhile", RULES)
def test_without_that_look_a_condition_is_missed(meanwhile, at, monkeypatch):
    """The control."""
    monkeypatch.setattr("bookings.operations.lock.lock_a_free_place", lambda *_: None)
    assert book_as_read_before(meanwhile, at).status == BookingStatus.CONFIRMED


def test_a_free_place_is_booked_at_sight_and_no_other_way(at, monkeypatch):
    monkeypatch.delattr("bookings.operations.places._book")
    event, person = bookable_event(), PersonFactory()
    assert book_place(event=event, person=person, by=person, at=at).status == BookingStatus.CONFIRMED


def test_an_event_called_off_meanwhile_leaves_no_trace_of_the_attempt(at):
    def call_off(event, at) -> None:
        cancel_bookable_event(event=event, reason="Snow.", by=officer(), at=at)
        traces.extend(model.objects.count() for model in models)

    models, traces = (BookingChange, Invitation, Message, AuditEntry), []
    with pytest.raises(Refused) as refused:
        book_as_read_before(call_off, at)
    assert refused.value.code == "cancelled"
    assert [model.objects.count() for model in models] == traces


def test_a_second_booking_is_refused_although_nobody_waits(at):
    event, person = bookable_event(), PersonFactory()
    read = ReadBefore.of(event, at)
    book_place(event=event, person=person, by=person, at=at)
    with pytest.raises(Refused) as refused:
        book_place(event=event, person=person, by=person, at=at, read=read)
    assert refused.value.code == "already_booked"


def test_nobody_is_their_own_manager_also_where_managers_are_only_told(at):
    event, person = bookable_event(), PersonFactory()
    with pytest.raises(Refused) as refused:
        book_place(event=event, person=person, by=person, at=at, manager_email=person.main_address())
    assert (refused.value.code, refused.value.field) == ("own_address", "manager_email")


def test_a_manager_of_ones_own_is_no_hindrance(at):
    event, person = bookable_event(), PersonFactory()
    booking = book_place(event=event, person=person, by=person, at=at, manager_email=" Head@School.example ")
    assert (booking.status, booking.manager_email) == (BookingStatus.CONFIRMED, "head@school.example")
