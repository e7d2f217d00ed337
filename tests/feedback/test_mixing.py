"""After a form closes nobody can tell in which order its answers came, the database's owner included."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from core.models import AuditEntry
from core.refusals import Refused
from feedback.due import mix_closed_forms
from feedback.models import Answer, EvaluationForm, Response
from tests.factories.feedback import answer, evaluated_event

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def answered_form(count: int = 12) -> EvaluationForm:
    form = evaluated_event()
    for number in range(count):
        answer(form, comment=f"comment {number:02}", overall=["poor", "fair", "good"][number % 3])
    return form


def contents(form: EvaluationForm) -> Counter[Any]:
    """What was said, response by response, without ids and without order."""
    return Counter(
        (
            response.channel,
            frozenset((a.question.key, a.number, a.choice, a.text) for a in response.answers.all()),
        )
        for response in form.responses.prefetch_related("answers__question")
    )


def ids() -> set[Any]:
    return {row.pk for model in (Response, Answer) for row in model.objects.all()}


def in_physical_order(model: type[Response] | type[Answer]) -> list[Any]:
    """Ids in the order in which the database keeps the rows."""
    place = "rowid" if connection.vendor == "sqlite" else "ctid"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {model._meta.db_table} ORDER BY {place}")  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def comments_in_physical_order() -> list[str]:
    texts = {str(a.pk).replace("-", ""): a.text for a in Answer.objects.exclude(text="")}
    return [texts[key] for row in in_physical_order(Answer) if (key := str(row).replace("-", "")) in texts]


def test_a_closed_form_keeps_what_was_said_under_new_ids() -> None:
    form = answered_form()
    said, old = contents(form), ids()
    assert mix_closed_forms(form.closes_at) == 12
    assert contents(form) == said
    assert (len(ids()), ids() & old) == (len(old), set())


def test_the_rows_stand_in_another_order_than_they_came() -> None:
    form = answered_form()
    came = [f"comment {number:02}" for number in range(12)]
    assert comments_in_physical_order() == came
    mix_closed_forms(form.closes_at)
    mixed = comments_in_physical_order()
    assert sorted(mixed) == came
    assert mixed != came  # by chance once in 479,001,600


def test_responses_and_answers_are_shuffled_apart() -> None:
    form = answered_form()
    mix_closed_forms(form.closes_at)
    whose = {str(a.pk).replace("-", ""): str(a.response_id).replace("-", "") for a in Answer.objects.all()}
    by_answers = list(dict.fromkeys(whose[str(row).replace("-", "")] for row in in_physical_order(Answer)))
    assert by_answers != [str(row).replace("-", "") for row in in_physical_order(Response)]


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="only PostgreSQL shows which transaction wrote a row")
def test_one_transaction_wrote_them_all() -> None:
    form = answered_form()
    mix_closed_forms(form.closes_at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT xmin::text FROM feedback_response UNION SELECT DISTINCT xmin::text FROM feedback_answer")
        assert len(cursor.fetchall()) <= 2  # a savepoint counts as one of its own


def test_a_day_with_one_answer_is_left_out_and_the_others_stay() -> None:
    form = answered_form(3)
    answer(form, days_later=2)
    answer(form, days_later=5)
    answer(form, days_later=5)
    mix_closed_forms(form.closes_at)
    assert Counter(form.responses.values_list("day", flat=True)) == {date(2027, 1, 26): 3, date(2027, 1, 31): 2, None: 1}


def test_an_open_form_is_left_alone() -> None:
    form = answered_form(2)
    before = set(Response.objects.values_list("pk", flat=True))
    assert mix_closed_forms(form.closes_at - timedelta(seconds=1)) == 0
    assert set(Response.objects.values_list("pk", flat=True)) == before


def test_a_form_is_mixed_once() -> None:
    form = answered_form(2)
    mix_closed_forms(form.closes_at)
    after = set(Response.objects.values_list("pk", flat=True))
    assert mix_closed_forms(form.closes_at + timedelta(days=1)) == 0
    form.refresh_from_db()
    assert (set(Response.objects.values_list("pk", flat=True)), form.mixed_at) == (after, form.closes_at)
    assert AuditEntry.objects.filter(action="evaluation answers mixed").count() == 1


def test_a_form_without_answers_counts_as_mixed() -> None:
    form = evaluated_event()
    assert mix_closed_forms(form.closes_at) == 0
    form.refresh_from_db()
    assert form.mixed_at == form.closes_at


def test_a_mixed_form_takes_no_more_answers_even_if_its_clock_is_behind() -> None:
    form = answered_form(2)
    mix_closed_forms(form.closes_at)
    with pytest.raises(Refused) as refusal:
        answer(form)
    assert refusal.value.code == "evaluation_closed"


def test_another_form_that_is_open_keeps_its_answers(at: datetime) -> None:
    closed, still_open = answered_form(2), evaluated_event(first_start=at + timedelta(days=25))
    answer(still_open, comment="still here")
    mix_closed_forms(closed.closes_at)
    assert [a.text for a in Answer.objects.filter(response__form=still_open).exclude(text="")] == ["still here"]
