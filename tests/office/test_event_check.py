"""Before a change is saved, a page says who will be told what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, BookingStatus, Invitation
from bookings.operations import ask_for_session, book_place, plan_session, tell_of_planned_session
from core import wording
from core.models import AuditEntry
from events.models import Event, Venue
from notifications.bounces import mark_bounced
from notifications.models import Message, MessageState
from people.models import Person
from tests.factories.bookings import bookable_event
from tests.factories.events import EventTrainerFactory
from tests.factories.people import PersonFactory
from tests.office.pages import sent_by
from tests.office.test_event_edit import change_url

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(at: datetime) -> Iterator[None]:
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def event(at: datetime) -> Event:
    """A full forum for two, with two in it and one who waits."""
    event = bookable_event(places=2, title="Forum", messages_from=None, sessions=2)
    for number in range(3):
        manager = "boss@school.example" if number == 0 else None
        person = PersonFactory(forename="ABC"[number], surname="Bell", address=f"{'abc'[number]}@school.example")
        book_place(event=event, person=person, manager_email=manager, by=None, at=at)
    return event


def told(page: Any) -> list[tuple[str, str]]:
    return [(one.people, one.subject) for one in page.context["check"].told]


def state() -> list[Any]:
    rows = (Event.objects.values("title", "version"), Booking.objects.values("status", "version"), Invitation.objects.values())
    counted = [model.objects.count() for model in (Message, AuditEntry, Venue)]
    return [*(list(found.order_by("pk")) for found in rows), *counted]


@pytest.mark.both_databases
def test_new_times_say_to_whom_and_save_nothing_yet(client: Client, olu: Person, event: Event) -> None:
    sent, before = sent_by(client.get(change_url(event)), sessions_0_start="10:00", new_venue="Library"), state()
    page = client.post(change_url(event), {**sent, "venue": ""})
    assert told(page) == [
        ("2 people with a place", "New date or time: Forum"),
        ("1 person waiting", "New date or time: Forum"),
        ("1 line manager", "Other times: Forum, for A Bell"),
    ]
    html = page.content.decode()
    assert "Hello A," in html
    assert "Save and send 6 messages" in html  # two of them with the second session's calendar entry
    assert "come back" not in html
    assert [row[0] for row in page.context["check"].changes] == ["When", "Where"]
    assert state() == before
    assert client.post(change_url(event), {**sent_by(page), "checked": "yes"}).status_code == 302
    assert Event.objects.get().sessions.first().local_start.hour == 10
    assert Message.objects.filter(kind="event_rescheduled").values("about").distinct().count() == 3
    assert Message.objects.filter(kind__in=["event_rescheduled", "manager_told_of_move"]).count() == 6


def test_what_waits_because_an_address_bounces_is_said_before(client: Client, olu: Person, event: Event, at: datetime) -> None:
    mark_bounced(address="c@school.example", reason="", at=at)
    sent = sent_by(client.get(change_url(event)), sessions_0_start="10:00")
    html = client.post(change_url(event), sent).content.decode()
    assert "6 messages leave within a minute" in html
    assert "Of these, 1 waits, because messages to its address come back." in html
    mark_bounced(address="boss@school.example", reason="", at=at)
    html = client.post(change_url(event), sent).content.decode()
    assert "Of these, 2 wait, because messages to their addresses come back." in html


def test_trainers_and_who_asked_for_it_are_among_those_who_are_told(
    client: Client, olu: Person, event: Event, at: datetime
) -> None:
    EventTrainerFactory(event=event, person=PersonFactory(), name="Tom Ashby")
    asker = PersonFactory()
    request = ask_for_session(partnership=event.lead_host, subject="Neglect", people=8, wanted_when="May", by=asker, at=at)
    request = plan_session(request=request, event=event, by=olu, at=at)
    tell_of_planned_session(request=request, at=at)
    page = client.post(change_url(event), sent_by(client.get(change_url(event)), sessions_0_start="10:00"))
    assert told(page)[3:] == [
        ("1 trainer", "New date or time: Forum"),
        ("1 person who asked for it", "Changed: your session Forum"),
    ]
    client.post(change_url(event), {**sent_by(page), "checked": "yes"})
    assert Message.objects.get(kind="session_changed").to_address == asker.main_address()
    cancelling = client.get(reverse("office_event_cancel", args=[event.pk])).context["told"]
    assert [one.people for one in cancelling][-2:] == ["1 trainer", "1 person who asked for it"]
    EmailAddress.objects.filter(user=asker).delete()
    page = client.get(reverse("office_event_cancel", args=[event.pk]))
    assert ([one.people for one in page.context["told"]][-1:], page.context["has_asker"]) == (["1 trainer"], False)


def test_a_raised_limit_says_who_gets_the_place(client: Client, olu: Person, event: Event) -> None:
    page = client.post(change_url(event), sent_by(client.get(change_url(event)), places="3"))
    assert told(page) == [("1 person with a place", "You have a place: Forum")]
    assert Booking.objects.filter(status=BookingStatus.WAITING).count() == 1


def test_who_gets_a_place_by_the_same_change_is_told_both_as_they_stood(client: Client, olu: Person, event: Event) -> None:
    page = client.post(change_url(event), sent_by(client.get(change_url(event)), places="3", title="Big forum"))
    assert told(page) == [
        ("2 people with a place", "Changed: Big forum"),
        ("1 person with a place", "You have a place: Big forum"),
        ("1 person waiting", "Changed: Big forum"),
    ]


def test_what_speaks_against_new_times_is_said_before_any_letter(client: Client, olu: Person, event: Event) -> None:
    taken = bookable_event(title="Neglect", venue=event.venue, first_start=datetime(2027, 3, 27, 10, 0, tzinfo=UTC))
    sent = sent_by(client.get(change_url(event)), sessions_0_day="26/03/2027", sessions_1_day="27/03/2027")
    page = client.post(change_url(event), sent)
    [session] = taken.sessions.all()
    against = [
        "Friday 26 March 2027 is a bank holiday.",
        "Saturday 27 March 2027 is at a weekend.",
        f"{event.venue} is taken: “Neglect”, {wording.span(session.starts_at, session.ends_at)}.",
    ]
    assert page.context["check"].against == against
    html = page.content.decode()
    assert [html.count(f"<li>{word}</li>") for word in against] == [1, 1, 1]
    assert Event.objects.get(pk=event.pk).starts_on == event.starts_on


def test_what_stood_before_is_not_said_of_another_title(client: Client, olu: Person, event: Event) -> None:
    bookable_event(title="Neglect", venue=event.venue)
    page = client.post(change_url(event), sent_by(client.get(change_url(event)), title="Big forum"))
    assert page.context["check"].against == []
    assert "Something speaks against it" not in page.content.decode()


def test_what_nobody_is_told_of_is_saved_at_once(client: Client, olu: Person, event: Event) -> None:
    response = client.post(change_url(event), sent_by(client.get(change_url(event)), summary="New"))
    assert (response.status_code, Event.objects.get().summary) == (302, "New")


def test_going_back_keeps_what_was_typed(client: Client, olu: Person, event: Event) -> None:
    page = client.post(change_url(event), sent_by(client.get(change_url(event)), title="Big forum"))
    back = client.post(change_url(event), {**sent_by(page), "fill": "again"})
    assert sent_by(back)["title"] == ["Big forum"]
    assert Event.objects.get().title == "Forum"


def test_a_change_that_is_refused_says_so_on_the_form(client: Client, olu: Person, event: Event) -> None:
    page = client.post(change_url(event), sent_by(client.get(change_url(event)), places="1", title="Big forum"))
    assert "2 people hold a place already." in page.content.decode()
    assert Event.objects.get().title == "Forum"


@pytest.mark.both_databases
def test_cancelling_shows_the_letters_and_the_manager_beforehand(client: Client, olu: Person, event: Event, at: datetime) -> None:
    Message.objects.filter(to_address="boss@school.example").update(state=MessageState.SENT, sent_at=at)
    before = state()
    page = client.get(reverse("office_event_cancel", args=[event.pk]))
    assert [(one.people, one.subject) for one in page.context["told"]] == [
        ("2 people with a place", "Cancelled: Forum"),
        ("1 person waiting", "Cancelled: Forum"),
        ("1 line manager", "Called off, for A Bell: Forum"),
    ]
    assert "Why: (what you write above)" in page.content.decode()
    assert state() == before
    client.post(reverse("office_event_cancel", args=[event.pk]), {"reason": "No trainer"})
    assert Message.objects.filter(kind="manager_told_of_end").count() == 1


def test_an_event_without_bookings_asks_no_second_time(client: Client, olu: Person) -> None:
    event = bookable_event(title="Forum")
    response = client.post(change_url(event), sent_by(client.get(change_url(event)), title="Big forum"))
    assert (response.status_code, Event.objects.get().title) == (302, "Big forum")


def test_who_waits_for_a_managers_answer_is_counted_apart(client: Client, olu: Person, event: Event) -> None:
    Booking.objects.filter(person__forename="A").update(status=BookingStatus.AWAITING_APPROVAL)
    page = client.post(change_url(event), sent_by(client.get(change_url(event)), sessions_0_start="10:00"))
    assert [one.people for one in page.context["check"].told if one.kind == "Event moved"] == [
        "1 person with a place",
        "1 person whose manager is asked",
        "1 person waiting",
    ]
