"""An officer books somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.models import BillingDetails, Booking, BookingChange, BookingStatus, Condition, ConditionKind
from bookings.operations import hold_places
from events.models import Event, EventStatus
from notifications.models import Message
from people.models import OrganisationState, Person
from people.operations import look_after
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import charging
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PartnershipFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def find_url(event: Event) -> str:
    return reverse("office_event_book", args=[event.pk])


def book_url(event: Event, person: Person) -> str:
    return reverse("office_event_book_person", args=[event.pk, person.pk])


def ours(**fields: object) -> Person:
    """Somebody the partnership looks after."""
    person = PersonFactory(**fields)
    person.partnerships.add(PartnershipFactory())
    return person


def test_somebody_known_is_found_and_booked(client: Client, olu: Person) -> None:
    event, person = bookable_event(), ours(forename="Ana", surname="Lee", address="ana@trust.example")
    page = client.get(find_url(event), {"q": "ana lee"})
    assert [found.pk for found in page.context["rows"]] == [person.pk]
    assert book_url(event, person) in page.content.decode()
    assert "A place: 20 of 20 free" in client.get(book_url(event, person)).content.decode()
    response = client.post(book_url(event, person), follow=True)
    assert "Ana Lee has a place." in response.content.decode()
    booking = Booking.objects.get()
    assert (booking.person, booking.booked_by, booking.status) == (person, olu, BookingStatus.CONFIRMED)
    assert Message.objects.get().to_address == "ana@trust.example"


def test_on_a_full_event_the_page_says_that_they_will_wait(client: Client, olu: Person) -> None:
    event, person = bookable_event(places=1), ours(forename="Ana", surname="Lee")
    BookingFactory(event=event)
    assert "Number 1 on the waiting list" in client.get(book_url(event, person)).content.decode()
    assert "Ana Lee is on the waiting list." in client.post(book_url(event, person), follow=True).content.decode()


def test_a_full_event_without_a_waiting_list_can_not_be_booked(client: Client, olu: Person) -> None:
    event, person = bookable_event(places=1, terms={"has_waiting_list": False}), ours()
    BookingFactory(event=event)
    page = client.get(book_url(event, person))
    assert (page.context["refusal"].code, page.context["final"]) == ("full", True)
    client.post(book_url(event, person), {"reason": "Must"})
    assert Booking.objects.count() == 1


def test_somebody_new_is_added_and_booked(client: Client, olu: Person) -> None:
    event = bookable_event()
    OrganisationFactory(name="Alder Primary School")
    typed = {"forename": "Ana", "surname": "Lee", "address": "ana@trust.example", "organisation_text": "alder primary school"}
    response = client.post(find_url(event), typed)
    person = Person.objects.get(surname="Lee")
    assert response.headers["Location"] == book_url(event, person)
    client.post(book_url(event, person))
    assert Booking.objects.get().organisation_state == OrganisationState.MATCHED


def test_somebody_without_a_mailbox_is_booked_and_the_officer_hears_of_it(client: Client, olu: Person) -> None:
    event = bookable_event()
    client.post(find_url(event), {"forename": "Ana", "surname": "Lee"})
    person = Person.objects.get(surname="Lee")
    assert "None: the confirmation goes to you" in client.get(book_url(event, person)).content.decode()
    client.post(book_url(event, person))
    assert Message.objects.get().to_address == olu.main_address()


def test_an_address_somebody_has_is_said_at_its_field(client: Client, olu: Person) -> None:
    ours(address="ana@trust.example")
    response = client.post(find_url(bookable_event()), {"forename": "A", "surname": "B", "address": "ANA@trust.example"})
    assert list(response.context["form"].errors) == ["address"]
    assert "<title>Error: " in response.content.decode()
    assert '<details class="govuk-details" open>' in response.content.decode()


def test_a_person_of_another_partnership_is_found_by_the_whole_address_only(client: Client, olu: Person) -> None:
    event, other = bookable_event(), OtherPartnershipFactory()
    theirs = PersonFactory(forename="Kim", surname="Far", address="kim@far.example")
    theirs.partnerships.add(other)
    assert client.get(book_url(event, theirs)).status_code == 404
    assert client.post(book_url(event, theirs)).status_code == 404
    for text in ("Kim", "kim@far"):
        page = client.get(find_url(event), {"q": text})
        assert (page.context["rows"], page.context["finding"].elsewhere) == ([], None)
    assert client.get(find_url(event), {"q": "kim@far.example"}).context["finding"].elsewhere == theirs
    assert theirs.partnerships.count() == 1
    response = client.post(find_url(event), {"known_address": "kim@far.example"})
    assert response.headers["Location"] == book_url(event, theirs)
    client.post(book_url(event, theirs))
    assert Booking.objects.get().person == theirs
    assert client.post(find_url(event), {"known_address": "nobody@far.example"}).headers["Location"] == find_url(event)


def test_whoever_may_not_sign_in_any_more_is_not_booked(client: Client, olu: Person) -> None:
    event, gone = bookable_event(), ours(forename="Ana", is_active=False)
    assert client.get(find_url(event), {"q": "ana"}).context["rows"] == []
    assert client.post(book_url(event, gone)).status_code == 404


def test_over_a_rule_a_reason_is_asked_and_kept(client: Client, olu: Person, at: datetime) -> None:
    event, person = bookable_event(terms={"closes_at": at - timedelta(hours=1)}), ours()
    html = client.get(book_url(event, person)).content.decode()
    assert "Booking closed on Monday 11 January 2027 at 8am" in html
    assert "Book anyway: why?</label>" in html
    assert "to ask whether there is still a place for you" not in html
    refused = client.post(book_url(event, person), {"reason": " "})
    assert refused.context["form"].errors == {"reason": ["Say why you go over the rule. The reason is kept with the booking."]}
    assert Booking.objects.count() == 0
    client.post(book_url(event, person), {"reason": "Asked by court"})
    change = BookingChange.objects.get()
    assert (change.rule_set_aside, change.reason, change.by) == ("closed", "Asked by court", olu)


def test_every_rule_in_the_way_is_said_of_the_person(client: Client, olu: Person, at: datetime) -> None:
    event, person = bookable_event(terms={"closes_at": at - timedelta(hours=1)}), ours()
    Condition.objects.create(event=event, kind=ConditionKind.JOB_ROLE, job_roles="Midwife")
    Condition.objects.create(event=event, kind=ConditionKind.PARTNERS_ONLY)
    assert set(client.get(book_url(event, person)).context["rules"]) == {
        "Booking closed on Monday 11 January 2027 at 8am.",
        "Their job role is not among those it is for.",
        "They are not from a partner agency.",
    }


def test_a_closed_event_asks_why_somebody_not_invited_is_booked(client: Client, olu: Person) -> None:
    event, person = bookable_event(is_closed=True, neutral_title="Learning event"), ours()
    page = client.get(book_url(event, person))
    assert page.context["refusal"].code == "not_invited"
    assert "no address of theirs is among the invited." in page.content.decode()
    client.post(book_url(event, person), {"reason": "Named by the chair"})
    assert Booking.objects.get().status == BookingStatus.CONFIRMED


def test_a_full_event_without_a_waiting_list_leads_to_the_number_of_places(client: Client, olu: Person) -> None:
    event, person = bookable_event(places=1, terms={"has_waiting_list": False}), ours()
    BookingFactory(event=event)
    html = client.get(book_url(event, person)).content.decode()
    assert "Every place is taken, and this event has no waiting list." in html
    assert "What they get" not in html
    assert f'href="{reverse("office_event_change", args=[event.pk])}#id_places"' in html
    assert "write to" not in html


def test_where_the_manager_approves_they_are_named_or_left_out_with_a_reason(client: Client, olu: Person) -> None:
    event = bookable_event(terms={"manager_role": "approves"})
    person = ours(forename="Ana", surname="Lee")
    assert "This event needs the manager&#x27;s approval." in client.post(book_url(event, person)).content.decode()
    refused = client.post(book_url(event, person), {"without_approval": "on"})
    assert "Say why you go over the rule." in refused.content.decode()
    assert Booking.objects.count() == 0
    asked = client.post(book_url(event, person), {"manager_email": "boss@school.example"}, follow=True)
    assert "Ana Lee has a place once the manager approves." in asked.content.decode()
    assert Booking.objects.get().manager_email == "boss@school.example"
    other = ours(forename="Bo", surname="Lee")
    client.post(book_url(event, other), {"without_approval": "on", "reason": "Her manager asked for it"})
    assert Booking.objects.get(person=other).status == BookingStatus.CONFIRMED
    assert BookingChange.objects.get(booking__person=other).reason == "Her manager asked for it"


def test_a_tentative_event_says_that_it_waits_for_more(client: Client, olu: Person) -> None:
    event, person = bookable_event(terms={"minimum": 5}), ours()
    assert "confirmed once 5 have booked" in client.get(book_url(event, person)).content.decode()
    assert "has asked for a place" in client.post(book_url(event, person), follow=True).content.decode()


def test_a_held_place_is_given_a_name(client: Client, olu: Person, at: datetime) -> None:
    event, school = bookable_event(places=2), OrganisationFactory()
    made = {"places": 2, "until": event.starts_on, "kind": "unnamed", "organisation": school, "by": olu, "at": at}
    hold = hold_places(event=event, **made)
    named, stranger = ours(forename="Ana", organisation=school), ours(forename="Bo")
    link = f"{book_url(event, named)}?hold={hold.pk}"
    assert link in client.get(find_url(event), {"q": "ana", "hold": hold.pk}).content.decode()
    assert "One of the places held for them" in client.get(link).content.decode()
    assert "Name somebody from there." in client.post(f"{book_url(event, stranger)}?hold={hold.pk}").content.decode()
    client.post(link)
    assert Booking.objects.values_list("person", "hold", "status").get() == (named.pk, hold.pk, BookingStatus.CONFIRMED)


def test_twice_leads_to_the_booking_that_is_there(client: Client, olu: Person) -> None:
    event, person = bookable_event(), ours(forename="Ana", surname="Lee")
    client.post(book_url(event, person))
    response = client.post(book_url(event, person), follow=True)
    assert response.redirect_chain == [(reverse("office_booking", args=[Booking.objects.get().pk]), 302)]
    assert "Ana Lee has a booking for this event already." in response.content.decode()


@pytest.mark.parametrize(
    ("status", "moment", "code"),
    [
        (EventStatus.DRAFT, None, "not_published"),
        (EventStatus.CANCELLED, None, "cancelled"),
        (EventStatus.PUBLISHED, datetime(2027, 1, 26, 10, 0, tzinfo=UTC), "started"),
        (EventStatus.PUBLISHED, datetime(2027, 1, 27, 10, 0, tzinfo=UTC), "past"),
    ],
)
def test_what_nobody_goes_over_ends_the_page(
    client: Client, olu: Person, status: str, moment: datetime | None, code: str, at: datetime
) -> None:
    event, person = bookable_event(status=status), ours()
    with time_machine.travel(moment or at, tick=False):
        page = client.get(book_url(event, person))
        assert (page.context["refusal"].code, page.context["final"]) == (code, True)
        assert '<button type="submit" class="govuk-button"' not in page.content.decode().split("This can't be booked")[1]
        assert client.post(book_url(event, person), {"reason": "Must"}).status_code == 200
        assert "Book somebody" not in client.get(reverse("office_event_people", args=[event.pk])).content.decode()
    assert Booking.objects.count() == 0


def test_many_who_fit_are_cut_and_it_says_so(client: Client, olu: Person) -> None:
    event = bookable_event()
    for _ in range(21):
        ours(forename="Ana")
    page = client.get(find_url(event), {"q": "ana"})
    assert len(page.context["rows"]) == 20
    assert "More people fit than are shown." in page.content.decode()


def test_what_they_have_at_the_same_time_is_said_before_they_are_booked(client: Client, olu: Person, at: datetime) -> None:
    person = PersonFactory(forename="Sam", surname="Okafor")
    look_after(person=person, partnership=PartnershipFactory(), by=None, at=at)
    theirs = OtherPartnershipFactory()
    BookingFactory(person=person, event=bookable_event(title="Exploitation"))
    BookingFactory(person=person, event=bookable_event(title="Not ours to read", lead_host=theirs))
    page = client.get(book_url(bookable_event(), person)).content.decode()
    assert "Sam Okafor has something else at that time" in page
    assert "Exploitation, Tuesday 26 January 2027: confirmed" in page
    assert ("An event of another partnership: confirmed" in page, "Not ours to read" in page) == (True, False)


def test_somebody_new_who_is_looked_for_by_address_has_it_filled_in(client: Client, olu: Person) -> None:
    page = client.get(reverse("office_event_book", args=[bookable_event().pk]), {"q": "new@school.example"}).content.decode()
    assert page.count('value="new@school.example"') == 2


def test_where_the_bill_goes_may_be_said_or_left_open(client: Client, olu: Person, at: datetime) -> None:
    people = [PersonFactory() for _ in range(3)]
    for person in people:
        look_after(person=person, partnership=PartnershipFactory(), by=None, at=at)
    event = bookable_event()
    assert "Where a bill would go" not in client.get(book_url(event, people[0])).content.decode()
    charging(at=at)
    assert "Where a bill would go" in client.get(book_url(event, people[0])).content.decode()
    bill = {"billing-pays_by": "internal_recharge", "billing-cost_code": "CC-12"}
    wrong = client.post(book_url(event, people[0]), {"billing-cost_code": "CC-12"}).content.decode()
    assert ("<title>Error: " in wrong, "Choose how it is paid" in wrong, Booking.objects.count()) == (True, True, 0)
    client.post(book_url(event, people[0]), bill)
    client.post(book_url(event, people[1]), {})
    assert list(BillingDetails.objects.values_list("booking__person", "cost_code")) == [(people[0].pk, "CC-12")]
    assert Booking.objects.count() == 2
