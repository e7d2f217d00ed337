"""Any search of the catalogue as a calendar that somebody subscribes to."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import ics
import pytest
import time_machine
import vobject
from django.test import Client

from bookings.operations import cancel_bookable_event
from courses.models import Theme
from events.models import EventKind
from people.models import Partnership
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory, LevelFactory, ThemeFactory
from tests.factories.events import EventFactory
from tests.factories.people import SectorFactory

pytestmark = pytest.mark.django_db
IN_MARCH = datetime(2027, 3, 9, 9, 30, tzinfo=UTC)
CALENDAR = "/events/calendar.ics"


def titles(client: Client, query: str = "") -> list[str]:
    """What stands in the calendar, as two libraries agree that it does."""
    text = client.get(f"{CALENDAR}?{query}").content.decode()
    by_ics = sorted(entry.name for entry in ics.Calendar(text).events)
    assert by_ics == sorted(entry.summary.value for entry in getattr(vobject.readOne(text), "vevent_list", []))
    return by_ics


@pytest.fixture
def neglect(partnership: Partnership) -> Theme:
    theme = ThemeFactory(name="Neglect")
    EventFactory(title="Neglect in January", course=None, theme=theme)
    EventFactory(title="Neglect in March", course=None, theme=theme, first_start=IN_MARCH, kind=EventKind.FORUM)
    EventFactory(title="Online safety", course=None, theme=ThemeFactory(name="Online safety"))
    EventFactory(title="One child", theme=theme, is_closed=True, neutral_title="Neglect, a learning event")
    return theme


def test_every_filter_of_the_catalogue_is_one_of_the_calendar(client: Client, neglect: Theme) -> None:
    managers, schools = CourseFactory(title="Leading", level=LevelFactory(name="Managerial")), SectorFactory(name="Schools")
    EventFactory(title="For managers", course=managers, theme=None, format="virtual")
    EventFactory(title="For the police", course=None, theme=None).for_sectors.set([SectorFactory(name="Police")])
    both = ["Neglect in January", "Neglect in March"]
    assert titles(client, f"theme={neglect.pk}") == both
    assert titles(client, "q=neglect") == both
    assert titles(client, "kind=forum") == ["Neglect in March"]
    assert titles(client, f"level={managers.level_id}") == titles(client, "format=virtual") == ["For managers"]
    assert titles(client, "from=2027-02") == ["Neglect in March"]
    assert titles(client, f"to=2027-01&theme={neglect.pk}") == ["Neglect in January"]
    assert titles(client, f"sector={schools.pk}") == ["For managers", *both, "Online safety"]
    assert titles(client, "what=events") == titles(client) == ["For managers", "For the police", *both, "Online safety"]
    assert titles(client, "what=podcasts") == []


@pytest.mark.both_databases
def test_places_left_leaves_full_events_out_and_cancelled_ones_in(client: Client, partnership: Partnership, at: datetime) -> None:
    BookingFactory(event=bookable_event(places=1, title="Full"))
    bookable_event(title="Has places")
    off = bookable_event(places=1, title="Called off", first_start=at + timedelta(days=90))
    cancel_bookable_event(event=off, reason="Snow", by=None, at=at)
    EventFactory(title="No bookings")
    assert titles(client, "places=on") == ["Called off", "Has places"]


def test_a_cancelled_event_stays_in_the_searches_that_it_was_found_by(client: Client, neglect: Theme, at: datetime) -> None:
    off = bookable_event(title="Off", theme=neglect, first_start=at + timedelta(days=90))
    cancel_bookable_event(event=off, reason="Snow", by=None, at=at)
    assert titles(client, f"theme={neglect.pk}") == ["Neglect in January", "Neglect in March", "Off"]
    with time_machine.travel(at + timedelta(days=61), tick=False):
        assert titles(client, f"theme={neglect.pk}") == []


def test_an_address_that_is_kept_for_years_never_turns_into_everything(client: Client, neglect: Theme) -> None:
    with time_machine.travel(datetime(2027, 2, 1, 9, tzinfo=UTC), tick=False):
        assert titles(client, "from=2027-01") == ["Neglect in March"]
        assert titles(client, "to=2027-01") == []
    for mangled in ("theme=nobody", f"theme={neglect.pk}0", "from=x", "from=9999-01", "to=x", "kind=x", "q=%00", "level=1"):
        assert titles(client, mangled) == []


def test_its_name_says_what_it_is_of(client: Client, neglect: Theme) -> None:
    text = client.get(f"{CALENDAR}?theme={neglect.pk}&q=x&places=on").content.decode().replace("\r\n ", "")
    assert "NAME:Learning: Riverside Safeguarding Children Partnership\\, “x”\\, Neglect\\, Places left\r\n" in text


def test_a_search_is_compared_by_its_content_alone(client: Client, neglect: Theme) -> None:
    whole, found = client.get(CALENDAR), client.get(f"{CALENDAR}?q=neglect")
    assert ("Last-Modified" in whole, "Last-Modified" in found) == (True, False)
    assert client.get(f"{CALENDAR}?q=neglect", headers={"if_none_match": found["ETag"]}).status_code == 304
    EventFactory(title="Neglect again")
    assert client.get(f"{CALENDAR}?q=neglect", headers={"if_none_match": found["ETag"]}).status_code == 200


def addresses(client: Client, page: str) -> list[str]:
    """The addresses for calendars that the page gives: the one to press and the one to copy."""
    return re.findall(r'(?:href="|<code>)([a-z]+://[^"<]*calendar\.ics[^"<]*)["<]', unescape(client.get(page).content.decode()))


def test_the_catalogue_gives_the_address_of_its_current_search(client: Client, neglect: Theme) -> None:
    tail = f"127.0.0.1:8000/events/calendar.ics?q=neglect&theme={neglect.pk}&from=2027-03"
    page = f"/events/?what=events&q=neglect&theme={neglect.pk}&from=2027-03&page=1"
    assert addresses(client, page) == [f"webcal://{tail}", f"http://{tail}"]
    assert titles(client, tail.partition("?")[2]) == ["Neglect in March"]
    assert addresses(client, "/events/")[1] == addresses(client, "/")[1] == "http://127.0.0.1:8000/events/calendar.ics"


@pytest.mark.parametrize("query", ["what=courses", "theme=gone", "q=nothing+like+it"])
def test_what_no_event_is_found_by_gives_none(client: Client, neglect: Theme, query: str) -> None:
    CourseFactory(title="Undated")
    assert addresses(client, f"/events/?{query}") == []


def test_its_queries_do_not_grow_with_the_programme(client: Client, neglect: Theme, django_assert_num_queries) -> None:
    query = f"{CALENDAR}?q=neglect&theme={neglect.pk}&sector={SectorFactory().pk}&places=on"
    bookable_event(title="Neglect", theme=neglect)
    for _ in range(2):
        with django_assert_num_queries(5):
            client.get(query)
        with django_assert_num_queries(4):
            client.get(f"{CALENDAR}?theme={neglect.pk}")
        for _ in range(3):
            bookable_event(title="Neglect", theme=neglect, sessions=2)
