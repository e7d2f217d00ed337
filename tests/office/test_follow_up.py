"""The follow-up among what is planned for an event: seen, previewed, held back, changed, sent and counted before times change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, HeldBackLetter, MessageSettings, PlannedChange
from events.models import Event
from feedback import due
from feedback.models import FollowUp
from feedback.operations import set_follow_ups
from notifications.models import Message
from office.leaving import due_now
from people.models import Partnership, Person
from registers.operations import add_walk_in
from tests.factories.people import OtherPartnershipFactory, PersonFactory, officer
from tests.factories.registers import event_with_people, marked, session_of, take_register
from tests.office.pages import sent_by

pytestmark = pytest.mark.django_db

TIMES = "/office/partnership/messages/"
AFTER = datetime(2027, 1, 26, 17, tzinfo=UTC)
CLOSED = datetime(2027, 2, 10, tzinfo=UTC)  # the evaluation
ASK = datetime(2027, 4, 26, 7, tzinfo=UTC)

Later = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(AFTER, tick=False) as traveller:
        yield traveller


@pytest.fixture
def later(client: Client, olu: Person, clock: Any) -> Later:
    """Olu comes back months later, when she has been signed out since."""

    def move(to: datetime) -> None:
        clock.move_to(to)
        client.force_login(olu, backend="allauth.account.auth_backends.AuthenticationBackend")

    return move


def text_of(response: Any) -> str:
    return unescape(" ".join(response.content.decode().split()))


def page(client: Client, event: Event, **query: str) -> Any:
    return client.get(reverse("office_event_planned", args=[event.pk, "follow_up"]), query)


def row(client: Client, event: Event) -> tuple[str, int, str, bool]:
    found = client.get(reverse("office_event_messages", args=[event.pk])).context["planned"][-1]
    assert found.kind == "follow_up"
    return found.when, found.to, found.state_words, found.can_be_sent


def attended(count: int = 2, **fields: Any) -> tuple[Event, list[Person]]:
    event, people = event_with_people(count, **fields)
    take_register(session_of(event), dict.fromkeys(people, "present"))
    return event, people


def test_the_tab_follows_it_from_the_register_to_the_last_letter(client: Client, later: Later) -> None:
    event, people = event_with_people(2)
    assert row(client, event) == ("Monday 26 April 2027, 8am, once every register is closed", 0, "Not yet", False)
    take_register(session_of(event), {people[0]: "present", people[1]: "absent"})
    assert row(client, event) == ("Monday 26 April 2027, 8am", 1, "Planned", False)
    later(CLOSED)
    assert row(client, event) == ("Monday 26 April 2027, 8am", 1, "Planned", True)
    later(ASK)
    due.ask_for_follow_ups(ASK)
    assert row(client, event) == ("Monday 26 April 2027, 8am", 0, "1 on the way", False)
    Message.objects.update(state="sent", sent_at=ASK)
    assert row(client, event)[2] == "Everybody has it"


def test_what_is_too_late_and_what_is_switched_off_say_so_and_can_be_sent_by_hand(client: Client, later: Later) -> None:
    event, _ = attended()
    later(ASK + timedelta(days=30))
    assert row(client, event) == ("Monday 26 April 2027, 8am", 2, "Its time is over", True)
    MessageSettings.objects.create(partnership=event.lead_host, follow_up_days=None)
    assert row(client, event) == ("Never", 2, "Not sent", True)


def test_what_was_before_the_partnership_wrote_is_too_old_and_is_not_offered(client: Client, later: Later) -> None:
    """With its twin: of an event on the very day from which the partnership writes everybody is asked."""
    event, _ = attended()
    later(CLOSED)
    Partnership.objects.filter(pk=event.lead_host_id).update(messages_from=event.starts_on + timedelta(days=1))
    when = "Nobody is asked about what was before the partnership wrote to people"
    assert row(client, event) == (when, 0, "Too old", False)
    assert "Send it now" not in text_of(page(client, event))
    tab = text_of(client.get(reverse("office_event_evaluation", args=[event.pk])))
    assert (when in tab, "Planned" in tab) == (True, False)
    Partnership.objects.filter(pk=event.lead_host_id).update(messages_from=event.starts_on)
    assert row(client, event) == ("Monday 26 April 2027, 8am", 2, "Planned", True)


def test_it_is_previewed_as_one_of_them_reads_it_without_their_link(client: Client, olu: Person) -> None:
    event, people = attended()
    shown = text_of(page(client, event))
    assert "What has changed since?" in shown
    assert "You can answer until the end of Friday 25 June 2027." in shown
    assert ("(a personal link, which only the message itself holds)" in shown, "/follow-up/" in shown) == (True, False)
    booking = Booking.objects.get(person=people[1])
    assert f"As {people[1].name} reads it" in text_of(page(client, event, **{"for": str(booking.pk)}))
    assert (Message.objects.count(), FollowUp.objects.count()) == (0, 0)


def test_what_has_left_is_read_back_with_the_day_it_says(client: Client, later: Later) -> None:
    event, _ = attended(1)
    later(ASK + timedelta(days=2))
    due.ask_for_follow_ups(ASK + timedelta(days=2))
    later(ASK + timedelta(days=11))
    assert "You can answer until the end of Sunday 27 June 2027." in text_of(page(client, event))


def test_one_person_is_held_back_and_a_walk_in_is_counted_beside_the_list(client: Client, olu: Person) -> None:
    event, people = event_with_people(2)
    session = session_of(event)
    marked(session, people[0], "present", at=AFTER)
    add_walk_in(session=session, person=PersonFactory(), by=officer(), at=AFTER)
    take_register(session, {people[1]: "present"})
    assert "And 1 person who came without a booking." in text_of(page(client, event))
    booking = Booking.objects.get(person=people[0])
    address = reverse("office_planned_person", args=[event.pk, "follow_up", booking.pk])
    assert f"{people[0].name} does not get it." in text_of(client.post(address, {"do": "hold"}, follow=True))
    assert (row(client, event)[1], HeldBackLetter.objects.get().booking) == (2, booking)


def test_those_who_all_came_without_a_booking_are_counted_although_nobody_is_listed(client: Client, olu: Person) -> None:
    event, _ = event_with_people(0)
    add_walk_in(session=session_of(event), person=PersonFactory(), by=officer(), at=AFTER)
    take_register(session_of(event), {})
    assert "And 1 person who came without a booking." in text_of(page(client, event))


def test_nobody_is_listed_before_the_register_is_closed(client: Client, olu: Person) -> None:
    event, _ = event_with_people(1)
    shown = text_of(page(client, event))
    assert "Whoever was there, not known yet" in shown
    assert "Once every register is closed, whoever was there is listed here." in shown


def test_sending_now_asks_first_and_is_refused_while_the_evaluation_is_open(client: Client, later: Later) -> None:
    event, _ = attended()
    address = reverse("office_planned_send", args=[event.pk, "follow_up"])
    assert "Send it now" not in text_of(page(client, event))
    assert "the evaluation of this event is still open" in text_of(client.get(address))
    assert "Ask from Wednesday 10 February 2027 on." in text_of(client.post(address, follow=True))
    later(CLOSED)
    assert "Send it now" in text_of(page(client, event))
    assert "Send to 2 people" in text_of(client.get(address))
    assert not Message.objects.exists()
    assert "It leaves within a minute, to 2 people." in text_of(client.post(address, follow=True))
    assert FollowUp.objects.count() == 2


@pytest.mark.parametrize(("days", "is_saved"), [("29", False), ("30", True), ("210", True), ("211", False), ("soon", False)])
def test_an_events_own_day_has_its_own_bounds(client: Client, olu: Person, days: str, is_saved: bool) -> None:
    event, _ = attended()
    values = sent_by(page(client, event), days=days)
    shown = client.post(reverse("office_event_planned", args=[event.pk, "follow_up"]), values, follow=True)
    assert ("Saved. What is not written yet takes it." in text_of(shown)) is is_saved
    assert (days in text_of(shown), PlannedChange.objects.filter(kind="follow_up").exists()) == (True, is_saved)


def test_other_days_that_make_it_leave_at_once_are_asked_about(client: Client, later: Later) -> None:
    event, _ = attended(3)
    later(ASK - timedelta(days=10))
    asks = client.post(TIMES, sent_by(client.get(TIMES), follow_up_days="60"))
    assert "3 messages would leave at once" in text_of(asks)
    assert [(one.label, one.count) for one in asks.context["leaving"]] == [("Follow-up", 3)]
    assert (MessageSettings.objects.count(), FollowUp.objects.count()) == (0, 0)
    client.post(TIMES, sent_by(asks, checked="yes"))
    assert MessageSettings.objects.get().follow_up_days == 60
    assert due.ask_for_follow_ups(ASK - timedelta(days=10)) == 3
    assert event.lead_host == MessageSettings.objects.get().partnership


def test_days_by_which_it_would_be_too_late_anyway_are_saved_without_a_question(client: Client, later: Later) -> None:
    attended(3)
    later(ASK)
    client.post(TIMES, sent_by(client.get(TIMES), follow_up_days="59"))
    assert MessageSettings.objects.get().follow_up_days == 59
    assert due.ask_for_follow_ups(ASK) == 0


def test_what_is_counted_is_what_the_worker_writes(olu: Person) -> None:
    event, _ = attended(2)
    attended(1, lead_host=OtherPartnershipFactory())
    counted = due_now(event.lead_host, at=ASK)["follow_up"]
    due.ask_for_follow_ups(ASK)
    assert (counted, Message.objects.filter(partnership=event.lead_host).count(), Message.objects.count()) == (2, 2, 3)


def test_a_person_s_page_says_that_they_do_not_want_to_be_asked(client: Client, olu: Person) -> None:
    _, [willing, unwilling] = attended(2)
    set_follow_ups(person=unwilling, wanted=False, by=None, at=AFTER)
    words = "Does not want to be asked, since Tuesday 26 January 2027"
    pages = [text_of(client.get(reverse("office_person", args=[one.pk]))) for one in (willing, unwilling)]
    assert [words in page for page in pages] == [False, True]


def test_the_text_is_listed_with_the_day_of_the_partnership(client: Client, olu: Person) -> None:
    assert "90 days after the event, to whoever was there, as your settings say." in text_of(client.get(reverse("office_texts")))
