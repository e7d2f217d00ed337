"""The programme by e-mail: to those who agreed, once, by theme, and left in one step."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import digest
from bookings.due import send_digests, withdraw_unwanted_letters
from bookings.models import DigestEvery, MessageSettings
from bookings.operations import book_place, change_message_settings
from core.clock import LONDON
from courses.models import Theme
from events.models import Event
from notifications.models import Message
from notifications.rendering import as_email
from people.operations import set_hearing
from tests.factories.bookings import bookable_event
from tests.factories.people import PartnershipFactory, PersonFactory, officer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

FIRST_MONDAY = datetime(2027, 1, 4, 8, 0, tzinfo=LONDON)
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


def digests(every: str) -> MessageSettings:
    partnership = PartnershipFactory()
    return change_message_settings(partnership=partnership, by=None, at=FIRST_MONDAY - WEEK, digest_every=every)


def reader(**fields):
    person = PersonFactory(agreed_to_hear_at=FIRST_MONDAY - WEEK, **fields)
    person.partnerships.add(PartnershipFactory())
    return person


def event(title: str = "Recognising neglect", *, theme: str = "", **fields) -> Event:
    made = bookable_event(**fields)
    found = Theme.objects.get_or_create(name=theme, partnership=made.lead_host)[0] if theme else None
    made.title, made.theme = title, found
    made.save()
    return made


def titles(at: datetime = FIRST_MONDAY) -> list[tuple[str, list[str]]]:
    return [(theme, [one.title for one, _ in rows]) for theme, rows in digest.programme(PartnershipFactory(), at)]


def test_only_those_who_agreed_get_it_and_only_once() -> None:
    digests(DigestEvery.WEEK)
    event()
    sam = reader()
    PersonFactory().partnerships.add(PartnershipFactory())
    assert [send_digests(FIRST_MONDAY + HOUR * hours) for hours in (0, 1, 5)] == [1, 0, 0]
    assert list(Message.objects.values_list("to_address", flat=True)) == [sam.main_address()]
    assert send_digests(FIRST_MONDAY + WEEK) == 1


@pytest.mark.parametrize(
    ("every", "sent"),
    [(DigestEvery.NEVER, [0, 0, 0, 0]), (DigestEvery.WEEK, [1, 1, 1, 1]), (DigestEvery.MONTH, [1, 0, 0, 0])],
)
def test_it_leaves_as_often_as_the_partnership_chose(every: str, sent: list[int]) -> None:
    digests(every)
    event()
    reader()
    assert [send_digests(FIRST_MONDAY + WEEK * number) for number in range(4)] == sent


def test_it_leaves_at_its_hour_and_not_days_late() -> None:
    digests(DigestEvery.WEEK)
    event()
    reader()
    late = FIRST_MONDAY + timedelta(days=2)
    assert [send_digests(at) for at in (FIRST_MONDAY - HOUR, late, late - HOUR)] == [0, 0, 1]


def test_the_hour_is_a_london_one_across_the_clock_change() -> None:
    settings = digests(DigestEvery.WEEK)
    monday = datetime(2027, 3, 29, 8, 0, tzinfo=LONDON)
    assert digest.issue_of(settings, monday) == monday.date()
    assert digest.issue_of(settings, monday - timedelta(minutes=1)) is None
    assert digest.next_issue(settings, monday) == monday.date() + WEEK


def test_nothing_is_sent_while_nothing_can_be_booked() -> None:
    digests(DigestEvery.WEEK)
    reader()
    assert send_digests(FIRST_MONDAY) == 0


def test_events_stand_under_their_theme_in_order_and_those_without_one_last() -> None:
    event("No theme")
    event("Neglect, later", theme="Neglect", first_start=FIRST_MONDAY + WEEK * 3)
    event("Neglect, sooner", theme="Neglect", first_start=FIRST_MONDAY + WEEK * 2)
    event("Online", theme="Exploitation")
    assert titles() == [
        ("Exploitation", ["Online"]),
        ("Neglect", ["Neglect, sooner", "Neglect, later"]),
        (digest.NO_THEME, ["No theme"]),
    ]


def test_what_nobody_can_book_is_left_out(at: datetime) -> None:
    event("Closed to others", is_closed=True, neutral_title="A meeting")
    event("Past its closing", terms={"closes_at": FIRST_MONDAY - HOUR})
    full = event("Full and without a list", places=1, terms={"has_waiting_list": False})
    waits = event("Full with a list", places=1)
    for one in (full, waits):
        person = PersonFactory()
        book_place(event=one, person=person, by=person, at=FIRST_MONDAY - WEEK)
    assert titles() == [(digest.NO_THEME, ["Full with a list"])]


def test_it_says_when_where_and_how_many_places_are_left() -> None:
    digests(DigestEvery.WEEK)
    event("Recognising neglect", theme="Neglect", places=6)
    reader(forename="Sam")
    send_digests(FIRST_MONDAY)
    text = Message.objects.get().text
    assert text.startswith("Hello Sam,")
    assert all(said in text for said in ("NEGLECT", "Recognising neglect", "6 places left", "http"))


def test_it_is_left_in_one_step_also_with_the_mail_programs_own_button(client: Client) -> None:
    digests(DigestEvery.WEEK)
    event()
    sam = reader()
    send_digests(FIRST_MONDAY)
    headers = as_email(Message.objects.get(), at=FIRST_MONDAY).message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = headers["List-Unsubscribe"].strip("<>").split("8000")[-1]
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(path).status_code == 200
    sam.refresh_from_db()
    assert sam.agreed_to_hear_at is not None
    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    sam.refresh_from_db()
    assert sam.agreed_to_hear_at is None
    assert send_digests(FIRST_MONDAY + WEEK) == 0


def test_whoever_stops_it_does_not_get_what_waited() -> None:
    digests(DigestEvery.WEEK)
    event()
    sam, other = reader(), reader()
    send_digests(FIRST_MONDAY)
    set_hearing(person=sam, agrees=False, by=None, at=FIRST_MONDAY)
    assert withdraw_unwanted_letters(FIRST_MONDAY) == 1
    assert list(Message.objects.waiting().values_list("person", flat=True)) == [other.pk]


def test_a_silent_partnership_sends_none() -> None:
    settings = digests(DigestEvery.WEEK)
    event()
    reader()
    settings.partnership.messages_from = None
    settings.partnership.save()
    assert send_digests(FIRST_MONDAY) == 0


def test_other_messages_have_no_such_button() -> None:
    one = event()
    person = PersonFactory()
    book_place(event=one, person=person, by=person, at=FIRST_MONDAY)
    sent = as_email(Message.objects.filter(person=person).earliest("created_at"), at=FIRST_MONDAY).message()
    assert sent["List-Unsubscribe"] is None


def test_a_long_programme_costs_no_more_queries() -> None:
    counts = []
    for more in (1, 4):
        for number in range(more):
            event(f"Event {more}.{number}", theme="Neglect")
        with CaptureQueriesContext(connection) as captured:
            titles()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_unknown_rhythm_is_refused() -> None:
    with pytest.raises(ValidationError):
        MessageSettings(partnership=PartnershipFactory(), digest_every="often").full_clean()


def test_an_officer_sees_what_it_would_say(client: Client) -> None:
    client.force_login(officer(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Nothing can be booked just now" in client.get(reverse("office_digest")).content.decode()
