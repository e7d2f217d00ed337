"""An event for one organisation: its people book, everybody sees it, an officer goes over it with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from bookings import passing_on
from bookings.conditions import broken, broken_at, conditions_of, in_words
from bookings.models import BookingChange, BookingStatus, InvitedPerson
from bookings.operations import book_place, substitute, transfer
from core.refusals import Refused
from events.models import Event
from people.models import Organisation, Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import OrganisationFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db

IN_FEBRUARY = datetime(2027, 2, 9, 9, 30, tzinfo=UTC)


@pytest.fixture
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def oak() -> Organisation:
    return OrganisationFactory(name="Oak School")


@pytest.fixture
def event(oak) -> Event:
    return bookable_event(for_organisation=oak)


def refusal(action, **kwargs) -> Refused:
    with pytest.raises(Refused) as refused:
        action(**kwargs)
    return refused.value


def book(event: Event, person: Person, at, **said):
    return book_place(event=event, person=person, at=at, **{"by": person, **said})


@pytest.mark.both_databases
def test_its_people_book_and_others_read_why_not_and_what_to_do(event, oak, at):
    assert book(event, PersonFactory(organisation=oak), at).status == BookingStatus.CONFIRMED
    refused = refusal(book, event=event, person=PersonFactory(), at=at)
    assert refused.code == "not_your_organisation"
    assert str(refused) == (
        "For people of Oak School. Look for other dates in the programme, or change your organisation in your profile if you "
        "work there. Write to training@riverside.example if you think that you should be able to book."
    )


@pytest.mark.both_databases
def test_the_control_an_event_for_nobody_in_particular_is_booked_by_anybody(at):
    assert book(bookable_event(), PersonFactory(), at).status == BookingStatus.CONFIRMED


def test_an_officer_goes_over_it_with_a_reason(event, at):
    person = PersonFactory()
    assert refusal(book, event=event, person=person, at=at, by=officer()).code == "not_your_organisation"
    booking = book(event, person, at, by=officer(), rule_set_aside=True, reason="Their governor")
    assert BookingChange.objects.get(booking=booking).rule_set_aside == "not_your_organisation"


def test_no_colleague_from_elsewhere_takes_a_place_there(event, oak, at):
    booking = BookingFactory(event=event, person=PersonFactory(organisation=oak))
    refused = refusal(substitute, booking=booking, person=PersonFactory(), by=booking.person, at=at)
    assert refused.code == "not_your_organisation"
    colleague = PersonFactory(organisation=oak)
    assert substitute(booking=booking, person=colleague, by=booking.person, at=at).status == BookingStatus.CONFIRMED


def test_nobody_from_elsewhere_moves_there(event, at):
    booking = BookingFactory(event=bookable_event(course=event.course, first_start=IN_FEBRUARY))
    assert refusal(transfer, booking=booking, to_event=event, by=booking.person, at=at).code == "not_your_organisation"
    (date,) = passing_on.other_dates(booking, Event.objects.all(), by=booking.person, at=at)
    assert [one.code for one in date.unmet] == ["not_your_organisation"]


def test_many_events_say_the_same_as_each(event, oak):
    events = [event, bookable_event()]
    for person in (PersonFactory(), PersonFactory(organisation=oak)):
        each = {one.pk: [refused.code for refused in broken(one, person)] for one in events}
        assert {pk: [one.code for one in found] for pk, found in broken_at(events, person).items()} == each


def test_a_closed_event_goes_by_its_list_and_names_nobody(oak, at):
    event = bookable_event(for_organisation=oak, is_closed=True, neutral_title="Staff meeting")
    invited = PersonFactory(address="kim@elsewhere.example")
    InvitedPerson.objects.create(event=event, address="kim@elsewhere.example")
    assert conditions_of(event) == []
    assert book(event, invited, at).status == BookingStatus.CONFIRMED
    assert refusal(book, event=event, person=PersonFactory(organisation=oak), at=at).code == "not_invited"


def test_everybody_sees_it_in_the_programme_with_its_badge(event, client: Client, clock):
    listed, page = client.get("/events/").content.decode(), client.get(f"/events/{event.pk}/").content.decode()
    assert "For people of Oak School" in listed
    assert page.count("For people of Oak School") == 2
    assert [in_words(one) for one in conditions_of(event)] == ["For people of Oak School."]


def test_whoever_is_from_elsewhere_is_told_before_they_fill_anything_in(event, client: Client, clock):
    client.force_login(PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = " ".join(client.get(f"/events/{event.pk}/book/").content.decode().split())
    assert "For people of Oak School. Look for other dates in the programme" in page
    assert 'href="/profile/' in page
    assert 'name="manager_email"' not in page
