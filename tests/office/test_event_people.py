"""The people of an event by what waits, several at once, places held, and a tentative event that goes ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Booking, BookingChange, BookingStatus, Hold, LatePlaces, ManagerRole
from bookings.operations import book_place, cancel_booking, hold_places
from events.models import Event
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import (
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    SectorFactory,
    trainer,
)

pytestmark = pytest.mark.django_db

DAY_BEFORE = datetime(2027, 1, 25, 9, 0, tzinfo=UTC)
ENDED = {"status": BookingStatus.CANCELLED, "cancelled_by": "delegate", "ended_at": DAY_BEFORE}


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def url(event: Event, name: str = "people") -> str:
    return reverse(f"office_event_{name}", args=[event.pk])


def text_of(response: Any) -> str:
    return unescape(response.content.decode())


def book(event: Event, at: datetime, **fields: Any) -> Booking:
    person = PersonFactory(**fields)
    return book_place(event=event, person=person, by=person, at=at)


def sections(client: Client, event: Event, **filters: str) -> list[tuple[str, list[str]]]:
    shown = client.get(url(event), filters).context["sections"]
    return [(section.key, [row.person.surname for row in section.rows]) for section in shown]


def statuses(*bookings: Booking) -> list[str]:
    return [Booking.objects.get(pk=booking.pk).status for booking in bookings]


def test_each_state_has_its_section_in_the_order_that_matters(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=2, terms={"manager_role": ManagerRole.APPROVES})
    book(event, at, surname="Asked", manager_email="boss@school.example")
    BookingFactory(event=event, status=BookingStatus.OFFERED, person=PersonFactory(surname="Offered"))
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=8, person=PersonFactory(surname="Second"))
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=9, person=PersonFactory(surname="Third"))
    urgent = {"queue_number": 10, "priority": 1, "priority_reason": "In the review"}
    BookingFactory(event=event, status=BookingStatus.WAITING, person=PersonFactory(surname="Urgent"), **urgent)
    BookingFactory(event=event, status=BookingStatus.REQUESTED, person=PersonFactory(surname="Requested"))
    BookingFactory(event=event, person=PersonFactory(surname="Booked"))
    BookingFactory(event=event, person=PersonFactory(surname="Gone"), **ENDED)
    assert sections(client, event) == [
        ("awaiting", ["Asked"]),
        ("offered", ["Offered"]),
        ("waiting", ["Urgent", "Second", "Third"]),
        ("requested", ["Requested"]),
        ("booked", ["Booked"]),
        ("ended", ["Gone"]),
    ]
    text = text_of(client.get(url(event)))
    for said in ("Asked: boss@school.example", "In the review", "Cancelled by delegate", "26 Jan 2027, 9.30am"):
        assert said in text


def test_people_are_found_by_name_and_organisation(client: Client, olu: Person) -> None:
    event = bookable_event()
    school = OrganisationFactory(name="Alder Primary")
    BookingFactory(event=event, person=PersonFactory(surname="Lee", organisation=school))
    BookingFactory(event=event, person=PersonFactory(surname="Young"))
    assert sections(client, event, q="lee") == [("booked", ["Lee"])]
    assert sections(client, event, q="alder prim") == [("booked", ["Lee"])]
    assert "Nobody here fits “nobody”." in text_of(client.get(url(event), {"q": "nobody"}))


def test_three_hundred_people_take_as_many_queries_as_three_and_come_in_pages(client: Client, olu: Person) -> None:
    few, many = bookable_event(places=300), bookable_event(places=300)
    person = PersonFactory()
    for event, count in ((few, 3), (many, 300)):
        people = [Person(forename="P", surname=f"{number:03}") for number in range(count)]
        Person.objects.bulk_create(people)
        made = {"event": event, "booked_at": DAY_BEFORE, "status": BookingStatus.CONFIRMED}
        Booking.objects.bulk_create(Booking(person=one, **made) for one in people)
        BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1, person=person)

    def asked(event: Event, **filters: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(event), filters).status_code == 200
        return len(captured)

    assert asked(many) == asked(few)
    assert asked(many, show="booked") == asked(few, show="booked")
    assert asked(many, page="3", q="P") == asked(many, page="3")
    first = client.get(url(many)).context
    assert [section.title for section in first["sections"]] == ["Waiting, first in line first: 1", "Booked: 1 to 49 of 300"]
    page = client.get(url(many), {"show": "booked", "page": "6"}).context
    assert [section.title for section in page["sections"]] == ["Booked: 251 to 300 of 300"]
    assert [row.person.surname for row in page["sections"][0].rows] == [f"{number:03}" for number in range(250, 300)]


def test_a_page_keeps_search_and_section_and_the_counts_on_top_are_of_everybody(client: Client, olu: Person) -> None:
    event = bookable_event(places=80)
    school = OrganisationFactory(name="Alder Primary")
    for number in range(60):
        BookingFactory(event=event, person=PersonFactory(surname=f"Lee{number:02}", organisation=school))
    BookingFactory(event=event, person=PersonFactory(surname="Young"))
    BookingFactory(event=event, person=PersonFactory(surname="Gone"), **ENDED)
    page = client.get(url(event), {"q": "alder", "show": "booked", "page": "2"})
    assert [row.person.surname for row in page.context["sections"][0].rows] == [f"Lee{number}" for number in range(50, 60)]
    text = text_of(page)
    assert "60 of 62 bookings shown, page 2 of 2." in text
    assert [(number, words) for number, words, _, _ in page.context["summary"]] == [(61, "booked"), (1, "ended")]
    assert '?q=alder&show=booked&page=1"' in text
    assert [tag["href"] for tag in page.context["tags"]] == ["?show=booked", "?q=alder"]


def test_ticks_are_for_one_page_and_lead_back_to_it(client: Client, olu: Person) -> None:
    event = bookable_event(places=80)
    for number in range(52):
        BookingFactory(event=event, person=PersonFactory(surname=f"Lee{number:02}"))
    page = client.get(url(event), {"q": "lee", "page": "2"})
    assert text_of(page).count("Cancel the ticked bookings of this page") == 1
    last = page.context["sections"][0].rows[-1]
    sent = {"booking": [last.pk], "back": page.context["back"]}
    back = f"{url(event)}?q=lee&page=2"
    assert f'href="{back}">Keep them' in text_of(client.post(url(event, "cancel_several"), sent))
    done = client.post(url(event, "cancel_several"), {**sent, "cancelled_by": "organiser", "reason": "Snow"})
    assert (done["Location"], statuses(last)) == (back, ["cancelled"])
    nowhere = client.post(url(event, "cancel_several"), {"back": "next=//elsewhere.example&page=3"})
    assert nowhere["Location"] == f"{url(event)}?page=3"


def test_places_left_to_an_officer_say_whom_to_ring_in_order(client: Client, olu: Person) -> None:
    event = bookable_event(places=1, terms={"late_places": LatePlaces.OFFICER})
    booked, first, second = (book(event, DAY_BEFORE, surname=name) for name in ("Gone", "Young", "Abel"))
    with time_machine.travel(DAY_BEFORE, tick=False):
        assert "to ring about" not in text_of(client.get(url(event)))
        cancel_booking(booking=booked, cancelled_by="delegate", by=booked.person, at=DAY_BEFORE)
        text = text_of(client.get(url(event)))
        assert "1 place to ring about" in text
        assert text.index(reverse("office_booking_place", args=[first.pk])) < text.index(
            reverse("office_booking_place", args=[second.pk])
        )


def test_several_are_cancelled_with_one_reason_after_a_look_at_them(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=2)
    one, two, waiting = (book(event, at, surname=name) for name in ("Lee", "Young", "Waits"))
    ticked = {"booking": [one.pk, two.pk]}
    page = text_of(client.post(url(event, "cancel_several"), ticked))
    for said in ("Cancel 2 bookings?", "Sam Lee", "Sam Young", "Go to Sam Waits, who waits, at once."):
        assert said in page
    assert statuses(one, two, waiting) == ["confirmed", "confirmed", "waiting"]
    refused = text_of(client.post(url(event, "cancel_several"), {**ticked, "reason": ""}))
    assert "Choose who gives the place back." in refused
    assert "Say why: the reason is kept." in refused
    done = client.post(url(event, "cancel_several"), {**ticked, "cancelled_by": "organiser", "reason": "Snow"}, follow=True)
    assert "2 bookings cancelled." in text_of(done)
    assert statuses(one, two, waiting) == ["cancelled", "cancelled", "confirmed"]
    assert BookingChange.objects.filter(to_status="cancelled", reason="Snow", by=olu).count() == 2


def test_whoever_waits_and_is_ticked_too_gets_no_place(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=1)
    booked, first, second = (book(event, at, surname=name) for name in ("Lee", "First", "Second"))
    page = text_of(client.post(url(event, "cancel_several"), {"booking": [booked.pk, first.pk]}))
    assert "Goes to Sam Second, who waits, at once." in page
    said = {"cancelled_by": "organiser", "reason": "Snow"}
    client.post(url(event, "cancel_several"), {"booking": [booked.pk, first.pk], **said})
    assert statuses(booked, first, second) == ["cancelled", "cancelled", "confirmed"]


def test_nobody_ticked_or_somebody_of_another_event_cancels_nothing(client: Client, olu: Person, at: datetime) -> None:
    event, other = bookable_event(), book(bookable_event(), at)
    said = {"cancelled_by": "organiser", "reason": "Snow"}
    for ticked in ([], ["nonsense"], [str(other.pk)]):
        response = client.post(url(event, "cancel_several"), {"booking": ticked, **said}, follow=True)
        assert "Tick the people whose bookings you want to cancel." in text_of(response)
    assert client.get(url(event, "cancel_several")).status_code == 405
    assert statuses(other) == ["confirmed"]


def test_a_tentative_event_goes_ahead_once_somebody_has_read_how_many_are_told(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(terms={"minimum": 5})
    one, two = book(event, at), book(event, at)
    assert "2 of the 5 it needs" in text_of(client.get(url(event)))
    page = text_of(client.get(url(event, "go_ahead")))
    assert "2 people get the confirmation" in page
    assert statuses(one, two) == ["requested", "requested"]
    assert "2 people are told." in text_of(client.post(url(event, "go_ahead"), follow=True))
    assert statuses(one, two) == ["confirmed", "confirmed"]
    again = client.post(url(event, "go_ahead"))
    assert (again.status_code, "not tentative" in text_of(again)) == (409, True)


def test_places_are_held_for_a_sector_and_released(client: Client, olu: Person, at: datetime) -> None:
    event, schools = bookable_event(places=10), SectorFactory(name="Schools")
    typed = {"places": "4", "sector": schools.pk, "organisation_text": "", "kind": "reserved", "until": "20/01/2027"}
    done = client.post(url(event, "holds"), typed, follow=True)
    assert "4 places are held for Schools until Wednesday 20 January 2027." in text_of(done)
    hold = Hold.objects.get()
    assert (hold.places, hold.sector, hold.kind, hold.until, hold.made_by) == (4, schools, "reserved", date(2027, 1, 20), olu)
    assert "6 places left</strong> of 10, 4 held" in text_of(client.get(url(event)))
    release = reverse("office_hold_release", args=[hold.pk])
    assert "4 of 4 go to those who wait" in text_of(client.get(release))
    hold.refresh_from_db()
    assert hold.released_at is None
    client.post(release)
    hold.refresh_from_db()
    assert hold.released_at == at
    assert "They were released on" in text_of(client.get(release))


def test_unnamed_places_are_held_for_an_agency_we_know(client: Client, olu: Person) -> None:
    event, school = bookable_event(), OrganisationFactory(name="Alder Primary School")
    typed = {"places": "2", "sector": "", "organisation_text": "alder primary school", "kind": "unnamed", "until": "20/01/2027"}
    client.post(url(event, "holds"), typed)
    assert Hold.objects.values_list("organisation", "kind").get() == (school.pk, "unnamed")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"places": "0"}, "Give the number of places to hold: 1 or more."),
        ({"places": "many"}, "Write the number of places in digits, like 5."),
        ({"places": "21"}, "20 places are free. Hold fewer, or raise the number."),
        ({"until": "20/02/2027"}, "Hold places until"),
        ({"until": "soon"}, "Write a date that exists, like 27/01/2027."),
        ({"sector": ""}, "Choose a sector or an agency, not both."),
        ({"organisation_text": "Nobody's school"}, "We know no agency of this name."),
        ({"kind": "unnamed"}, "Only an agency names people."),
    ],
)
def test_what_can_not_be_held_says_why(client: Client, olu: Person, changed: dict[str, str], sentence: str) -> None:
    event = bookable_event()
    typed = {"places": "4", "sector": SectorFactory().pk, "organisation_text": "", "kind": "reserved", "until": "20/01/2027"}
    assert sentence in text_of(client.post(url(event, "holds"), {**typed, **changed}))
    assert Hold.objects.count() == 0


def test_another_partnerships_people_and_holds_are_not_there(client: Client, olu: Person, at: datetime) -> None:
    theirs = bookable_event(lead_host=OtherPartnershipFactory(), course=None, venue=None, terms={"minimum": 5})
    made = {"places": 1, "until": date(2027, 1, 20), "kind": "reserved", "sector": SectorFactory(), "by": None, "at": at}
    hold = hold_places(event=theirs, **made)
    for address in (url(theirs), url(theirs, "go_ahead"), url(theirs, "holds"), url(theirs, "call")):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    release = reverse("office_hold_release", args=[hold.pk])
    assert (client.get(release).status_code, client.post(release).status_code) == (404, 404)
    assert client.post(url(theirs, "cancel_several"), {"booking": []}).status_code == 404


def test_they_are_for_officers(client: Client) -> None:
    event = bookable_event()
    client.force_login(trainer(), backend="allauth.account.auth_backends.AuthenticationBackend")
    for name in ("go_ahead", "holds", "call"):
        assert client.get(url(event, name)).status_code == 403
    assert client.post(url(event, "cancel_several")).status_code == 403


def call_for(client: Client, event: Event, **data: Any) -> Any:
    return client.post(url(event, "call"), data, follow=True)


def test_missing_sectors_are_named_and_written_to_in_one_step(client: Client, olu: Person, at: datetime) -> None:
    event, schools, police = bookable_event(title="Neglect"), SectorFactory(name="Schools"), SectorFactory(name="Police")
    event.for_sectors.set([schools, police])
    hears = PersonFactory(forename="Ana", surname="Lee", organisation=OrganisationFactory(sector=schools), agreed_to_hear_at=at)
    silent = PersonFactory(organisation=OrganisationFactory(sector=police))
    for person in (hears, silent):
        person.partnerships.add(PartnershipFactory())
    text = text_of(client.get(url(event)))
    assert "Nobody has booked from 2 sectors" in text
    assert "Police, Schools" in text
    preview = text_of(client.get(url(event, "call")))
    for said in ("1 person</strong>: Ana Lee", "1 have not agreed", "Places left: Neglect", "Hello Ana,", "Write to 1 person"):
        assert said in preview
    assert "Nobody</dd>" in text_of(client.get(url(event, "call"), {"sector": police.pk}))
    assert "1 person is written to." in text_of(call_for(client, event, sector=[schools.pk, police.pk]))
    assert "1 were written to about this event before" in text_of(client.get(url(event, "call")))
    assert "Nobody of these sectors is left to write to." in text_of(call_for(client, event, sector=[schools.pk]))


def test_a_full_event_says_why_nobody_is_written_to(client: Client, olu: Person) -> None:
    event = bookable_event(places=1)
    event.for_sectors.set([SectorFactory(name="Schools")])
    BookingFactory(event=event, person=PersonFactory(organisation=OrganisationFactory(sector=SectorFactory(name="Police"))))
    assert "Every place is taken or held." in text_of(client.get(url(event, "call")))
