"""Next term's dates from last term's, one event again and again, several published at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from bookings.models import BookingTerms
from bookings.operations import copy_events
from bookings.operations.series import MOST_AT_ONCE
from core.refusals import Refused
from courses.models import Format
from events.models import Event, EventStatus
from notifications.models import Message
from people.models import Person
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.courses import CourseFactory
from tests.factories.events import EventFactory, EventTrainerFactory, VenueFactory
from tests.factories.people import OtherPartnershipFactory, PersonFactory
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db

SERIES, DATES, PUBLISH = "/office/events/series/", "/office/events/series/dates/", "/office/events/publish/"
LINKS = "/office/events/publish/links/"


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


def post(client: Client, address: str, sent: dict[str, Any], **options: Any) -> Any:
    """Making or publishing twelve events is twelve times the same writes, by the operation of one."""
    with zeal_ignore():
        return client.post(address, sent, **options)


def on(day: str, **fields: Any) -> Event:
    """A bookable event on that day."""
    return bookable_event(first_start=datetime.fromisoformat(f"{day}T09:30").replace(tzinfo=UTC), **fields)


def local(event: Event) -> list[str]:
    return [f"{one.local_start:%d/%m/%Y %H:%M}" for one in event.sessions.all()]


def new_events() -> list[Event]:
    return list(Event.objects.filter(status=EventStatus.DRAFT).order_by("starts_on", "title"))


def test_twelve_dates_of_a_year_ago_become_twelve_drafts(client: Client, olu: Person) -> None:
    course = CourseFactory()
    for number in range(12):
        on(f"2026-{1 + number // 4:02}-{5 + 7 * (number % 4):02}", course=course, places=10 + number)
    page = client.get(SERIES, {"term": "2026-01"})
    assert len(page.context["rows"]) == 12
    likes = [str(event.pk) for event in page.context["rows"]]
    table = client.get(DATES, {"like": likes, "weeks": "52"})
    response = post(client, DATES, sent_by(table))
    made = new_events()
    assert len(made) == 12
    assert response.headers["Location"].startswith(f"{PUBLISH}?event=")
    assert [event.starts_on.weekday() for event in made] == [
        event.starts_on.weekday() for event in Event.objects.filter(pk__in=likes).order_by("starts_on")
    ]
    assert sorted(BookingTerms.objects.filter(event__in=made).values_list("booking_limit", flat=True)) == list(range(10, 22))


def test_a_copy_keeps_its_clock_times_over_a_change_of_the_clocks(olu: Person, at: datetime) -> None:
    event = on("2027-03-22", sessions=2)  # the clocks go forward on 28 March
    [copy] = copy_events(copies=[(event, date(2027, 4, 5))], by=olu, at=at)
    assert local(event) == ["22/03/2027 09:30", "23/03/2027 09:30"]
    assert local(copy) == ["05/04/2027 09:30", "06/04/2027 09:30"]
    assert copy.sessions.first().starts_at == datetime(2027, 4, 5, 8, 30, tzinfo=UTC)


def test_a_copy_keeps_what_does_not_belong_to_one_occasion(olu: Person, at: datetime) -> None:
    opens = {"opens_at": datetime(2026, 12, 29, 9, 0, tzinfo=UTC), "minimum": 5, "manager_role": "approves", "firm_at": at}
    event = on("2027-01-26", joining_link="https://meet.example/1", cost=10, terms=opens, summary="What to look for.")
    EventTrainerFactory(event=event, name="A. Trainer")
    BookingFactory(event=event)
    [copy] = copy_events(copies=[(event, date(2027, 5, 11))], by=olu, at=at)
    terms = BookingTerms.objects.get(event=copy)
    assert (copy.status, copy.title, copy.summary, copy.course, copy.venue) == (
        EventStatus.DRAFT,
        event.title,
        "What to look for.",
        event.course,
        event.venue,
    )
    assert [one.name for one in copy.trainers.all()] == ["A. Trainer"]
    assert (copy.joining_link, copy.cost, terms.minimum, terms.manager_role, terms.firm_at) == ("", None, 5, "approves", None)
    assert terms.opens_at == datetime(2027, 4, 13, 8, 0, tzinfo=UTC)  # as long before it, at 9am in London


def test_an_event_that_takes_no_bookings_is_copied_without_terms(olu: Person, at: datetime) -> None:
    [copy] = copy_events(copies=[(EventFactory(), date(2027, 5, 11))], by=olu, at=at)
    assert BookingTerms.objects.filter(event=copy).count() == 0


def test_an_hour_that_the_clocks_leave_out_is_refused_and_none_is_made(client: Client, olu: Person, at: datetime) -> None:
    fine, night = on("2027-01-26"), bookable_event(first_start=datetime(2027, 1, 31, 9, 30, tzinfo=UTC))
    night.sessions.update(starts_at=datetime(2027, 1, 31, 1, 30, tzinfo=UTC), ends_at=datetime(2027, 1, 31, 5, 0, tzinfo=UTC))
    with pytest.raises(Refused) as refused:
        copy_events(copies=[(fine, date(2027, 3, 23)), (night, date(2027, 3, 28))], by=olu, at=at)
    assert (refused.value.code, new_events()) == ("no_such_time", [])
    table = client.get(DATES, {"like": [str(fine.pk), str(night.pk)], "weeks": "8"})
    assert "On Sunday 28 March 2027 the clocks go forward over 01.30: choose another day." in table.content.decode()
    assert post(client, DATES, sent_by(table)).status_code == 200
    assert new_events() == []


@pytest.mark.parametrize("count", [0, MOST_AT_ONCE + 1])
def test_none_and_too_many_are_refused(olu: Person, at: datetime, count: int) -> None:
    event = on("2027-01-26")
    with pytest.raises(Refused):
        copy_events(copies=[(event, date(2027, 5, 11))] * count, by=olu, at=at)
    assert new_events() == []


def test_what_is_no_number_of_weeks_is_said_and_nothing_that_was_ticked_is_lost(client: Client, olu: Person) -> None:
    event = on("2026-01-11")
    page = client.get(DATES, {"like": str(event.pk), "weeks": "-1"})
    said = " ".join(page.content.decode().split())
    assert ("52 weeks later" in said, event.title in said) == (True, True)


def test_a_bank_holiday_puts_a_date_off_by_a_week_and_says_so(client: Client, olu: Person) -> None:
    event = on("2026-05-04")  # the early May holiday of 2026; a year on it is 3 May
    table = client.get(DATES, {"like": str(event.pk), "weeks": "52"})
    html = table.content.decode()
    assert "Later than the rhythm: Monday 3 May 2027 is a bank holiday." in html
    assert sent_by(table)["copies-0-day"] == ["10/05/2027"]


def test_what_speaks_against_a_date_stands_beside_it(client: Client, olu: Person) -> None:
    hall = VenueFactory(name="Hall")
    event = on("2026-06-08", venue=hall, title="Neglect")
    EventTrainerFactory(event=event, name="A. Trainer")
    there = on("2027-06-07", venue=hall, title="Forum")
    EventTrainerFactory(event=there, name="A. Trainer")
    html = client.get(DATES, {"like": str(event.pk), "weeks": "52"}).content.decode()
    assert "Hall is taken: “Forum”, Monday 7 June 2027, 10.30am to 5pm." in html
    assert "A. Trainer teaches “Forum”, Monday 7 June 2027, 10.30am to 5pm." in html
    assert "Something speaks against 1 of 1" in html


def test_a_draft_says_on_its_own_page_what_speaks_against_its_date(client: Client, olu: Person) -> None:
    draft = on("2027-06-07", title="Neglect", status=EventStatus.DRAFT)
    overview = reverse("office_event", args=[draft.pk])
    assert "is taken" not in client.get(overview).content.decode()
    on("2027-06-07", title="Forum")
    assert "Civic Suite is taken: “Forum”" in client.get(overview).content.decode()
    Event.objects.filter(pk=draft.pk).update(status=EventStatus.PUBLISHED)
    assert "is taken" not in client.get(overview).content.decode()


def test_two_new_dates_in_one_room_clash_with_each_other(client: Client, olu: Person) -> None:
    first, second = on("2026-06-08", title="Neglect"), on("2026-06-09", title="Forum")
    table = client.get(DATES, {"like": [str(first.pk), str(second.pk)], "weeks": "52"})
    assert "is taken" not in table.content.decode()
    changed = sent_by(table, **{"copies-1-day": "07/06/2027"})
    html = post(client, DATES, changed).content.decode()
    assert "Look at the dates you changed" in html
    assert html.count("Civic Suite is taken") == 2
    assert new_events() == []
    assert post(client, DATES, {**changed, "seen": "2027-06-07,2027-06-07"}).status_code == 302
    assert len(new_events()) == 2


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("05/06/2027", "Saturday 5 June 2027 is at a weekend."),
        ("31/05/2027", "Monday 31 May 2027 is a bank holiday."),
        ("08/06/2020", "It lies in the past."),
        ("31/06/2027", "Write a date that exists, like 27/01/2027."),
        ("31/12/9999", "Write a year from 2000 to 2100."),
        ("01/01/0001", "Write a year from 2000 to 2100."),
    ],
)
def test_a_date_that_was_typed_is_looked_at_before_anything_is_made(client: Client, olu: Person, day: str, sentence: str) -> None:
    event = on("2026-06-08")
    table = client.get(DATES, {"like": str(event.pk), "weeks": "52"})
    response = post(client, DATES, sent_by(table, **{"copies-0-day": day}))
    assert sentence in response.content.decode()
    assert new_events() == []


def test_a_table_that_is_sent_twice_makes_its_drafts_once(client: Client, olu: Person) -> None:
    event = on("2026-06-08")
    table = sent_by(client.get(DATES, {"like": str(event.pk), "weeks": "52"}))
    first, second = post(client, DATES, table), post(client, DATES, table)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(new_events()) == 1
    post(client, DATES, {**table, "copies-0-day": "15/06/2027"})  # back, and another date: that is another form
    assert len(new_events()) == 2


def test_the_control_without_the_key_it_makes_them_twice(client: Client, olu: Person) -> None:
    event = on("2026-06-08")
    table = {**sent_by(client.get(DATES, {"like": str(event.pk), "weeks": "52"})), "once": ""}
    for _ in range(2):
        post(client, DATES, table)
    assert len(new_events()) == 2


def test_an_emptied_date_is_left_out_and_none_at_all_is_an_error(client: Client, olu: Person) -> None:
    first, second = on("2026-06-08"), on("2026-06-09")
    table = client.get(DATES, {"like": [str(first.pk), str(second.pk)], "weeks": "52"})
    assert post(client, DATES, sent_by(table, **{"copies-0-day": "", "copies-1-day": ""})).status_code == 200
    checked = post(client, DATES, sent_by(table, **{"copies-0-day": "", "check": "yes"})).content.decode()
    assert ("1 event to make, 1 left out" in checked, "Create 1 draft" in checked) == (True, True)
    assert post(client, DATES, sent_by(table, **{"copies-0-day": ""})).status_code == 302
    assert [event.starts_on for event in new_events()] == [date(2027, 6, 8)]


def test_a_date_that_can_not_be_read_is_an_error_of_its_row_and_nothing_is_made_or_lost(client: Client, olu: Person) -> None:
    known = [on("2026-06-08"), on("2026-06-09"), on("2026-06-10")]
    table = client.get(DATES, {"like": [str(one.pk) for one in known], "weeks": "52"})
    typed = {"copies-0-day": "", "copies-1-day": "next Tuesday"}
    response = post(client, DATES, sent_by(table, **typed))
    html = response.content.decode()
    assert new_events() == []
    assert "1 event to make, 1 left out, 1 to mend first" in html
    assert '<a href="#id_copies-1-day">Row 2: Write a date that exists, like 27/01/2027.</a>' in html
    kept = sent_by(response)
    assert [kept[f"copies-{number}-day"] for number in range(3)] == [[""], ["next Tuesday"], ["09/06/2027"]]
    assert post(client, DATES, {**kept, "copies-1-day": "15/06/2027"}).status_code == 302
    assert [event.starts_on for event in new_events()] == [date(2027, 6, 9), date(2027, 6, 15)]


def test_an_event_is_repeated_in_a_rhythm_without_bank_holidays(client: Client, olu: Person) -> None:
    event = on("2027-04-19")
    ask = reverse("office_event_repeat", args=[event.pk])
    assert "Write 1 or more." in client.get(ask, {"every": "0", "times": "4"}).content.decode()
    table = client.get(ask, {"every": "1", "times": "4"}, follow=True)
    assert post(client, DATES, sent_by(table)).status_code == 302
    assert [f"{one.starts_on}" for one in new_events()] == ["2027-04-26", "2027-05-10", "2027-05-17", "2027-05-24"]


def test_the_copy_of_one_event_moves_every_date_with_the_first(client: Client, olu: Person) -> None:
    event = on("2027-01-26", sessions=2)
    url = "/office/events/new/"
    sent = sent_by(client.get(url, {"like": str(event.pk), "first_day": "11/05/2027"}))
    assert (sent["sessions-0-day"], sent["sessions-1-day"], sent["sessions-1-start"]) == (
        ["11/05/2027"],
        ["12/05/2027"],
        ["09:30"],
    )
    wrong = client.get(url, {"like": str(event.pk), "first_day": "31/02/2027"})
    assert "Write a date that exists" in wrong.content.decode()
    assert sent_by(wrong)["sessions-0-day"] == [""]


def test_drafts_are_published_together_and_what_is_missing_is_said(client: Client, olu: Person) -> None:
    ready = [on(f"2027-06-0{day}", status=EventStatus.DRAFT) for day in (7, 8)]
    nowhere = on("2027-06-09", status=EventStatus.DRAFT, venue=None)
    page = client.get(PUBLISH)
    assert (page.context["ready"], len(page.context["rows"])) == (2, 3)
    assert "A published event needs a venue, unless it is virtual. Choose one." in page.content.decode()
    answer = post(client, PUBLISH, {"event": [str(event.pk) for event in (*ready, nowhere)]}, follow=True).content.decode()
    assert "2 events published." in answer
    assert "A published event needs a venue, unless it is virtual. Choose one." in answer
    assert [event.pk for event in new_events()] == [nowhere.pk]
    assert client.get(PUBLISH, {"event": [str(nowhere.pk), "mangled"]}).context["ready"] == 0
    assert "Nothing was published." in post(client, PUBLISH, {}, follow=True).content.decode()


def test_events_of_another_partnership_can_neither_be_copied_nor_published(client: Client, olu: Person) -> None:
    theirs = on("2027-06-07", lead_host=OtherPartnershipFactory(), course=None, status=EventStatus.DRAFT)
    assert client.get(DATES, {"like": str(theirs.pk), "weeks": "52"}).headers["Location"] == SERIES
    assert client.get(reverse("office_event_repeat", args=[theirs.pk])).status_code == 404
    forged = {
        "copies-TOTAL_FORMS": "1",
        "copies-INITIAL_FORMS": "1",
        "copies-0-like": str(theirs.pk),
        "copies-0-day": "07/06/2028",
    }
    post(client, DATES, {**forged, "seen": ""})
    post(client, PUBLISH, {"event": [str(theirs.pk)]})
    theirs.refresh_from_db()
    assert (Event.objects.count(), theirs.status) == (1, EventStatus.DRAFT)


def test_the_tables_ask_a_fixed_number_of_questions(client: Client, olu: Person, django_assert_max_num_queries: Any) -> None:
    events = [on(f"2026-06-{day:02}") for day in range(1, 21)]
    likes = [str(event.pk) for event in events]
    with django_assert_max_num_queries(30):
        client.get(SERIES, {"term": "2026-04"})
    with django_assert_max_num_queries(30):
        client.get(DATES, {"like": likes, "weeks": "52"})
    with django_assert_max_num_queries(30):
        client.get(PUBLISH, {"event": likes})


@pytest.mark.parametrize("address", [SERIES, DATES, PUBLISH])
def test_who_is_no_officer_plans_nothing(client: Client, address: str) -> None:
    client.force_login(PersonFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert (client.get(address).status_code, client.post(address).status_code) == (403, 403)


ONLINE = {"status": EventStatus.DRAFT, "format": Format.VIRTUAL, "venue": None}
LINK, OWN = "https://meet.example/all", "https://meet.example/own"


def test_one_joining_link_does_for_all_and_single_events_can_have_their_own(client: Client, olu: Person) -> None:
    webinars = [on(f"2027-06-0{day}", **ONLINE) for day in (7, 8, 9)]
    kept = on("2027-06-10", **ONLINE, joining_link="https://meet.example/kept")
    hall = on("2027-06-11", status=EventStatus.DRAFT)
    page = client.get(PUBLISH)
    assert "3 online events have no joining link" in page.content.decode()
    assert page.context["ready"] == 2
    answer = post(client, LINKS, sent_by(page, for_all=LINK, **{f"link-{webinars[1].pk}": OWN}), follow=True)
    assert "3 events have a joining link now." in answer.content.decode()
    assert (answer.context["ready"], "no joining link" in answer.content.decode()) == (5, False)
    assert [event.joining_link for event in new_events()] == [LINK, OWN, LINK, kept.joining_link, hall.joining_link]
    assert set(Message.objects.values_list("kind", flat=True)) == set()


def test_the_page_comes_back_with_the_drafts_that_it_showed(client: Client, olu: Person) -> None:
    shown, other = on("2027-06-07", **ONLINE), on("2027-06-08", **ONLINE)
    page = client.get(PUBLISH, {"event": str(shown.pk)})
    answer = post(client, LINKS, sent_by(page, for_all=LINK), follow=True)
    assert [row.event.pk for row in answer.context["rows"]] == [shown.pk]
    other.refresh_from_db()
    assert other.joining_link == ""


@pytest.mark.parametrize(
    ("for_all", "own", "says"),
    [
        ("", "", "Give a link for all of them, or for at least one."),
        ("the usual", "", "Write the whole link, like https://meet.example/abc."),
        (LINK, "the usual", "Write the whole link, like https://meet.example/abc."),
    ],
)
def test_links_that_can_not_be_followed_change_nothing(client: Client, olu: Person, for_all: str, own: str, says: str) -> None:
    webinar = on("2027-06-07", **ONLINE)
    answer = client.post(LINKS, {"event": str(webinar.pk), "for_all": for_all, f"link-{webinar.pk}": own})
    assert (answer.status_code, says in answer.content.decode()) == (200, True)
    webinar.refresh_from_db()
    assert webinar.joining_link == ""


def test_links_reach_no_event_of_another_partnership_and_none_that_is_published(client: Client, olu: Person) -> None:
    theirs = on("2027-06-07", lead_host=OtherPartnershipFactory(), course=None, **ONLINE)
    published = on("2027-06-08", **ONLINE | {"status": EventStatus.PUBLISHED})
    sent = {"event": [str(theirs.pk), str(published.pk)], "for_all": LINK, f"link-{theirs.pk}": LINK}
    assert client.post(LINKS, sent).status_code == 200
    assert list(Event.objects.values_list("joining_link", flat=True)) == ["", ""]
