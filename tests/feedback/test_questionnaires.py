from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from core.refusals import Refused
from feedback.models import AnsweredQuestionnaire, Purpose, Question, Questionnaire
from feedback.operations import next_version
from feedback.questionnaires import CheckedAnswer, check_answer, check_answers, ensure_questionnaire
from tests.factories.feedback import answer, evaluated_event
from tests.factories.people import OtherPartnershipFactory, PartnershipFactory

pytestmark = pytest.mark.django_db


def keys_and_values(questionnaire: Questionnaire) -> dict[str, list[Any]]:
    return {question.key: [value for value, _ in question.options] for question in questionnaire.questions.all()}


def test_the_evaluation_asks_the_five_questions_that_measures_know() -> None:
    assert keys_and_values(ensure_questionnaire(PartnershipFactory(), Purpose.EVALUATION)) == {
        "overall": ["poor", "fair", "good", "excellent"],
        "confidence_before": [1, 2, 3, 4, 5],
        "confidence_after": [1, 2, 3, 4, 5],
        "apply": ["likely", "unsure", "unlikely"],
        "comment": [],
    }


def test_the_follow_up_asks_whether_practice_changed() -> None:
    assert keys_and_values(ensure_questionnaire(PartnershipFactory(), Purpose.FOLLOW_UP)) == {
        "changed_practice": ["yes", "not_yet", "no"],
        "example": [],
    }


def test_each_partnership_has_one_of_its_own_however_often_it_is_asked_for() -> None:
    ours, theirs = PartnershipFactory(), OtherPartnershipFactory()
    first = ensure_questionnaire(ours, Purpose.EVALUATION)
    assert ensure_questionnaire(ours, Purpose.EVALUATION) == first
    assert ensure_questionnaire(theirs, Purpose.EVALUATION).partnership == theirs
    assert Question.objects.count() == 10


def test_a_question_nobody_has_answered_can_change() -> None:
    question = ensure_questionnaire(PartnershipFactory(), Purpose.EVALUATION).questions.get(key="overall")
    question.text = "How was the day?"
    question.save()
    question.refresh_from_db()
    assert question.text == "How was the day?"


def test_a_question_of_an_answered_questionnaire_can_not_change_and_can_not_go() -> None:
    form = evaluated_event()
    answer(form)
    comment = form.questionnaire.questions.get(key="comment")  # not even the one that nobody answered
    comment.text = "Anything else?"
    with pytest.raises(AnsweredQuestionnaire):
        comment.save()
    with pytest.raises(AnsweredQuestionnaire):
        comment.delete()
    with pytest.raises(AnsweredQuestionnaire):
        Question.objects.create(questionnaire=form.questionnaire, position=6, key="pace", kind="text", text="The pace?")


def test_the_next_version_can_change_and_is_what_new_forms_ask(at: datetime) -> None:
    old = evaluated_event()
    answer(old)
    newer = next_version(questionnaire=old.questionnaire, by=None, at=at)
    newer.questions.get(key="comment").delete()
    assert (newer.version, evaluated_event().questionnaire) == (2, newer)
    old.refresh_from_db()
    assert old.questionnaire.version == 1
    assert old.questionnaire.questions.count() == 5


def question(key: str, purpose: str = Purpose.EVALUATION) -> Question:
    return ensure_questionnaire(PartnershipFactory(), purpose).questions.get(key=key)


def test_a_number_on_the_scale_is_kept_as_a_number_and_a_choice_as_its_word() -> None:
    assert check_answer(question("confidence_after"), "4") == CheckedAnswer(number=4)
    assert check_answer(question("overall"), "good") == CheckedAnswer(choice="good")


@pytest.mark.parametrize(
    ("key", "typed"), [("overall", "Good"), ("overall", "splendid"), ("confidence_before", "0"), ("confidence_before", "2.5")]
)
def test_an_answer_that_was_not_offered_is_refused(key: str, typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_answer(question(key), typed)
    assert (refusal.value.code, refusal.value.field) == ("answer_unknown", key)


def test_only_the_overall_rating_must_be_given() -> None:
    questions = list(ensure_questionnaire(PartnershipFactory(), Purpose.EVALUATION).questions.all())
    assert [(q.key, a) for q, a in check_answers(questions, {"overall": "poor", "comment": "  \n "}).items()] == [
        ("overall", CheckedAnswer(choice="poor"))
    ]
    with pytest.raises(Refused) as refusal:
        check_answers(questions, {"comment": "Good biscuits"})
    assert (str(refusal.value), refusal.value.field) == ("Answer the question “How was it overall?”", "overall")


def test_an_answer_to_a_question_that_is_not_asked_is_refused() -> None:
    questions = list(ensure_questionnaire(PartnershipFactory(), Purpose.EVALUATION).questions.all())
    with pytest.raises(Refused) as refusal:
        check_answers(questions, {"overall": "good", "name": "Sam Okafor"})
    assert refusal.value.code == "question_unknown"


def test_a_comment_may_have_four_thousand_characters_and_no_more() -> None:
    assert check_answer(question("comment"), "é" * 4000) == CheckedAnswer(text="é" * 4000)
    with pytest.raises(Refused) as refusal:
        check_answer(question("comment"), "é" * 100_000)
    assert str(refusal.value) == "Your answer has 100,000 characters. Shorten it to 4,000 or fewer"


def test_line_breaks_count_once_as_people_count_them() -> None:
    assert check_answer(question("comment"), "a\r\n" * 1999 + "bc") == CheckedAnswer(text="a\n" * 1999 + "bc")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("one\x00two\x07three\x1b[31m", "onetwothree[31m"),
        ("first\r\nsecond\ttab", "first\nsecond\ttab"),
        ("turned \u202eround", "turned round"),
        ("zoë 👩🏽‍🏫 \N{COMBINING ACUTE ACCENT}", "zoë 👩🏽‍🏫 \N{COMBINING ACUTE ACCENT}"),
    ],
)
def test_a_comment_is_kept_as_typed_but_for_control_characters(typed: str, kept: str) -> None:
    assert check_answer(question("comment"), typed) == CheckedAnswer(text=kept)
