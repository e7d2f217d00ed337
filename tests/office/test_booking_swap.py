"""The commonest mail: she is ill, can Sam come instead?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import (
    Booking,
    BookingChange,
    BookingStatus,
    BookingTerms,
    Charge,
    Condition,
    ConditionKind,
    Hold,
    HoldKind,
    ManagerRole,
    PolicyVersion,
)
from bookings.operations import book_place
from events.models import Event
from notifications.models import Message
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, charging
from tests.factories.courses import LevelFactory
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PartnershipFactory, PersonFactory, SectorFactory

pytestmark = pytest.mark.django_db

FEBRUARY = datetime(2027, 2, 9, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def ana(at: datetime) -> Booking:
    """Ana's booking, of somebody whom the partnership knows."""
    return book_place(event=bookable_event(title="Neglect"), person=ours(forename="Ana", surname="Lee"), by=None, at=at)


def ours(**fields: Any) -> Person:
    person = PersonFactory(**fields)
    person.partnerships.add(PartnershipFactory())
    return person


def find_url(booking: Booking) -> str:
    return reverse("office_booking_substitute", args=[booking.pk])


def swap_url(booking: Booking, person: Person) -> str:
    return reverse("office_booking_substitute_by", args=[booking.pk, person.pk])


def move_url(booking: Booking) -> str:
    return reverse("office_booking_move", args=[booking.pk])


def status(booking: Booking) -> str:
    return Booking.objects.get(pk=booking.pk).status


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_four_clicks_from_the_mail_to_the_answer(client: Client, olu: Person, ana: Booking) -> None:
    sam = ours(forename="Sam", surname="Okafor")
    assert 'action="/office/people/"' in text_of(client.get("/office/"))
    found = text_of(client.get("/office/people/", {"q": "ana lee"}))  # 1: find the person
    booking_page = reverse("office_booking", args=[ana.pk])
    assert booking_page in found
    opened = text_of(client.get(booking_page))  # 2: open the booking
    assert find_url(ana) in opened
    candidates = text_of(client.get(find_url(ana), {"q": "sam"}))  # 3: find who comes instead
    assert f'action="{swap_url(ana, sam)}"' in candidates
    assert "Give the place to Sam" in candidates
    done = client.post(swap_url(ana, sam), follow=True)  # 4: confirm
    assert "Sam Okafor has the place of Ana Lee. Both are told." in text_of(done)
    new = Booking.objects.get(person=sam)
    assert (status(ana), new.status, new.replaces_id) == (BookingStatus.SUBSTITUTED, BookingStatus.CONFIRMED, ana.pk)
    assert set(Message.objects.values_list("kind", flat=True)) >= {"place_passed_on", "place_taken_over"}
    assert "Sam Okafor has the place" in text_of(client.get(booking_page))


def test_a_rule_in_the_way_is_said_and_gone_over_only_with_a_reason(client: Client, olu: Person, ana: Booking) -> None:
    condition = Condition.objects.create(event=ana.event, kind=ConditionKind.SECTOR)
    condition.sectors.set([SectorFactory(name="Police")])
    sam = ours(forename="Sam")
    assert "A rule stands in the way" in text_of(client.get(find_url(ana), {"q": "sam"}))
    Condition.objects.create(event=ana.event, kind=ConditionKind.JOB_ROLE, job_roles="Midwife")
    asked = text_of(client.get(swap_url(ana, sam)))
    assert "<p>They are not of the sectors it is for.</p>" in asked
    assert "<p>Their job role is not among those it is for.</p>" in asked
    refused = text_of(client.post(swap_url(ana, sam), {"reason": " "}))
    assert "Say why you go over the rule." in refused
    assert status(ana) == BookingStatus.CONFIRMED
    client.post(swap_url(ana, sam), {"reason": "The school has nobody else"})
    change = BookingChange.objects.get(booking__person=sam)
    assert set(change.rule_set_aside.split(",")) == {"not_your_sector", "not_your_role"}
    assert change.reason == "The school has nobody else"


def test_a_policy_without_substitutes_is_a_rule_to_go_over_too(client: Client, olu: Person, at: datetime) -> None:
    charging(substitutes="never")
    booking, sam = accepted_booking(at=at), ours(forename="Sam", surname="Stand-in")
    assert "A rule stands in the way" in text_of(client.get(find_url(booking), {"q": "stand-in"}))
    assert "By the policy that was accepted, no colleague may come instead." in text_of(client.get(swap_url(booking, sam)))
    client.post(swap_url(booking, sam), {"reason": "Agreed with finance"})
    assert BookingChange.objects.get(booking__person=sam).rule_set_aside == "no_substitutes"


def test_where_the_manager_approves_they_are_asked_or_the_officer_says_why_not(client: Client, olu: Person, ana: Booking) -> None:
    BookingTerms.objects.filter(event=ana.event).update(manager_role=ManagerRole.APPROVES)
    sam = ours(forename="Sam", surname="Stand-in", manager_email="head@school.example")
    found = text_of(client.get(find_url(ana), {"q": "stand-in"}))
    assert "Needs their manager’s approval" in found
    assert "The place is held until the colleague’s manager approves" in found
    asked = text_of(client.get(swap_url(ana, sam)))
    assert "The booking of Ana Lee is over as soon as you give the place" in asked
    assert 'value="head@school.example"' in asked
    why = text_of(client.post(swap_url(ana, sam), {"without_approval": "on", "reason": ""}))
    assert "Say why you go over the rule." in why
    done = client.post(swap_url(ana, sam), {"manager_email": "head@school.example"}, follow=True)
    assert "Sam Stand-in waits for the manager&#x27;s approval, and then has the place of Ana Lee." in text_of(done)
    assert Booking.objects.get(person=sam).status == BookingStatus.AWAITING_APPROVAL


def test_an_officer_gives_the_place_without_approval(client: Client, olu: Person, ana: Booking) -> None:
    BookingTerms.objects.filter(event=ana.event).update(manager_role=ManagerRole.APPROVES)
    sam = ours(forename="Sam")
    client.post(swap_url(ana, sam), {"without_approval": "on", "reason": "Agreed on the phone"})
    change = BookingChange.objects.get(booking__person=sam)
    assert (change.to_status, change.rule_set_aside, change.reason) == ("confirmed", "no_approval", "Agreed on the phone")


def test_somebody_who_has_a_place_can_not_take_another(client: Client, olu: Person, ana: Booking, at: datetime) -> None:
    sam = ours(forename="Sam")
    theirs = book_place(event=ana.event, person=sam, by=None, at=at)
    found = text_of(client.get(find_url(ana), {"q": "sam"}))
    assert "Has a booking already" in found
    assert reverse("office_booking", args=[theirs.pk]) in found
    response = client.post(swap_url(ana, sam))
    assert response.status_code == 409
    assert "has a booking for this event already. Choose somebody else." in text_of(response)
    assert status(ana) == BookingStatus.CONFIRMED


def test_the_same_button_twice_gives_one_place(client: Client, olu: Person, ana: Booking) -> None:
    sam = ours(forename="Sam")
    client.post(swap_url(ana, sam))
    assert client.post(swap_url(ana, sam)).status_code == 409
    assert Booking.objects.filter(person=sam).count() == 1


def test_somebody_new_is_added_on_the_way(client: Client, olu: Person, ana: Booking) -> None:
    typed = {"forename": "New", "surname": "Colleague", "address": "new@school.example", "organisation_text": ""}
    response = client.post(find_url(ana), typed)
    person = Person.objects.get(surname="Colleague")
    assert response.headers["Location"] == swap_url(ana, person)
    bad = client.post(find_url(ana), {**typed, "forename": "", "address": "no address"})
    assert "Enter a first name" in text_of(bad)


def test_somebody_of_another_partnership_is_found_by_the_whole_address(client: Client, olu: Person, ana: Booking) -> None:
    sam = PersonFactory(forename="Sam", surname="Elsewhere", address="sam@far.example")
    assert "Sam Elsewhere" not in text_of(client.get(find_url(ana), {"q": "elsewhere"}))
    assert client.get(swap_url(ana, sam)).status_code == 404
    assert "Sam Elsewhere" in text_of(client.get(find_url(ana), {"q": "sam@far.example"}))
    response = client.post(find_url(ana), {"known_address": "sam@far.example"})
    assert response.headers["Location"] == swap_url(ana, sam)
    client.post(swap_url(ana, sam))
    assert status(ana) == BookingStatus.SUBSTITUTED


@pytest.mark.parametrize("charged", [False, True])
def test_twenty_found_take_as_many_queries_as_one(client: Client, olu: Person, ana: Booking, at: datetime, charged: bool) -> None:
    if charged:
        charging(at=at)
        Booking.objects.filter(pk=ana.pk).update(policy_version=PolicyVersion.objects.get())
    else:
        Condition.objects.create(event=ana.event, kind=ConditionKind.PARTNERS_ONLY)

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(find_url(ana), {"q": "sam"}).status_code == 200
        return len(captured)

    ours(forename="Sam")
    one = asked()
    for _ in range(25):
        ours(forename="Sam")
    assert asked() == one
    assert "More people fit than are shown." in text_of(client.get(find_url(ana), {"q": "sam"}))


def test_a_booking_moves_to_another_date_of_its_course(client: Client, olu: Person, ana: Booking) -> None:
    later = bookable_event(course=ana.event.course, first_start=FEBRUARY)
    other_course = bookable_event(first_start=FEBRUARY)
    theirs = bookable_event(lead_host=OtherPartnershipFactory(), course=ana.event.course, venue=None, first_start=FEBRUARY)
    page = client.get(move_url(ana))
    assert [row["event"] for row in page.context["dates"]] == [later]
    for wrong in (other_course, theirs):
        assert "Choose another one." in text_of(client.post(move_url(ana), {"to_event": wrong.pk}))
    assert status(ana) == BookingStatus.CONFIRMED
    response = client.post(move_url(ana), {"to_event": later.pk}, follow=True)
    assert "Ana Lee is booked for Tuesday 9 February 2027" in text_of(response)
    assert (status(ana), Booking.objects.get(event=later).status) == (BookingStatus.TRANSFERRED, BookingStatus.CONFIRMED)


def test_a_date_that_has_closed_needs_a_reason(client: Client, olu: Person, ana: Booking, at: datetime) -> None:
    later = bookable_event(course=ana.event.course, first_start=FEBRUARY, terms={"closes_at": at - timedelta(days=1)})
    asked = text_of(client.post(move_url(ana), {"to_event": later.pk}))
    assert "Booking closed on Sunday 10 January 2027" in asked
    assert ("Move all the same" in asked, "nothing is charged" in asked) == (True, False)
    assert "Say why you go over the rule." in text_of(client.post(move_url(ana), {"to_event": later.pk, "over_a_rule": "yes"}))
    assert status(ana) == BookingStatus.CONFIRMED
    client.post(move_url(ana), {"to_event": later.pk, "over_a_rule": "yes", "reason": "Agreed with the trainer"})
    assert BookingChange.objects.get(booking__event=later).rule_set_aside == "closed"


def test_a_late_move_over_the_rule_says_that_nothing_is_charged_and_charges_nothing(
    client: Client, olu: Person, at: datetime
) -> None:
    charging(at=at)
    tomorrow = bookable_event(first_start=at + timedelta(days=1))
    booking = accepted_booking(at=at, event=tomorrow)
    later = bookable_event(course=tomorrow.course, first_start=FEBRUARY)
    asked = text_of(client.post(move_url(booking), {"to_event": later.pk}))
    nothing = "nothing is charged for the place that they leave"
    assert ("too late to move" in asked, nothing in asked) == (True, True)
    client.post(move_url(booking), {"to_event": later.pk, "over_a_rule": "yes", "reason": "She is ill"})
    assert (status(booking), Charge.objects.count()) == (BookingStatus.TRANSFERRED, 0)


def test_each_date_says_that_it_is_tentative_and_what_stands_in_the_way(
    client: Client, olu: Person, ana: Booking, at: datetime
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(move_url(ana)).status_code == 200
        return len(captured)

    def date(**fields: Any) -> Event:
        later = bookable_event(course=ana.event.course, first_start=FEBRUARY, **fields)
        for kind in (ConditionKind.PARTNERS_ONLY, ConditionKind.LEVEL, ConditionKind.COURSE_FIRST):
            Condition.objects.create(event=later, kind=kind, level=LevelFactory() if kind == ConditionKind.LEVEL else None)
        Condition.objects.create(event=later, kind=ConditionKind.AGENCY_LIMIT, number=1)
        return later

    date(terms={"minimum": 3, "closes_at": at - timedelta(days=1), "manager_role": "approves"})
    one, text = asked(), text_of(client.get(move_url(ana)))
    for said in (
        "Takes place once 3 more people have asked.",
        "Booking has closed.",
        "They are not from a partner agency.",
        "They have no course of the level before it.",
        "They have not attended the course before it.",
        "It needs their manager&#x27;s approval, and nobody has asked for that.",
    ):
        assert said in text
    assert "Their agency has used its places." not in text
    full = date(terms={"minimum": 3, "manager_role": "approves"})
    BookingFactory(event=full, person=ours(organisation=ana.person.organisation), organisation=ana.person.organisation)
    assert "Their agency has used its places." in text_of(client.get(move_url(ana)))
    assert asked() == one


def test_a_full_date_offers_its_waiting_list_instead(client: Client, olu: Person, ana: Booking) -> None:
    full = bookable_event(course=ana.event.course, first_start=FEBRUARY, places=1)
    BookingFactory(event=full)
    text = text_of(client.get(move_url(ana)))
    assert "Put on its waiting list" in text
    assert "Move to 9 Feb 2027" not in text
    response = client.post(move_url(ana), {"to_event": full.pk})
    assert (response.status_code, "That date is full." in text_of(response)) == (409, True)
    assert status(ana) == BookingStatus.CONFIRMED


def test_a_date_whose_last_places_are_held_is_offered_to_those_for_whom_they_are(
    client: Client, olu: Person, ana: Booking
) -> None:
    agencys = ana.person.organisation
    for organisation, is_offered in ((OrganisationFactory(), False), (agencys, True)):
        held = bookable_event(course=ana.event.course, first_start=FEBRUARY, places=1)
        fields = {"until": date(2027, 1, 20), "made_at": ana.booked_at}
        Hold.objects.create(event=held, kind=HoldKind.RESERVED, places=1, organisation=organisation, **fields)
        text = text_of(client.get(move_url(ana)))
        assert ("Move to 9 Feb 2027" in text, "Put on its waiting list" in text) == (is_offered, True)
        assert client.post(move_url(ana), {"to_event": held.pk}).status_code == (302 if is_offered else 409)


def test_a_course_without_another_date_says_what_to_do(client: Client, olu: Person, ana: Booking) -> None:
    assert "This course has no other date" in text_of(client.get(move_url(ana)))


def test_a_booking_without_a_place_can_be_neither_passed_on_nor_moved(client: Client, olu: Person, ana: Booking) -> None:
    waiting = BookingFactory(event=ana.event, status=BookingStatus.WAITING, queue_number=1)
    sam = ours(forename="Sam")
    for address in (find_url(waiting), swap_url(waiting, sam), move_url(waiting)):
        assert "holds no place that could be passed on" in text_of(client.get(address))
    assert client.post(swap_url(waiting, sam)).status_code == 409


def test_what_somebody_has_at_the_same_time_is_said_before_they_get_the_place(client: Client, olu: Person, ana: Booking) -> None:
    sam = ours(forename="Sam", surname="Okafor")
    BookingFactory(person=sam, event=bookable_event(title="Exploitation"))
    page = text_of(client.get(find_url(ana), {"q": "Okafor"}))
    assert ("Has something else at that time" in page, "Give the place to Sam" in page) == (True, False)
    page = text_of(client.get(swap_url(ana, sam)))
    assert "Sam Okafor has something else at that time" in page
    assert "Exploitation, Tuesday 26 January 2027: confirmed" in page
    client.post(swap_url(ana, sam))
    assert status(ana) == BookingStatus.SUBSTITUTED


def test_what_the_place_can_cost_is_said_there_and_in_the_letter(client: Client, olu: Person, ana: Booking, at: datetime) -> None:
    sam = ours(forename="Sam", surname="Okafor")
    charging(at=at)

    def found() -> tuple[bool, bool]:
        page = text_of(client.get(find_url(ana), {"q": "Okafor"}))
        return "Give the place to Sam" in page, "Cancel free of charge until" in page

    assert found() == (True, False)  # booked before anything cost
    Booking.objects.filter(pk=ana.pk).update(policy_version=PolicyVersion.objects.get(), payer_class="partner")
    assert found() == (True, True)
    assert "Cancel free of charge until" in text_of(client.get(swap_url(ana, sam)))
    client.post(swap_url(ana, sam))
    letter = Message.objects.get(person=sam).text
    assert "may cost something: your booking’s page says whether, and what." in letter


def test_a_date_says_what_they_have_at_that_time_and_which_policy_counts(
    client: Client, olu: Person, ana: Booking, at: datetime
) -> None:
    bookable_event(course=ana.event.course, first_start=FEBRUARY)
    BookingFactory(person=ana.person, event=bookable_event(title="Exploitation", first_start=FEBRUARY))
    page = text_of(client.get(move_url(ana)))
    assert page.count("Exploitation, Tuesday 9 February 2027: confirmed") == 1
    assert "under the policy in force today" not in page
    charging(at=at)
    said = text_of(client.get(move_url(ana)))
    assert "Nothing was charged when this one was made" in said
    assert ("Free if they come" in said, "Not coming: £50" in said, "Not coming" in page) == (True, True, False)
