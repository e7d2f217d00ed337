"""What happens at the very same moment. Run where connections of several threads see one database: on PostgreSQL."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from feedback import follow_ups
from feedback.due import ask_for_follow_ups
from feedback.follow_ups import ask_for_follow_up, take_back_follow_ups
from feedback.models import Answer, EvaluationForm, FollowUp, FollowUpAnswer, Purpose, Response
from feedback.operations import answer_follow_up, ensure_evaluation_form, mix_answers, submit_evaluation
from feedback.questionnaires import ensure_questionnaire
from notifications.models import Message
from registers.operations import close_register, reopen_register
from tests.factories.events import EventFactory
from tests.factories.feedback import GOOD_DAY, answer, evaluated_event
from tests.factories.people import LONG_AGO, officer
from tests.factories.registers import event_with_people, session_of, take_register
from tests.tools.at_once import at_once

IN_APRIL = datetime(2027, 4, 27, 9, tzinfo=UTC)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="the test's SQLite lives in one connection's memory"),
]


def test_one_page_sent_eight_times_at_once_is_kept_once() -> None:
    form, page = evaluated_event(), uuid.uuid4()

    def send() -> object:
        return submit_evaluation(form=form, channel="qr", answers=GOOD_DAY, at=form.opens_at, sent_as=page).pk

    assert len(set(at_once(*[send] * 8))) == 1
    assert (Response.objects.count(), Answer.objects.count()) == (1, 4)


def test_a_hall_that_sends_at_once_is_all_kept() -> None:
    form = evaluated_event()
    at_once(*[lambda: answer(form)] * 12)
    assert (Response.objects.count(), Answer.objects.count()) == (12, 48)


def test_an_event_gets_one_form_from_several_workers() -> None:
    event = EventFactory()
    made = at_once(*[lambda: ensure_evaluation_form(event=event, at=LONG_AGO).code] * 6)
    assert (len(set(made)), EvaluationForm.objects.count()) == (1, 1)


def test_two_workers_mix_a_form_once() -> None:
    form = evaluated_event()
    for _ in range(6):
        answer(form)
    assert sorted(at_once(*[lambda: mix_answers(form=form, at=form.closes_at)] * 2), key=str) == [0, 6]
    assert Response.objects.count() == 6


def test_an_answer_that_races_the_mixing_is_mixed_or_refused_and_never_left_out() -> None:
    form = evaluated_event()
    for _ in range(4):
        answer(form)
    before = set(Response.objects.values_list("pk", flat=True))
    last_moment = form.closes_at - timedelta(seconds=1)

    def send() -> object:
        return submit_evaluation(form=form, channel="qr", answers=GOOD_DAY, at=last_moment).pk

    sent, mixed = at_once(send, lambda: mix_answers(form=form, at=form.closes_at))
    left = set(Response.objects.values_list("pk", flat=True))
    assert (mixed, len(left)) == ((4, 4) if sent == "evaluation_closed" else (5, 5))
    assert left & (before | {sent}) == set()


def test_one_follow_up_sent_eight_times_at_once_is_kept_once() -> None:
    event, [person] = event_with_people(1)
    take_register(session_of(event), {person: "present"})
    questionnaire = ensure_questionnaire(event.lead_host, Purpose.FOLLOW_UP)
    asked = FollowUp.objects.create(event=event, person=person, questionnaire=questionnaire, sent_on=date(2027, 4, 26))

    def send() -> object:
        return answer_follow_up(follow_up=asked, answers={"changed_practice": "yes"}, at=IN_APRIL).pk

    assert Counter(map(str, at_once(*[send] * 8))) == {str(asked.pk): 1, "follow_up_answered": 7}
    assert FollowUpAnswer.objects.count() == 1


def test_eight_workers_ask_each_person_once() -> None:
    event, people = event_with_people(3)
    take_register(session_of(event), dict.fromkeys(people, "present"))
    assert sorted(at_once(*[lambda: ask_for_follow_ups(IN_APRIL)] * 8), key=str)[-1] == 3
    assert (FollowUp.objects.count(), Message.objects.filter(kind="follow_up").count()) == (3, 3)


@pytest.mark.parametrize("locks", [True, False])
def test_asking_waits_for_whoever_corrects_the_register(locks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its twin, which does not take the lock, and asks somebody whom the register has just taken off."""
    event, [person] = event_with_people(1)
    session = session_of(event)
    take_register(session, {person: "present"})
    if not locks:
        monkeypatch.setattr(follow_ups, "lock_event", lambda event: event)

    def ask() -> object:
        try:
            return ask_for_follow_up(event=event, at=IN_APRIL)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            reopen_register(session=session, reason="The list was mixed up.", by=officer(), at=IN_APRIL)
            asking = thread.submit(ask)
            done, _ = wait([asking], timeout=3)
            assert bool(done) is not locks
        assert asking.result(30) == (0 if locks else 1)


@pytest.mark.parametrize("locks", [True, False])
def test_taking_back_waits_for_whoever_closes_the_register_again(locks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its twin, which does not take the lock, and takes back the letter to somebody who was there."""
    event, [person] = event_with_people(1)
    session = session_of(event)
    take_register(session, {person: "present"})
    ask_for_follow_up(event=event, at=IN_APRIL)
    reopen_register(session=session, reason="The list was mixed up.", by=officer(), at=IN_APRIL)
    if not locks:
        monkeypatch.setattr(follow_ups, "lock_event", lambda event: event)

    def take_back() -> object:
        try:
            return take_back_follow_ups(event=event, at=IN_APRIL)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            close_register(session=session, by=officer(), at=IN_APRIL)
            taking = thread.submit(take_back)
            done, _ = wait([taking], timeout=3)
            assert bool(done) is not locks
        assert taking.result(30) == (0 if locks else 1)
    assert Message.objects.get(kind="follow_up").state == ("waiting" if locks else "withdrawn")
