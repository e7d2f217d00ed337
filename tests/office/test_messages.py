"""An officer sees what was sent, what waits and what failed, and sends again."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import WorkerTick
from core.personal_links import placeholder
from notifications.models import Message, MessageState
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.notifications import MessageFactory
from tests.factories.people import OtherPartnershipFactory, PersonFactory, officer, subgroup_member
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    """A browser that an officer has signed in on."""
    client.force_login(officer(), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def subjects(client: Client, **filters: str) -> list[str]:
    return [message.subject for message in client.get(reverse("office_messages"), filters).context["page"]]


def test_messages_are_listed_newest_first(desk: Client, at: datetime) -> None:
    MessageFactory(subject="Older", created_at=at)
    MessageFactory(subject="Newer", created_at=at + timedelta(minutes=1))
    assert subjects(desk) == ["Newer", "Older"]


def test_another_partnerships_messages_are_not_found(desk: Client) -> None:
    theirs = MessageFactory(partnership=OtherPartnershipFactory(), state=MessageState.FAILED)
    assert subjects(desk) == []
    assert desk.get(reverse("office_message", args=[theirs.pk])).status_code == 404
    assert desk.post(reverse("office_message_resend", args=[theirs.pk])).status_code == 404


def test_filters_leave_what_fits(desk: Client, at: datetime) -> None:
    MessageFactory(subject="A", to_address="zoe@school.example", kind="booking_confirmed", state="failed", created_at=at)
    MessageFactory(subject="B", to_address="sam@clinic.example", kind="booking_confirmed", created_at=at - timedelta(1))
    MessageFactory(subject="C", to_address="zoe@clinic.example", kind="event_cancelled", created_at=at - timedelta(2))
    assert subjects(desk, state="failed") == ["A"]
    assert subjects(desk, kind="booking_confirmed") == ["A", "B"]
    assert subjects(desk, q="ZOE") == ["A", "C"]
    assert subjects(desk, q="zoe clinic") == ["C"]
    assert subjects(desk, q="nobody") == []
    assert subjects(desk, state="nonsense", kind="nonsense") == ["A", "B", "C"]


def test_filters_in_use_can_be_taken_off(desk: Client) -> None:
    MessageFactory(kind="booking_confirmed")
    page = desk.get(reverse("office_messages"), {"state": "sent", "kind": "booking_confirmed", "q": "a&b"})
    assert page.context["tags"] == [
        {"label": "Sent", "href": "?kind=booking_confirmed&q=a%26b"},
        {"label": "Place booked", "href": "?state=sent&q=a%26b"},
        {"label": "to “a&b”", "href": "?state=sent&kind=booking_confirmed"},
    ]


def test_a_page_holds_fifty_at_a_fixed_number_of_queries(desk: Client) -> None:
    counts = []
    for more in (1, 2, 52):
        for _ in range(more):
            MessageFactory(person=PersonFactory())
        with CaptureQueriesContext(connection) as captured:
            page = desk.get(reverse("office_messages"))
        counts.append(len(captured))
    assert counts == [counts[0]] * 3
    assert len(page.context["page"]) == 50


def test_a_messages_page_says_what_it_said_with_its_links(desk: Client) -> None:
    message = MessageFactory(
        text="Dear Sam <b>\n\n{link:booking}",
        links={"booking": "/bookings/1/"},
        person=PersonFactory(surname="O’Hara"),
    )
    html = desk.get(reverse("office_message", args=[message.pk])).content.decode()
    assert "Dear Sam &lt;b&gt;" in html
    assert 'href="http://127.0.0.1:8000/bookings/1/"' in html
    assert "Sam O’Hara" in html


def test_a_message_leads_to_the_booking_it_is_about(desk: Client) -> None:
    booking = BookingFactory()
    theirs = BookingFactory(event=bookable_event(lead_host=OtherPartnershipFactory(), course=None, venue=None))
    found = {}
    for about in (f"booking:{booking.pk}", f"booking:{theirs.pk}", "booking:none", "event:1"):
        message = MessageFactory(about=about, dedupe_key=about)
        found[about] = desk.get(reverse("office_message", args=[message.pk])).context["booking"]
    assert found == {f"booking:{booking.pk}": booking, f"booking:{theirs.pk}": None, "booking:none": None, "event:1": None}


def test_a_failed_message_is_sent_again(desk: Client) -> None:
    message = MessageFactory(state=MessageState.FAILED, last_error="550 No such user")
    page = desk.get(reverse("office_message", args=[message.pk]))
    assert "550 No such user" in page.content.decode()
    answer = desk.post(reverse("office_message_resend", args=[message.pk]), follow=True)
    assert "It will be sent again within a minute." in answer.content.decode()
    message.refresh_from_db()
    assert message.state == MessageState.WAITING


def test_a_message_that_has_left_is_not_sent_again(desk: Client, at: datetime) -> None:
    message = MessageFactory(state=MessageState.SENT, sent_at=at)
    assert "Send it again" not in desk.get(reverse("office_message", args=[message.pk])).content.decode()
    answer = desk.post(reverse("office_message_resend", args=[message.pk]), follow=True)
    assert "This message neither failed nor came back, so there is nothing to send again." in answer.content.decode()
    assert Message.objects.get().state == MessageState.SENT


def test_sending_again_takes_a_post(desk: Client) -> None:
    message = MessageFactory(state=MessageState.FAILED)
    assert desk.get(reverse("office_message_resend", args=[message.pk])).status_code == 405


def test_nobody_else_sees_messages(client: Client) -> None:
    message = MessageFactory()
    client.force_login(subgroup_member(), backend="allauth.account.auth_backends.AuthenticationBackend")
    paths = [reverse("office_messages"), reverse("office_message", args=[message.pk]), reverse("office_worker")]
    assert [client.get(path).status_code for path in paths] == [403, 403, 403]


def test_the_workers_page_says_how_the_queue_stands(desk: Client, at: datetime) -> None:
    MessageFactory(created_at=at - timedelta(minutes=45))
    MessageFactory(created_at=at - timedelta(days=2), put_off=True, next_attempt_at=at + timedelta(hours=1))
    MessageFactory(created_at=at, due_at=at + timedelta(days=1))
    MessageFactory(state=MessageState.FAILED)
    MessageFactory(state=MessageState.FAILED, partnership=OtherPartnershipFactory())
    WorkerTick.objects.create(
        worker="machine:42",
        last_tick_at=at - timedelta(seconds=2),
        last_error="a.b: ValueError at a.py",
        last_error_at=at,
    )
    with time_machine.travel(at, tick=False):
        page = desk.get(reverse("office_worker"))
    outbox = page.context["outbox"]
    assert (outbox.due, outbox.deferred, outbox.planned, outbox.failed, page.context["failed"]) == (2, 1, 1, 2, 1)
    assert (page.context["oldest"], page.context["is_late"], page.context["is_running"]) == ("45 minutes", True, True)
    html = page.content.decode()
    assert "ValueError at a.py" in html
    assert "2 seconds ago" in html


def test_the_workers_page_says_when_no_worker_runs(desk: Client, at: datetime) -> None:
    assert "No worker is running" in desk.get(reverse("office_worker")).content.decode()
    WorkerTick.objects.create(worker="machine:42", last_tick_at=at - timedelta(minutes=3))
    with time_machine.travel(at, tick=False):
        page = desk.get(reverse("office_worker"))
    assert page.context["is_running"] is False


def say(desk: Client, name: str, message: Message, **values: str) -> str:
    answer = desk.post(reverse(name, args=[message.pk]), values, follow=True)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_a_message_that_waits_is_held_back_and_let_go(desk: Client) -> None:
    message = MessageFactory(subject="Held")
    MessageFactory(subject="Free")
    shown = say(desk, "office_message_hold", message, do="hold")
    assert "Held back until you let it go." in shown
    assert "Message held back" in shown
    assert (subjects(desk, state="held"), subjects(desk, state="waiting")) == (["Held"], ["Free"])
    assert "1 message you hold back" in desk.get(reverse("office")).content.decode()
    assert "Held back by you" in desk.get(reverse("office_worker")).content.decode()
    assert "It leaves within a minute." in say(desk, "office_message_hold", message, do="let_go")
    assert subjects(desk, state="held") == []


def test_a_held_message_whose_calendar_entry_has_changed_since_says_so_in_place_of_the_button(desk: Client, at: datetime) -> None:
    entry = {"about": "booking:7", "person": PersonFactory(), "calendar": "BEGIN:VCALENDAR", "calendar_method": "REQUEST"}
    message = MessageFactory(held_at=at, created_at=at, **entry)
    address = reverse("office_message", args=[message.pk])
    assert ">Let it go<" in desk.get(address).content.decode()
    MessageFactory(created_at=at + timedelta(minutes=1), **entry)
    page = desk.get(address).content.decode()
    assert ("changed or ended this calendar entry since" in page, ">Let it go<" in page) == (True, False)
    assert "changed or ended this calendar entry since" in say(desk, "office_message_hold", message, do="let_go")
    assert Message.objects.get(pk=message.pk).is_held


def test_one_message_is_changed_after_a_preview(desk: Client) -> None:
    message = MessageFactory(text="You have a place.\n\n{link:booking}", links={"booking": "/bookings/1/"})
    page = desk.get(reverse("office_message_edit", args=[message.pk]))
    assert "It may leave while you write" in page.content.decode()
    new = sent_by(page, body="By the back door.\n\n{link:booking}")
    shown = say(desk, "office_message_edit", message, **new, preview="yes")
    message.refresh_from_db()
    assert ("By the back door." in shown, "/bookings/1/" in shown, message.edited_at) == (True, True, None)
    assert "An officer changed this one message" in say(desk, "office_message_edit", message, **new)
    assert "Somebody else has changed this message" in say(desk, "office_message_edit", message, **new)
    page = desk.get(reverse("office_message_edit", args=[message.pk]))
    lost = say(desk, "office_message_edit", message, **sent_by(page, body="Nothing"))
    assert "Put {link:booking} back into the text" in lost


def test_personal_links_are_not_shown_where_a_message_is_changed(desk: Client) -> None:
    path = f"/approve/{placeholder('approve', 'secret')}/"
    message = MessageFactory(text="Approve:\n{link:approve}", links={"approve": path})
    page = desk.get(reverse("office_message_edit", args=[message.pk]))
    shown = say(desk, "office_message_edit", message, **sent_by(page, preview="yes"))
    for html in (page.content.decode(), shown):
        assert "(a personal link, which only the message itself holds)" in html
        assert "secret" not in html


def test_a_message_that_has_left_is_neither_held_nor_changed(desk: Client, at: datetime) -> None:
    message = MessageFactory(state=MessageState.SENT, sent_at=at)
    assert "does not wait any more" in say(desk, "office_message_hold", message, do="hold")
    page = unescape(desk.get(reverse("office_message_edit", args=[message.pk])).content.decode())
    assert "It does not wait any more" in page
    shown = desk.get(reverse("office_message", args=[message.pk])).content.decode()
    assert reverse("office_message_edit", args=[message.pk]) not in shown


def test_nobody_alone_is_left_out_of_the_evaluation(desk: Client) -> None:
    message = MessageFactory(kind="evaluation_asked")
    assert "everybody is asked or nobody is" in say(desk, "office_message_hold", message, do="hold")
    assert Message.objects.held().count() == 0


@pytest.mark.parametrize(
    ("kind", "instead"),
    [
        ("place_offered", "save their answer"),
        ("approval_asked", "ask another manager"),
        ("approval_reminder", "answer for them"),
        ("held_places_need_names", "Release the places instead"),
    ],
)
def test_a_letter_whose_clock_runs_is_not_held_back(desk: Client, kind: str, instead: str) -> None:
    message = MessageFactory(kind=kind)
    for page in ("office_message", "office_message_edit"):
        html = unescape(desk.get(reverse(page, args=[message.pk])).content.decode())
        assert (instead in html, ">Hold it back<" in html) == (True, False)
    refused = say(desk, "office_message_hold", message, do="hold")
    assert ("would pass with" in refused, Message.objects.held().count()) == (True, 0)


def test_another_partnerships_message_is_neither_held_nor_changed(desk: Client) -> None:
    theirs = MessageFactory(partnership=OtherPartnershipFactory())
    assert desk.post(reverse("office_message_hold", args=[theirs.pk])).status_code == 404
    assert desk.get(reverse("office_message_edit", args=[theirs.pk])).status_code == 404


def test_a_reminder_of_an_event_that_has_begun_is_not_sent_again(desk: Client, at: datetime) -> None:
    for start, said in ((at - timedelta(days=1), "This event has begun"), (at + timedelta(days=1), "It will be sent again")):
        booking = BookingFactory(event=bookable_event(first_start=start))
        message = MessageFactory(kind="last_reminder", about=booking.about, state=MessageState.FAILED)
        with time_machine.travel(at, tick=False):
            assert said in say(desk, "office_message_resend", message)
