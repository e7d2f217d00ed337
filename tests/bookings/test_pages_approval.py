"""The page behind an approver's mailed link. Mail scanners open such links: looking changes nothing (R37)."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import RequestFactory

from bookings import queries
from bookings.models import APPROVAL_LINK, Approver, Booking, BookingChange, BookingStatus, Decision
from bookings.operations import approve_booking, ask_somebody_else, book_place, cancel_booking, remind_approver
from core import personal_links
from core.clock import now
from core.models import AuditEntry
from events.queries import starts_at
from notifications.models import Message
from tests.factories.bookings import BookingFactory, bookable_event
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db
YES, NO = {"answer": "approved", "reason": ""}, {"answer": "declined", "reason": "We are short that day."}


@pytest.fixture(autouse=True)
def monday_morning(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def booking():
    event = bookable_event(places=1, terms={"manager_role": "approves"})
    person = PersonFactory(forename="Sam", surname="Okafor")
    return book_place(
        event=event, person=person, by=person, at=now(), manager_email="boss@school.example", deputy_email="deputy@school.example"
    )


def link(booking: Booking, approver: str = Approver.MANAGER) -> str:
    """The address as it stands in the mail."""
    value = booking.approval.link_value(approver)
    return personal_links.fill(f"/approve/{personal_links.placeholder(APPROVAL_LINK, value)}/")


def text_of(response) -> str:
    main = response.content.decode().split("<main", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def status(booking: Booking) -> str:
    return Booking.objects.get(pk=booking.pk).status


def everything(booking: Booking) -> list[object]:
    rows = [Booking.objects.filter(pk=booking.pk).values().get(), type(booking.approval).objects.values().get()]
    return [*rows, BookingChange.objects.count(), AuditEntry.objects.count(), Message.objects.count()]


def test_scanners_change_nothing_and_the_link_works_after_them(client, booking):
    before = everything(booking)
    for number in range(10):
        elsewhere = {"REMOTE_ADDR": f"203.0.113.{number}", "HTTP_USER_AGENT": "scanner"}
        assert client.head(link(booking), **elsewhere).status_code == 200
        assert client.get(link(booking), **elsewhere).status_code == 200
        assert client.get(link(booking), {"answer": "approved", "reason": "I clicked"}, **elsewhere).status_code == 200
    assert everything(booking) == before
    assert client.post(link(booking), YES).status_code == 302
    assert status(booking) == BookingStatus.CONFIRMED


def test_with_the_guard_off_the_first_scanner_would_have_answered(booking):
    """The twin: a page that acts when it is opened. One look at it, and the booking is changed."""

    def approve_on_opening(request, token):
        asked, approver = queries.request_by_link(token)
        approve_booking(request=asked, approver=approver, by=None, at=now())

    before = everything(booking)
    approve_on_opening(RequestFactory().get(link(booking)), link(booking).split("/")[2])
    assert everything(booking) != before
    assert status(booking) == BookingStatus.CONFIRMED


def test_the_page_says_who_asks_for_what_and_until_when(client, booking):
    text = text_of(client.get(link(booking)))
    assert "Can Sam Okafor attend? Who asks Sam Okafor, Teacher, School number" in text
    assert "A place is held for them. Without an answer the request lapses at" in text


@pytest.mark.parametrize(("sent", "became"), [(YES, BookingStatus.CONFIRMED), (NO, BookingStatus.DECLINED)])
def test_an_answer_without_an_account_counts_and_is_shown_again(client, booking, sent, became):
    response = client.post(link(booking), sent)
    assert (response.url, status(booking)) == (link(booking), became)
    text = text_of(client.get(response.url))
    assert "on Monday 11 January 2027. We have written to them" in text
    assert ("with the reason: We are short that day." in text) == (sent is NO)


def test_an_answer_is_needed(client, booking):
    assert "Choose whether they can attend." in text_of(client.post(link(booking), {"reason": "Hm"}))
    assert status(booking) == BookingStatus.AWAITING_APPROVAL


def test_a_second_answer_is_refused_and_changes_nothing(client, booking):
    client.post(link(booking), YES)
    before = everything(booking)
    response = client.post(link(booking), NO)
    assert (response.status_code, "This request is not open any more: approved on" in text_of(response)) == (409, True)
    assert everything(booking) == before


def test_the_delegate_who_opens_the_link_signed_in_can_not_answer(client, booking):
    client.force_login(booking.person)
    assert "This is your own booking: your manager has to answer." in text_of(client.get(link(booking)))
    assert "Send my answer" not in text_of(client.get(link(booking)))
    assert client.post(link(booking), YES).status_code == 409
    assert status(booking) == BookingStatus.AWAITING_APPROVAL


def test_the_delegate_who_opens_the_link_once_it_is_answered_reads_the_answer(client, booking):
    client.post(link(booking), YES)
    client.force_login(booking.person)
    assert "on Monday 11 January 2027. We have written to them" in text_of(client.get(link(booking)))


def test_somebody_else_who_is_signed_in_answers_and_is_remembered(client, booking):
    boss = PersonFactory()
    client.force_login(boss)
    client.post(link(booking), YES)
    booking.approval.refresh_from_db()
    assert (booking.approval.decided_as, booking.approval.decided_by) == (Approver.MANAGER, boss)


def test_after_the_event_has_started_there_is_nothing_to_answer(client, booking):
    with time_machine.travel(starts_at(booking.event) + timedelta(days=1), tick=False):
        response = client.post(link(booking), YES)
        assert (response.status_code, status(booking)) == (409, BookingStatus.AWAITING_APPROVAL)
        assert "The event has started." in text_of(client.get(link(booking)))


def test_after_another_was_asked_the_old_link_opens_nothing(client, booking):
    old = link(booking)
    ask_somebody_else(request=booking.approval, manager_email="head@school.example", deputy_email="", by=booking.person, at=now())
    booking.approval.refresh_from_db()
    for response in (client.get(old), client.post(old, YES)):
        assert (response.status_code, "This link opens nothing any more" in text_of(response)) == (404, True)
    assert status(booking) == BookingStatus.AWAITING_APPROVAL
    client.post(link(booking), YES)
    assert status(booking) == BookingStatus.CONFIRMED


@pytest.mark.parametrize("spoil", [lambda token: token[:-3], lambda token: token + "x", lambda token: "nothing"])
def test_a_spoilt_link_opens_nothing(client, booking, spoil):
    address = f"/approve/{spoil(link(booking).split('/')[2])}/"
    assert (client.get(address).status_code, client.post(address, YES).status_code) == (404, 404)
    assert status(booking) == BookingStatus.AWAITING_APPROVAL


def test_the_deputy_reads_why_they_are_asked_and_whoever_is_first_decides(client, booking):
    with time_machine.travel(booking.approval.remind_at, tick=False):
        remind_approver(request=booking.approval, at=now())
        text = text_of(client.get(link(booking, Approver.DEPUTY)))
        assert "You are asked because boss@school.example has not answered. Whoever answers first decides." in text
        client.post(link(booking, Approver.DEPUTY), NO)
        booking.approval.refresh_from_db()
        assert (booking.approval.decision, booking.approval.decided_as) == (Decision.DECLINED, Approver.DEPUTY)
        assert client.post(link(booking), YES).status_code == 409


def test_a_booking_that_was_taken_back_says_so(client, booking):
    cancel_booking(booking=booking, cancelled_by="delegate", by=booking.person, at=now())
    assert "This request is not open any more. There is nothing left to do." in text_of(client.get(link(booking)))


def test_of_a_full_event_the_page_says_that_approved_they_wait(client):
    event = bookable_event(places=1, terms={"manager_role": "approves"})
    BookingFactory(event=event)
    person = PersonFactory()
    booking = book_place(event=event, person=person, by=person, at=now(), manager_email="boss@school.example")
    assert "approved, they keep their place on the waiting list" in text_of(client.get(link(booking)))
