"""What happens at the very same moment. Run where connections of several threads see one database: on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from core.refusals import Refused
from feedback.models import Answer, EvaluationForm, Response
from feedback.operations import ensure_evaluation_form, mix_answers, submit_evaluation
from tests.factories.events import EventFactory
from tests.factories.feedback import GOOD_DAY, answer, evaluated_event
from tests.factories.people import LONG_AGO

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.skipif("connection.vendor == 'sqlite'", reason="the test's SQLite lives in one connection's memory"),
]


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Run the tasks in threads that start together; what each returned, or the refusal it met."""
    start = Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        start.wait()
        try:
            return task()
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


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
