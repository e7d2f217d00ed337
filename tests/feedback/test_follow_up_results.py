"""What officers see of follow-ups: n of N first, nothing of what was said below five answers, and never who said it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event
from feedback import follow_up_results as results_of
from feedback.follow_up_results import FollowUpResults, Said
from feedback.models import FollowUp, Purpose
from feedback.operations import answer_follow_up, next_version, set_follow_ups
from feedback.queries import Share
from feedback.questionnaires import ensure_questionnaire
from people.models import Person
from tests.factories.events import EventFactory, EventTrainerFactory
from tests.factories.notifications import MessageFactory
from tests.factories.people import PersonFactory, officer, subgroup_member
from tests.factories.registers import event_with_people, session_of, take_register

pytestmark = pytest.mark.django_db

AT = datetime(2027, 4, 27, 9, tzinfo=UTC)
A_DAY = timedelta(days=1)
FIRST = date(2027, 4, 26)
OVER = datetime(2027, 6, 26, 9, tzinfo=UTC)  # the sixty days of whoever was asked on the first
CHOICES = ["yes", "yes", "not_yet", "no", "yes", "yes"]


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def text_of(page: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def asked(event: Event, person: Person | None = None, version: int = 1, sent_on: date = FIRST) -> FollowUp:
    questionnaire = ensure_questionnaire(event.lead_host, Purpose.FOLLOW_UP)
    assert questionnaire.version == version
    return FollowUp.objects.create(event=event, person=person or PersonFactory(), questionnaire=questionnaire, sent_on=sent_on)


def answered(event: Event, choice: str, example: str = "", *, at: datetime = AT - A_DAY, sent_on: date = FIRST) -> FollowUp:
    answers = {"changed_practice": choice, "example": example}
    return answer_follow_up(follow_up=asked(event, sent_on=sent_on), answers=answers, at=at)


def event_with_answers(count: int, *, silent: int = 2) -> Event:
    """All of them given the day before."""
    event = EventFactory()
    for number, choice in enumerate(CHOICES[:count]):
        answered(event, choice, f"Example {number} <b>" if choice == "yes" else "")
    for _ in range(silent):
        asked(event)
    return event


def follow_up_results(event: Event, at: datetime = AT) -> FollowUpResults:
    return results_of.follow_up_results(event, at)


def counts(event: Event, at: datetime) -> tuple[int, int, int]:
    """How many answered, of how many the answers show, and of how many they really are."""
    found = follow_up_results(event, at)
    return found.answered, found.shown, sum(one.answered for one in found.distributions)


@pytest.mark.both_databases
def test_every_share_is_of_those_who_answered_and_the_rate_of_those_who_were_asked() -> None:
    found = follow_up_results(event_with_answers(6))
    assert found.response_rate == Share(6, 8)
    [changed] = found.distributions
    assert [(row["label"], row["value"], row["sum"]) for row in changed.rows] == [
        ("Yes", "66.7%", "4 of 6"),
        ("Not yet", "16.7%", "1 of 6"),
        ("No", "16.7%", "1 of 6"),
    ]
    question = "What did you do differently?"
    assert sorted(found.texts, key=lambda said: said.text) == [Said(question, f"Example {n} <b>") for n in (0, 1, 4, 5)]


@pytest.mark.parametrize(("count", "missing", "shown"), [(4, 1, 0), (5, 0, 1)])
def test_four_answers_show_nothing_but_how_many_are_missing(count: int, missing: int, shown: int) -> None:
    found = follow_up_results(event_with_answers(count))
    assert (found.missing, len(found.distributions), bool(found.texts)) == (missing, shown, bool(shown))


def test_answers_to_two_versions_of_the_questions_are_counted_together() -> None:
    event = event_with_answers(4)
    newer = next_version(questionnaire=ensure_questionnaire(event.lead_host, Purpose.FOLLOW_UP), by=None, at=AT)
    newer.questions.filter(key="changed_practice").update(text="Has anything changed?")
    answer_follow_up(follow_up=asked(event, version=2), answers={"changed_practice": "no"}, at=AT - A_DAY)
    found = follow_up_results(event)
    assert [(one.question, one.answered) for one in found.distributions] == [("Has anything changed?", 5)]


@pytest.mark.both_databases
def test_what_is_shown_grows_by_five_people_at_a_time_on_the_day_after() -> None:
    event = event_with_answers(5)
    assert (counts(event, AT - A_DAY), counts(event, AT)) == ((5, 0, 0), (5, 5, 5))
    for number in range(1, 5):
        answered(event, "yes", at=AT + number * A_DAY)
        assert counts(event, AT + (number + 1) * A_DAY) == (5 + number, 5, 5)
    for _ in range(2):
        answered(event, "yes", at=AT + 5 * A_DAY)
    assert (counts(event, AT + 5 * A_DAY), counts(event, AT + 6 * A_DAY)) == ((11, 5, 5), (11, 11, 11))


def test_the_rest_of_those_asked_on_the_first_day_shows_once_their_time_is_over() -> None:
    event = event_with_answers(5)
    answered(event, "yes", at=AT)
    assert (counts(event, OVER - A_DAY), counts(event, OVER)) == ((6, 5, 5), (6, 6, 6))
    few = event_with_answers(4)
    assert counts(few, OVER) == (4, 0, 0)


@pytest.mark.parametrize("sent_on", [date(2027, 4, 28), date(2027, 6, 28)])
def test_whoever_is_asked_alone_after_the_others_is_shown_among_five_or_never(sent_on: date) -> None:
    """With its twin above: whoever was asked with the others is shown once their time is over."""
    event = event_with_answers(6, silent=0)
    day = datetime(sent_on.year, sent_on.month, sent_on.day, 9, tzinfo=UTC)
    answered(event, "no", at=day, sent_on=sent_on)
    for later in (OVER, OVER + 300 * A_DAY):
        assert counts(event, later)[1:] == (6, 6)
    for _ in range(4):
        answered(event, "yes", at=day + A_DAY, sent_on=sent_on)
    assert counts(event, OVER + 300 * A_DAY) == (11, 11, 11)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("state", "counted"), [("waiting", (5, 6)), ("failed", (5, 6)), ("withdrawn", (5, 6)), ("sent", (5, 7)), (None, (5, 7))]
)
def test_a_letter_that_has_not_left_has_asked_nobody(state: str | None, counted: tuple[int, int]) -> None:
    """What an older system asked has no letter; what is answered was asked whatever became of its letter."""
    event = event_with_answers(5, silent=1)
    unsent, reached = asked(event), FollowUp.objects.exclude(answered_on=None)[0]
    if state:
        unsent.message = MessageFactory(state=state, sent_at=AT if state == "sent" else None)
        unsent.save()
        FollowUp.objects.filter(pk=reached.pk).update(message=MessageFactory(state="withdrawn"))
    found = follow_up_results(event)
    assert found.response_rate == Share(*counted)


def tab(client: Client, event: Event, **query: str) -> HttpResponse:
    return client.get(reverse("office_event_evaluation", args=[event.pk]), query)


def test_the_evaluations_tab_says_n_of_n_the_choices_and_the_words_without_a_name(client: Client) -> None:
    client.force_login(officer())
    event = event_with_answers(6)
    Person.objects.filter(pk__in=FollowUp.objects.values("person")).update(surname="Canarysson")
    page = tab(client, event)
    text = text_of(page)
    assert text.index("75.0% answered: 6 of 8 who were asked") < text.index("Yes") < text.index("In their words (4)")
    assert "Example 0 &lt;b&gt;" in page.content.decode()
    assert "Canarysson" not in page.content.decode()


def test_the_tab_says_how_many_answers_are_missing(client: Client) -> None:
    client.force_login(officer())
    text = text_of(tab(client, event_with_answers(3)))
    assert "60.0% answered: 3 of 5 who were asked" in text
    assert "Answers show from 5 on, because fewer would point at people: 2 more needed." in text
    assert "Example" not in text


def test_the_tab_says_how_many_answers_wait_and_until_when(client: Client, clock: Any) -> None:
    client.force_login(officer())
    event = event_with_answers(6)
    clock.move_to(AT - A_DAY)
    text = text_of(tab(client, event))
    assert "Answers show from 5 on, because fewer would point at people. They do so tomorrow." in text
    clock.move_to(AT)
    assert "more are added" not in text_of(tab(client, event))
    answered(event, "no", at=AT)
    text = text_of(tab(client, event))
    assert "77.8% answered: 7 of 9 who were asked" in text
    assert (
        "These are the answers of 6. Those of 1 more are added on the day after there are 5 or more of them, or after Friday "
        "25 June 2027, so that nobody’s can be told from the others’."
    ) in text


def test_the_tab_says_when_people_will_be_asked_and_who_does_not_want_it(client: Client, clock: Any) -> None:
    clock.move_to(datetime(2027, 2, 1, 9, tzinfo=UTC))
    olu = officer()
    client.force_login(olu)
    event, [unwilling, _] = event_with_people(2)
    take_register(session_of(event), {unwilling: "present", _: "present"})
    set_follow_ups(person=unwilling, wanted=False, by=None, at=AT)
    text = text_of(tab(client, event))
    assert "Nobody has been asked yet what became of it in their work." in text
    assert "1 who was there does not want to be asked such things." in text
    assert "Planned Monday 26 April 2027, 8am." in text
    assert reverse("office_event_planned", args=[event.pk, "follow_up"]) in tab(client, event).content.decode()


def test_a_draft_has_nothing_planned(client: Client) -> None:
    client.force_login(officer())
    text = text_of(tab(client, EventFactory(status="draft")))
    assert ("Nobody has been asked yet" in text, "See whom it is asked" in text) == (True, False)


def test_very_many_texts_come_by_pages(client: Client) -> None:
    client.force_login(officer())
    event = EventFactory()
    for number in range(52):
        answered(event, "yes", f"Example {number}")
    first, second = (tab(client, event, page=number).content.decode().count("e-comment") for number in ("1", "2"))
    assert (first, second) == (50, 2)


def test_the_events_trainer_and_a_subgroup_member_do_not_see_them(client: Client) -> None:
    event, trainer = event_with_answers(6), PersonFactory()
    EventTrainerFactory(event=event, person=trainer)
    client.force_login(trainer)
    assert tab(client, event).status_code == 403
    results = client.get(reverse("event_results", args=[event.pk]))
    assert (results.status_code, "Example" in results.content.decode()) == (200, False)
    client.force_login(subgroup_member())
    assert tab(client, event).status_code == 403


def test_the_tab_takes_the_same_queries_for_five_answers_and_for_fifty(client: Client) -> None:
    client.force_login(officer())
    event = event_with_answers(5)

    def cost() -> int:
        tab(client, event)
        with CaptureQueriesContext(connection) as seen:
            tab(client, event)
        return len(seen)

    few = cost()
    for _ in range(45):
        answered(event, "yes", "One more", at=AT - A_DAY)
    assert cost() == few
