from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.models import BookingStatus, BookingTerms, Hold, HoldKind, LatePlaces
from bookings.operations import book_place
from core.refusals import Refused
from elearning.models import Module
from events.models import Event, EventKind, EventStatus
from people.models import Partnership, Person
from podcasts.models import Episode, Series
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory, LevelFactory, ThemeFactory
from tests.factories.events import EventFactory
from tests.factories.people import OrganisationFactory, OtherPartnershipFactory, PersonFactory, SectorFactory
from tests.website.pages import titles, words

pytestmark = pytest.mark.django_db
IN_MARCH = datetime(2027, 3, 9, 9, 30, tzinfo=UTC)
LAST_YEAR = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)


def found(client: Client, query: str = "") -> list[str]:
    return titles(client.get(f"/events/?{query}"))


def hold(event: Event, places: int) -> Hold:
    return Hold.objects.create(
        event=event,
        kind=HoldKind.RESERVED,
        places=places,
        sector=SectorFactory(name="Police"),
        until=date(2027, 1, 20),
        made_at=LAST_YEAR,
    )


def test_an_empty_catalogue_says_what_will_be_here(client: Client, partnership: Partnership) -> None:
    page = words(client.get("/events/"))
    assert page.count("What the partnership publishes will be here.") == 1
    assert page.count("0 results") == 1


def test_dated_events_come_first_then_courses_modules_and_episodes(client: Client, partnership: Partnership) -> None:
    EventFactory(title="Later", first_start=IN_MARCH)
    EventFactory(title="Sooner")
    CourseFactory(title="Not dated")
    Module.objects.create(partnership=partnership, title="Bruising in babies")
    series = Series.objects.create(partnership=partnership, title="Out loud", slug="out-loud")
    Episode.objects.create(series=series, title="What children tell us", minutes=8, published_on=date(2027, 1, 1))
    assert found(client) == ["Sooner", "Later", "Not dated", "Bruising in babies", "What children tell us"]
    assert found(client, "what=events") == ["Sooner", "Later"]
    assert found(client, "what=courses") == ["Not dated"]
    assert found(client, "what=elearning") == ["Bruising in babies"]
    assert found(client, "what=podcasts") == ["What children tell us"]


def test_what_is_closed_unpublished_over_or_of_another_partnership_is_not_listed(
    client: Client, partnership: Partnership
) -> None:
    EventFactory(title="Open")
    EventFactory(title="Closed", is_closed=True, neutral_title="A meeting")
    EventFactory(title="Draft", status=EventStatus.DRAFT)
    EventFactory(title="Cancelled", status=EventStatus.CANCELLED)
    EventFactory(title="Over", first_start=LAST_YEAR)
    EventFactory(title="Theirs", lead_host=OtherPartnershipFactory())
    assert found(client, "what=events") == ["Open"]


def test_an_episode_of_the_future_is_not_listed(client: Client, partnership: Partnership) -> None:
    series = Series.objects.create(partnership=partnership, title="Out loud", slug="out-loud")
    Episode.objects.create(series=series, title="Not yet", minutes=8, published_on=date(2027, 1, 12))
    assert found(client) == []


def test_the_text_is_found_in_titles_summaries_and_themes_word_by_word(client: Client, partnership: Partnership) -> None:
    EventFactory(title="Recognising neglect", course=None)
    EventFactory(title="Meet the LADO", course=None, summary="Allegations against staff")
    EventFactory(title="A briefing", course=None, theme=ThemeFactory(name="Online safety"))
    assert found(client, "q=neglect+recognising") == ["Recognising neglect"]
    assert found(client, "q=allegations") == ["Meet the LADO"]
    assert found(client, "q=ONLINE") == ["A briefing"]
    assert found(client, "q=nothing+like+it") == []


@pytest.mark.both_databases
def test_places_left_leaves_out_full_events_and_those_that_take_no_bookings(client: Client, partnership: Partnership) -> None:
    full = bookable_event(places=1, title="Full")
    BookingFactory(event=full)
    half = bookable_event(places=2, title="One place left")
    BookingFactory(event=half)
    BookingFactory(event=half, status="cancelled", cancelled_by="delegate")
    bookable_event(places=1, title="Nobody yet")
    EventFactory(title="No terms")
    assert sorted(found(client, "places=on")) == ["Nobody yet", "One place left"]


def test_a_card_says_what_booking_now_comes_to(client: Client, partnership: Partnership, at: datetime) -> None:
    """Each word is held against what booking really does."""

    def card(event: Event) -> str:
        return words(client.get("/events/?what=events")).split(event.title, 1)[1].split("#", 1)[0]

    def becomes(event: Event) -> str:
        person = PersonFactory()
        try:
            return str(book_place(event=event, person=person, by=person, at=at).status)
        except Refused as refused:
            return refused.code

    no_list = {"has_waiting_list": False}
    rings = {"late_places": LatePlaces.OFFICER, "confirm_until_days": 200}
    free = bookable_event(title="#free", places=2)
    full = bookable_event(title="#full", places=1)
    offered = bookable_event(title="#offered", places=1)
    rung = bookable_event(title="#rung", places=2, terms=rings)
    over = bookable_event(title="#over", places=1, terms=no_list)
    stuck = bookable_event(title="#stuck", places=2, terms={**no_list, **rings})
    held = bookable_event(title="#held", places=1)
    for event in (full, over):
        BookingFactory(event=event)
    BookingFactory(event=offered, status=BookingStatus.OFFERED)
    for event in (offered, rung, stuck):
        BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
        BookingTerms.objects.filter(event=event).update(queue_counter=1)
    hold(held, 1)
    for event, said, status in (
        (free, "2 places left", "confirmed"),
        (full, "Waiting list Every place is taken: you would be first in line", "waiting"),
        (offered, "Waiting list Every place is taken: 1 person in front of you", "waiting"),
        (rung, "Waiting list 2 places free for those who wait: 1 person in front of you", "waiting"),
        (over, "Full No place left and no waiting list", "full"),
        (stuck, "Full No place left and no waiting list", "full"),
        (held, "Waiting list Every place is taken or held for others: you would be first in line", "waiting"),
    ):
        assert (event.title, said in card(event)) == (event.title, True), card(event)
        page = words(client.get(f"/events/{event.pk}/"))
        shown = "Book a place" in page, "Join the waiting list" in page
        assert (event.title, shown) == (event.title, (status == "confirmed", status == "waiting"))
        assert (event.title, becomes(event)) == (event.title, status)


def test_a_card_says_that_booking_is_not_open(client: Client, partnership: Partnership, at: datetime) -> None:
    later, over = {"opens_at": at + timedelta(days=8)}, {"closes_at": at - timedelta(hours=1)}
    bookable_event(title="To come", terms=later)
    bookable_event(title="Over", terms=over)
    full = bookable_event(title="Full", places=1, terms=over)
    BookingFactory(event=full)
    page = words(client.get("/events/"))
    assert (page.count("Booking opens 19 Jan 2027"), page.count("Booking has closed"), page.count("20 places left")) == (1, 2, 0)
    assert found(client, "places=on") == []


def test_a_place_held_for_the_readers_service_is_offered_to_them(client: Client, partnership: Partnership, at: datetime) -> None:
    """Each word is held against what booking really does, beside somebody else for whom nothing is held."""
    police = OrganisationFactory(sector=SectorFactory(name="Police"))
    event = bookable_event(title="#held", places=2, terms={"has_waiting_list": False})
    hold(event, 2)
    for organisation, card, button, status in (
        (police, "2 places held for your service", True, "confirmed"),
        (OrganisationFactory(), "No place left and no waiting list", False, "full"),
    ):
        person = PersonFactory(organisation=organisation)
        client.force_login(person)
        assert card in words(client.get("/events/"))
        page = words(client.get(f"/events/{event.pk}/"))
        assert ("Book a place" in page, "held for your service" in page) == (button, button)
        assert ("Book a place" in words(client.get(f"/events/{event.pk}/book/"))) == button
        try:
            became = str(book_place(event=event, person=person, by=person, at=at).status)
        except Refused as refused:
            became = refused.code
        assert became == status


def test_for_whom_places_are_held_and_until_when_is_said_where_they_are_missed(
    client: Client, partnership: Partnership, person: Person
) -> None:
    """Not whose the places are that an agency still names."""
    event = bookable_event(places=4)
    BookingFactory(event=event)
    hold(event, 2)
    agency = OrganisationFactory(name="Elm School")
    fields = {"until": date(2027, 1, 20), "made_at": LAST_YEAR}
    Hold.objects.create(event=event, kind=HoldKind.UNNAMED, places=1, organisation=agency, **fields)
    said = "1 place held. 2 places held for Police until Wednesday 20 January 2027."
    own = "Sign in to see whether one is held for you."
    page = words(client.get(f"/events/{event.pk}/"))
    assert (all(line in page for line in said.split(". ")), own in page, "Elm" in page) == (True, True, False)
    client.force_login(person)
    page = words(client.get(f"/events/{event.pk}/"))
    assert (all(line in page for line in said.split(". ")), own in page, "Elm" in page) == (True, False, False)
    page = words(client.get(f"/events/{event.pk}/book/"))
    assert ("All places are taken or held for others" in page, "2 places held for Police until" in page) == (True, True)


def test_who_a_place_is_held_for_walks_past_those_who_wait(client: Client, partnership: Partnership, person: Person) -> None:
    police = OrganisationFactory(sector=SectorFactory(name="Police"))
    Person.objects.filter(pk=person.pk).update(organisation=police, sector=police.sector, organisation_state="matched")
    event = bookable_event(places=2)
    hold(event, 1)
    BookingFactory(event=event)
    BookingFactory(event=event, status=BookingStatus.WAITING, queue_number=1)
    client.force_login(person)
    page = words(client.get(f"/events/{event.pk}/"))
    assert "1 place is held for your service, so you need not wait." in page
    assert ("Book a place" in page, "Join the waiting list" in page) == (True, False)


@pytest.mark.both_databases
def test_places_left_leaves_out_what_is_held_or_waited_for(client: Client, partnership: Partnership) -> None:
    waited = bookable_event(places=2, title="Waited for")
    BookingFactory(event=waited, status=BookingStatus.WAITING, queue_number=1)
    hold(bookable_event(places=2, title="Held"), 2)
    used = bookable_event(places=2, title="Held and used, one is free")
    BookingFactory(event=used, hold=hold(used, 1))
    assert found(client, "places=on") == ["Held and used, one is free"]


def test_events_are_filtered_by_kind_format_level_theme_and_month(client: Client, partnership: Partnership) -> None:
    core, managerial = LevelFactory(name="Core"), LevelFactory(name="Managerial")
    neglect, online = ThemeFactory(name="Neglect"), ThemeFactory(name="Online safety")
    EventFactory(title="A", course=CourseFactory(level=core), theme=neglect, kind=EventKind.COURSE)
    managers = CourseFactory(level=managerial)
    EventFactory(title="B", course=managers, theme=online, kind=EventKind.FORUM, format="virtual", first_start=IN_MARCH)
    assert found(client, "what=events&kind=forum") == ["B"]
    assert found(client, "what=events&format=classroom") == ["A"]
    assert found(client, f"what=events&level={managerial.pk}") == ["B"]
    assert found(client, f"what=events&theme={neglect.pk}") == ["A"]
    assert found(client, "from=2027-02") == ["B"]
    assert found(client, "to=2027-01") == ["A"]
    assert found(client, "from=2027-01&to=2027-03") == ["A", "B"]


@pytest.mark.both_databases
def test_a_sector_finds_what_is_for_it_and_what_is_for_everybody(client: Client, partnership: Partnership) -> None:
    schools, police = SectorFactory(name="Primary schools"), SectorFactory(name="Police")
    EventFactory(title="For all")
    EventFactory(title="For schools").for_sectors.set([schools, SectorFactory(name="Health")])
    EventFactory(title="For the police").for_sectors.set([police])
    assert sorted(found(client, f"what=events&sector={schools.pk}")) == ["For all", "For schools"]


def test_each_filter_in_use_can_be_taken_away_and_the_number_is_said(client: Client, partnership: Partnership) -> None:
    theme = ThemeFactory(name="Neglect")
    EventFactory(title="A", theme=theme)
    response = client.get(f"/events/?q=a&theme={theme.pk}&places=&what=events")
    assert response.context["tags"] == [
        {"label": "“a”", "href": f"?what=events&theme={theme.pk}"},
        {"label": "Neglect", "href": "?q=a&what=events"},
    ]
    assert words(response).count("1 result") == 1


def test_a_filter_that_makes_no_sense_says_so_and_is_passed_over(client: Client, partnership: Partnership) -> None:
    EventFactory(title="A")
    response = client.get("/events/?kind=holiday&from=2020-01&theme=x&what=events")
    assert titles(response) == ["A"]
    assert words(response).count("This month is over or too far ahead. Choose another.") == 2  # the summary and the field


def test_the_page_cuts_across_the_lists(client: Client, partnership: Partnership) -> None:
    for number in range(48):
        EventFactory(title=f"E{number:02}", course=None, first_start=IN_MARCH + timedelta(days=number))
    for number in range(5):
        CourseFactory(title=f"Undated {number}")
    assert found(client)[-3:] == ["E47", "Undated 0", "Undated 1"]
    assert found(client, "page=2") == ["Undated 2", "Undated 3", "Undated 4"]
    assert found(client, "page=99") == ["Undated 2", "Undated 3", "Undated 4"]


def test_the_number_of_queries_does_not_grow_with_the_rows(client: Client, partnership: Partnership) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/events/")
        return len(captured)

    def add() -> None:
        event = bookable_event(sessions=2)
        event.for_sectors.set([SectorFactory()])
        BookingFactory(event=event)
        CourseFactory()

    add()
    with_one = queries()
    add()
    add()
    assert queries() == with_one


def test_an_event_under_way_offers_no_places(client: Client, partnership: Partnership) -> None:
    with time_machine.travel(datetime(2027, 3, 9, 11, 0, tzinfo=UTC), tick=False):
        bookable_event(title="Begun this morning", first_start=IN_MARCH)
        page = words(client.get("/events/"))
    assert (page.count("Has started"), page.count("20 places left")) == (1, 0)
