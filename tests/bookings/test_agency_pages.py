"""The pages of an agency's training lead: one list of their own people, and of nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.models import BillingDetails, Booking, BookingStatus, Hold
from bookings.operations import book_place, set_payer_class
from events.models import EventHost
from notifications.models import Message
from people.models import Grant, Person
from tests.bookings.published_policies import PUBLISHED
from tests.factories.agency import colleague_of, lead_of
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import charging
from tests.factories.courses import CourseFactory
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PersonFactory, officer
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def lead(client: Client) -> Grant:
    """The grant of somebody signed in on ``client``."""
    grant = lead_of(OrganisationFactory(name="Oak School"))
    sign_in(client, grant.person)
    return grant


def sign_in(client: Client, person: Person) -> None:
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")


def url(name: str, grant: Grant, *more: Any) -> str:
    return reverse(f"agency_{name}", args=[grant.pk, *more])


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_lead_comes_to_their_agency_at_once(client: Client, lead: Grant) -> None:
    assert client.get("/agency/").url == url("people", lead)  # type: ignore[attr-defined]
    event = bookable_event()
    assert client.get(f"/agency/?event={event.pk}").url == url("event", lead, event.pk)  # type: ignore[attr-defined]
    assert "My agency" in text_of(client.get("/"))


def test_a_lead_of_several_agencies_chooses_one(client: Client, lead: Grant) -> None:
    second = lead_of(OrganisationFactory(name="Elm School"), person=lead.person)
    page = text_of(client.get("/agency/"))
    assert (page.count("Oak School"), page.count("Elm School")) == (1, 1)
    assert client.get(url("people", second)).status_code == 200


def test_nobody_else_comes_in(client: Client) -> None:
    grant, event = lead_of(), bookable_event()
    booking = BookingFactory(event=event, person=colleague_of(grant))
    others = [PersonFactory(), officer(), lead_of().person, lead_of(lead_of().organisation).person]
    others += [lead_of(grant.organisation, partnership=OtherPartnershipFactory()).person]
    addresses = [
        url(name, grant) for name in ("people", "bookings", "events", "holds", "people_csv", "bookings_csv", "person_new")
    ]
    addresses += [url(name, grant, event.pk) for name in ("event", "book", "hold")]
    addresses += [url(name, grant, booking.pk) for name in ("booking", "cancel", "substitute", "move")]
    for person in others:
        sign_in(client, person)
        expected = 404 if person.grants.filter(role="training_lead").exists() else 403
        seen = {(method(address).status_code) for address in addresses for method in (client.get, client.post)} - {405}
        assert seen == {expected}
    assert Booking.objects.get().status == BookingStatus.CONFIRMED


def test_a_lead_whose_role_has_ended_comes_no_more(client: Client, lead: Grant, at: datetime) -> None:
    Grant.objects.filter(pk=lead.pk).update(ended_at=at)
    assert client.get(url("people", lead)).status_code == 403


def test_rows_of_another_agency_are_not_there(client: Client, lead: Grant) -> None:
    elsewhere = BookingFactory()
    unhosted = BookingFactory(event=bookable_event(lead_host=OtherPartnershipFactory()), person=colleague_of(lead))
    closed = bookable_event(is_closed=True, neutral_title="Learning event")
    draft = bookable_event(status="draft")
    hold = Hold.objects.create(
        event=elsewhere.event,
        kind="unnamed",
        places=1,
        organisation=elsewhere.organisation,
        until=date(2027, 1, 20),
        made_at=elsewhere.booked_at,
    )
    there = [url(name, lead, row.pk) for row in (elsewhere, unhosted) for name in ("booking", "cancel", "substitute", "move")]
    there += [url(name, lead, event.pk) for event in (unhosted.event, closed, draft) for name in ("event", "book", "hold")]
    there += [url("release", lead, hold.pk)]
    assert {client.get(address).status_code for address in there} == {404}
    assert {client.post(address, {"cancelled_by": "delegate"}).status_code for address in there} == {404, 405}
    assert Booking.objects.live().count() == 2


def test_only_the_agencys_people_are_listed_with_what_they_are_booked_for(client: Client, lead: Grant) -> None:
    sam = colleague_of(lead, surname="Booked")
    BookingFactory(event=bookable_event(title="Neglect now"), person=sam)
    BookingFactory(event=bookable_event(lead_host=OtherPartnershipFactory(), title="Not ours"), person=sam)
    stranger = PersonFactory(surname="Stranger")
    BookingFactory(person=stranger)
    page = text_of(client.get(url("people", lead)))
    assert ("Neglect now" in page, "Not ours" in page, "Stranger" in page, "2 people" in page) == (True, False, False, True)
    assert "Booked" in text_of(client.get(url("people", lead) + "?q=booked"))
    assert "Nobody fits" in text_of(client.get(url("people", lead) + "?q=nobody+like+it"))


def test_a_booking_stays_with_the_agency_it_was_made_from_and_new_ones_follow_the_person(client: Client, lead: Grant) -> None:
    mover = colleague_of(lead, surname="Mover")
    BookingFactory(event=bookable_event(title="Before the move"), person=mover)
    new_school = lead_of(OrganisationFactory(name="Elm School"))
    mover.organisation, mover.organisation_text = new_school.organisation, "Elm School"
    mover.save()
    BookingFactory(event=bookable_event(title="After the move"), person=mover)
    old_people, old = text_of(client.get(url("people", lead))), text_of(client.get(url("bookings", lead)))
    assert ("Mover" in old_people, "Before the move" in old, "After the move" in old) == (False, True, False)
    sign_in(client, new_school.person)
    people, new = text_of(client.get(url("people", new_school))), text_of(client.get(url("bookings", new_school)))
    assert ("Mover" in people, "Before the move" in new, "After the move" in new) == (True, False, True)


def test_an_event_hosted_together_is_seen_by_the_leads_of_both(client: Client, lead: Grant) -> None:
    other = OtherPartnershipFactory()
    event = bookable_event(lead_host=other, title="Together")
    EventHost.objects.create(event=event, partnership=lead.partnership)
    BookingFactory(event=event, person=colleague_of(lead))
    assert "Together" in text_of(client.get(url("bookings", lead)))
    assert client.get(url("book", lead, event.pk)).status_code == 200


def test_bookings_are_found_by_person_event_and_status(client: Client, lead: Grant) -> None:
    event = bookable_event(title="Neglect now")
    BookingFactory(event=event, person=colleague_of(lead, surname="Waits"), status=BookingStatus.WAITING, queue_number=3)
    BookingFactory(event=event, person=colleague_of(lead, surname="Comes"))
    past = bookable_event(first_start=datetime(2026, 11, 3, 9, tzinfo=UTC), title="Long ago")
    BookingFactory(event=past, person=colleague_of(lead, surname="Went"))

    def names(query: str) -> list[str]:
        page = text_of(client.get(url("bookings", lead) + query))
        return [name for name in ("Waits", "Comes", "Went") if name in page]

    assert names("") == ["Waits", "Comes"]
    assert names("?status=waiting") == ["Waits"]
    assert names("?q=comes+neglect") == ["Comes"]
    assert names("?time=past") == ["Went"]
    assert "No booking fits" in text_of(client.get(url("bookings", lead) + "?q=nobody"))
    rows = client.get(url("bookings_csv", lead) + "?status=waiting").content.decode().splitlines()
    assert [row.split(",")[2] for row in rows[1:]] == ["Waits"]


def test_the_file_of_people_holds_what_the_page_shows(client: Client, lead: Grant) -> None:
    colleague_of(lead, forename="Ann", surname="=cmd", address="ann@oak.example")
    rows = client.get(url("people_csv", lead) + "?q=ann").content.decode("utf-8-sig").splitlines()
    assert rows == ["Last name,First name,E-mail,Job role,Bookings to come", "'=cmd,Ann,ann@oak.example,Teacher,"]


def test_an_empty_house_says_what_will_be_here(client: Client, lead: Grant) -> None:
    Person.objects.filter(pk=lead.person_id).update(organisation=OrganisationFactory())
    said = {name: text_of(client.get(url(name, lead))) for name in ("people", "bookings", "events", "holds")}
    expected = {"people": "No people yet", "bookings": "Nothing is booked yet", "events": "No events to book yet"}
    assert {name: sentence in said[name] for name, sentence in {**expected, "holds": "Nothing is held"}.items()} == dict.fromkeys(
        said, True
    )


@pytest.mark.parametrize("count", [3, 60])
@pytest.mark.parametrize(("name", "queries"), [("people", 13), ("bookings", 13), ("event", 20)])
def test_a_list_takes_the_same_number_of_queries_however_long(
    client: Client, lead: Grant, django_assert_max_num_queries: Any, count: int, name: str, queries: int
) -> None:
    event = bookable_event()
    for _ in range(count):
        BookingFactory(event=event, person=colleague_of(lead))
    address = url(name, lead, event.pk) if name == "event" else url(name, lead)
    with django_assert_max_num_queries(queries):
        assert client.get(address).status_code == 200


def test_tick_paste_check_and_book(client: Client, lead: Grant) -> None:
    event, ann = bookable_event(places=2), colleague_of(lead, forename="Ann", surname="Able")
    page = client.get(url("book", lead, event.pk))
    assert "Ann Able" in text_of(page)
    sent = sent_by(page, person=[str(ann.pk)], pasted="Bo Bright <bo@oak.example>\nlost@nowhere\ncy.clear@oak.example", check="1")
    checked = client.post(url("book", lead, event.pk), sent)
    assert Booking.objects.count() == 0
    done = client.post(url("book", lead, event.pk), sent_by(checked, book="1"))
    assert {one.person.name: one.status for one in Booking.objects.select_related("person")} == {
        "Ann Able": "confirmed",
        "Bo Bright": "confirmed",
        "Cy Clear": "waiting",
    }
    assert "lost@nowhere" in text_of(done)
    client.post(url("book", lead, event.pk), sent_by(checked, book="1"))
    assert Booking.objects.count() == 3


def test_of_two_hundred_pasted_addresses_the_twenty_bad_ones_are_kept_to_be_mended(client: Client, lead: Grant) -> None:
    event = bookable_event(places=150)
    good = [f"person{n}.oak@oak.example" for n in range(180)]
    bad = [f"not-an-address-{n}" for n in range(20)]
    checked = client.post(url("book", lead, event.pk), {"pasted": "\n".join([*good, *bad]), "check": "1"})
    again = sent_by(checked)
    assert again["pasted"] == ["\n".join(bad)]
    assert len(again["line"]) == 180
    page = text_of(checked)
    assert ("<strong>150</strong> will be booked" in page, "<strong>30</strong> will go on the waiting list" in page) == (
        True,
        True,
    )
    mended = client.post(
        url("book", lead, event.pk), {**again, "pasted": "\n".join([*bad[1:], "mended@oak.example"]), "check": "1"}
    )
    assert len(sent_by(mended)["line"]) == 181
    assert sent_by(mended)["pasted"] == ["\n".join(bad[1:])]


def test_whoever_is_new_needs_a_name_or_is_left_out(client: Client, lead: Grant) -> None:
    event = bookable_event()
    address = url("book", lead, event.pk)
    checked = client.post(address, {"pasted": "head@oak.example", "check": "1"})
    refused = client.post(address, sent_by(checked, book="1"))
    assert "Enter a first name for head@oak.example" in text_of(refused)
    named = {**sent_by(refused, book="1"), "forename:head@oak.example": "Hedy", "surname:head@oak.example": "Head"}
    left_out = client.post(address, {**sent_by(refused, book="1"), "leave": ["address:head@oak.example"]})
    assert ("Nobody was booked" in text_of(left_out), Booking.objects.count()) == (True, 0)
    client.post(address, named)
    assert Booking.objects.get().person.name == "Hedy Head"


@pytest.mark.parametrize("has_waiting_list", [True, False])
def test_those_without_a_name_are_left_out_in_one_step_and_take_nobodys_place(
    client: Client, lead: Grant, has_waiting_list: bool
) -> None:
    address = url("book", lead, bookable_event(places=2, terms={"has_waiting_list": has_waiting_list}).pk)
    pasted = "head@oak.example\nofficee@oak.example\nBo Bright <bo@oak.example>"
    checked = client.post(address, {"pasted": pasted, "check": "1"})
    assert "<strong>2</strong> without a name" in text_of(checked)
    assert "Leave out the 2 without a name" in text_of(checked)
    without = client.post(address, sent_by(checked, leave_nameless="1"))
    assert ("Book 1 person" in text_of(without), "<strong>2</strong> left out" in text_of(without)) == (True, True)
    assert "<strong>1</strong> will be booked" in text_of(without)
    order = [line["seen"].colleague.address for line in without.context["lines"]]
    assert order == ["head@oak.example", "officee@oak.example", "bo@oak.example"]
    client.post(address, sent_by(without, book="1"))
    assert [(one.person.name, one.status) for one in Booking.objects.all()] == [("Bo Bright", "confirmed")]


def test_a_changed_list_is_checked_before_anybody_is_booked(client: Client, lead: Grant) -> None:
    event, ann = bookable_event(), colleague_of(lead)
    address = url("book", lead, event.pk)
    checked = client.post(address, {"person": [str(ann.pk)], "pasted": "lost@nowhere", "check": "1"})
    page = client.post(address, sent_by(checked, pasted="Bo Bright <bo@oak.example>", book="1"))
    assert ("Check it again" in text_of(page), Booking.objects.count()) == (True, 0)


def test_nobody_of_another_agency_is_named_or_booked(client: Client, lead: Grant) -> None:
    event, stranger = bookable_event(), PersonFactory(forename="Secret", address="secret@elm.example")
    address = url("book", lead, event.pk)
    checked = client.post(address, {"person": [str(stranger.pk)], "pasted": "secret@elm.example", "check": "1"})
    assert ("Secret" in text_of(checked), "Not yours to book" in text_of(checked)) == (False, True)
    done = client.post(address, {"line": [f"person:{stranger.pk}", "address:secret@elm.example"], "book": "1"})
    assert ("Secret" in text_of(done), Booking.objects.count()) == (False, 0)


def test_ticks_stay_while_searching_and_paging(client: Client, lead: Grant) -> None:
    event = bookable_event()
    people = [colleague_of(lead, surname=f"Person{n:03}") for n in range(60)]
    address = url("book", lead, event.pk)
    first = client.post(address, {"person": [str(people[3].pk)], "shown": [str(people[3].pk)], "page": "2"})
    assert ("Ticked, not shown below" in text_of(first), "Person003" in text_of(first)) == (True, True)
    unticked = {**sent_by(first, search="1", q="person010"), "person": []}
    assert "Person003" not in text_of(client.post(address, unticked))


def test_nothing_chosen_and_too_many_are_said(client: Client, lead: Grant) -> None:
    address = url("book", lead, bookable_event().pk)
    assert "Tick who is to be booked" in text_of(client.post(address, {"pasted": " ", "check": "1"}))
    many = "\n".join(f"p{n}@oak.example" for n in range(201))
    page = text_of(client.post(address, {"pasted": many, "check": "1"}))
    assert ("These are 201 people. Book at most 200 at a time." in page, "p200@oak.example" in page) == (True, True)


def test_a_list_that_is_too_long_to_be_read_is_given_back(client: Client, lead: Grant) -> None:
    text = "no list at all, " * 5000
    page = client.post(url("book", lead, bookable_event().pk), {"pasted": text, "check": "1"})
    assert "too long to be a list of 200 people" in text_of(page)
    assert sent_by(page)["pasted"] == [text]


def test_a_closed_booking_says_why(client: Client, lead: Grant, at: datetime) -> None:
    event = bookable_event(terms={"closes_at": at - timedelta(days=1)})
    address = url("book", lead, event.pk)
    assert "Booking closed on" in text_of(client.get(address))
    assert client.post(address, {"pasted": "a@oak.example", "book": "1"}).status_code == 409


def test_cancel_substitute_and_move(client: Client, lead: Grant) -> None:
    course = CourseFactory()
    event = bookable_event(course=course)
    later = bookable_event(course=course, first_start=datetime(2027, 2, 2, 9, tzinfo=UTC))
    booking = BookingFactory(event=event, person=colleague_of(lead))
    sam = colleague_of(lead, forename="Sam", surname="Stand-in")
    assert "can have it instead" in text_of(client.get(url("cancel", lead, booking.pk)))
    client.post(url("substitute", lead, booking.pk), {"person": str(sam.pk)})
    assert Booking.objects.live().get().person == sam
    moved = Booking.objects.live().get()
    assert "20 places left" in text_of(client.get(url("move", lead, moved.pk)))
    client.post(url("move", lead, moved.pk), {"to_event": str(later.pk)})
    last = Booking.objects.live().get()
    assert (last.event, last.person) == (later, sam)
    client.post(url("cancel", lead, last.pk), {"cancelled_by": "manager", "reason": "Ill"})
    last.refresh_from_db()
    assert (last.status, last.cancelled_by) == ("cancelled", "manager")
    assert client.post(url("cancel", lead, last.pk), {"cancelled_by": "manager"}).status_code == 409


def test_what_another_date_costs_is_said_before_a_colleague_is_moved(client: Client, lead: Grant, at: datetime) -> None:
    course = CourseFactory()
    booking = BookingFactory(event=bookable_event(course=course), person=colleague_of(lead))
    bookable_event(course=course, first_start=datetime(2027, 2, 2, 9, tzinfo=UTC))
    assert "cost" not in text_of(client.get(url("move", lead, booking.pk))).partition("<main")[2]
    charging(at=at)
    page = text_of(client.get(url("move", lead, booking.pk)))
    assert ("Free if they come" in page, "Not coming: £50" in page) == (True, True)


def test_a_place_that_it_is_too_late_to_move_is_offered_no_date(client: Client, lead: Grant, at: datetime) -> None:
    course, holder = CourseFactory(), colleague_of(lead)
    bookable_event(course=course, first_start=datetime(2027, 2, 2, 9, tzinfo=UTC))
    tomorrow = bookable_event(course=course, first_start=at + timedelta(days=1))
    booking = BookingFactory(event=tomorrow, person=holder)
    address = url("move", lead, booking.pk)
    assert "Move the booking" in text_of(client.get(address))
    version = charging(at=at)
    Booking.objects.filter(pk=booking.pk).update(policy_version=version, payer_class="partner")
    page = text_of(client.get(address))
    said = ("too late to move" in page, "Move the booking" in page, "<title>Error:" in page, "Back to the booking" in page)
    assert said == (True, False, False, True)


def test_a_lead_can_not_cancel_as_organiser_nor_pass_a_place_to_another_agency(client: Client, lead: Grant) -> None:
    booking = BookingFactory(event=bookable_event(), person=colleague_of(lead))
    client.post(url("cancel", lead, booking.pk), {"cancelled_by": "organiser"})
    client.post(url("substitute", lead, booking.pk), {"person": str(PersonFactory().pk)})
    booking.refresh_from_db()
    assert (booking.status, Booking.objects.count()) == ("confirmed", 1)


def test_the_list_of_events_tells_those_booked_from_those_who_wait(client: Client, lead: Grant) -> None:
    event = bookable_event(places=1)
    waiting = BookingFactory(event=event, person=colleague_of(lead), status=BookingStatus.WAITING, queue_number=1)
    page = text_of(client.get(url("events", lead)))
    assert (">1 waiting</td>" in page, "1 booked" in page) == (True, False)
    BookingFactory(event=waiting.event, person=colleague_of(lead))
    assert "1 booked, 1 waiting</td>" in text_of(client.get(url("events", lead)))


def test_places_held_for_the_agency_are_left_for_it(client: Client, lead: Grant, at: datetime) -> None:
    event = bookable_event(places=5)
    BookingFactory(event=event)
    until = date(2027, 1, 20)
    Hold.objects.create(event=event, kind="reserved", places=3, organisation=lead.organisation, until=until, made_at=at)
    assert "4 of 5" in text_of(client.get(url("events", lead)))
    assert "4 of 5 places left." in text_of(client.get(url("book", lead, event.pk)))
    assert "<strong>4 places left</strong> of 5" in text_of(client.get(url("event", lead, event.pk)))


def test_places_that_are_held_are_not_called_full(client: Client, lead: Grant) -> None:
    event = bookable_event(places=2)
    client.post(url("hold", lead, event.pk), {"places": "2", "until": "20/01/2027"})
    assert "No place left, 2 held" in text_of(client.get(url("events", lead)))
    assert "<strong>No place left</strong> of 2, 2 held" in text_of(client.get(url("event", lead, event.pk)))


def test_hold_places_name_them_and_give_the_rest_back(client: Client, lead: Grant) -> None:
    event = bookable_event(places=3)
    client.post(url("hold", lead, event.pk), {"places": "2", "until": "20/01/2027"})
    hold = Hold.objects.get()
    assert (hold.organisation, hold.kind, hold.places) == (lead.organisation, "unnamed", 2)
    client.post(url("book", lead, event.pk), {"line": [f"person:{colleague_of(lead).pk}"], "book": "1"})
    assert Booking.objects.get().hold == hold
    assert "Give back 1 place?" in text_of(client.get(url("release", lead, hold.pk)))
    client.post(url("release", lead, hold.pk))
    hold.refresh_from_db()
    assert (hold.released_at is not None, Booking.objects.live().count()) == (True, 1)


@pytest.mark.parametrize(
    ("places", "until", "sentence"),
    [
        ("4", "20/01/2027", "3 places are free. Hold fewer"),
        ("0", "20/01/2027", "1 or more"),
        ("1", "25/01/2027", "Hold places until a day from today to Friday 22 January 2027."),
        ("1", "10/01/2027", "Hold places until a day from today"),
        ("x", "soon", "Write a date that exists"),
    ],
)
def test_a_hold_that_can_not_be(client: Client, lead: Grant, places: str, until: str, sentence: str) -> None:
    event = bookable_event(places=3)
    page = text_of(client.post(url("hold", lead, event.pk), {"places": places, "until": until}))
    assert (sentence in page, Hold.objects.count()) == (True, 0)


def test_add_somebody(client: Client, lead: Grant) -> None:
    new = {"forename": "Nina", "surname": "New", "address": "nina@oak.example", "job_role": ""}
    client.post(url("person_new", lead), new)
    assert Person.objects.get(surname="New").organisation == lead.organisation
    again = text_of(client.post(url("person_new", lead), new))
    assert "Somebody has this address already" in again


def test_where_coming_costs_the_bill_is_asked_for_once_for_the_list(client: Client, lead: Grant, at: datetime) -> None:
    charging(PUBLISHED["Greenwich"])
    event, ann = bookable_event(), colleague_of(lead)
    set_payer_class(partnership=event.lead_host, organisation=lead.organisation, payer_class="private", by=None, at=at)
    address = url("book", lead, event.pk)
    checked = client.post(address, {"person": [str(ann.pk)], "check": "1"})
    assert "Where the bill goes" in text_of(checked)
    refused = client.post(address, sent_by(checked, book="1"))
    assert ("Choose how it is paid." in text_of(refused), Booking.objects.count()) == (True, 0)
    paid = {**sent_by(refused, book="1"), "billing-pays_by": "internal_recharge", "billing-cost_code": "CC1"}
    client.post(address, paid)
    assert BillingDetails.objects.get().cost_code == "CC1"
    booking = Booking.objects.get()
    assert booking.policy_version is not None
    page = text_of(client.get(url("booking", lead, booking.pk)))
    assert "If they can’t come" in page
    assert "Internal recharge<br>Cost code CC1" in page
    assert f"{booking.person.name} can change it on their booking’s page" in page
    BillingDetails.objects.all().delete()
    page = text_of(client.get(url("booking", lead, booking.pk)))
    assert f"Nobody has said yet where it goes<br>{booking.person.name} can say it" in page


def test_somebody_who_is_booked_by_a_colleague_reads_by_whom(client: Client, lead: Grant) -> None:
    client.post(url("book", lead, bookable_event().pk), {"line": [f"person:{colleague_of(lead).pk}"], "book": "1"})
    assert f"{lead.person.name} of your agency booked it for you." in Message.objects.get(kind="booking_confirmed").text


def test_whom_a_lead_names_reads_which_manager_the_booking_has_and_corrects_it(client: Client, lead: Grant) -> None:
    event = bookable_event(terms={"manager_role": "approves"})
    colleague = colleague_of(lead, manager_email="old@school.example")
    client.post(url("book", lead, event.pk), {"line": [f"person:{colleague.pk}"], "book": "1"})
    booking = Booking.objects.get()
    assert booking.status == "confirmed"  # the lead's naming is the agency's approval
    said = "Your manager in it is old@school.example: if that is wrong, correct it on your booking’s page."
    assert said in Message.objects.get(kind="booking_confirmed").text
    client.force_login(colleague, backend="allauth.account.auth_backends.AuthenticationBackend")
    page, address = f"/bookings/{booking.pk}/", f"/bookings/{booking.pk}/manager/"
    assert address in text_of(client.get(page))
    own = client.post(address, {"manager_email": colleague.main_address()})
    assert "This is your own address." in text_of(own)
    done = text_of(client.post(address, {"manager_email": "New@school.example"}, follow=True))
    assert "Your manager in this booking is new@school.example." in done
    told = Message.objects.filter(kind="manager_told_of_booking").exclude(state="withdrawn")
    assert list(told.values_list("to_address", flat=True)) == ["new@school.example"]
    client.force_login(PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(address, {"manager_email": "mine@school.example"}).status_code == 404


def test_the_form_for_a_manager_is_shown_only_while_it_can_be_sent(client: Client, at: datetime) -> None:
    person = PersonFactory(manager_email="boss@school.example")
    booking = book_place(event=bookable_event(), person=person, by=person, at=at)
    approves = bookable_event(terms={"manager_role": "approves"})
    awaiting = book_place(event=approves, person=person, by=person, at=at)
    sign_in(client, person)
    field = 'name="manager_email"'
    assert field in text_of(client.get(f"/bookings/{booking.pk}/manager/"))
    refused = text_of(client.get(f"/bookings/{awaiting.pk}/manager/"))
    assert (field in refused, "Ask another one instead." in refused) == (False, True)
    with time_machine.travel(booking.event.sessions.get().ends_at, tick=False):
        sign_in(client, person)
        over = text_of(client.get(f"/bookings/{booking.pk}/manager/"))
        assert (field in over, "This event is over" in over) == (False, True)
        assert client.post(f"/bookings/{booking.pk}/manager/", {"manager_email": "x@school.example"}).status_code == 409


@pytest.mark.parametrize("count", [3, 200])
def test_checking_a_list_takes_the_same_number_of_queries_however_long(
    client: Client, lead: Grant, django_assert_num_queries: Any, count: int
) -> None:
    event = bookable_event()
    ours = [str(colleague_of(lead).pk) for _ in range(count // 2)]
    pasted = "\n".join(f"new{n}@oak.example" for n in range(count - len(ours)))
    address = url("book", lead, event.pk)
    with django_assert_num_queries(18):
        assert client.post(address, {"person": ours, "pasted": pasted, "check": "1"}).status_code == 200
