from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.models import BookingStatus, Condition, ConditionKind, InvitedPerson
from bookings.operations import switch_charges
from courses.models import Format
from events.models import Event, EventStatus
from people.models import Partnership, Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.charging import accepted_booking, charging
from tests.factories.courses import CourseFactory
from tests.factories.events import EventFactory
from tests.factories.people import OtherPartnershipFactory, PersonFactory, officer
from tests.website.pages import words

pytestmark = pytest.mark.django_db
LINK = "https://teams.example/join/1"


def page_of(client: Client, event: Event) -> str:
    return words(client.get(f"/events/{event.pk}/"))


def test_a_visitor_sees_when_where_places_and_one_button(client: Client, partnership: Partnership) -> None:
    event = bookable_event(places=3, title="Recognising neglect", course=CourseFactory(outcomes="see it\nname it", hours=6))
    BookingFactory(event=event)
    page = page_of(client, event)
    assert page.count("Tuesday 26 January 2027, 9.30am to 4pm") == 2  # on top and in the details
    assert page.count("Civic Suite, 1 High Street, Riverside") == 2
    assert page.count("2 places left of 3") == 1
    assert page.count("What you will be able to do see it name it") == 1
    assert page.count("6 hours") == 1
    assert page.count("Book a place") == 1


def test_a_full_event_offers_the_waiting_list(client: Client, partnership: Partnership) -> None:
    event = bookable_event(places=1)
    BookingFactory(event=event)
    page = page_of(client, event)
    assert (page.count("Full , 1 place"), page.count("Join the waiting list"), page.count("Book a place")) == (1, 1, 0)


def test_a_place_that_others_wait_for_is_not_promised_to_who_comes_later(client: Client, partnership: Partnership) -> None:
    event = bookable_event(places=2)
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
    page = page_of(client, event)
    assert page.count("People wait already: what is left goes to them first.") == 1
    assert (page.count("Join the waiting list"), page.count("Book a place")) == (1, 0)


def test_an_event_that_can_not_be_booked_says_why(client: Client, partnership: Partnership) -> None:
    not_open = bookable_event(terms={"opens_at": datetime(2027, 1, 12, 9, 0, tzinfo=UTC)})
    page = page_of(client, not_open)
    assert page.count("Booking opens on Tuesday 12 January 2027 at 9am. Come back then.") == 1
    assert page.count("Book a place") == 0
    over = bookable_event(first_start=datetime(2026, 12, 1, 9, 30, tzinfo=UTC))
    page = page_of(client, over)
    assert (page.count("This event is over."), page.count("Book a place"), page.count("places left")) == (1, 0, 0)


def test_a_description_that_is_the_summary_again_is_shown_once(client: Client, partnership: Partnership) -> None:
    page = page_of(client, bookable_event(summary="One line.", description="One line.\n"))
    assert (page.count("One line."), page.count("About it")) == (1, 0)
    page = page_of(client, bookable_event(summary="One line.", description="Two lines."))
    assert (page.count("One line."), page.count("About it Two lines.")) == (1, 1)


def test_the_content_note_stands_on_the_page(client: Client, partnership: Partnership) -> None:
    event = bookable_event(course=CourseFactory(content_note="Includes an account of abuse."))
    assert page_of(client, event).count("Content note Includes an account of abuse.") == 1


def test_what_people_typed_is_not_markup(client: Client, partnership: Partnership) -> None:
    event = bookable_event(title="<b>Bold</b>", description="<script>alert(1)</script>", course=None)
    response = client.get(f"/events/{event.pk}/")
    assert response.content.count(b"<script>alert") == 0
    assert words(response).count("<script>alert(1)</script>") == 1


def test_the_joining_link_is_shown_only_to_who_is_booked(signed_in: Client, person: Person) -> None:
    event = bookable_event(format=Format.VIRTUAL, joining_link=LINK, venue=None)
    assert page_of(signed_in, event).count(LINK) == 0
    waiting = BookingFactory(event=event, person=person, status="waiting", queue_number=1)
    page = page_of(signed_in, event)
    assert (page.count(LINK), page.count("Number 1 in line.")) == (0, 1)
    waiting.delete()
    BookingFactory(event=event, person=person)
    page = page_of(signed_in, event)
    assert (page.count(LINK), page.count("You are booked"), page.count("Book a place")) == (1, 1, 0)


def test_a_closed_event_is_there_only_for_invited_people_and_those_booked(signed_in: Client, person: Person) -> None:
    event = bookable_event(title="About a child", is_closed=True, neutral_title="A meeting")
    address = f"/events/{event.pk}/"
    assert Client().get(address).status_code == 404
    assert signed_in.get(address).status_code == 404
    InvitedPerson.objects.create(event=event, address=person.main_address())
    assert words(signed_in.get(address)).count("Book a place") == 1
    InvitedPerson.objects.all().delete()
    BookingFactory(event=event, person=person)
    assert words(signed_in.get(address)).count("You are booked") == 1


def test_drafts_and_other_partnerships_events_are_not_there(client: Client, partnership: Partnership) -> None:
    draft = bookable_event(status=EventStatus.DRAFT)
    cancelled_draft = bookable_event(status=EventStatus.CANCELLED)
    theirs = bookable_event(lead_host=OtherPartnershipFactory())
    assert [client.get(f"/events/{event.pk}/").status_code for event in (draft, cancelled_draft, theirs)] == [404, 404, 404]


def test_somebody_booked_on_another_partnerships_event_finds_its_page(signed_in: Client, person: Person) -> None:
    theirs = bookable_event(lead_host=OtherPartnershipFactory())
    BookingFactory(event=theirs, person=person)
    assert page_of(signed_in, theirs).count("You are booked") == 1


def test_a_cancelled_event_says_so_and_why(client: Client, partnership: Partnership, at: datetime) -> None:
    event = bookable_event(status=EventStatus.CANCELLED, cancelled_reason="The trainer is ill.", changed_at=at)
    page = page_of(client, event)
    assert page.count("This event is cancelled The trainer is ill.") == 1
    assert (page.count("Book a place"), page.count("places left")) == (0, 0)


def test_other_dates_of_the_course_are_offered(client: Client, partnership: Partnership) -> None:
    course = CourseFactory(title="Neglect")
    event, other = (
        bookable_event(course=course),
        bookable_event(course=course, first_start=datetime(2027, 3, 9, 9, 30, tzinfo=UTC)),
    )
    assert page_of(client, event).count("Tuesday 9 March 2027") == 1
    page = words(client.get(f"/courses/{course.pk}/"))
    assert (page.count("Tuesday 26 January 2027"), page.count("Tuesday 9 March 2027")) == (1, 1)
    assert other.course_id == course.pk


def test_an_officer_of_the_lead_host_gets_the_way_to_manage_it(client: Client, partnership: Partnership) -> None:
    event = EventFactory()
    client.force_login(officer(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert page_of(client, event).count("Manage this event") == 1
    client.force_login(PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert page_of(client, event).count("Manage this event") == 0


def test_an_event_that_has_started_shows_no_places_left(client: Client, partnership: Partnership) -> None:
    event = bookable_event()
    with time_machine.travel(datetime(2027, 1, 26, 11, 0, tzinfo=UTC), tick=False):
        page = page_of(client, event)
    assert (page.count("This event has started"), page.count("places left")) == (1, 0)


def test_who_may_book_is_said_to_everybody(client: Client, partnership: Partnership) -> None:
    event = bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.JOB_ROLE, job_roles="Midwife")
    page = page_of(client, event)
    assert "Who may book For people whose job role is Midwife." in page
    assert "Everybody who works with children" not in page


def test_every_condition_that_the_reader_does_not_meet_is_said(client: Client, partnership: Partnership, person: Person) -> None:
    event = bookable_event()
    Condition.objects.create(event=event, kind=ConditionKind.JOB_ROLE, job_roles="Midwife")
    Condition.objects.create(event=event, kind=ConditionKind.PARTNERS_ONLY)
    client.force_login(person)
    page = page_of(client, event)
    for why in ("Change your job role in your profile", "Yours is not among them."):
        assert page.count(why) == 1
    assert page.count("Book a place") == 0


def test_a_tentative_event_says_how_many_are_missing(client: Client, partnership: Partnership) -> None:
    event = bookable_event(terms={"minimum": 3})
    BookingFactory(event=event, status="requested")
    page = page_of(client, event)
    assert ("Takes place once 2 more people have asked for a place." in page, page.count("Ask for a place")) == (True, 1)


def test_what_it_costs_is_said_to_the_reader_and_the_policy_to_everybody(
    client: Client, partnership: Partnership, person: Person
) -> None:
    event = bookable_event()
    assert "Cost Free. Not coming costs you nothing either" in page_of(client, event)
    charging(partnership=partnership)
    page = page_of(client, event)
    assert "Cost It depends on where you work: you see it before you book." in page
    assert "You can cancel free of charge at least 2 working days before the event." in page
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Cancelling after that: £50 Not coming: £50" in page_of(client, event)


@pytest.mark.parametrize(("state", "words"), [("matched", "Ask for a place"), ("none", "Book a place")])
def test_whoever_has_no_manager_books_where_others_ask(client: Client, partnership: Partnership, state: str, words: str) -> None:
    nowhere = {"organisation": None, "sector": None, "borough": None, "organisation_text": ""} if state == "none" else {}
    reader = PersonFactory(organisation_state=state, **nowhere)
    event = bookable_event(terms={"manager_role": "approves"})
    assert "Ask for a place" in page_of(client, event)
    client.force_login(reader, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert words in page_of(client, event)
    assert f'<h1 class="govuk-heading-l">{words}</h1>' in client.get(reverse("book", args=[event.pk])).content.decode()


def test_whoever_booked_before_anything_cost_reads_what_they_accepted(
    client: Client, partnership: Partnership, person: Person
) -> None:
    event = bookable_event()
    BookingFactory(event=event, person=person)
    charging(partnership=partnership)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = page_of(client, event)
    assert ("Cost Free. Not coming costs you nothing either" in page, "£50" in page) == (True, False)


def test_where_charges_are_switched_off_again_nothing_costs_whoever_booked_meanwhile(
    client: Client, partnership: Partnership, person: Person, at: datetime
) -> None:
    charging(partnership=partnership)
    booking = accepted_booking(at=at, person=person, event=bookable_event())
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Not coming: £50" in page_of(client, booking.event)
    switch_charges(partnership=partnership, is_on=False, needs_second_person=False, by=None, at=at)
    page = page_of(client, booking.event)
    assert ("Cost Free. Not coming costs you nothing either" in page, "What cancelling late" in page) == (True, False)
