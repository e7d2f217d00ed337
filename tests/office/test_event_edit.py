"""An officer makes an event, changes it, publishes it and calls it off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, BookingStatus, BookingTerms, Invitation, InvitedPerson
from bookings.operations import ask_for_session, book_place, plan_session, tell_of_planned_session
from core.clock import LONDON
from core.models import AuditEntry
from events.models import Event, EventStatus, Venue
from feedback.models import EvaluationForm
from notifications.bounces import mark_bounced
from notifications.models import Message
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.events import EventFactory, EventTrainerFactory, VenueFactory
from tests.factories.notifications import MessageFactory
from tests.factories.people import (
    GrantFactory,
    OrganisationFactory,
    OtherPartnershipFactory,
    PartnershipFactory,
    PersonFactory,
    SectorFactory,
    trainer,
)
from tests.office.pages import Page, sent_by

pytestmark = pytest.mark.django_db

NEW = "/office/events/new/"
OR_EMPTY = "Leave it empty to close booking when the event starts."


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def change_url(event: Event) -> str:
    return reverse("office_event_change", args=[event.pk])


def typed(client: Client, url: str = NEW, **changed: Any) -> dict[str, Any]:
    """The page's form as it comes, with one session and a title typed in."""
    start = {
        "title": "Team day",
        "format": "classroom",
        "sessions_0_day": "26/01/2027",
        "sessions_0_start": "09:30",
        "sessions_0_end": "16:00",
    }
    return sent_by(client.get(url), **{**start, **changed})


def problems(response: Any) -> dict[str, str]:
    """Each error of the page by the field it belongs to; the page says that it has one."""
    assert response.status_code == 200
    html = response.content.decode()
    assert "<title>Error: " in html
    found = {problem.field_id.removeprefix("id_"): problem.text for problem in response.context["page"].problems}
    ids = Page(response).ids
    assert [name for name in found if name and f"id_{name}" not in ids] == []
    return found


def test_an_event_is_made_from_a_course_as_a_draft(client: Client, olu: Person) -> None:
    course = CourseFactory(title="Recognising neglect", summary="What to look for.", format="virtual", hours=3)
    course.for_sectors.add(SectorFactory(name="Early years"))
    page = client.get(NEW, {"course": str(course.pk)})
    assert "This course takes 3 hours." in page.content.decode()
    sent = sent_by(page, sessions_0_day="26/01/2027", sessions_0_start="9:30", sessions_0_end="12.30", places="12")
    assert (sent["title"], sent["format"], sent["summary"]) == (["Recognising neglect"], ["virtual"], ["What to look for."])
    response = client.post(NEW, sent)
    event = Event.objects.get()
    assert response.headers["Location"] == reverse("office_event", args=[event.pk])
    assert (event.title, event.format, event.summary, event.theme) == (
        "Recognising neglect",
        "virtual",
        "What to look for.",
        course.theme,
    )
    assert (event.status, event.lead_host, event.course) == (EventStatus.DRAFT, course.partnership, course)
    assert [sector.name for sector in event.for_sectors.all()] == ["Early years"]
    assert [(one.starts_at.hour, one.starts_at.minute, one.ends_at.hour) for one in event.sessions.all()] == [(9, 30, 12)]
    assert BookingTerms.objects.get(event=event).booking_limit == 12


def test_a_form_that_is_sent_twice_makes_one_event(client: Client, olu: Person) -> None:
    sent = typed(client)
    first, second = client.post(NEW, sent), client.post(NEW, sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Event.objects.count() == 1
    client.post(NEW, typed(client))
    assert Event.objects.count() == 2


def test_title_format_and_theme_left_empty_are_the_courses(client: Client, olu: Person) -> None:
    course = CourseFactory(title="Recognising neglect", format="blended")
    client.post(NEW, typed(client, course=str(course.pk), title="", format=""))
    event = Event.objects.get()
    assert (event.title, event.format, event.theme) == ("Recognising neglect", "blended", course.theme)


def test_without_a_course_title_and_format_are_needed(client: Client, olu: Person) -> None:
    response = client.post(NEW, typed(client, title=" ", format=""))
    assert problems(response) == {"title": "Give a title, or choose a course.", "format": "Choose a format, or a course."}
    assert Event.objects.count() == 0


def test_the_course_fills_in_what_is_still_empty_and_keeps_what_was_typed(client: Client, olu: Person) -> None:
    course = CourseFactory(title="Recognising neglect", summary="What to look for.")
    sent = typed(client, course=str(course.pk), title="My own title", sessions_0_day="31/02/2027", places="many")
    response = client.post(NEW, {**sent, "fill": "course"})
    again = sent_by(response)
    assert (again["title"], again["summary"]) == (["My own title"], ["What to look for."])
    assert (again["sessions-0-day"], again["places"]) == (["31/02/2027"], ["many"])
    assert "<title>Error" not in response.content.decode()
    assert Event.objects.count() == 0


def test_adding_sessions_keeps_everything_typed_and_saves_nothing(client: Client, olu: Person) -> None:
    sector, host = SectorFactory(), OtherPartnershipFactory()
    sent = typed(
        client,
        for_sectors=[str(sector.pk)],
        hosts=[str(host.pk)],
        description="Two\nlines",
        is_closed="on",
        has_waiting_list=None,
        invited="a@b.example",
        cost="12.50",
    )
    response = client.post(NEW, {**sent, "fill": "sessions"})
    again = sent_by(response)
    assert Event.objects.count() == 0
    assert again["sessions-TOTAL_FORMS"] == ["3"]
    assert {name: again.get(name) for name in sent if name not in ("sessions-TOTAL_FORMS", "sessions-INITIAL_FORMS")} == {
        name: value if isinstance(value, list) else [value]
        for name, value in sent.items()
        if name not in ("sessions-TOTAL_FORMS", "sessions-INITIAL_FORMS")
    } | {"csrfmiddlewaretoken": again["csrfmiddlewaretoken"]}
    assert "has_waiting_list" not in again
    assert client.post(NEW, {**again, "neutral_title": "Learning event"}).status_code == 302
    assert Event.objects.get().hosts.count() == 2


def test_rows_are_added_up_to_twelve(client: Client, olu: Person) -> None:
    response = client.get(NEW)
    for _ in range(7):
        response = client.post(NEW, {**sent_by(response), "fill": "sessions"})
    assert sent_by(response)["sessions-TOTAL_FORMS"] == ["12"]
    assert "Add more sessions" not in response.content.decode()


def test_several_sessions_stand_in_the_order_of_time(client: Client, olu: Person) -> None:
    sent = client.post(NEW, {**typed(client), "fill": "sessions"})
    more = sent_by(
        sent, sessions_1_day="19/01/2027", sessions_1_start="13:00", sessions_1_end="14:00", sessions_1_title="Opening"
    )
    assert client.post(NEW, more).status_code == 302
    event = Event.objects.get()
    assert [(one.number, one.title, one.starts_at.day) for one in event.sessions.all()] == [(1, "Opening", 19), (2, "", 26)]
    assert (event.starts_on, event.ends_on) == (date(2027, 1, 19), date(2027, 1, 26))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"sessions_0_day": "31/02/2027"}, {"sessions-0-day": "Write a date that exists, like 27/01/2027."}),
        ({"sessions_0_start": "half nine"}, {"sessions-0-start": "Write the time like 09:30 or 9.30am."}),
        ({"sessions_0_end": ""}, {"sessions-0-end": "Give the time it ends."}),
        ({"sessions_0_end": "09:30"}, {"sessions-0-end": "The end must come after the start."}),
        (
            {"sessions_0_day": "28/03/2027", "sessions_0_start": "01:30"},
            {"sessions-0-start": "The clocks go forward over this hour: choose another time."},
        ),
        (
            {"sessions_0_day": "", "sessions_0_start": "", "sessions_0_end": ""},
            {"sessions-0-day": "Give at least one date with its times."},
        ),
        ({"is_closed": "on"}, {"neutral_title": "A closed event needs a neutral title, such as “Learning event”."}),
        ({"places": ""}, {"places": "Give the number of places."}),
        ({"places": "0"}, {"places": "Give the number of places: 1 or more."}),
        ({"opens": "02/02/2027", "closes": "01/02/2027"}, {"closes": "Booking can't close before it opens."}),
        ({"closes": "27/01/2027"}, {"closes": f"The event is over by then: give 26/01/2027 or an earlier day. {OR_EMPTY}"}),
        (
            {"closes": "10/01/2027"},
            {"closes": f"Nobody could book, for that day is over: give today or a later day. {OR_EMPTY}"},
        ),
        ({"joining_link": "javascript:alert(1)"}, {"joining_link": "Write the whole link, like https://meet.example/abc."}),
        ({"cost": "£20"}, {"cost": "Write the amount in digits, like 1200 or 1200.50."}),
        ({"new_venue": ", 1 High Street"}, {"new_venue": "Write the venue's name first, then a comma and its address."}),
        ({"new_venue": "x" * 121}, {"new_venue": "Write a name of at most 120 letters, a comma, then the address."}),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    client: Client, olu: Person, changed: dict[str, Any], expected: dict[str, str]
) -> None:
    assert problems(client.post(NEW, typed(client, **changed))) == expected
    assert (Event.objects.count(), Venue.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("9.30am", "4pm", ["09:30", "16:00"]),
        ("0930", "1600", ["09:30", "16:00"]),
        ("9:30", "noon", ["09:30", "12:00"]),
        ("12.15 a.m.", "12.15 p.m.", ["00:15", "12:15"]),
        ("11.30", "Midday", ["11:30", "12:00"]),
    ],
)
def test_times_may_be_written_as_our_pages_write_them(
    client: Client, olu: Person, start: str, end: str, shown: list[str]
) -> None:
    client.post(NEW, typed(client, sessions_0_start=start, sessions_0_end=end))
    session = Event.objects.get().sessions.get()
    assert [f"{moment.astimezone(LONDON):%H:%M}" for moment in (session.starts_at, session.ends_at)] == shown


@pytest.mark.parametrize("unclear", ["4", "12", "25:00", "13pm", "0am", "9:75", "x9:30"])
def test_a_time_that_is_none_or_could_be_two_is_refused(client: Client, olu: Person, unclear: str) -> None:
    found = problems(client.post(NEW, typed(client, sessions_0_start=unclear)))
    assert found == {"sessions-0-start": "Write the time like 09:30 or 9.30am."}


def test_errors_are_listed_in_the_order_of_the_page(client: Client, olu: Person) -> None:
    response = client.post(NEW, typed(client, title="", cost="£20", sessions_0_day="31/02/2027", places=""))
    assert list(problems(response)) == ["title", "sessions-0-day", "places", "cost"]


def test_a_request_without_a_form_is_asked_again(client: Client, olu: Person) -> None:
    queue = ["confirm_until_days", "late_places", "offer_hours"]
    assert list(problems(client.post(NEW))) == ["", "kind", "title", "format", "places", *queue]
    assert client.post(NEW, {"fill": "sessions"}).status_code == 200


def test_overlapping_sessions_are_refused(client: Client, olu: Person) -> None:
    sent = client.post(NEW, {**typed(client), "fill": "sessions"})
    overlapping = sent_by(sent, sessions_1_day="26/01/2027", sessions_1_start="15:59", sessions_1_end="17:00")
    response = client.post(NEW, overlapping)
    assert problems(response) == {"sessions-0-day": "Two of the dates overlap: an event's sessions come one after the other."}
    back_to_back = {**overlapping, "sessions-1-start": "16:00"}
    assert client.post(NEW, back_to_back).status_code == 302


def test_of_two_hundred_invited_addresses_the_twenty_bad_ones_are_named(client: Client, olu: Person) -> None:
    good = [f"Person{n}@school.example" for n in range(180)]
    bad = [f"not-an-address-{n}" for n in range(20)]
    closed = {"is_closed": "on", "neutral_title": "Learning event"}
    response = client.post(NEW, typed(client, **closed, invited="\n".join([*good, *bad])))
    assert problems(response) == {"invited": f"Not an e-mail address: {', '.join(bad)}."}
    assert sent_by(response)["invited"] == ["\n".join([*good, *bad])]
    client.post(NEW, typed(client, **closed, invited="\n".join([*good, good[0].upper()])))
    assert sorted(InvitedPerson.objects.values_list("address", flat=True)) == sorted(text.lower() for text in good)


def test_invited_people_may_be_pasted_as_a_mail_program_writes_them(client: Client, olu: Person) -> None:
    pasted = "Lee, Sam <sam@school.example>; ana@clinic.example, <bo@trust.example>\r\nJo Ray <jo@trust.example>,\n"
    client.post(NEW, typed(client, is_closed="on", neutral_title="Learning event", invited=pasted))
    expected = ["ana@clinic.example", "bo@trust.example", "jo@trust.example", "sam@school.example"]
    assert list(InvitedPerson.objects.values_list("address", flat=True)) == expected


def test_a_new_venue_is_added_and_two_venues_are_one_too_many(client: Client, olu: Person) -> None:
    hall = VenueFactory(name="Civic Suite")
    both = typed(client, venue=str(hall.pk), new_venue="Library")
    assert problems(client.post(NEW, both)) == {"new_venue": "Choose a venue or write a new one, not both."}
    client.post(NEW, typed(client, new_venue="Library, 2 Low Road, Riverside"))
    venue = Event.objects.get().venue
    assert venue is not None
    assert (venue.name, venue.address) == ("Library", "2 Low Road, Riverside")


def test_courses_venues_and_trainers_of_another_partnership_can_not_be_chosen(client: Client, olu: Person) -> None:
    other = OtherPartnershipFactory()
    theirs = {
        "course": CourseFactory(partnership=other, theme=None, level=None),
        "venue": VenueFactory(partnership=other),
    }
    for name, row in theirs.items():
        assert list(problems(client.post(NEW, typed(client, **{name: str(row.pk)})))) == [name]
    assert client.get(NEW, {"course": str(theirs["course"].pk)}).context["page"].course is None
    assert client.get(NEW, {"course": "mangled", "like": "' OR 1"}).status_code == 200
    assert Event.objects.count() == 0


def test_another_like_it_starts_with_all_but_what_belongs_to_one_occasion(client: Client, olu: Person) -> None:
    event = bookable_event(places=40, title="Forum", joining_link="https://meet.example/1", cost=Decimal(10), sessions=2)
    teaches = trainer()
    EventTrainerFactory(event=event, person=teaches, name=teaches.name)
    sent = sent_by(client.get(NEW, {"like": str(event.pk)}))
    assert (sent["title"], sent["places"], sent["venue"], sent["trainers"]) == (
        ["Forum"],
        ["40"],
        [str(event.venue_id)],
        [str(teaches.pk)],
    )
    assert (sent["joining_link"], sent["cost"], sent["sessions-0-day"]) == ([""], [""], [""])
    assert (sent["sessions-0-start"], sent["sessions-TOTAL_FORMS"]) == (["09:30"], ["2"])


def test_a_copy_on_other_days_keeps_the_days_of_booking_that_its_form_shows(client: Client, olu: Person) -> None:
    days = {"opens_at": datetime(2027, 1, 12, 8, 15, tzinfo=UTC), "closes_at": datetime(2027, 1, 25, 12, tzinfo=UTC)}
    event = bookable_event(terms=days)
    day = event.starts_on + timedelta(weeks=4)
    sent = sent_by(client.get(NEW, {"like": str(event.pk), "first_day": f"{day:%d/%m/%Y}"}))
    assert (sent["opens"], sent["closes"]) == (["09/02/2027"], ["22/02/2027"])
    assert client.post(f"{NEW}?like={event.pk}&first_day={day:%d/%m/%Y}", sent).status_code == 302
    terms = BookingTerms.objects.exclude(event=event).get()
    assert (terms.opens_at, terms.closes_at) == (
        datetime(2027, 2, 9, tzinfo=UTC),
        datetime(2027, 2, 22, 23, 59, 59, tzinfo=UTC),
    )


def test_booking_may_close_on_the_last_day_and_today(client: Client, olu: Person) -> None:
    for closes in ("26/01/2027", "11/01/2027"):
        assert client.post(NEW, typed(client, closes=closes)).status_code == 302
    assert BookingTerms.objects.count() == 2


def test_a_closing_day_that_is_over_stays_until_somebody_types_another(client: Client, olu: Person) -> None:
    event = bookable_event(terms={"closes_at": datetime(2027, 1, 8, 12, tzinfo=UTC)})
    assert client.post(change_url(event), sent_by(client.get(change_url(event)), summary="New")).status_code == 302
    response = client.post(change_url(event), sent_by(client.get(change_url(event)), closes="07/01/2027"))
    assert problems(response) == {"closes": f"Nobody could book, for that day is over: give today or a later day. {OR_EMPTY}"}


def test_an_event_that_moves_before_its_closing_day_says_so(client: Client, olu: Person) -> None:
    event = bookable_event(terms={"closes_at": datetime(2027, 1, 24, 12, tzinfo=UTC)})
    response = client.post(change_url(event), sent_by(client.get(change_url(event)), sessions_0_day="20/01/2027"))
    assert problems(response) == {"closes": f"The event is over by then: give 20/01/2027 or an earlier day. {OR_EMPTY}"}
    assert Event.objects.get().starts_on == event.starts_on


def test_the_page_has_each_id_once_and_a_field_for_every_label(client: Client, olu: Person) -> None:
    CourseFactory(), VenueFactory(), OtherPartnershipFactory(), trainer(), SectorFactory()
    page = Page(client.post(NEW, {**sent_by(client.get(NEW)), "fill": "sessions"}))
    assert sorted(page.ids) == sorted(set(page.ids))
    assert [name for name in page.labels_for if name not in page.ids] == []


def test_optional_fields_say_so_and_needed_ones_do_not(client: Client, olu: Person) -> None:
    html = client.get(NEW).content.decode()
    for label in ("Date", "Starts", "Ends", "Number of places", "Kind"):
        assert re.search(rf"<label[^>]*>{label}</label>", html)
    for label in ("Summary", "Venue", "Joining link", "Booking opens on"):
        assert re.search(rf"<label[^>]*>{label} \(optional\)</label>", html)


def test_saving_without_a_change_changes_nothing(client: Client, olu: Person) -> None:
    course = CourseFactory()
    open_for = {"opens_at": datetime(2027, 1, 4, 8, 15, tzinfo=UTC), "closes_at": datetime(2027, 1, 25, 12, tzinfo=UTC)}
    event = bookable_event(course=course, theme=course.theme, terms=open_for, description="Two\nlines")
    teaches = trainer()
    EventTrainerFactory(event=event, person=teaches, name=teaches.name)
    EventTrainerFactory(event=event, name="Somebody else", outside_body="Trust")
    event.for_sectors.add(SectorFactory())
    book_place(event=event, person=PersonFactory(), by=None, at=datetime(2027, 1, 11, 9, 0, tzinfo=UTC))
    # The revision may rise: it only makes whoever books at that moment look again.
    shown = [field.attname for field in BookingTerms._meta.concrete_fields if field.attname != "revision"]
    before = BookingTerms.objects.values(*shown).get(event=event)
    written = AuditEntry.objects.count(), Message.objects.count()
    sent = sent_by(client.get(change_url(event)), description="Two\r\nlines")
    assert client.post(change_url(event), sent).status_code == 302
    assert BookingTerms.objects.values(*shown).get(event=event) == before
    assert (AuditEntry.objects.count(), Message.objects.count()) == written
    assert Event.objects.get().version == event.version


def test_a_trainer_whose_role_has_ended_and_an_ended_agency_stay(client: Client, olu: Person, at: datetime) -> None:
    agency = OrganisationFactory(valid_to=date(2026, 12, 31))
    event = bookable_event(for_organisation=agency)
    gone = GrantFactory(role="trainer", ended_at=at).person
    EventTrainerFactory(event=event, person=gone, name=gone.name)
    client.post(change_url(event), sent_by(client.get(change_url(event)), summary="New"))
    event.refresh_from_db()
    assert (event.summary, event.for_organisation) == ("New", agency)
    assert [one.person for one in event.trainers.all()] == [gone]
    assert str(gone.pk) not in client.get(NEW).content.decode()


def test_whoever_is_booked_hears_of_new_times_with_a_risen_sequence(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(title="Forum", messages_from=None)
    booking = book_place(event=event, person=PersonFactory(), by=None, at=at)
    sent = sent_by(client.get(change_url(event)), sessions_0_start="10:00")
    response = client.post(change_url(event), {**sent, "checked": "yes"})
    assert response.status_code == 302
    assert Event.objects.get().sessions.get().starts_at == datetime(2027, 1, 26, 10, 0, tzinfo=UTC)
    assert Invitation.objects.get(booking=booking).sequence == 1
    message = Message.objects.get(kind="event_rescheduled")
    assert "SEQUENCE:1" in message.calendar
    assert "DTSTART" in message.calendar


def test_taking_a_session_out_keeps_the_names_of_the_others(client: Client, olu: Person) -> None:
    event = bookable_event(sessions=2)
    event.sessions.filter(number=1).update(title="Opening")
    page = client.get(change_url(event))
    client.post(change_url(event), sent_by(page, sessions_1_day="", sessions_1_start="", sessions_1_end=""))
    assert [(one.number, one.title) for one in event.sessions.all()] == [(1, "Opening")]


def test_a_limit_below_those_booked_is_refused_at_its_field_and_nothing_is_saved(client: Client, olu: Person) -> None:
    event = bookable_event(places=3, title="Forum")
    for _ in range(2):
        BookingFactory(event=event)
    response = client.post(change_url(event), sent_by(client.get(change_url(event)), places="1", title="Renamed"))
    assert problems(response) == {
        "places": "2 people hold a place already. Set the limit to 2 or more, or cancel bookings first."
    }
    assert "Change Forum</h1>" in response.content.decode()
    event.refresh_from_db()
    assert event.title == "Forum"


def test_a_raised_limit_gives_the_place_to_the_first_in_line(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=1)
    BookingFactory(event=event)
    waits = book_place(event=event, person=PersonFactory(), by=None, at=at)
    client.post(change_url(event), {**sent_by(client.get(change_url(event)), places="2"), "checked": "yes"})
    waits.refresh_from_db()
    assert (waits.status, Message.objects.filter(kind="place_from_waiting_list").count()) == (BookingStatus.CONFIRMED, 1)


def test_a_time_in_the_past_is_refused_at_the_sessions(client: Client, olu: Person) -> None:
    event = bookable_event()
    response = client.post(change_url(event), sent_by(client.get(change_url(event)), sessions_0_day="05/01/2027"))
    assert problems(response) == {"sessions-0-day": "A new time lies in the past. Choose one that is still to come."}
    assert response.content.decode().count("A new time lies in the past.") == 2


def test_a_published_event_must_go_on_saying_where_it_is(client: Client, olu: Person) -> None:
    event = bookable_event()
    response = client.post(change_url(event), sent_by(client.get(change_url(event)), venue=""))
    assert problems(response) == {"venue": "A published event needs a venue, unless it is virtual. Choose one."}


def test_an_event_that_takes_no_bookings_can_be_changed(client: Client, olu: Person) -> None:
    event = EventFactory(title="Told afterwards")
    page = client.get(change_url(event))
    assert page.context["page"].places is None
    assert client.post(change_url(event), sent_by(page, title="Renamed")).status_code == 302
    event.refresh_from_db()
    assert (event.title, BookingTerms.objects.count()) == ("Renamed", 0)


def test_a_cancelled_event_can_not_be_changed(client: Client, olu: Person) -> None:
    event = bookable_event(status=EventStatus.CANCELLED)
    response = client.post(change_url(event), sent_by(client.get(change_url(event)), title="Renamed"))
    assert problems(response) == {"": "This event is cancelled and can't be changed. Make a new one."}


def test_what_it_cost_can_be_written_down_afterwards(client: Client, olu: Person) -> None:
    event = bookable_event()
    with time_machine.travel(datetime(2027, 2, 20, 9, 0, tzinfo=UTC)):
        assert "Cancel this event" not in client.get(reverse("office_event", args=[event.pk])).content.decode()
        client.post(change_url(event), sent_by(client.get(change_url(event)), cost="1200.50"))
    assert Event.objects.get().cost == Decimal("1200.50")


def test_publishing_shows_it_and_makes_its_evaluation_form(client: Client, olu: Person) -> None:
    event = bookable_event(status=EventStatus.DRAFT)
    response = client.post(reverse("office_event_publish", args=[event.pk]), follow=True)
    assert "Published. Everybody can find it now, and its QR code is ready." in response.content.decode()
    event.refresh_from_db()
    assert (event.status, EvaluationForm.objects.filter(event=event).count()) == (EventStatus.PUBLISHED, 1)


def test_publishing_what_is_for_one_organisation_says_who_finds_it(client: Client, olu: Person) -> None:
    event = bookable_event(status=EventStatus.DRAFT, for_organisation=OrganisationFactory(name="Oak House"))
    response = client.post(reverse("office_event_publish", args=[event.pk]), follow=True)
    assert (
        "Published. Only people of Oak House can book it; everybody can find it now, and its QR code is ready."
        in response.content.decode()
    )


def test_what_can_not_be_published_says_what_is_missing(client: Client, olu: Person) -> None:
    event = bookable_event(status=EventStatus.DRAFT, venue=None)
    response = client.post(reverse("office_event_publish", args=[event.pk]), follow=True)
    assert "A published event needs a venue, unless it is virtual. Choose one." in response.content.decode()
    event.refresh_from_db()
    assert (event.status, EvaluationForm.objects.count()) == (EventStatus.DRAFT, 0)


def test_publishing_needs_a_post(client: Client, olu: Person) -> None:
    event = bookable_event(status=EventStatus.DRAFT)
    assert client.get(reverse("office_event_publish", args=[event.pk])).status_code == 405
    event.refresh_from_db()
    assert event.status == EventStatus.DRAFT


def test_cancelling_says_to_how_many_asks_why_and_tells_them(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(places=2, title="Forum")
    for _ in range(3):
        book_place(event=event, person=PersonFactory(), by=None, at=at)
    url = reverse("office_event_cancel", args=[event.pk])
    asks = PersonFactory(manager_email="boss@school.example")
    BookingFactory(event=event, person=asks, status=BookingStatus.AWAITING_APPROVAL)
    said = "4 people will be told by e-mail: 2 booked, 1 awaiting approval, 1 waiting."
    page = client.get(url).content.decode()
    assert (said in page, "– Office –" in page.partition("</title>")[0]) == (True, True)
    assert client.post(url, {"reason": " "}).context["form"].errors == {"reason": ["Say why: the reason is kept."]}
    assert Booking.objects.live().count() == 4
    response = client.post(url, {"reason": "The trainer is ill."}, follow=True)
    assert "Cancelled. 4 people will be told by e-mail." in response.content.decode()
    assert set(Booking.objects.values_list("status", "cancelled_by")) == {(BookingStatus.CANCELLED, "organiser")}
    assert Message.objects.filter(kind="event_cancelled", text__contains="The trainer is ill.").count() == 4
    again = client.post(url, {"reason": "Twice"})
    assert again.context["form"].non_field_errors() == ["This event is cancelled already. There is nothing left to do."]


def test_cancelling_says_whose_addresses_do_not_work(client: Client, olu: Person, at: datetime) -> None:
    event = bookable_event(terms={"manager_role": "approves"})
    waits = {"status": BookingStatus.AWAITING_APPROVAL, "manager_email": "boss@school.example"}
    asks, booked = BookingFactory(event=event, **waits), BookingFactory(event=event)
    key = {"about": asks.about, "dedupe_key": asks.about, "state": "sent", "sent_at": at}
    MessageFactory(person=None, to_address="boss@school.example", **key)
    url = reverse("office_event_cancel", args=[event.pk])
    assert "come back" not in client.get(url).content.decode()
    for address in (booked.person.main_address(), "boss@school.example", "nobody.here@school.example"):
        mark_bounced(address=address, reason="", at=at)
    assert "2 of the messages wait, because messages to these addresses come back" in client.get(url).content.decode()


def test_cancelling_an_event_without_bookings_says_that_nobody_is_told(client: Client, olu: Person) -> None:
    event = bookable_event()
    url = reverse("office_event_cancel", args=[event.pk])
    assert "nobody will be told" in client.get(url).content.decode()
    assert "Nobody was booked." in client.post(url, {"reason": "No trainer"}, follow=True).content.decode()


def test_managers_who_are_asked_and_managers_who_were_told_are_shown_their_own_letters(
    client: Client, olu: Person, at: datetime
) -> None:
    event = bookable_event(terms={"manager_role": "approves"})
    for status in (BookingStatus.AWAITING_APPROVAL, BookingStatus.CONFIRMED, BookingStatus.CONFIRMED):
        booking = BookingFactory(event=event, status=status, manager_email="boss@school.example")
        key = {"about": booking.about, "dedupe_key": booking.about, "state": "sent", "sent_at": at}
        MessageFactory(person=None, to_address="boss@school.example", **key)
    told = client.get(reverse("office_event_cancel", args=[event.pk])).context["told"]
    shown = [(one.people, "you need not answer" in one.text, "you need not spare" in one.text) for one in told]
    assert shown[-2:] == [("1 line manager", True, False), ("2 line managers", False, True)]


def test_cancelling_a_session_that_somebody_asked_for_says_that_they_are_told(client: Client, olu: Person, at: datetime) -> None:
    asker, partnership = PersonFactory(), PartnershipFactory()
    request = ask_for_session(partnership=partnership, subject="Neglect", people=8, wanted_when="June", by=asker, at=at)
    event = bookable_event()
    request = plan_session(request=request, event=event, by=olu, at=at)
    url = reverse("office_event_cancel", args=[event.pk])
    assert "so nobody will be told" in client.get(url).content.decode()
    tell_of_planned_session(request=request, at=at)
    page = client.get(url)
    assert "Whoever asked for this session will be told by e-mail" in page.content.decode()
    (told,) = page.context["told"]
    assert (told.people, "(what you write above)" in told.text) == ("1 person who asked for it", True)
    done = client.post(url, {"reason": "No trainer"}, follow=True).content.decode()
    assert "Cancelled. 1 person will be told by e-mail." in done
    assert Message.objects.get(kind="session_declined").to_address == asker.main_address()


def test_the_course_page_leads_officers_to_a_new_event(client: Client, olu: Person) -> None:
    course = CourseFactory(partnership=PartnershipFactory())
    link = f"{NEW}?course={course.pk}"
    page = reverse("course", args=[course.pk])
    assert link in client.get(page).content.decode()
    client.logout()
    assert link not in client.get(page).content.decode()
