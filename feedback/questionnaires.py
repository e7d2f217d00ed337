"""The questions every partnership starts with, and what counts as an answer to a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core.refusals import Refused
from core.text import many_lines
from feedback.models import Purpose, Question, QuestionKind, Questionnaire
from people.models import Partnership

COMMENT_LENGTH = 4000
NO_CASE_DETAILS = "Leave out names and anything about a child, a family or a case."
CONFIDENCE = [[1, "Not at all confident"], [2, ""], [3, ""], [4, ""], [5, "Very confident"]]

EVALUATION: list[dict[str, Any]] = [
    {
        "key": "overall",
        "kind": QuestionKind.CHOICE,
        "text": "How was it overall?",
        "options": [["poor", "Poor"], ["fair", "Fair"], ["good", "Good"], ["excellent", "Excellent"]],
        "is_required": True,
    },
    {
        "key": "confidence_before",
        "kind": QuestionKind.SCALE,
        "text": "Thinking back, how confident were you in this subject before?",
        "options": CONFIDENCE,
    },
    {
        "key": "confidence_after",
        "kind": QuestionKind.SCALE,
        "text": "How confident are you now?",
        "options": CONFIDENCE,
    },
    {
        "key": "apply",
        "kind": QuestionKind.CHOICE,
        "text": "How likely are you to use what you learnt in your work?",
        "options": [["likely", "Likely"], ["unsure", "Unsure"], ["unlikely", "Unlikely"]],
    },
    {
        "key": "comment",
        "kind": QuestionKind.TEXT,
        "text": "What helped most, and what would you change?",
        "hint": NO_CASE_DETAILS,
    },
]
FOLLOW_UP: list[dict[str, Any]] = [
    {
        "key": "changed_practice",
        "kind": QuestionKind.CHOICE,
        "text": "Have you changed anything in your practice because of it?",
        "options": [["yes", "Yes"], ["not_yet", "Not yet"], ["no", "No"]],
        "is_required": True,
    },
    {"key": "example", "kind": QuestionKind.TEXT, "text": "What did you do differently?", "hint": NO_CASE_DETAILS},
]
DEFAULTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    Purpose.EVALUATION: ("After the event", EVALUATION),
    Purpose.FOLLOW_UP: ("Three months later", FOLLOW_UP),
}


@transaction.atomic
def ensure_questionnaire(partnership: Partnership, purpose: str) -> Questionnaire:
    """The partnership's newest questionnaire for the purpose; the default one is made where there is none."""
    newest = Questionnaire.objects.filter(partnership=partnership, purpose=purpose).order_by("-version", "pk").first()
    if newest is not None:
        return newest
    title, questions = DEFAULTS[purpose]
    made, is_new = Questionnaire.objects.get_or_create(partnership=partnership, purpose=purpose, title=title, version=1)
    if is_new:
        Question.objects.bulk_create(
            Question(questionnaire=made, position=position, **fields) for position, fields in enumerate(questions, start=1)
        )
    return made


@dataclass(frozen=True)
class CheckedAnswer:
    """What an answer row holds. One of the three has a value."""

    number: int | None = None
    choice: str = ""
    text: str = ""


def plain_text(typed: str) -> str:
    """What somebody typed, without control characters. All else stays as typed, markup and formulas too: pages escape it."""
    return many_lines(typed).strip()


def check_answer(question: Question, typed: str) -> CheckedAnswer | None:
    """The answer as it is stored, or None for none. Raises Refused, naming the question as its field."""
    text = plain_text(typed)
    if not text:
        if question.is_required:
            raise Refused(f"Answer the question “{question.text}”", code="answer_missing", field=question.key)
        return None
    if question.kind == QuestionKind.TEXT:
        if len(text) > COMMENT_LENGTH:
            message = f"Your answer has {len(text):,} characters. Shorten it to {COMMENT_LENGTH:,} or fewer"
            raise Refused(message, code="answer_too_long", field=question.key)
        return CheckedAnswer(text=text)
    if text not in {str(value) for value, _ in question.options}:
        raise Refused(f"Choose one of the answers to “{question.text}”", code="answer_unknown", field=question.key)
    return CheckedAnswer(number=int(text)) if question.kind == QuestionKind.SCALE else CheckedAnswer(choice=text)


def check_answers(questions: list[Question], typed: dict[str, str]) -> dict[Question, CheckedAnswer]:
    """Every answer given, checked. Raises Refused for the first that won't do, and for an answer to no question of these."""
    unknown = set(typed) - {question.key for question in questions}
    if unknown:
        raise Refused(f"This form does not ask {', '.join(sorted(unknown))}", code="question_unknown")
    checked = {question: check_answer(question, typed.get(question.key, "")) for question in questions}
    return {question: answer for question, answer in checked.items() if answer is not None}
