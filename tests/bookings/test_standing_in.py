"""The holder of a place names who comes instead, by address."""

from __future__ import annotations

import pytest

from bookings.models import Booking, BookingStatus, Condition, ConditionKind
from bookings.operations import Newcomer, book_place, substitute_by_address
from core.refusals import Refused
from people.models import OrganisationState, Person
from people.queries import person_by_address
from tests.factories.bookings import bookable_event
from tests.factories.people import OrganisationFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
KIM = Newcomer("Kim", "Bell", "Nurse")
UNMATCHED = {"organisation": None, "organisation_state": OrganisationState.UNMATCHED, "sector": None, "borough": None}


@pytest.fixture
def booking(at):
    person = PersonFactory()
    return book_place(event=bookable_event(places=1), person=person, by=person, at=at)


def pass_on(booking: Booking, at, address="kim@school.example", newcomer=KIM, by=None) -> Booking:
    return substitute_by_address(booking=booking, address=address, newcomer=newcomer, by=by or booking.person, at=at)


def refusal(*args, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        pass_on(*args, **kwargs)
    return refused.value.code


def test_somebody_new_is_made_with_the_place(booking, at):
    new = pass_on(booking, at)
    booking.refresh_from_db()
    assert (booking.status, new.status, new.replaces) == (BookingStatus.SUBSTITUTED, BookingStatus.CONFIRMED, booking)
    assert new.person == person_by_address("kim@school.example")
    assert (new.organisation, new.person.profile_done_at) == (booking.organisation, None)


def test_nobody_is_made_where_the_place_can_not_be_passed_on(booking, at):
    Condition.objects.create(event=booking.event, kind=ConditionKind.JOB_ROLE, job_roles="Teacher")
    before = Person.objects.count()
    assert refusal(booking, at) == "not_your_role"
    booking.refresh_from_db()
    assert (Person.objects.count(), booking.status) == (before, BookingStatus.CONFIRMED)


def test_without_a_name_nobody_is_made(booking, at):
    assert refusal(booking, at, newcomer=None) == "name_missing"
    assert person_by_address("kim@school.example") is None


@pytest.mark.parametrize("newcomer", [None, KIM])
def test_somebody_known_elsewhere_is_refused_as_late_as_somebody_new_would_be_made(booking, at, newcomer):
    PersonFactory(address="kim@school.example", organisation=OrganisationFactory())
    assert refusal(booking, at, newcomer=newcomer) == ("not_a_colleague" if newcomer else "name_missing")


def test_the_refusal_repeats_the_rule_and_says_nothing_of_the_address(booking, at):
    PersonFactory(address="elsewhere@school.example", organisation=OrganisationFactory())
    PersonFactory(address="stopped@school.example", organisation=booking.organisation, is_active=False)
    said = set()
    for address in ("elsewhere@school.example", "stopped@school.example"):
        with pytest.raises(Refused) as refused:
            pass_on(booking, at, address=address)
        said.add(str(refused.value))
    rule = f"Somebody from {booking.organisation.name} can take the place."
    [sentence] = said
    assert sentence.startswith(f"{rule} We can’t pass it on to this address here. Write to ")


def test_somebody_who_may_not_sign_in_any_more_is_no_colleague(booking, at):
    PersonFactory(address="kim@school.example", organisation=booking.organisation, is_active=False)
    assert refusal(booking, at) == "not_a_colleague"


def test_nobody_else_passes_the_place_on(booking, at):
    assert refusal(booking, at, by=PersonFactory(organisation=booking.organisation)) == "not_allowed"


def test_where_the_organisation_is_only_a_text_the_same_text_makes_colleagues(at):
    person = PersonFactory(organisation_text="The Alder Trust", **UNMATCHED)
    booking = book_place(event=bookable_event(), person=person, by=person, at=at)
    colleague = PersonFactory(organisation_text="the  alder trust", address="kim@school.example", **UNMATCHED)
    PersonFactory(organisation_text="Another", address="jo@school.example", **UNMATCHED)
    assert refusal(booking, at, address="jo@school.example") == "not_a_colleague"
    assert pass_on(booking, at, newcomer=None).person == colleague
