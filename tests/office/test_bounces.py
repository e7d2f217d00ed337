"""Officers see where messages come back from and try again; whoever's address it is sees it too."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.messages.letters import CONFIRMED
from bookings.models import Booking
from events.models import Event, Session
from notifications.bounces import mark_bounced
from notifications.models import BouncedAddress, Message, MessageState, OwnText
from tests.factories.bookings import BookingFactory
from tests.factories.notifications import MessageFactory
from tests.factories.people import OtherPartnershipFactory, PersonFactory, officer

pytestmark = pytest.mark.django_db

GONE = "gone@school.example"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(officer(), backend=BACKEND)
    return client


def bounced(at: datetime, **fields) -> BouncedAddress:
    MessageFactory(to_address=GONE, **fields)
    return mark_bounced(address=GONE, reason="550 5.1.1 unknown", at=at)


def test_the_list_names_address_person_and_what_the_server_said(desk: Client, at: datetime) -> None:
    bounced(at, person=PersonFactory(forename="Sam", surname="Okafor", address=GONE))
    page = desk.get(reverse("office_bounces")).content.decode()
    assert all(said in page for said in (GONE, "Sam Okafor", "550 5.1.1 unknown"))


def test_with_every_address_working_the_page_says_so(desk: Client) -> None:
    assert "Every address works" in desk.get(reverse("office_bounces")).content.decode()


def test_an_officer_tries_again_and_what_waited_may_leave(desk: Client, at: datetime) -> None:
    found = bounced(at)
    answer = desk.post(reverse("office_bounce_try_again", args=[found.pk]), follow=True)
    assert "1 message that waited" in answer.content.decode()
    assert (BouncedAddress.objects.count(), Message.objects.due(at).count()) == (0, 1)


def test_an_address_that_only_another_partnership_wrote_to_is_not_found(desk: Client, at: datetime) -> None:
    found = bounced(at, partnership=OtherPartnershipFactory())
    assert GONE not in desk.get(reverse("office_bounces")).content.decode()
    assert desk.post(reverse("office_bounce_try_again", args=[found.pk])).status_code == 404
    assert BouncedAddress.objects.count() == 1


def test_the_day_the_person_and_the_message_say_so(desk: Client, at: datetime) -> None:
    person = PersonFactory(address=GONE)
    person.partnerships.add(desk.get(reverse("office")).wsgi_request.partnership.pk)
    bounced(at, person=person)
    assert "Messages come back from 1 address" in desk.get(reverse("office")).content.decode()
    assert "Messages come back" in desk.get(reverse("office_person", args=[person.pk])).content.decode()
    for page in (reverse("office_messages"), reverse("office_person", args=[person.pk])):
        assert "Paused: the address bounced" in desk.get(page).content.decode()
    assert "It waits, because" in desk.get(reverse("office_message", args=[Message.objects.get().pk])).content.decode()


def test_a_message_that_came_back_says_so(desk: Client, at: datetime) -> None:
    MessageFactory(state=MessageState.SENT, sent_at=at)
    message = MessageFactory(state=MessageState.SENT, sent_at=at, last_error="It came back: 5.2.2 Mailbox full")
    page = desk.get(reverse("office_message", args=[message.pk])).content.decode()
    assert ("It did not arrive" in page, ">Came back<" in page) == (True, True)
    found = desk.get(reverse("office_messages"), {"state": "came_back"}).context["page"]
    assert (list(found), found[0].get_standing_display()) == ([message], "Came back")


def test_what_came_back_is_sent_again_once_the_address_works(desk: Client, at: datetime) -> None:
    message = came_back_about(BookingFactory(), at, to_address=GONE)
    url = reverse("office_message", args=[message.pk])
    marked = mark_bounced(address=GONE, reason="550 5.1.1 unknown", at=at)
    assert "To send it again, give" in desk.get(url).content.decode()
    marked.delete()
    with time_machine.travel(at):
        assert "Send it again" in desk.get(url).content.decode()
        answer = desk.post(reverse("office_message_resend", args=[message.pk]), follow=True)
    assert "It will be sent again" in answer.content.decode()
    message.refresh_from_db()
    assert (message.state, message.sent_at) == (MessageState.WAITING, None)


def test_whether_it_can_be_sent_again_depends_on_the_address_that_it_would_go_to(desk: Client, at: datetime) -> None:
    person = PersonFactory(address="new@school.example")
    message = came_back_about(BookingFactory(person=person), at, person=person, to_address=GONE)
    url, said = reverse("office_message", args=[message.pk]), []
    for address in (GONE, "new@school.example"):
        mark_bounced(address=address, reason="", at=at)
        said.append("To send it again, give" in desk.get(url).content.decode())
    assert said == [False, True]


def came_back_about(booking: Booking, at: datetime, **fields: Any) -> Message:
    given = {"kind": "joining_instructions", "sent_at": at, "created_at": at, "last_error": "It came back: 5.1.1", **fields}
    return MessageFactory(about=booking.about, state=MessageState.SENT, **given)


ENTRY = {"kind": "booking_confirmed", "calendar": "BEGIN:VCALENDAR", "calendar_method": "REQUEST"}


def test_what_is_never_sent_again_is_said_so_before_the_address_is_put_right(desk: Client, at: datetime) -> None:
    booking = BookingFactory()
    again, never = (
        came_back_about(booking, at, kind=kind, to_address=GONE) for kind in ("joining_instructions", "certificate_ready")
    )
    mark_bounced(address=GONE, reason="", at=at)
    with time_machine.travel(at):
        pages = [desk.get(reverse("office_message", args=[one.pk])).content.decode() for one in (again, never)]
    promised = "To send it again, give"
    assert [(promised in page, "its reason may have gone since" in page) for page in pages] == [(True, False), (False, True)]


@pytest.mark.parametrize(("state", "waits"), [(MessageState.WAITING, True), (MessageState.SENT, False)])
def test_only_what_waits_is_said_to_wait_for_an_address_that_bounces(
    desk: Client, at: datetime, state: MessageState, waits: bool
) -> None:
    message = MessageFactory(to_address=GONE, state=state, sent_at=None if waits else at)
    mark_bounced(address=GONE, reason="", at=at)
    page = desk.get(reverse("office_message", args=[message.pk])).content.decode()
    assert ("It waits, because messages to this address come back" in page) == waits


@pytest.mark.parametrize(
    ("fields", "has_begun", "changed", "said"),
    [
        ({}, False, False, ""),
        (ENTRY, False, False, ""),
        ({}, False, True, "so it would say how it was."),
        (ENTRY, True, False, "This event has begun"),
        ({"kind": "event_rescheduled"}, False, False, "its reason may have gone since"),  # no entry: to somebody who waited
        ({"kind": "manager_told_of_move"}, False, False, "its reason may have gone since"),
    ],
)
def test_only_what_is_still_true_is_offered_and_taken_to_be_sent_again(
    desk: Client, at: datetime, fields: dict[str, str], has_begun: bool, changed: bool, said: str
) -> None:
    booking = BookingFactory()
    message = came_back_about(booking, at, **fields)
    url = reverse("office_message", args=[message.pk])
    if changed:
        Event.objects.filter(pk=booking.event_id).update(changed_at=at + timedelta(hours=1))
    if has_begun:
        Session.objects.update(starts_at=at - timedelta(hours=1), ends_at=at + timedelta(hours=1))
    with time_machine.travel(at):
        page = desk.get(url)
        answer = desk.post(reverse("office_message_resend", args=[message.pk]), follow=True).content.decode()
    assert (said in page.context["why_not_again"], "Send it again" in page.content.decode()) == (True, not said)
    assert said in answer
    message.refresh_from_db()
    assert message.state == (MessageState.SENT if said else MessageState.WAITING)


def test_what_arrived_and_what_came_back_are_listed_apart(desk: Client, at: datetime) -> None:
    arrived = MessageFactory(state=MessageState.SENT, sent_at=at)
    MessageFactory(state=MessageState.SENT, sent_at=at, last_error="It came back: 5.1.1")
    assert list(desk.get(reverse("office_messages"), {"state": "sent"}).context["page"]) == [arrived]


def test_what_it_would_say_now_stands_below_where_the_text_has_changed_since(desk: Client, at: datetime) -> None:
    said = {"text": "As it was.", "text_kind": CONFIRMED, "values": {"event": "Neglect"}}
    message = came_back_about(BookingFactory(), at, **ENTRY, **said)
    url = reverse("office_message", args=[message.pk])
    with time_machine.travel(at):
        assert desk.get(url).context["again"] == {}
    own = {"partnership": message.partnership, "kind": CONFIRMED, "subject": "Yes", "body": "You are in: {event}."}
    OwnText.objects.create(id=uuid.uuid4(), changed_at=at, **own)
    with time_machine.travel(at):
        page = desk.get(url)
    assert (page.context["again"]["subject"], page.context["again"]["text"].strip()) == ("Yes", "You are in: Neglect.")
    assert ("As it was." in page.content.decode(), "if it was sent again" in page.content.decode()) == (True, True)


@pytest.mark.parametrize("kind", ["did_not_attend", "charge_approved", "place_offered"])
def test_what_may_have_lost_its_reason_is_not_sent_again(desk: Client, at: datetime, kind: str) -> None:
    message = MessageFactory(kind=kind, state=MessageState.SENT, sent_at=at, last_error="It came back: 5.1.1")
    answer = desk.post(reverse("office_message_resend", args=[message.pk]), follow=True)
    assert "its reason may have gone since" in answer.content.decode()
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_a_reminder_that_came_back_is_not_sent_again_once_the_booking_has_ended(desk: Client, at: datetime) -> None:
    booking = BookingFactory(status="cancelled", cancelled_by="delegate", ended_at=at)
    fields = {"kind": "joining_instructions", "about": booking.about, "sent_at": at, "last_error": "It came back: 5.1.1"}
    message = MessageFactory(state=MessageState.SENT, **fields)
    with time_machine.travel(at):
        answer = desk.post(reverse("office_message_resend", args=[message.pk]), follow=True)
    assert "This booking has ended, so there is nothing to send again." in answer.content.decode()


def test_the_person_hears_of_it_and_says_that_it_works_again(client: Client, at: datetime) -> None:
    person = PersonFactory(address=GONE)
    bounced(at, person=person)
    client.force_login(person, backend=BACKEND)
    assert "Our messages do not reach you" in client.get(reverse("my_learning")).content.decode()
    assert client.get(reverse("address_works")).status_code == 405
    assert BouncedAddress.objects.count() == 1
    client.post(reverse("address_works"))
    assert BouncedAddress.objects.count() == 0


def test_nobody_speaks_for_another_ones_address(client: Client, at: datetime) -> None:
    bounced(at)
    client.force_login(PersonFactory(), backend=BACKEND)
    client.post(reverse("address_works"))
    assert BouncedAddress.objects.count() == 1


def test_an_officer_sends_a_test_to_themself(desk: Client) -> None:
    desk.post(reverse("office_partnership_test_message"))
    message = Message.objects.get()
    assert (message.subject.startswith("Test: "), message.person) == (True, desk.get(reverse("office")).wsgi_request.user)
