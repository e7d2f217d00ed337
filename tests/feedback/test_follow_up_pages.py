"""The page behind the link of a follow-up: no account, opened as often as anybody likes, answered once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core import personal_links
from core.models import AuditEntry
from feedback.follow_ups import ask_for_follow_up
from feedback.models import FOLLOW_UP_LINK, NO_FOLLOW_UPS_LINK, FollowUp, FollowUpAnswer, NoFollowUps, Question
from notifications.models import Message, MessageState
from tests.factories.people import OtherPartnershipFactory, officer
from tests.factories.registers import event_with_people, session_of, take_register

pytestmark = pytest.mark.django_db
ASKED = datetime(2027, 4, 26, 7, tzinfo=UTC)
ANSWERS = {"changed_practice": "yes", "example": "I ask what the child’s day is like."}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(ASKED, tick=False) as traveller:
        yield traveller


def follow_up(**fields: Any) -> FollowUp:
    """One that has been sent."""
    event, [person] = event_with_people(1, **fields)
    take_register(session_of(event), {person: "present"})
    ask_for_follow_up(event=event, by=officer(), at=ASKED)
    Message.objects.update(state=MessageState.SENT, sent_at=ASKED)
    return FollowUp.objects.select_related("event", "person").get(event=event)


def link(asked: FollowUp, purpose: str = FOLLOW_UP_LINK, end: str = "") -> str:
    return personal_links.fill(f"/follow-up/{personal_links.placeholder(purpose, str(asked.pk))}/{end}")


def stop_link(asked: FollowUp) -> str:
    return link(asked, NO_FOLLOW_UPS_LINK, "stop/")


def text_of(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode().split("<main", 1)[1]).split())


def said() -> dict[str, str]:
    found = FollowUpAnswer.objects.select_related("question")
    return {answer.question.key: answer.choice or answer.text for answer in found}


def everything() -> list[object]:
    return [FollowUp.objects.values().get(), said(), AuditEntry.objects.count(), Message.objects.count()]


def test_the_letters_link_opens_the_questions_and_says_who_sees_the_answers_and_until_when(client: Client) -> None:
    asked = follow_up(title="Recognising neglect")
    page = client.get(link(asked))
    text = text_of(page)
    for words in (
        "What has changed since “Recognising neglect”?",
        "Tuesday 26 January 2027",
        "Confidential, not anonymous",
        "The training team of Riverside Safeguarding Children Partnership reads them together with everybody else’s",
        "until the end of Friday 25 June 2027",
        "Have you changed anything in your practice because of it?",
    ):
        assert words in text
    assert (page.status_code, "no-store" in page.headers["Cache-Control"], asked.person.surname in text) == (200, True, False)


def test_scanners_that_open_the_link_change_nothing(client: Client) -> None:
    asked = follow_up()
    before = everything()
    for number in range(5):
        scanner = {"REMOTE_ADDR": f"203.0.113.{number}"}
        assert client.head(link(asked), **scanner).status_code == 200
        assert client.get(link(asked), ANSWERS, **scanner).status_code == 200
        assert client.get(stop_link(asked), {"do": "stop"}, **scanner).status_code == 200
    assert everything() == before
    assert not NoFollowUps.objects.exists()


def test_sending_keeps_the_answers_with_the_day_and_says_thank_you(client: Client) -> None:
    asked = follow_up()
    page = client.post(link(asked), ANSWERS, follow=True)
    assert page.redirect_chain == [(link(asked), 302)]
    assert "Your answers were received on Monday 26 April 2027." in text_of(page)
    asked.refresh_from_db()
    assert (asked.answered_on, said()) == (date(2027, 4, 26), ANSWERS)
    entry = AuditEntry.objects.get(action="follow-up answered")
    assert (entry.object_id, entry.actor_id, entry.changes) == (str(asked.pk), None, {})


def test_a_later_visit_says_when_it_was_answered_and_neither_shows_nor_changes_what_was_said(client: Client, clock: Any) -> None:
    asked = follow_up()
    client.post(link(asked), ANSWERS)
    clock.shift(timedelta(days=3))
    text = text_of(client.get(link(asked)))
    assert "Your answers were received on Monday 26 April 2027." in text
    assert ("Yes" in text, ANSWERS["example"] in text) == (False, False)
    again = client.post(link(asked), {"changed_practice": "no", "example": "Somebody else writes."}, follow=True)
    assert "Your answers were received on Monday 26 April 2027." in text_of(again)
    assert said() == ANSWERS
    assert "Your answers were received" in text_of(client.post(link(asked), {}, follow=True))


@pytest.mark.both_databases
def test_a_press_that_comes_twice_counts_once(client: Client) -> None:
    asked = follow_up()
    for _ in range(2):
        assert client.post(link(asked), ANSWERS).status_code == 302
    assert (FollowUpAnswer.objects.count(), AuditEntry.objects.filter(action="follow-up answered").count()) == (2, 1)


def test_no_cookie_is_needed_or_left() -> None:
    strict, asked = Client(enforce_csrf_checks=True), follow_up()
    page = strict.get(link(asked))
    sent = strict.post(link(asked), ANSWERS)
    assert (dict(page.cookies), dict(sent.cookies), sent.status_code, said()) == ({}, {}, 302, ANSWERS)


def test_without_the_one_answer_that_is_needed_the_rest_stays_as_typed(client: Client) -> None:
    page = client.post(link(follow_up()), {"example": "The <b>bold</b> part"})
    html = page.content.decode()
    assert "<title>Error: " in html
    assert "Answer the question “Have you changed anything in your practice because of it?”" in text_of(page)
    assert "The &lt;b&gt;bold&lt;/b&gt; part</textarea>" in html
    assert said() == {}


def test_a_text_that_is_too_long_and_a_choice_that_was_not_offered_are_refused_in_a_sentence(client: Client) -> None:
    asked = follow_up()
    long = client.post(link(asked), {**ANSWERS, "example": "x" * 5000})
    assert "Your answer has 5,000 characters. Shorten it to 4,000 or fewer" in text_of(long)
    assert "x" * 5000 in long.content.decode()
    made_up = client.post(link(asked), {**ANSWERS, "changed_practice": "<img src=x>"})
    assert "Choose one of the answers" in text_of(made_up)
    assert "<img src=x>" not in made_up.content.decode()
    assert said() == {}


@pytest.mark.both_databases
@pytest.mark.parametrize(("later", "is_open"), [(timedelta(days=60, hours=15), True), (timedelta(days=60, hours=16), False)])
def test_it_closes_with_the_end_of_the_sixtieth_day(client: Client, clock: Any, later: timedelta, is_open: bool) -> None:
    asked = follow_up()
    clock.shift(later)
    assert ("could be answered until the end of Friday 25 June 2027" in text_of(client.get(link(asked)))) is not is_open
    page = client.post(link(asked), ANSWERS, follow=True)
    assert (said() == ANSWERS, "Your answers were received" in text_of(page)) == (is_open, is_open)
    assert is_open or "I ask what the child’s day is like." in page.content.decode()


@pytest.mark.both_databases
def test_a_clock_that_was_set_back_since_loses_nothing(client: Client, clock: Any) -> None:
    asked = follow_up()
    clock.shift(timedelta(days=-1))
    client.post(link(asked), ANSWERS)
    asked.refresh_from_db()
    assert (asked.answered_on, said()) == (date(2027, 4, 26), ANSWERS)


def test_a_link_that_we_did_not_sign_for_this_opens_nothing(client: Client) -> None:
    asked = follow_up()
    wrong = [f"/follow-up/{asked.pk}/", link(asked)[:-3] + "/", link(asked, NO_FOLLOW_UPS_LINK), link(asked, "bookings.approval")]
    wrong += [link(asked, FOLLOW_UP_LINK, "stop/"), "/follow-up/nothing/stop/"]
    nobody = FollowUp(pk="00000000-0000-4000-8000-000000000000")
    for address in [*wrong, link(nobody), stop_link(nobody)]:
        for page in (client.get(address), client.post(address, ANSWERS)):
            assert (page.status_code, "This link opens nothing" in text_of(page)) == (404, True)
    assert (said(), NoFollowUps.objects.exists()) == ({}, False)


def test_a_letter_that_was_taken_back_leads_to_a_clear_page(client: Client) -> None:
    asked = follow_up()
    address = link(asked)
    asked.delete()
    assert "we do not ask any more" in text_of(client.get(address))


def test_a_closed_event_is_called_by_its_neutral_title(client: Client) -> None:
    asked = follow_up(title="Learning from Child Q", is_closed=True, neutral_title="Learning event")
    pages = [client.get(link(asked)), client.post(link(asked), ANSWERS, follow=True), client.get(stop_link(asked))]
    assert ["Child Q" in page.content.decode() for page in pages] == [False] * 3
    assert "Child Q" not in Message.objects.get().subject + Message.objects.get().text


def test_the_page_carries_the_name_of_the_lead_host(client: Client) -> None:
    asked = follow_up(lead_host=OtherPartnershipFactory())
    assert "The training team of Kingsbridge Safeguarding Children Partnership" in text_of(client.get(link(asked)))


def test_stopping_is_one_press_and_can_be_taken_back(client: Client) -> None:
    asked = follow_up()
    page = client.get(link(asked)).content.decode()
    assert stop_link(asked) in page
    assert "Stop these questions?" in text_of(client.get(stop_link(asked)))
    stopped = client.post(stop_link(asked), {"do": "stop"}, follow=True)
    assert "We do not ask you again" in text_of(stopped)
    client.post(stop_link(asked), {"do": "stop"})
    assert (NoFollowUps.objects.get().person, NoFollowUps.objects.get().since) == (asked.person, date(2027, 4, 26))
    again = client.post(stop_link(asked), {"do": "ask_again"}, follow=True)
    assert "Stop these questions?" in text_of(again)
    changes = AuditEntry.objects.filter(action="follow-ups wanted changed").order_by("at", "id").values_list("changes", flat=True)
    assert (NoFollowUps.objects.count(), len(changes)) == (0, 2)


def test_a_mail_programs_own_button_stops_them_without_being_sent_elsewhere() -> None:
    asked = follow_up()
    answer = Client(enforce_csrf_checks=True).post(stop_link(asked), {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, NoFollowUps.objects.count()) == (200, 1)


def test_what_was_asked_can_still_be_answered_by_whoever_stopped(client: Client) -> None:
    asked = follow_up()
    client.post(stop_link(asked), {"do": "stop"})
    client.post(link(asked), ANSWERS)
    assert said() == ANSWERS


def test_opening_and_sending_take_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    asked = follow_up()
    with django_assert_max_num_queries(4):
        client.get(link(asked))
    with django_assert_max_num_queries(14):
        client.post(link(asked), ANSWERS)
    assert Question.objects.count() == 2
